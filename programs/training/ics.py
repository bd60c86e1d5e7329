"""A workshop as a calendar reads it; all times are in UTC.  Source: RFC 5545, RFC 5546."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from core.common import clock
from core.members.links import absolute
from core.members.models import Member
from programs.models.training import Workshop

REMINDED = (timedelta(days=1), timedelta(minutes=10))  # before it begins
# RFC 5545, 3.3.11 knows no other control characters than the line break
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def event_of(workshop: Workshop, member: Member | None = None) -> bytes:
    """Return the calendar file of a workshop; one that is called off leaves a member's calendar."""
    off = workshop.called_off_at is not None
    calendar = Calendar()
    calendar.add("prodid", "-//Roundtable//Workshops//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "CANCEL" if off and member else "PUBLISH")
    event = Event()
    event.add("uid", f"workshop-{workshop.pk}@{urlsplit(settings.SITE_URL).hostname}")
    now = clock.now()
    event.add("dtstamp", now)
    event.add("last-modified", now)
    event.add("dtstart", workshop.starts_at)
    event.add("dtend", workshop.ends_at)
    event.add("sequence", workshop.sequence)
    event.add("summary", _plain(workshop.title))
    event.add("location", _plain(workshop.place))
    event.add("url", absolute(workshop.get_absolute_url()))
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    event.add("organizer", f"mailto:{settings.DEFAULT_FROM_EMAIL.rpartition('<')[2].rstrip('>')}")
    if off and member:
        attendee = vCalAddress(f"mailto:{member.email}")
        attendee.params["PARTSTAT"] = vText("ACCEPTED")
        event.add("attendee", attendee)
    for before in () if off else REMINDED:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", -before)
        alarm.add("description", _plain(workshop.title))
        event.add_component(alarm)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _plain(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())
