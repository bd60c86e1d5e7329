"""A second person publishes, where the program wants one: asked, approved, sent back, withdrawn."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.models import Member
from core.notifications import operations as notifications_operations
from pairing.errors import (
    ApprovalAsked,
    NobodyToApprove,
    NotADraft,
    NothingToPublish,
    NotYourRequest,
    OwnRequest,
    RequestClosed,
)
from pairing.models.partnerships import Partnership
from pairing.models.runs import COORDINATING, MatchRun, Proposal, PublicationRequest
from pairing.runs.operations.publishing import publish_approved
from programs.models.programs import Program


@transaction.atomic
def ask_to_publish(*, run: MatchRun, by: Member) -> PublicationRequest:
    """Ask everybody else who may publish in this program to approve a draft.

    Raises NotADraft, NothingToPublish, NobodyToApprove, or ApprovalAsked while one is open.
    """
    if not MatchRun.objects.filter(pk=run.pk, state=MatchRun.State.DRAFT).exists():
        raise NotADraft(run.state)
    tables = Proposal.objects.filter(run=run).count()
    if not tables:
        raise NothingToPublish
    approvers = approvers_of(run.cohort.program, but=by)
    if not approvers:
        raise NobodyToApprove
    with refusing("publication_request_one_open", ApprovalAsked()):
        request = PublicationRequest.objects.create(run=run, asked_by=by)
    for member in approvers:
        notifications_operations.enqueue(
            member=member,
            kind="pairing.approval_asked",
            dedupe_key=f"pairing.approval_asked:{request.pk}:{member.pk}",
            link=notifications_operations.Link(page=_summary(run)),
            context=_about(run, tables) | {"asker": by.full_name},
            about=request.pk,
        )
    record(by=by, verb="publication.asked", target=run)
    return request


@transaction.atomic
def approve_publication(*, request: PublicationRequest, by: Member) -> list[Partnership]:
    """Publish the draft that somebody else has asked for; return its partnerships.

    Raises OwnRequest, RequestClosed, and what `publish_run` raises.
    """
    if request.asked_by_id == by.pk:
        raise OwnRequest
    _close(request, PublicationRequest.State.APPROVED, by)
    made = publish_approved(run=request.run, by=by)
    record(by=by, verb="publication.approved", target=request.run, asker=str(request.asked_by))
    _answer(request, by, approved=True, tables=len(made))
    return made


@transaction.atomic
def decline_publication(*, request: PublicationRequest, by: Member) -> PublicationRequest:
    """Send a draft back to whoever asked; raises OwnRequest or RequestClosed."""
    if request.asked_by_id == by.pk:
        raise OwnRequest
    _close(request, PublicationRequest.State.DECLINED, by)
    record(by=by, verb="publication.sent_back", target=request.run, asker=str(request.asked_by))
    tables = Proposal.objects.filter(run=request.run).count()
    _answer(request, by, approved=False, tables=tables)
    return request


@transaction.atomic
def withdraw_publication(*, request: PublicationRequest, by: Member) -> PublicationRequest:
    """Take one's own question back; raises NotYourRequest or RequestClosed."""
    if request.asked_by_id != by.pk:
        raise NotYourRequest
    _close(request, PublicationRequest.State.WITHDRAWN, by)
    record(by=by, verb="publication.withdrawn", target=request.run)
    return request


def _close(request: PublicationRequest, state: str, by: Member) -> None:
    open_one = PublicationRequest.objects.filter(
        pk=request.pk, state=PublicationRequest.State.ASKED
    )
    if not open_one.update(state=state, decided_by=by, decided_at=clock.now()):
        raise RequestClosed
    notifications_operations.withdraw(
        about=request.pk
    )  # whoever has not been asked yet need not be
    request.refresh_from_db(fields=["state", "decided_by", "decided_at"])


def _answer(request: PublicationRequest, by: Member, *, approved: bool, tables: int) -> None:
    run = request.run
    notifications_operations.enqueue(
        member=request.asked_by,
        kind="pairing.approval_answered",
        dedupe_key=f"pairing.approval_answered:{request.pk}",
        link=notifications_operations.Link(page=run.get_absolute_url()),
        context=_about(run, tables) | {"approver": by.full_name, "approved": approved},
        about=run.pk,
    )


def _about(run: MatchRun, tables: int) -> dict[str, object]:
    return {"cohort": str(run.cohort), "number": run.number, "tables": tables}


def _summary(run: MatchRun) -> str:
    return reverse("pairing:publish_run", args=[run.organisation.slug, run.pk])


def approvers_of(program: Program, *, but: Member) -> list[Member]:
    """Return the live owners and coordinators who see this program, without `but`, by name."""
    able = Member.objects.filter(state=Member.State.LIVE, role__in=COORDINATING).exclude(pk=but.pk)
    return [
        member
        for member in able.order_by("family_name", "given_name", "id")
        if Program.objects.visible_to(member).filter(pk=program.pk).exists()
    ]
