"""Saying that one cannot come, and that one can after all."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from mentoring.common import clock
from mentoring.common.errors import violated
from mentoring.identity.models import Member
from pairing.models import COORDINATING, Seat
from sessions.errors import AlreadyAbsent, AlreadyBegun, NotAbsent, NotPlanned, NotTheirs
from sessions.models import Absence, Session, Turn
from sessions.operations.rights import hold
from sessions.operations.rotation import replan


@transaction.atomic
def declare_absence(*, session: Session, seat: Seat, by: Member | None) -> Absence:
    """Say that the person of this seat cannot come; their role goes to somebody else.

    Only they themselves or a coordinator may.  Raises NotTheirs, NotPlanned, AlreadyBegun,
    AlreadyAbsent.
    """
    _may_say(session, seat, by)
    hold(session.partnership)
    _still_to_come(session)
    try:
        with transaction.atomic():
            absence = Absence.objects.create(session=session, seat=seat)
    except IntegrityError as error:
        if violated(error) != "absence_once":
            raise
        raise AlreadyAbsent from error
    # a role chosen by hand is free again: who is away cannot hold it
    Turn.objects.filter(session=session, seat=seat).update(locked=False)
    Session.objects.filter(pk=session.pk).update(changed_at=clock.now())
    replan(partnership=session.partnership)
    return absence


@transaction.atomic
def withdraw_absence(*, session: Session, seat: Seat, by: Member | None) -> None:
    """Say that the person of this seat can come after all.  Raises NotAbsent and as above."""
    _may_say(session, seat, by)
    hold(session.partnership)
    _still_to_come(session)
    removed, _ = Absence.objects.filter(session=session, seat=seat).delete()
    if not removed:
        raise NotAbsent
    Session.objects.filter(pk=session.pk).update(changed_at=clock.now())
    replan(partnership=session.partnership)


def _may_say(session: Session, seat: Seat, by: Member | None) -> None:
    if seat.partnership_id != session.partnership_id or seat.left_at is not None:
        raise NotTheirs
    if by and by.role not in COORDINATING and seat.enrolment.member_id != by.pk:
        raise NotTheirs


def _still_to_come(session: Session) -> None:
    session.refresh_from_db(fields=["state", "starts_at"])
    if not session.is_planned:
        raise NotPlanned
    if session.starts_at <= clock.now():
        raise AlreadyBegun
