"""Sessions as calendars read them: invitation, cancellation and feed.

All times are in UTC, so that no calendar needs a definition of a time zone: each session is an
event of its own and not a repetition, which alone would have to know of wall time.
Source: RFC 5545 (iCalendar), RFC 5546 (iTIP: METHOD, SEQUENCE), RFC 7986 (CONFERENCE,
REFRESH-INTERVAL); docs/adr/0016-calendars-and-polls.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from core.members.links import absolute
from core.members.models import Member
from sessions.models.replies import PartStat
from sessions.models.sessions import Session, Turn

REFRESH = timedelta(hours=4)
OVER = frozenset({Session.State.CANCELLED, Session.State.MISSED})
# RFC 5545, 3.3.11 knows no other control characters than the line break
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]|\r")


def method_of(session: Session) -> str:
    """Return what a calendar is to do with a session: take it in, or out again."""
    return "CANCEL" if session.state in OVER else "REQUEST"


def invitation(
    *,
    session: Session,
    member: Member,
    turn: Turn | None,
    answered: PartStat = PartStat.NEEDS_ACTION,
) -> bytes:
    """Return the invitation of one session for one person; of one that is off, its CANCEL."""
    calendar = _calendar(method_of(session))
    event = _event(session, turn)
    event.add("attendee", _attendee(member, answered))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def feed(*, sessions: Iterable[Session], turns: Mapping[UUID, Turn], name: str) -> bytes:
    """Return the calendar of one person: their sessions, with their role in each."""
    calendar = _calendar("PUBLISH")
    for property_name in ("name", "x-wr-calname"):
        calendar.add(property_name, vText(plain(name)))  # not known to be a text otherwise
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for session in sessions:
        calendar.add_component(_event(session, turns.get(session.pk)))
    return bytes(calendar.to_ical())


def plain(text: str) -> str:
    """Return a text on one line without control characters, which no calendar may hold."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Roundtable//Sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
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
    if where := plain(session.place) or session.video_url:
        event.add("location", where)
    if session.video_url:
        label = {"VALUE": "URI", "FEATURE": "VIDEO", "LABEL": _("Join the session")}
        event.add("conference", session.video_url, parameters=label)
    event.add("status", "CANCELLED" if session.state in OVER else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if session.state in OVER else "OPAQUE")
    event.add("organizer", _organizer(session))
    return event


def _summary(session: Session, turn: Turn | None) -> str:
    if turn is None:
        return plain(session.partnership.name)
    return _("%(partnership)s (you: %(role)s)") % {
        "partnership": plain(session.partnership.name),
        "role": plain(turn.role.name),
    }


def _description(session: Session, turn: Turn | None) -> str:
    """Agenda, my duties and the way in; no words of the partnership: a feed's address can leak."""
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
    if session.video_url:
        parts.append(_("Join: %(link)s") % {"link": session.video_url})
    parts.append(absolute(session.get_absolute_url()))
    return "\n\n".join("\n".join(plain(line) for line in part.splitlines()) for part in parts)


def _organizer(session: Session) -> vCalAddress:
    """Return Roundtable itself: answers are given by the e-mail's button, not to this address."""
    name = _("%(organisation)s by Roundtable") % {"organisation": session.organisation.name}
    return _address(parseaddr(settings.DEFAULT_FROM_EMAIL)[1], name)


def _attendee(member: Member, answered: PartStat) -> vCalAddress:
    address = _address(member.email, member.full_name)
    address.params["CUTYPE"] = vText("INDIVIDUAL")
    address.params["ROLE"] = vText("REQ-PARTICIPANT")
    address.params["PARTSTAT"] = vText(str(answered))
    address.params["RSVP"] = vText("FALSE")
    return address


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    # a parameter's value has no way to write a double quote (RFC 5545, 3.1)
    address.params["CN"] = vText(plain(name).replace('"', "’"))
    return address
