"""Sessions as calendars read them: invitation, cancellation and feed.

Source: RFC 5545 (iCalendar), RFC 5546 (iTIP: METHOD, SEQUENCE), RFC 7986 (REFRESH-INTERVAL).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from mentoring.identity.links import absolute
from mentoring.identity.models import Member
from sessions.models import Session, Turn

REFRESH = timedelta(hours=4)


def invitation(*, session: Session, member: Member, turn: Turn | None) -> bytes:
    """Return the invitation of one session for one person; of a cancelled one, its CANCEL."""
    cancelled = session.state == Session.State.CANCELLED
    calendar = _calendar("CANCEL" if cancelled else "REQUEST")
    event = _event(session, turn)
    event.add("organizer", _address(parseaddr(settings.DEFAULT_FROM_EMAIL)[1], "Roundtable"))
    event.add("attendee", _address(member.email, member.full_name))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def feed(*, sessions: Iterable[Session], turns: Mapping[UUID, Turn], name: str) -> bytes:
    """Return the calendar of one person: their sessions, with their role in each."""
    calendar = _calendar("PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for session in sessions:
        calendar.add_component(_event(session, turns.get(session.pk)))
    return bytes(calendar.to_ical())


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Roundtable//Sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(session: Session, turn: Turn | None) -> Event:
    event = Event()
    event.add("uid", f"{session.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", session.sequence)
    # the same row gives the same bytes: the stamp is when it last changed, not now
    event.add("dtstamp", session.changed_at.astimezone(UTC))
    event.add("last-modified", session.changed_at.astimezone(UTC))
    event.add("dtstart", session.starts_at.astimezone(UTC))
    event.add("dtend", session.ends_at.astimezone(UTC))
    event.add("summary", _summary(session, turn))
    event.add("description", _description(session, turn))
    event.add("url", absolute(session.get_absolute_url()))
    if session.place:
        event.add("location", session.place)
    cancelled = session.state in {Session.State.CANCELLED, Session.State.MISSED}
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    return event


def _summary(session: Session, turn: Turn | None) -> str:
    if turn is None:
        return str(session.partnership.name)
    return _("%(partnership)s (you: %(role)s)") % {
        "partnership": session.partnership.name,
        "role": turn.role.name,
    }


def _description(session: Session, turn: Turn | None) -> str:
    """Agenda and my duties; no words of the partnership, since a feed's address can leak."""
    parts = []
    if turn and turn.role.duties:
        parts.append(f"{turn.role.name}: {turn.role.duties}")
    agenda = session.agenda if isinstance(session.agenda, list) else []
    steps = [
        _("%(minutes)s min: %(title)s")
        % {"minutes": step.get("minutes", ""), "title": step.get("title", "")}
        for step in agenda
        if isinstance(step, dict)
    ]
    if steps:
        parts.append("\n".join(steps))
    parts.append(absolute(session.get_absolute_url()))
    return "\n\n".join(parts)


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    address.params["CN"] = vText(name)
    return address
