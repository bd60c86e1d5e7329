"""Giving a role by hand: it stays where it was put, and the others even out around it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from pairing.errors import NotTheirs
from pairing.models.partnerships import Seat
from pairing.models.runs import COORDINATING
from pairing.partnerships.seats import lock_partnership, require_partner_or_coordinator
from programs.models.parts import MeetingRole
from sessions.errors import HolderAbsent, NotForYouToAssign, NotPlanned, TurnsClash
from sessions.models.sessions import Absence, Session, Turn
from sessions.rotation.engine.shapes import ReasonCode
from sessions.rotation.operations.offers import ask_nobody_more
from sessions.rotation.operations.rotation import replan
from sessions.rotation.queries.trained import require_trained
from sessions.rotation.queries.turns import Holdings, turns_to_come


def leads(*, session: Session, by: Member) -> bool:
    turns = Turn.objects.filter(session=session, role__leads=True, seat__left_at=None)
    return turns.filter(seat__enrolment__member=by).exists()


@transaction.atomic
def assign_turn(*, session: Session, role: MeetingRole, seat: Seat, by: Member | None) -> Turn:
    """Give a role of a planned session to somebody and keep it there; who it concerns is told.

    Who held it takes the role that the other gives up, if there was one.  Coordinators may; what
    nobody holds the session's facilitator may give too, and while nobody leads everybody at the
    table: for a turn that somebody holds partners ask by an offer.  Raises NotForYouToAssign,
    NotPlanned, HolderAbsent, NotTheirs, NotTrainedToLead.
    """
    partnership = lock_partnership(session.partnership)
    before = Turn.objects.filter(session=session, role=role).first()
    given_up = Turn.objects.filter(session=session, seat=seat).exclude(role=role).first()
    _may_assign(session, by, moves=[turn for turn in (before, given_up) if turn])
    _check_seat(session, seat)
    require_trained(role, seat)
    if before and before.seat_id == seat.pk:
        _lock(before)
        return before
    standing = turns_to_come(partnership=partnership, at=clock.now())
    Turn.objects.filter(pk__in=[t.pk for t in (before, given_up) if t]).delete()
    ask_nobody_more(session=session, role=role)
    turn = _chosen(session, role, seat)
    if before and given_up:
        _chosen(session, given_up.role, before.seat)
    _settle(session, before=standing, by=by)
    return turn


@transaction.atomic
def swap_turns(*, first: Turn, second: Turn, by: Member | None) -> None:
    """Exchange the holders of two turns of one partnership, in one session or in two.

    Both are told.  Coordinators may; partners ask each other.  Raises TurnsClash if somebody
    would hold two roles in one session, and as `assign_turn`.
    """
    sessions = {first.session_id: first.session, second.session_id: second.session}
    if first.session.partnership_id != second.session.partnership_id:
        raise NotTheirs
    partnership = lock_partnership(first.session.partnership)
    for session in sessions.values():
        _may_assign(session, by, moves=[first, second])
    _check_seat(first.session, second.seat)
    _check_seat(second.session, first.seat)
    require_trained(first.role, second.seat)
    require_trained(second.role, first.seat)
    mine = [first.pk, second.pk]
    for turn, comes in ((first, second.seat), (second, first.seat)):
        if Turn.objects.filter(session=turn.session, seat=comes).exclude(pk__in=mine).exists():
            raise TurnsClash
    standing = turns_to_come(partnership=partnership, at=clock.now())
    Turn.objects.filter(pk__in=mine).delete()
    _chosen(first.session, first.role, second.seat)
    _chosen(second.session, second.role, first.seat)
    _settle(*sessions.values(), before=standing, by=by)


def _may_assign(session: Session, by: Member | None, *, moves: Sequence[Turn]) -> None:
    """Raise unless `by` may give roles there; `moves` are the turns that their holders lose."""
    session.refresh_from_db(fields=["state"])
    if not session.is_planned:
        raise NotPlanned
    require_partner_or_coordinator(partnership=session.partnership, by=by)
    if by is None or by.role in COORDINATING:
        return
    if moves:
        raise NotForYouToAssign
    if leads(session=session, by=by):
        return
    if Turn.objects.filter(session=session, role__leads=True).exists():
        raise NotForYouToAssign


def _check_seat(session: Session, seat: Seat) -> None:
    if seat.partnership_id != session.partnership_id or seat.left_at is not None:
        raise NotTheirs
    if Absence.objects.filter(session=session, seat=seat).exists():
        raise HolderAbsent


def _chosen(session: Session, role: MeetingRole, seat: Seat) -> Turn:
    return Turn.objects.create(
        session=session, role=role, seat=seat, reason=str(ReasonCode.LOCKED), locked=True
    )


def _lock(turn: Turn) -> None:
    turn.reason, turn.reason_detail, turn.locked = str(ReasonCode.LOCKED), {}, True
    turn.save(update_fields=["reason", "reason_detail", "locked"])


def _settle(*sessions: Session, before: Holdings, by: Member | None) -> None:
    """Have the turns to come even out around what was chosen, and everybody concerned told."""
    for session in sessions:
        Session.objects.filter(pk=session.pk).update(
            changed_at=clock.now(), sequence=F("sequence") + 1
        )
        record(by=by, verb="turn.assigned", target=session)
    replan(partnership=sessions[0].partnership, cause=sessions[0].pk, before=before)
