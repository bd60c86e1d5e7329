"""A person's calendar feed, an address that only they know; and the calendar of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from core.accounts.operations.keys import issue_key, revoke_keys
from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.common.fetch import FetchError, fetch
from core.common.rows import row_by_row
from core.common.secrets import seal
from core.members.keys import derived_secret
from core.members.models import Key, Member
from core.tenancy import due
from core.tenancy.context import current_organisation_id, tenant
from core.tenancy.queries import settings_in_force
from sessions.calendar.engine.busy import Span, TooLarge, Unreadable, Wanted, read_apart
from sessions.calendar.queries import SEALED, address_of
from sessions.errors import (
    BusyCalendarThere,
    CalendarAlreadyOpen,
    CalendarNotOpen,
    JustRead,
    NoBusyCalendar,
)
from sessions.models.replies import BusyCalendar, CalendarFeed

READ_EVERY = timedelta(hours=6)
WORD_LOST = timedelta(minutes=2)  # a calendar that was asked for and not read then is asked again
AT_ONCE = 200  # calendars that one pass asks a worker to read
HORIZON = timedelta(days=400)  # no season is planned further ahead
FETCH_SECONDS, FETCH_LIMIT = 10.0, 5 * 1024 * 1024
READ_TASK = "sessions.read_busy_calendar"


@transaction.atomic
def open_calendar(*, by: Member) -> CalendarFeed:
    """Give `by` a calendar address; raises CalendarAlreadyOpen if there is one."""
    with refusing("calendar_feed_one_open", CalendarAlreadyOpen()):
        feed = CalendarFeed.objects.create(member=by)
    secret = derived_secret(Key.Kind.CALENDAR, feed.pk)
    issue_key(kind=Key.Kind.CALENDAR, object_id=feed.pk, secret=secret)
    record(by=by, verb="calendar.opened", target=feed)
    return feed


@transaction.atomic
def note_reading(*, feed_id: UUID) -> None:
    """Note, at most once an hour, that a calendar program reads this address.

    Whose calendar follows it is brought no events by e-mail.
    """
    now = clock.now()
    lately = Q(read_at=None) | Q(read_at__lt=now - timedelta(hours=1))
    CalendarFeed.objects.filter(lately, pk=feed_id).update(read_at=now)


@transaction.atomic
def close_calendar(*, feed: CalendarFeed, by: Member) -> None:
    """Close a calendar address for good; raises CalendarNotOpen if it was closed before."""
    closed = CalendarFeed.objects.filter(pk=feed.pk, member=by, revoked_at=None).update(
        revoked_at=clock.now()
    )
    if not closed:
        raise CalendarNotOpen
    revoke_keys(kind=Key.Kind.CALENDAR, object_id=feed.pk)
    record(by=by, verb="calendar.closed", target=feed)


@transaction.atomic
def close_calendars_of_the_gone(*, at: datetime) -> int:
    """Close the calendar addresses of who has left, for good; return how many.

    Also of who has come back since: an address from before stays dead.
    """
    feeds = CalendarFeed.objects.filter(revoked_at=None).filter(
        Q(member__state=Member.State.LEFT) | Q(member__left_at__gte=F("created_at"))
    )
    closed = list(feeds.values_list("pk", flat=True))

    def close(feed_id: UUID) -> int:
        revoke_keys(kind=Key.Kind.CALENDAR, object_id=feed_id)
        return CalendarFeed.objects.filter(pk=feed_id).update(revoked_at=at)

    return row_by_row(closed, close)


@transaction.atomic
def add_busy_calendar(*, address: str, by: Member) -> BusyCalendar:
    """Let proposals avoid what stands in a calendar of `by`; a worker reads it at once.

    Raises BusyCalendarThere: there is one for a person.
    """
    with refusing("busy_calendar_once", BusyCalendarThere()):
        calendar = BusyCalendar.objects.create(
            member=by,
            sealed_address=seal(address, purpose=SEALED),
            next_read_at=clock.now() + WORD_LOST,
        )
    record(by=by, verb="busy_calendar.added", target=calendar)
    _let_read([calendar.pk])
    return calendar


@transaction.atomic
def read_again(*, by: Member) -> None:
    """Read the calendar of `by` now: what they see then is whether it works.

    Raises NoBusyCalendar, JustRead.
    """
    now = clock.now()
    mine = BusyCalendar.objects.filter(member=by)
    if not mine.exists():
        raise NoBusyCalendar
    asked = Q(next_read_at__gt=now, next_read_at__lte=now + WORD_LOST)
    just_read = Q(next_read_at__gt=now + READ_EVERY - timedelta(minutes=1))
    unread = mine.exclude(asked | just_read)
    ids = list(unread.values_list("pk", flat=True))
    if not unread.update(next_read_at=now + WORD_LOST):
        raise JustRead
    _let_read(ids)


@transaction.atomic
def remove_busy_calendar(*, by: Member) -> None:
    """Forget a calendar of `by`, its address and all that was read of it.

    Raises NoBusyCalendar.
    """
    calendar = BusyCalendar.objects.filter(member=by).first()
    if calendar is None:
        raise NoBusyCalendar
    record(by=by, verb="busy_calendar.removed", target=calendar)
    calendar.delete()


@transaction.atomic
def tend_busy_calendars(*, at: datetime) -> int:
    """Ask a worker to read what is due, and forget the calendars of who has left.

    Reading may take long, so it is done elsewhere; a lost word is said again at the next time.
    Returns how many that were.
    """
    gone, _rows = BusyCalendar.objects.filter(member__state=Member.State.LEFT).delete()
    rows = BusyCalendar.objects.select_for_update(skip_locked=True, of=("self",))
    rows = rows.filter(next_read_at__lte=at).order_by("next_read_at", "id")
    ids = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    BusyCalendar.objects.filter(pk__in=ids).update(next_read_at=at + WORD_LOST)
    _let_read(ids)
    return gone + len(ids)


def _let_read(ids: list[UUID]) -> None:
    """Tell a worker, and look again soon whether it has heard."""
    if not ids:
        return
    organisation_id = current_organisation_id()
    due.mark(at=clock.now() + WORD_LOST)

    def tell() -> None:
        for calendar_id in ids:
            args = [organisation_id, str(calendar_id)]
            current_app.send_task(READ_TASK, args=args, retry=False)

    transaction.on_commit(tell, robust=True)


@dataclass(frozen=True)
class _Reading:
    """What came of reading a calendar: spans, or why there are none."""

    spans: tuple[Span, ...] = ()
    problem: str = ""


def read_busy_calendar(organisation_id: int, calendar_id: UUID) -> None:
    """Read a calendar and keep its busy times; fetched and parsed outside of any transaction.

    Where it cannot be read what was known before stays, and the person is shown since when.
    """
    at = clock.now()
    with tenant(organisation_id):
        rows = BusyCalendar.objects.select_related("member").exclude(
            member__state=Member.State.LEFT
        )
        calendar = rows.filter(pk=calendar_id).first()
        if calendar is None:
            return
        address = address_of(calendar)
        wanted = _wanted(calendar.member, at)
    reading = _read(address, wanted) if address else _Reading(problem="address")
    with tenant(organisation_id):
        mine = BusyCalendar.objects.filter(pk=calendar_id)
        mine.update(next_read_at=at + READ_EVERY)
        due.mark(at=at + READ_EVERY)
        if reading.problem:
            mine.filter(failing_since=None).update(failing_since=at)
            mine.update(problem=reading.problem)
            return
        mine.update(
            sealed_address=seal(address, purpose=SEALED),  # by the newest key from now on
            spans=reading.spans,
            read_at=at,
            failing_since=None,
            problem="",
        )


def _wanted(member: Member, at: datetime) -> Wanted:
    return Wanted(
        begins=int(at.timestamp()),
        ends=int((at + HORIZON).timestamp()),
        zone=member.time_zone or settings_in_force().time_zone,
        email=member.email,
        site=str(urlsplit(settings.SITE_URL).hostname),
    )


def _read(address: str, wanted: Wanted) -> _Reading:
    try:
        answer = fetch(address, seconds=FETCH_SECONDS, limit=FETCH_LIMIT)
        return _Reading(spans=tuple(read_apart(answer.body, wanted)))
    except FetchError as error:
        return _Reading(problem=str(error.refusal))
    except TooLarge:
        return _Reading(problem=BusyCalendar.Problem.LARGE)
    except Unreadable:
        return _Reading(problem=BusyCalendar.Problem.UNREADABLE)
