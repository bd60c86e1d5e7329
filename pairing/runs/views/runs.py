"""One run: how far it is, what it proposes and why, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from core.common import csv
from core.common.pages import page
from core.jobs.progress import read_progress
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import form_page
from pairing.inputs.snapshot import Snapshot
from pairing.models.partnerships import Partnership
from pairing.models.runs import (
    LeftOver,
    MatchRun,
    Proposal,
    ProposalSeat,
    PublicationRequest,
    PublicationRequestQuerySet,
)
from pairing.partnerships.cohorts import cohort_of, tables_count
from pairing.partnerships.refusals import told
from pairing.runs.operations import publishing, runs
from pairing.runs.operations.publishing import approvers_of
from pairing.runs.presenters.results import (
    LOW,
    ORDERS,
    ProposalFilter,
    chosen,
    departments_of,
    histogram,
    proof_of,
    read_filter,
    remaining_of,
    rows_of,
    unused_of,
)
from pairing.runs.presenters.summary import may_still_be_undone, no_answers, summary_of
from pairing.runs.queries import changed_since, job_of, last_beside
from pairing.runs.views.matching import studio_context
from pairing.texts.reasons import policy_name


class PublishForm(forms.Form):
    """What is confirmed before a run is published: that some of it rests on no answers."""

    def __init__(self, data: Any = None, *, silent: int) -> None:
        # without a question the form has nothing to read, and the POST alone is the yes
        super().__init__({} if data is not None and not silent else data)
        if not silent:
            return
        label = ngettext(
            "I know that %(n)d of these rests on no answers",
            "I know that %(n)d of these rest on no answers",
            silent,
        )
        self.fields["knowing"] = forms.BooleanField(
            label=label % {"n": silent},
            error_messages={
                "required": _("Confirm this, or remind people to answer and run again.")
            },
        )


def run_of(request: MemberRequest, run_id: UUID) -> MatchRun:
    """Return the run, or 404 if this member does not see it."""
    return get_object_or_404(MatchRun.objects.visible_to(request.member).for_list(), id=run_id)


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def match_run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Show a run beside the criteria: its progress, or its result."""
    run = run_of(request, run_id)
    context = studio_context(request, run.cohort, last=None, run=run)
    context |= {"run": run, "policy": policy_name(run.policy)}
    context |= _progress(run) if run.finished_at is None else _result(request, run)
    return render(request, "pairing/match_run.html", context)


def _progress(run: MatchRun) -> dict[str, object]:
    job = job_of(run)
    return {"run": run, "job": job, "progress": read_progress(job.pk) if job else None}


def _result(request: MemberRequest, run: MatchRun) -> dict[str, object]:
    proposals = Proposal.objects.visible_to(request.member).filter(run=run)
    scores = list(proposals.values_list("score", "locked"))
    filters, against = read_filter(request.GET), last_beside(run)
    snapshot = Snapshot.from_json(run.snapshot)
    filtered = chosen(proposals, run, against, filters)
    shown = page(filtered, order=ORDERS[filters.order], cursor=request.GET.get("cursor", ""))
    return {
        "tables": tables_count(run.cohort, len(scores)),
        "count": len(scores),
        "proof": proof_of(run),
        "histogram": histogram(run.cohort, [score for score, _locked in scores]),
        "remaining": remaining_of(run),
        "rows": rows_of(run, shown.rows),
        "next_cursor": shown.next_cursor,
        "chips": _chips(run, scores, filters, against),
        "asked": filters,
        "narrowed": filters.query() != ProposalFilter().query(),
        "found": filtered.count(),
        "query": filters.query(),
        "other_order": filters.query(order="lowest" if filters.order == "best" else "best"),
        "departments": departments_of(run),
        "against": against,
        "editable": run.state == MatchRun.State.DRAFT,
        "discarded": run.state == MatchRun.State.DISCARDED,
        "asked_to_publish": PublicationRequest.objects.visible_to(request.member)
        .open()
        .filter(run=run)
        .select_related("asked_by")
        .first(),
        "may_undo": may_still_be_undone(run),
        "unused": unused_of(run),
        "silent": no_answers(run).count(),
        "unaccepted": snapshot.unaccepted,
        "untrained": snapshot.untrained,
    }


def _chips(
    run: MatchRun, scores: list[tuple[int, bool]], filters: ProposalFilter, against: MatchRun | None
) -> list[tuple[str, str, bool]]:
    """Return words, query and whether it is on, for each kind of proposal there is."""
    kinds = [
        ("all", _("All %(n)d") % {"n": len(scores)}),
        ("low", _("Below %(low)d: %(n)d") % {"low": LOW, "n": sum(s < LOW for s, _l in scores)}),
        ("locked", _("Locked: %(n)d") % {"n": sum(locked for _s, locked in scores)}),
    ]
    if against:
        words = (
            _("Not as published: %(n)d")
            if against.state == MatchRun.State.PUBLISHED
            else _("Changed since run %(run)d: %(n)d")
        )
        label = words % {"n": len(changed_since(run, against)), "run": against.number}
        kinds.insert(2, ("changed", label))
    return [(words, filters.query(show=key), key == filters.show) for key, words in kinds]


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def match_run_progress(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Show how far a run is; once it is finished the page shows its result instead."""
    run = run_of(request, run_id)
    if run.finished_at is not None:
        return HttpResponseClientRefresh() if request.htmx else redirect(run)
    return render(request, "pairing/_progress.html", _progress(run))


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def export_match_run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Give what is shown of a run, and whom it leaves over, as CSV: one line a person."""
    run = run_of(request, run_id)
    filters = read_filter(request.GET)
    proposals = Proposal.objects.visible_to(request.member).filter(run=run)
    shown = chosen(proposals, run, last_beside(run), filters)
    seats = ProposalSeat.objects.visible_to(request.member).filter(proposal__in=shown)
    left = LeftOver.objects.visible_to(request.member).filter(run=run)
    seats = seats.select_related("proposal", "enrolment__member")
    rows: list[list[object]] = [
        [
            seat.proposal.position,
            seat.enrolment.member.full_name,
            seat.enrolment.member.email,
            seat.part,
            seat.proposal.score,
            "",
        ]
        for seat in seats.order_by("proposal__position", "id")
    ]
    everybody = (
        filters.query() == ProposalFilter().query()
    )  # a part of the proposals leaves nobody over
    for left_over in left.select_related("enrolment__member").order_by("id") if everybody else ():
        member = left_over.enrolment.member
        rows.append([None, member.full_name, member.email, left_over.part, None, left_over.reason])
    header = ("number", "name", "e-mail", "part", "score", "left over because")
    answer = HttpResponse("".join(csv.lines(header, rows)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="run-{run.number}.csv"'
    return answer


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def cancel_match_run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    run = runs.cancel_match_run(run=run_of(request, run_id), by=request.member)
    if request.htmx and run.finished_at is None:
        return render(request, "pairing/_progress.html", _progress(run))
    return HttpResponseClientRefresh() if request.htmx else redirect(run)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def repeat_match_run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Run again with the same aim, on the cohort as it stands now."""
    return redirect(runs.repeat_match_run(run=run_of(request, run_id), by=request.member))


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def discard_run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Put a draft aside; its page offers to bring it back."""
    run = run_of(request, run_id)
    words = _("Run %(n)d is discarded. You can bring it back here.") % {"n": run.number}
    told(request, lambda: runs.discard_run(run=run, by=request.member), words)
    return redirect(run)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def restore_run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    run = run_of(request, run_id)
    words = _("Run %(n)d is a draft again.") % {"n": run.number}
    told(request, lambda: runs.restore_run(run=run, by=request.member), words)
    return redirect(run)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def run_for_waiting(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Start a run: it matches everybody who has no partner, and who waits goes first."""
    cohort = cohort_of(request, cohort_id)
    return redirect(runs.start_match_run(cohort=cohort, by=request.member))


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PARTNERSHIPS_MANAGE)
def publish_run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Say what publishing will do, then do it, or ask a second person to."""
    run = run_of(request, run_id)
    second_person = run.cohort.program.second_person
    draft = run.state == MatchRun.State.DRAFT
    sent = request.POST if request.method == "POST" else None
    form = PublishForm(sent, silent=no_answers(run).count() if draft else 0)
    agreed = request.method == "POST" and form.is_valid()
    if agreed and second_person:
        words = _("The others who may publish are being asked.")
        told(request, lambda: publishing.ask_to_publish(run=run, by=request.member), words)
        return redirect("pairing:publish_run", request.member.organisation.slug, run.pk)
    if agreed:
        made = told(request, lambda: publishing.publish_run(run=run, by=request.member))
        return _published(request, run, made)
    if run.state == MatchRun.State.PUBLISHED:
        return redirect(run)
    context = {
        "run": run,
        "cohort": run.cohort,
        "tab": "matching",
        "summary": summary_of(run),
        "draft": draft,
        "second_person": second_person,
        "asked": _requests_of(request, run.pk).open().first() if second_person else None,
        "others": approvers_of(run.cohort.program, but=request.member) if second_person else [],
    }
    return form_page(request, "pairing/publish_run.html", form, context)


def _requests_of(request: MemberRequest, run_id: UUID) -> PublicationRequestQuerySet:
    rows = PublicationRequest.objects.visible_to(request.member).filter(run=run_id)
    return rows.select_related("asked_by", "run__organisation", "run__cohort__program")


def _request_of(request: MemberRequest, run_id: UUID) -> PublicationRequest:
    """Return the newest request of a run; whether it is still open the operation says."""
    return get_object_or_404(_requests_of(request, run_id).order_by("-id")[:1])


def _published(
    request: MemberRequest, run: MatchRun, made: Sequence[Partnership] | None
) -> HttpResponse:
    if made is None:  # refused: the summary says what has changed
        return redirect("pairing:publish_run", request.member.organisation.slug, run.pk)
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
    made = told(
        request, lambda: publishing.approve_publication(request=publication, by=request.member)
    )
    return _published(request, publication.run, made)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def decline_publication(request: MemberRequest, run_id: UUID) -> HttpResponse:
    publication = _request_of(request, run_id)
    told(
        request,
        lambda: publishing.decline_publication(request=publication, by=request.member),
        _("It is sent back; %(who)s is told.") % {"who": publication.asked_by},
    )
    return redirect(publication.run)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def withdraw_publication(request: MemberRequest, run_id: UUID) -> HttpResponse:
    publication = _request_of(request, run_id)
    told(
        request,
        lambda: publishing.withdraw_publication(request=publication, by=request.member),
        _("Nobody is asked any more. The draft stays as it is."),
    )
    return redirect(publication.run)
