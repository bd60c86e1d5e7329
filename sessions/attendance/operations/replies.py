"""Answering an invitation: a yes is kept, a no is an absence with a line to the partners."""

from __future__ import annotations

from django.db import transaction

from core.members.models import Member
from pairing.models.partnerships import Seat
from pairing.partnerships.seats import lock_partnership
from sessions.attendance.operations.absences import declare_absence, withdraw_absence
from sessions.attendance.operations.rights import require_own_seat, require_still_to_come
from sessions.models.replies import AbsenceNote, Rsvp
from sessions.models.sessions import Absence, Session


@transaction.atomic
def accept_invitation(*, session: Session, seat: Seat, by: Member | None) -> None:
    """Say that the person of this seat comes; saying it again changes nothing.

    An absence they had declared is withdrawn.  Raises NotTheirs, NotPlanned, AlreadyBegun.
    """
    require_own_seat(session=session, seat=seat, by=by)
    lock_partnership(session.partnership)
    require_still_to_come(session)
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
    require_own_seat(session=session, seat=seat, by=by)
    lock_partnership(session.partnership)
    require_still_to_come(session)
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


def forget_replies(*sessions: Session) -> None:
    """Take back every answer to sessions that moved: people are asked afresh."""
    wanted = [session.pk for session in sessions]
    for model in (Absence, AbsenceNote, Rsvp):
        model._default_manager.filter(session__in=wanted).delete()
