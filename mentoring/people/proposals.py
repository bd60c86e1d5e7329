"""Merging two who have both joined: proposed by an owner, done when each of the two says yes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.audit.operations import record
from core.common import clock
from core.common.dates import day_words
from core.common.errors import DomainError, refusing
from core.common.rows import row_by_row
from core.members.models import Member, MergeProposal
from core.notifications.operations import Link, enqueue, withdraw
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from mentoring.people.merging import merge_agreed, what_merges

Outcome = MergeProposal.Outcome


class AlreadyProposed(DomainError):
    code, message = "merge_already_proposed", _("It has been proposed that these two are merged.")


class ProposalOver(DomainError):
    code, message = "merge_proposal_over", _("This proposal is over, and nothing was merged by it.")


@transaction.atomic
def propose_merge(*, stays: Member, goes: Member, by: Member) -> MergeProposal:
    """Ask both whether they are one person; nothing changes before each has said yes.

    Who proposes it has not agreed by that, also where one of the two is theirs.  Raises
    CannotMerge, AlreadyProposed; ValueError where one has never joined and nobody is to be asked.
    """
    if not what_merges(stays, goes).needs_both:
        raise ValueError("nobody is to be asked")
    for before in _open_of(stays, goes):
        if _stands(before, at=clock.now()):
            raise AlreadyProposed
        _expire(before)
    with refusing("merge_proposal_one_open_per_pair", AlreadyProposed()):
        proposal = MergeProposal.objects.create(stays=stays, goes=goes, proposed_by=by)
    day = day_of(proposal.expires_at, settings_in_force().zone)
    for member, other in ((stays, goes), (goes, stays)):
        enqueue(
            member=member,
            kind="accounts.merge_asked",
            dedupe_key=f"merge_asked:{proposal.pk}:{member.pk}",
            link=Link(page=f"merges/{proposal.pk}/"),
            context={
                "who": by.full_name,
                "other": other.full_name,
                "other_email": other.email,
                "kept": stays.full_name,
                "kept_email": stays.email,
                "day": day_words(day, "j F Y"),
            },
            about=proposal.pk,
            program=None,
        )
    record(by=by, verb="merge.proposed", target=stays, gone=str(goes.pk))
    return proposal


def open_proposal(one: Member, other: Member) -> MergeProposal | None:
    """Return what waits for the answers of these two, whichever of them is to stay."""
    return next((row for row in _open_of(one, other) if _stands(row, at=clock.now())), None)


@transaction.atomic
def agree_to_merge(*, proposal: MergeProposal, by: Member) -> MergeProposal:
    """Say yes as one of the two; with the second yes they are one person.

    Raises ProposalOver, CannotMerge, LastOwner; ValueError for anybody else.
    """
    proposal = _open_and_locked(proposal)
    if by.pk not in (proposal.stays_id, proposal.goes_id):
        raise ValueError("not one of the two")
    if not proposal.has_agreed(by):
        now, row = clock.now(), MergeProposal.objects.filter(pk=proposal.pk)
        if by.pk == proposal.stays_id:
            row.update(stays_agreed_at=now)
        else:
            row.update(goes_agreed_at=now)
        proposal.refresh_from_db(fields=["stays_agreed_at", "goes_agreed_at"])
        record(by=by, verb="merge.agreed", target=by)
    if proposal.stays_agreed_at and proposal.goes_agreed_at:
        merge_agreed(stays=proposal.stays, goes=proposal.goes, by=by)
        _close(proposal, Outcome.MERGED, by=by)
    return proposal


@transaction.atomic
def refuse_merge(*, proposal: MergeProposal, by: Member) -> MergeProposal:
    """Say no as one of the two, also after a yes: nothing is merged, and the others are told.

    Raises ProposalOver; ValueError for anybody else.
    """
    proposal = _open_and_locked(proposal)
    if by.pk not in (proposal.stays_id, proposal.goes_id):
        raise ValueError("not one of the two")
    record(by=by, verb="merge.refused", target=proposal.stays, gone=str(proposal.goes_id))
    return _close(proposal, Outcome.REFUSED, by=by)


@transaction.atomic
def withdraw_merge(*, proposal: MergeProposal, by: Member) -> MergeProposal:
    """Take the question back as an owner.  Raises ProposalOver."""
    proposal = _open_and_locked(proposal)
    record(by=by, verb="merge.withdrawn", target=proposal.stays, gone=str(proposal.goes_id))
    return _close(proposal, Outcome.WITHDRAWN, by=by)


def _open_of(one: Member, other: Member) -> Iterable[MergeProposal]:
    both = [one.pk, other.pk]
    return MergeProposal.objects.open().for_list().filter(stays__in=both, goes__in=both)


def expire_merge_proposals(*, at: datetime) -> int:
    """Close what nobody has answered in time, or of whom one has left; return how many."""
    over = [row for row in MergeProposal.objects.open().for_list() if not _stands(row, at=at)]
    return row_by_row(over, lambda proposal: bool(_expire(proposal)))


@transaction.atomic
def _expire(proposal: MergeProposal) -> MergeProposal:
    record(by=None, verb="merge.expired", target=proposal.stays, gone=str(proposal.goes_id))
    return _close(proposal, Outcome.EXPIRED, by=None)


def _stands(proposal: MergeProposal, *, at: datetime) -> bool:
    """Say whether the two who were asked are here as they were, and there is time left.

    Who has left meanwhile and is back has proved a mailbox anew, maybe another one.
    """
    both = (proposal.stays, proposal.goes)
    return at < proposal.expires_at and all(
        member.is_live and member.live_at is not None and member.live_at <= proposal.created_at
        for member in both
    )


def _open_and_locked(proposal: MergeProposal) -> MergeProposal:
    rows = MergeProposal.objects.open().for_list().select_for_update(of=("self",))
    now = rows.filter(pk=proposal.pk).first()
    if now is None or not _stands(now, at=clock.now()):
        raise ProposalOver
    return now


def _close(proposal: MergeProposal, outcome: str, *, by: Member | None) -> MergeProposal:
    """Close it and tell all whom it concerns, but who did it."""
    MergeProposal.objects.filter(pk=proposal.pk).update(outcome=outcome, closed_at=clock.now())
    withdraw(about=proposal.pk)
    for member in _concerned(proposal, but=by):
        enqueue(
            member=member,
            kind="accounts.merge_closed",
            dedupe_key=f"merge_closed:{proposal.pk}:{member.pk}",
            link=Link(page=f"merges/{proposal.pk}/"),
            context={
                "outcome": outcome,
                "who": by.full_name if by else "",
                "one": proposal.stays.full_name,
                "other": proposal.goes.full_name,
                "kept_email": proposal.stays.email,
            },
            about=proposal.pk,
            program=None,
        )
    proposal.refresh_from_db()
    return proposal


def _concerned(proposal: MergeProposal, *, but: Member | None) -> Iterable[Member]:
    people = {proposal.stays_id, proposal.goes_id, proposal.proposed_by_id}
    rows = Member.objects.live().filter(pk__in=people).order_by("pk")
    return rows.exclude(pk=but.pk) if but else rows
