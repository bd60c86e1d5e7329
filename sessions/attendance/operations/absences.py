"""Saying that one cannot come, and that one can after all."""

from __future__ import annotations

from django.db import transaction

from core.common import clock
from core.common.errors import refusing
from core.members.models import Member
from pairing.models.partnerships import Seat
from pairing.partnerships.seats import lock_partnership
from sessions.attendance.errors import AlreadyAbsent, NotAbsent
from sessions.attendance.operations.rights import require_own_seat, require_still_to_come
from sessions.models.replies import AbsenceNote, Rsvp
from sessions.models.sessions import Absence, Session, Turn
from sessions.rotation.operations.offers import ask_another, free_turn, take_back
from sessions.rotation.operations.rotation import replan


@transaction.atomic
def declare_absence(*, session: Session, seat: Seat, by: Member | None) -> Absence:
    """Say that the person of this seat cannot come; somebody else is asked to take their role.

    Only they themselves or a coordinator may.  Raises NotTheirs, NotPlanned, AlreadyBegun,
    AlreadyAbsent.
    """
    require_own_seat(session=session, seat=seat, by=by)
    lock_partnership(session.partnership)
    require_still_to_come(session)
    with refusing("absence_once", AlreadyAbsent()):
        absence = Absence.objects.create(session=session, seat=seat)
    Rsvp.objects.filter(session=session, seat=seat).delete()
    Session.objects.filter(pk=session.pk).update(changed_at=clock.now())
    turn = Turn.objects.filter(session=session, seat=seat).select_related("role").first()
    ask_another(session=session, seat=seat)
    if turn:
        free_turn(session=session, role=turn.role, giver=seat, by=by)
    else:
        replan(partnership=session.partnership)
    return absence


@transaction.atomic
def withdraw_absence(*, session: Session, seat: Seat, by: Member | None) -> None:
    """Say that the person of this seat can come after all.  Raises NotAbsent and as above."""
    require_own_seat(session=session, seat=seat, by=by)
    lock_partnership(session.partnership)
    require_still_to_come(session)
    removed, _ = Absence.objects.filter(session=session, seat=seat).delete()
    if not removed:
        raise NotAbsent
    AbsenceNote.objects.filter(session=session, seat=seat).delete()
    Rsvp.objects.get_or_create(session=session, seat=seat)
    Session.objects.filter(pk=session.pk).update(changed_at=clock.now())
    take_back(session=session, seat=seat)
    replan(partnership=session.partnership)
