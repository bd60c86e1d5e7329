"""Saying that one cannot come, and that one can after all."""

from __future__ import annotations

from django.db import transaction

from mentoring.common import clock
from mentoring.common.errors import refusing
from mentoring.identity.models import Member
from pairing.models import Seat
from sessions.errors import AlreadyAbsent, NotAbsent
from sessions.models import Absence, AbsenceNote, Rsvp, Session, Turn
from sessions.operations.offers import ask_another, free_turn, take_back
from sessions.operations.rights import hold, require_own_seat, require_still_to_come
from sessions.operations.rotation import replan


@transaction.atomic
def declare_absence(*, session: Session, seat: Seat, by: Member | None) -> Absence:
    """Say that the person of this seat cannot come; somebody else is asked to take their role.

    Only they themselves or a coordinator may.  Raises NotTheirs, NotPlanned, AlreadyBegun,
    AlreadyAbsent.
    """
    require_own_seat(session=session, seat=seat, by=by)
    hold(session.partnership)
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
    hold(session.partnership)
    require_still_to_come(session)
    removed, _ = Absence.objects.filter(session=session, seat=seat).delete()
    if not removed:
        raise NotAbsent
    AbsenceNote.objects.filter(session=session, seat=seat).delete()
    Rsvp.objects.get_or_create(session=session, seat=seat)
    Session.objects.filter(pk=session.pk).update(changed_at=clock.now())
    take_back(session=session, seat=seat)
    replan(partnership=session.partnership)
