"""A person's calendar feed: an address that only they know, and its closing."""

from __future__ import annotations

from django.db import transaction

from core.accounts.operations.keys import issue_key, revoke_keys
from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.keys import derived_secret
from core.members.models import Key, Member
from sessions.errors import CalendarAlreadyOpen, CalendarNotOpen
from sessions.models.replies import CalendarFeed


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
def close_calendar(*, feed: CalendarFeed, by: Member) -> None:
    """Close a calendar address for good; raises CalendarNotOpen if it was closed before."""
    closed = CalendarFeed.objects.filter(pk=feed.pk, member=by, revoked_at=None).update(
        revoked_at=clock.now()
    )
    if not closed:
        raise CalendarNotOpen
    revoke_keys(kind=Key.Kind.CALENDAR, object_id=feed.pk)
    record(by=by, verb="calendar.closed", target=feed)
