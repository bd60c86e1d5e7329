"""Lists as files: asked for here, written by a worker, fetched here for a day."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from core.common import csv
from core.jobs.models import Job
from core.members.limits import spend
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.members.sheets import can_write_parquet
from core.ui.pages import act, form_page
from mentoring.exports import operations
from mentoring.exports.forms import ExportForm
from mentoring.exports.lists import dictionary


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.FACTS_READ)
def exports(request: MemberRequest) -> HttpResponse:
    """Choose a list and a format; what is ready stands below."""
    form = ExportForm(request.POST or None)
    if job := act(lambda: _start(request.member, form), form):
        return redirect(job)
    files = [
        (job, operations.LIFE + job.finished_at)
        for job in operations.exports_of(request.member)
        if job.finished_at and operations.may_fetch(request.member, job)
    ]
    context = {"files": files, "parquet": can_write_parquet()}
    return form_page(request, "exports/exports.html", form, context)


def _start(member: Member, form: ExportForm) -> Job:
    spend(member, "export")
    return operations.start_export(by=member, **form.cleaned_data)


@never_cache
@require_GET
@member_view(Permission.FACTS_READ)
def file(request: MemberRequest, job_id: UUID) -> StreamingHttpResponse:
    """The file itself, for whoever had it written, for a day."""
    job = get_object_or_404(operations.exports_of(request.member), id=job_id)
    if not operations.may_fetch(request.member, job):
        raise Http404
    form = job.input["format"]
    answer = StreamingHttpResponse(
        operations.parts_of(request.member, job), content_type=operations.MEDIA_TYPES[form]
    )
    answer["Content-Disposition"] = f'attachment; filename="{job.input["list"]}.{form}"'
    answer["Content-Length"] = str(job.result["bytes"])
    return answer


@require_safe
@member_view(Permission.FACTS_READ)
def columns(request: MemberRequest) -> StreamingHttpResponse:
    """What the columns of all files mean."""
    head, *lines = dictionary(request.member)
    return csv.download(csv.lines(head, lines), "columns.csv")
