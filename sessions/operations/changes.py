"""Moving, describing and cancelling a session."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from mentoring.audit.operations import record
from mentoring.common import clock
from mentoring.identity.models import Member
from sessions.errors import NotPlanned, StartsInThePast
from sessions.models import Absence, CancelCause, Session
from sessions.operations.letters import tell_changed
from sessions.operations.rights import day_of, hold, renumber, require_hand
from sessions.operations.rotation import replan


@transaction.atomic
def reschedule(
    *,
    session: Session,
    starts_at: datetime,
    by: Member | None,
    duration_minutes: int | None = None,
) -> Session:
    """Move a planned session and tell its people; the same time again changes nothing.

    Who could not come on the old date is asked afresh.  Raises NotPlanned, StartsInThePast,
    NotTheirs.
    """
    require_hand(partnership=session.partnership, by=by)
    hold(session.partnership)
    session.refresh_from_db()
    at, was_at = clock.now(), session.starts_at
    minutes = duration_minutes or session.duration_minutes
    if not session.is_planned:
        raise NotPlanned
    if (starts_at, minutes) == (was_at, session.duration_minutes):
        return session
    if starts_at <= at:
        raise StartsInThePast
    _guarded_update(
        session,
        starts_at=starts_at,
        duration_minutes=minutes,
        day=day_of(starts_at),
        changed_at=at,
        sequence=F("sequence") + 1,
    )
    if starts_at != was_at:
        Absence.objects.filter(session=session).delete()
        renumber(session.partnership, at=at)
    replan(partnership=session.partnership)
    session.refresh_from_db()
    record(
        by=by,
        verb="session.rescheduled",
        target=session,
        was=was_at.isoformat(),
        now=starts_at.isoformat(),
    )
    tell_changed(session=session, was_at=was_at, by=by)
    return session


@transaction.atomic
def describe_session(*, session: Session, topic: str, place: str, by: Member | None) -> Session:
    """Write down what a planned session is about and where it is; calendars hear of the place.

    Raises NotPlanned, NotTheirs.
    """
    require_hand(partnership=session.partnership, by=by)
    heard = 1 if place != session.place else 0
    _guarded_update(
        session,
        topic=topic,
        place=place,
        changed_at=clock.now(),
        sequence=F("sequence") + heard,
    )
    session.refresh_from_db()
    return session


@transaction.atomic
def cancel(*, session: Session, cause: str, by: Member | None) -> Session:
    """Cancel a planned session for a named cause and tell its people; later turns even out.

    Raises NotPlanned if it was held, missed or cancelled already, NotTheirs; ValueError for a
    cause that is not a CancelCause.
    """
    cause = CancelCause(cause)
    require_hand(partnership=session.partnership, by=by)
    hold(session.partnership)
    _guarded_update(
        session,
        state=Session.State.CANCELLED,
        cause=cause,
        changed_at=clock.now(),
        sequence=F("sequence") + 1,
    )
    session.refresh_from_db()
    replan(partnership=session.partnership)
    record(by=by, verb="session.cancelled", target=session, cause=str(cause))
    tell_changed(session=session, was_at=session.starts_at, by=by)
    return session


def _guarded_update(session: Session, **values: object) -> None:
    planned = Session.objects.filter(pk=session.pk, state=Session.State.PLANNED)
    if not planned.update(**values):
        raise NotPlanned
