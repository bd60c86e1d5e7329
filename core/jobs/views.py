"""Long work as a page: how far it is, stopping it, and where it led."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from core.jobs import operations
from core.jobs.models import Job
from core.jobs.progress import read_progress
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view


@never_cache
@require_GET
@member_view(Permission.TAKE_PART)
def job(request: MemberRequest, job_id: UUID) -> HttpResponse:
    """One piece of long work; while it runs, htmx asks again each second."""
    return _answer(request, get_object_or_404(Job.objects.visible_to(request.member), id=job_id))


@require_POST
@member_view(Permission.TAKE_PART)
def cancel_job(request: MemberRequest, job_id: UUID) -> HttpResponse:
    row = get_object_or_404(Job.objects.visible_to(request.member), id=job_id)
    row = operations.cancel(job=row, by=request.member)
    if request.htmx:
        return _answer(request, row)
    return redirect("jobs:job", request.member.organisation.slug, row.pk)


def _answer(request: MemberRequest, row: Job) -> HttpResponse:
    template = "jobs/_job.html" if request.htmx else "jobs/job.html"
    answer = render(request, template, {"job": row, "progress": read_progress(row.pk)})
    patch_vary_headers(answer, ["HX-Request"])
    return answer
