"""Before a run is published, and who may press the button."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from pairing.models.partnerships import Partnership
from pairing.models.runs import MatchRun, PublicationRequest, PublicationRequestQuerySet
from pairing.runs.operations import approvals, publishing
from pairing.runs.operations.approvals import approvers_of
from pairing.runs.presenters.summary import summary_of
from pairing.runs.views.runs import run_of


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PARTNERSHIPS_MANAGE)
def publish_run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Say what publishing will do, then do it, or ask a second person to."""
    run = run_of(request, run_id)
    second_person = run.cohort.program.second_person
    if request.method == "POST" and second_person:
        approvals.ask_to_publish(run=run, by=request.member)
        messages.success(request, _("The others who may publish are being asked."))
        return redirect("pairing:publish_run", request.member.organisation.slug, run.pk)
    if request.method == "POST":
        return _published(request, run, publishing.publish_run(run=run, by=request.member))
    if run.state == MatchRun.State.PUBLISHED:
        return redirect(run)
    context = {
        "run": run,
        "cohort": run.cohort,
        "tab": "matching",
        "summary": summary_of(run),
        "draft": run.state == MatchRun.State.DRAFT,
        "second_person": second_person,
        "asked": _requests_of(request, run.pk).open().first() if second_person else None,
        "others": approvers_of(run.cohort.program, but=request.member) if second_person else [],
    }
    return render(request, "pairing/publish_run.html", context)


def _requests_of(request: MemberRequest, run_id: UUID) -> PublicationRequestQuerySet:
    rows = PublicationRequest.objects.visible_to(request.member).filter(run=run_id)
    return rows.select_related("asked_by", "run__organisation", "run__cohort__program")


def _request_of(request: MemberRequest, run_id: UUID) -> PublicationRequest:
    """Return the newest request of a run; whether it is still open the operation says."""
    return get_object_or_404(_requests_of(request, run_id).order_by("-id")[:1])


def _published(request: MemberRequest, run: MatchRun, made: Sequence[Partnership]) -> HttpResponse:
    words = ngettext(
        "%(n)d partnership is published and its people are being told.",
        "%(n)d partnerships are published and their people are being told.",
        len(made),
    )
    messages.success(request, words % {"n": len(made)})
    return redirect("pairing:partnerships", request.member.organisation.slug, run.cohort_id)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def approve_publication(request: MemberRequest, run_id: UUID) -> HttpResponse:
    publication = _request_of(request, run_id)
    made = approvals.approve_publication(request=publication, by=request.member)
    return _published(request, publication.run, made)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def decline_publication(request: MemberRequest, run_id: UUID) -> HttpResponse:
    publication = _request_of(request, run_id)
    approvals.decline_publication(request=publication, by=request.member)
    messages.success(
        request, _("It is sent back; %(who)s is told.") % {"who": publication.asked_by}
    )
    return redirect(publication.run)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def withdraw_publication(request: MemberRequest, run_id: UUID) -> HttpResponse:
    publication = _request_of(request, run_id)
    approvals.withdraw_publication(request=publication, by=request.member)
    messages.success(request, _("Nobody is asked any more. The draft stays as it is."))
    return redirect(publication.run)
