"""Moving, describing and cancelling a session."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, QuerySet

from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from core.notifications.operations import withdraw
from core.tenancy.days import day_of
from pairing.errors import PartnershipOver
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import lock_partnership, require_partner_or_coordinator
from sessions.attendance.operations.replies import (
    accept_invitation,
    decline_invitation,
    forget_replies,
)
from sessions.calendar.emails import tell_changed
from sessions.errors import (
    AfterItsEnd,
    NotPlanned,
    NotYetBegun,
    StartsInThePast,
    WhilePaused,
)
from sessions.models.polls import TimePoll
from sessions.models.rooms import forget_rehearsal
from sessions.models.sessions import CancelCause, Session, renumber
from sessions.rotation.operations.rotation import replan


@transaction.atomic
def reschedule(
    *,
    session: Session,
    starts_at: datetime,
    by: Member | None,
    duration_minutes: int | None = None,
    known: Mapping[Seat, bool] | None = None,
) -> Session:
    """Move a planned session and tell its people; the same time again changes nothing.

    Who could not come on the old date is asked afresh, but for those of whom it is `known`
    whether they come at the new one.  Raises NotPlanned, StartsInThePast,
    PartnershipOver, AfterItsEnd, WhilePaused, NotTheirs.
    """
    require_partner_or_coordinator(partnership=session.partnership, by=by)
    partnership = lock_partnership(session.partnership)
    session.refresh_from_db()
    at, was_at = clock.now(), session.starts_at
    minutes = duration_minutes or session.duration_minutes
    if not session.is_planned:
        raise NotPlanned
    if (starts_at, minutes) == (was_at, session.duration_minutes):
        return session
    if starts_at <= at:
        raise StartsInThePast
    _require_a_day_of(partnership, day_of(starts_at))
    _guarded_update(
        session,
        starts_at=starts_at,
        duration_minutes=minutes,
        day=day_of(starts_at),
        changed_at=at,
        sequence=F("sequence") + 1,
    )
    if starts_at != was_at:
        forget_replies(session)
        forget_rehearsal(session)
        renumber(session.partnership, at=at)
    replan(partnership=session.partnership, cause=session.pk)
    session.refresh_from_db()
    answer_for(session, known or {})
    record(
        by=by,
        verb="session.rescheduled",
        target=session,
        was=was_at.isoformat(),
        now=starts_at.isoformat(),
    )
    tell_changed(session=session, was_at=was_at, by=by)
    return session


def answer_for(session: Session, known: Mapping[Seat, bool]) -> None:
    """Keep what people have said about this very time elsewhere."""
    for seat, comes in known.items():
        if comes:
            accept_invitation(session=session, seat=seat, by=None)
        else:
            decline_invitation(session=session, seat=seat, by=None)
    session.refresh_from_db()


def take_back_polls(polls: QuerySet[TimePoll], *, at: datetime) -> int:
    """Ask about times no more where there is nothing left to move; return how many polls."""
    moot = list(polls.filter(state__in=TimePoll.IN_FORCE).select_related("partnership"))
    for poll in moot:
        TimePoll.objects.filter(pk=poll.pk, state__in=TimePoll.IN_FORCE).update(
            state=TimePoll.State.WITHDRAWN, closed_at=at, best_at=None
        )
        withdraw(about=poll.pk)
        record(by=None, verb="poll.withdrawn", target=poll.partnership)
    return len(moot)


def _require_a_day_of(partnership: Partnership, day: date) -> None:
    """Raise unless the partnership may meet that day."""
    if not partnership.is_open:
        raise PartnershipOver
    if day > partnership.ends_on:
        raise AfterItsEnd
    if partnership.state == Partnership.State.PAUSED and (
        partnership.paused_until is None or day < partnership.paused_until
    ):
        raise WhilePaused


@transaction.atomic
def describe_session(
    *,
    session: Session,
    topic: str,
    place: str,
    by: Member | None,
    video_url: str | None = None,
) -> Session:
    """Write down what a planned session is about and where it is.

    Its people hear of another place or video link, and so do their calendars; without
    `video_url` the link stays.  Raises NotPlanned, NotTheirs.
    """
    require_partner_or_coordinator(partnership=session.partnership, by=by)
    lock_partnership(session.partnership)
    session.refresh_from_db()
    link = session.video_url if video_url is None else video_url
    elsewhere = (place, link) != (session.place, session.video_url)
    _guarded_update(
        session,
        topic=topic,
        place=place,
        video_url=link,
        changed_at=clock.now(),
        sequence=F("sequence") + int(elsewhere),
    )
    session.refresh_from_db()
    if elsewhere:
        tell_changed(session=session, was_at=session.starts_at, by=by, elsewhere=True)
    return session


@transaction.atomic
def cancel(*, session: Session, cause: str, by: Member | None) -> Session:
    """Cancel a planned session for a named cause and tell its people; later turns even out.

    Raises NotPlanned if it was held, missed or cancelled already, NotTheirs; ValueError for a
    cause that is not a CancelCause.
    """
    cause = CancelCause(cause)
    require_partner_or_coordinator(partnership=session.partnership, by=by)
    lock_partnership(session.partnership)
    _guarded_update(
        session,
        state=Session.State.CANCELLED,
        cause=cause,
        changed_at=clock.now(),
        sequence=F("sequence") + 1,
    )
    session.refresh_from_db()
    take_back_polls(TimePoll.objects.filter(session=session), at=session.changed_at)
    replan(partnership=session.partnership, cause=session.pk)
    record(by=by, verb="session.cancelled", target=session, cause=str(cause))
    tell_changed(session=session, was_at=session.starts_at, by=by)
    return session


@transaction.atomic
def mark_nobody_came(*, session: Session, by: Member | None) -> Session:
    """Say that a session has begun and nobody came: it is missed, and later turns even out.

    Raises NotPlanned, NotYetBegun, NotTheirs.
    """
    require_partner_or_coordinator(partnership=session.partnership, by=by)
    lock_partnership(session.partnership)
    session.refresh_from_db()
    at = clock.now()
    if session.starts_at > at:
        raise NotYetBegun
    _guarded_update(session, state=Session.State.MISSED, changed_at=at)
    record(by=by, verb="session.missed", target=session)
    replan(partnership=session.partnership, cause=session.pk)
    session.refresh_from_db()
    return session


def _guarded_update(session: Session, **values: object) -> None:
    planned = Session.objects.filter(pk=session.pk, state=Session.State.PLANNED)
    if not planned.update(**values):
        raise NotPlanned
