"""Answering an invitation: a yes is kept, a no is an absence with a line to the partners."""

from __future__ import annotations

from django.db import transaction

from core.common import clock
from core.common.errors import refusing
from core.members.models import Member
from core.notifications.operations import withdraw
from pairing.errors import NotTheirs
from pairing.models.partnerships import Seat
from pairing.models.runs import COORDINATING
from pairing.partnerships.seats import lock_partnership
from sessions.calendar.emails import REMINDER
from sessions.errors import AlreadyAbsent, NotAbsent
from sessions.models.replies import AbsenceNote, Rsvp
from sessions.models.sessions import Absence, Session, Turn
from sessions.rotation.operations.offers import ask_another, free_turn, require_to_come, take_back
from sessions.rotation.operations.rotation import replan


@transaction.atomic
def declare_absence(*, session: Session, seat: Seat, by: Member | None) -> Absence:
    """Say that the person of this seat cannot come; somebody else is asked to take their role.

    Only they themselves or a coordinator may.  Raises NotTheirs, NotPlanned, AlreadyBegun,
    AlreadyAbsent.
    """
    _require_own_seat(session=session, seat=seat, by=by)
    lock_partnership(session.partnership)
    require_to_come(session)
    with refusing("absence_once", AlreadyAbsent()):
        absence = Absence.objects.create(session=session, seat=seat)
    Rsvp.objects.filter(session=session, seat=seat).delete()
    withdraw(about=session.pk, kind=REMINDER, member=seat.enrolment.member)
    Session.objects.filter(pk=session.pk).update(changed_at=clock.now())
    turn = Turn.objects.filter(session=session, seat=seat).select_related("role").first()
    ask_another(session=session, seat=seat)
    if turn:
        free_turn(session=session, role=turn.role, giver=seat, by=by)
    else:
        replan(partnership=session.partnership, cause=session.pk)
    return absence


@transaction.atomic
def withdraw_absence(*, session: Session, seat: Seat, by: Member | None) -> None:
    """Say that the person of this seat can come after all.  Raises NotAbsent and as above."""
    _require_own_seat(session=session, seat=seat, by=by)
    lock_partnership(session.partnership)
    require_to_come(session)
    removed, _ = Absence.objects.filter(session=session, seat=seat).delete()
    if not removed:
        raise NotAbsent
    AbsenceNote.objects.filter(session=session, seat=seat).delete()
    Rsvp.objects.get_or_create(session=session, seat=seat)
    Session.objects.filter(pk=session.pk).update(changed_at=clock.now())
    take_back(session=session, seat=seat)
    replan(partnership=session.partnership, cause=session.pk)


def _require_own_seat(*, session: Session, seat: Seat, by: Member | None) -> None:
    """Raise NotTheirs unless `by` may speak for this seat: its person, or a coordinator."""
    if seat.partnership_id != session.partnership_id or seat.left_at is not None:
        raise NotTheirs
    if by and by.role not in COORDINATING and seat.enrolment.member_id != by.pk:
        raise NotTheirs


@transaction.atomic
def accept_invitation(*, session: Session, seat: Seat, by: Member | None) -> None:
    """Say that the person of this seat comes; saying it again changes nothing.

    An absence they had declared is withdrawn.  Raises NotTheirs, NotPlanned, AlreadyBegun.
    """
    _require_own_seat(session=session, seat=seat, by=by)
    lock_partnership(session.partnership)
    require_to_come(session)
    if Absence.objects.filter(session=session, seat=seat).exists():
        withdraw_absence(session=session, seat=seat, by=by)
    AbsenceNote.objects.filter(session=session, seat=seat).delete()
    Rsvp.objects.get_or_create(session=session, seat=seat)


@transaction.atomic
def decline_invitation(
    *, session: Session, seat: Seat, by: Member | None, reason: str = ""
) -> None:
    """Say that the person of this seat cannot come; `reason` is a line to the partners alone.

    Saying it again changes the line.  Raises as `accept_invitation` does.
    """
    _require_own_seat(session=session, seat=seat, by=by)
    lock_partnership(session.partnership)
    require_to_come(session)
    if not Absence.objects.filter(session=session, seat=seat).exists():
        declare_absence(session=session, seat=seat, by=by)
    Rsvp.objects.filter(session=session, seat=seat).delete()
    notes = AbsenceNote.objects.filter(session=session, seat=seat)
    if reason.strip():
        AbsenceNote.objects.update_or_create(
            session=session, seat=seat, defaults={"text": reason.strip()[:200]}
        )
    else:
        notes.delete()


@transaction.atomic
def leave_open(*, session: Session, seat: Seat, by: Member | None) -> None:
    """Take a yes back and say nothing: perhaps.  A no stays, since others count on it.

    Raises NotTheirs, NotPlanned, AlreadyBegun.
    """
    _require_own_seat(session=session, seat=seat, by=by)
    lock_partnership(session.partnership)
    require_to_come(session)
    Rsvp.objects.filter(session=session, seat=seat).delete()


def forget_replies(*sessions: Session) -> None:
    """Take back every answer to sessions that moved: people are asked afresh.

    Turns that somebody else has been asked to take, and has not, are theirs again.
    """
    wanted = [session.pk for session in sessions]
    absences = list(Absence.objects.filter(session__in=wanted).select_related("session", "seat"))
    for model in (Absence, AbsenceNote, Rsvp):
        model._default_manager.filter(session__in=wanted).delete()
    for absence in absences:
        take_back(session=absence.session, seat=absence.seat)
