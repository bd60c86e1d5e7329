"""Sessions as calendars read them: published, asked for one by one, cancelled, and as a feed.

All times are in UTC, so that no calendar needs a definition of a time zone: each session is an
event of its own and not a repetition, which alone would have to know of wall time.  Its UID and
SEQUENCE are the same wherever it is read.
Source: RFC 5545 (iCalendar), RFC 5546 (iTIP: METHOD, SEQUENCE), RFC 7986 (CONFERENCE,
REFRESH-INTERVAL); docs/adr/0016-calendars-and-polls.md, docs/calendars.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from core.common.own_words import in_words
from core.members.links import absolute
from core.members.models import Member
from sessions.models.replies import PartStat
from sessions.models.sessions import Session, Turn

REFRESH = timedelta(hours=4)
REMINDED = (timedelta(days=1), timedelta(minutes=10))  # before it begins
OVER = frozenset({Session.State.CANCELLED, Session.State.MISSED})
# RFC 5545, 3.3.11 knows no other control characters than the line break
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]|\r")


def method_of(session: Session, *, expected: bool = True) -> str:
    """Return what a calendar is to do with a session: take it in, or out again.

    Out it goes where the session is off, and of the calendar of who is not `expected` any more.
    """
    return "REQUEST" if expected and session.state not in OVER else "CANCEL"


def invitation(
    *,
    session: Session,
    member: Member,
    turn: Turn | None,
    organizer: str,
    answered: PartStat = PartStat.NEEDS_ACTION,
    expected: bool = True,
) -> bytes:
    """Return the invitation of one session for one person; of one that is off, its CANCEL.

    So it is for who is not `expected` any more, though the others meet.  `organizer` is the
    address that an answer to the e-mail goes to.
    """
    method = method_of(session, expected=expected)
    calendar = _calendar(method)
    event = _event(session, turn, organizer, off=method == "CANCEL")
    event.add("attendee", _attendee(member, answered))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def publication(*, session: Session, turn: Turn | None, organizer: str) -> bytes:
    """Return one of several sessions that are told together: who takes it in is asked nothing."""
    calendar = _calendar("PUBLISH")
    calendar.add_component(_event(session, turn, organizer, off=False))
    return bytes(calendar.to_ical())


def feed(
    *,
    sessions: Iterable[Session],
    turns: Mapping[UUID, Turn],
    name: str,
    organizers: Mapping[UUID, str],
) -> bytes:
    """Return the calendar of one person: their sessions, with their role in each.

    `organizers` are addresses by program.
    """
    calendar = _calendar("PUBLISH")
    for property_name in ("name", "x-wr-calname"):
        calendar.add(property_name, vText(plain(name)))  # not known to be a text otherwise
    for property_name in ("refresh-interval", "x-published-ttl"):  # RFC 7986, and what came before
        calendar.add(property_name, REFRESH, parameters={"VALUE": "DURATION"})
    for session in sessions:
        off = session.state in OVER
        program = session.partnership.cohort.program
        with in_words(program.own_words):
            event = _event(session, turns.get(session.pk), organizers[program.pk], off=off)
        calendar.add_component(event)
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


def _site() -> str:
    return str(urlsplit(settings.SITE_URL).hostname)


def _event(session: Session, turn: Turn | None, organizer: str, *, off: bool) -> Event:
    event = Event()
    event.add("uid", f"{session.pk}@{_site()}")
    event.add("sequence", session.sequence)
    # the same row gives the same bytes: the stamp is when it last changed, not now
    event.add("dtstamp", session.changed_at.astimezone(UTC))
    event.add("last-modified", session.changed_at.astimezone(UTC))
    event.add("dtstart", session.starts_at.astimezone(UTC))
    event.add("dtend", session.ends_at.astimezone(UTC))
    event.add("summary", _summary(session, turn))
    event.add("url", absolute(session.get_absolute_url()))
    if not off:  # place, link and agenda are words of those who come
        event.add("description", _description(session, turn))
        _add_where(event, session)
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if off else "OPAQUE")
    event.add("organizer", _address(organizer, session.organisation.name))
    for before in () if off else REMINDED:
        event.add_component(_alarm(session, before))
    return event


def _add_where(event: Event, session: Session) -> None:
    if where := plain(session.place) or session.video_url:
        event.add("location", where)
    if session.video_url:
        label = {"VALUE": "URI", "FEATURE": "VIDEO", "LABEL": _("Join the session")}
        event.add("conference", session.video_url, parameters=label)


def _alarm(session: Session, before: timedelta) -> Alarm:
    """Return a reminder that calendars give by themselves (RFC 5545, 3.6.6)."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -before)
    alarm.add("description", plain(session.partnership.name))
    return alarm


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


def _attendee(member: Member, answered: PartStat) -> vCalAddress:
    address = _address(member.email, member.full_name)
    address.params["CUTYPE"] = vText("INDIVIDUAL")
    address.params["ROLE"] = vText("REQ-PARTICIPANT")
    address.params["PARTSTAT"] = vText(str(answered))
    # whoever made a change is told by us; an answer is asked for where one can come in
    address.params["RSVP"] = vText("TRUE" if settings.INBOUND_DOMAIN else "FALSE")
    return address


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    # a parameter's value has no way to write a double quote (RFC 5545, 3.1)
    address.params["CN"] = vText(plain(name).replace('"', "’"))
    return address
