"""Sessions follow their partnership: off when it ends or rests, back when it goes on.

Pairing knows no sessions; these notice what it has changed, and a session's own state is what
makes them safe to repeat.  What is called off by the platform is in no figure (`OffCause`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet

from core.audit.operations import record
from core.common.rows import row_by_row
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import lock_partnership, people_told
from sessions.calendar.emails import invite, tell_called_off
from sessions.models.polls import TimePoll
from sessions.models.sessions import OffCause, Session
from sessions.planning.operations.changes import take_back_polls
from sessions.rotation.operations.rotation import replan

AT_ONCE = 200  # partnerships in one round of the sweep: a transaction stays short
BACK = (OffCause.ENDED, OffCause.PAUSED)  # what comes back when the partnership goes on


def call_off_sessions(*, at: datetime) -> int:
    """Call off what is to come of partnerships that are over or rest; return how many sessions.

    Of one that is over all that would have begun after its end; of one that rests what lies in
    the rest.  Everybody gets one e-mail that takes the events out of their calendar.
    """
    planned = Session.objects.filter(partnership=OuterRef("pk"), state=Session.State.PLANNED)
    over = Q(Exists(planned.filter(starts_at__gt=OuterRef("ended_at"))), ended_at__isnull=False)
    rests = Q(Exists(planned.filter(starts_at__gt=at)), state=Partnership.State.PAUSED)
    rows = Partnership.objects.filter(over | rests).order_by("id")
    return row_by_row(rows, lambda partnership: _call_off(partnership, at), most=AT_ONCE)


@transaction.atomic
def _call_off(partnership: Partnership, at: datetime) -> int:
    partnership = lock_partnership(partnership)
    sessions = list(_off(partnership, at).order_by("starts_at", "id"))
    if not sessions:
        return 0
    people = _expecting(partnership, sessions)
    cause = OffCause.ENDED if partnership.ended_at else OffCause.PAUSED
    theirs = Session.objects.filter(pk__in=[session.pk for session in sessions])
    theirs.update(
        state=Session.State.CANCELLED, cause=cause, changed_at=at, sequence=F("sequence") + 1
    )
    polls = TimePoll.objects.filter(partnership=partnership)
    take_back_polls(polls if partnership.ended_at else polls.filter(session__in=theirs), at=at)
    record(by=None, verb="season.called_off", target=partnership, sessions=len(sessions))
    if cause == OffCause.PAUSED:
        replan(partnership=partnership)
    off = list(theirs.order_by("starts_at", "id"))
    tell_called_off(partnership=partnership, sessions=off, to=people, why=str(cause))
    return len(off)


def _off(partnership: Partnership, at: datetime) -> QuerySet[Session]:
    """Return the planned sessions that cannot be, as the partnership stands now."""
    planned = Session.objects.filter(partnership=partnership, state=Session.State.PLANNED)
    if partnership.ended_at:
        return planned.filter(starts_at__gt=partnership.ended_at)
    if partnership.state != Partnership.State.PAUSED:
        return planned.none()
    coming = planned.filter(starts_at__gt=at)
    until = partnership.paused_until
    return coming.filter(day__lt=until) if until else coming


def _expecting(partnership: Partnership, sessions: Sequence[Session]) -> list[Seat]:
    """Return whose calendars have these sessions: those who sit there, or left after the news."""
    heard_at = min(session.changed_at for session in sessions)
    seats = Seat.objects.filter(partnership=partnership).select_related("enrolment__member")
    return list(seats.filter(Q(left_at=None) | Q(left_at__gte=heard_at)).order_by("id"))


def restore_sessions(*, at: datetime) -> int:
    """Plan again what was called off and is still to come, where the partnership goes on.

    A rest that is over, or an end that was undone; returns how many sessions that were.
    """
    off = _called_off(at).filter(partnership=OuterRef("pk"))
    rows = Partnership.objects.active().filter(Exists(off)).order_by("id")
    return row_by_row(rows, lambda partnership: _restore(partnership, at), most=AT_ONCE)


def _called_off(at: datetime) -> QuerySet[Session]:
    return Session.objects.filter(state=Session.State.CANCELLED, cause__in=BACK, starts_at__gt=at)


@transaction.atomic
def _restore(partnership: Partnership, at: datetime) -> int:
    partnership = lock_partnership(partnership)
    if partnership.state != Partnership.State.ACTIVE:
        return 0
    theirs = _called_off(at).filter(partnership=partnership, day__lte=partnership.ends_on)
    ids = list(theirs.values_list("pk", flat=True))
    back = Session.objects.filter(pk__in=ids)
    back.update(state=Session.State.PLANNED, cause="", changed_at=at, sequence=F("sequence") + 1)
    if not ids:
        return 0
    record(by=None, verb="season.restored", target=partnership, sessions=len(ids))
    replan(partnership=partnership)
    sessions = list(back.order_by("starts_at", "id"))
    invite(partnership=partnership, sessions=sessions, by=None, again=True)
    return len(ids)


def empty_calendars_of_leavers(*, at: datetime) -> int:
    """Take the sessions to come out of the calendars of those who left a table that goes on.

    It notices a session that has not changed since they left; what it tells moves `changed_at`,
    which is what makes it safe to repeat.  Returns how many partnerships that were.
    """
    unheard = _coming(at).filter(
        partnership=OuterRef("partnership"), changed_at__lt=OuterRef("left_at")
    )
    seats = Seat.objects.filter(Exists(unheard), partnership__state__in=Partnership.OPEN)
    rows = Partnership.objects.filter(pk__in=seats.values("partnership")).order_by("id")
    return row_by_row(rows, lambda partnership: _empty_calendars(partnership, at), most=AT_ONCE)


def _coming(at: datetime) -> QuerySet[Session]:
    return Session.objects.filter(state=Session.State.PLANNED, starts_at__gt=at)


@transaction.atomic
def _empty_calendars(partnership: Partnership, at: datetime) -> int:
    partnership = lock_partnership(partnership)
    coming = _coming(at).filter(partnership=partnership)
    heard_at = coming.aggregate(first=Min("changed_at"))["first"]
    if heard_at is None:
        return 0
    left = Seat.objects.filter(partnership=partnership, left_at__gt=heard_at)
    staying = {member.pk for member in people_told(partnership)}
    gone = [
        seat
        for seat in left.select_related("enrolment__member")
        if seat.enrolment.member_id not in staying  # who took another part still comes
    ]
    coming.update(changed_at=at, sequence=F("sequence") + 1)
    sessions = list(coming.order_by("starts_at", "id"))
    tell_called_off(partnership=partnership, sessions=sessions, to=gone, why="left")
    return 1
