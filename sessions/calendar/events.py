"""The events that an e-mail brings: of one session an invitation, of several a file to take in.

In a REQUEST all components have one UID (RFC 5546, 3.2.2), and programs take only the first of
several; what is published comes in one file.  Whose calendar reads their address is brought
nothing twice, and everybody what takes an event out.  See docs/calendars.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.members.languages import in_language_of
from core.members.models import Member
from core.notifications.operations import CalendarPart
from core.notifications.words import in_words_of
from sessions.calendar import ics
from sessions.calendar.queries import organizer_for, organizers_of, subscribers
from sessions.models.replies import PartStat
from sessions.models.sessions import Session, Turn


@dataclass(frozen=True)
class Entry:
    """A session as it stands in one person's calendar."""

    session: Session
    turn: Turn | None = None
    answered: PartStat = PartStat.NEEDS_ACTION


@dataclass(frozen=True)
class Events:
    """What e-mails about some sessions bring to each of their people."""

    organizers: Mapping[UUID, str]
    subscribed: frozenset[UUID]

    def bring(self, member: Member, entries: Sequence[Entry]) -> list[CalendarPart]:
        """Return these sessions as they are; those that are off leave the calendar."""
        standing = [entry for entry in entries if ics.method_of(entry.session) == "REQUEST"]
        off = [entry.session for entry in entries if entry not in standing]
        return self._brought(member, standing) + self.take_out(member, off)

    def take_out(self, member: Member, sessions: Iterable[Session]) -> list[CalendarPart]:
        """Return what takes these sessions out of a person's calendar, also where others meet."""
        return [self._asked(member, Entry(session), expected=False) for session in sessions]

    def _brought(self, member: Member, entries: Sequence[Entry]) -> list[CalendarPart]:
        if member.pk in self.subscribed:
            return []
        if len(entries) == 1:
            return [self._asked(member, entries[0])]
        return [self._published(member, entry) for entry in entries]

    def _asked(self, member: Member, entry: Entry, *, expected: bool = True) -> CalendarPart:
        session = entry.session
        with in_language_of(member), in_words_of(session.partnership.cohort.program_id):
            event = ics.invitation(
                session=session,
                member=member,
                turn=entry.turn,
                organizer=self._organizer(session, member),
                answered=entry.answered,
                expected=expected,
            )
        return _part(session, ics.method_of(session, expected=expected), event)

    def _published(self, member: Member, entry: Entry) -> CalendarPart:
        session = entry.session
        with in_language_of(member), in_words_of(session.partnership.cohort.program_id):
            event = ics.publication(
                session=session, turn=entry.turn, organizer=self._organizer(session, member)
            )
        return _part(session, "PUBLISH", event)

    def _organizer(self, session: Session, member: Member) -> str:
        return organizer_for(member, self.organizers[session.partnership.cohort.program_id])


def _part(session: Session, method: str, event: bytes) -> CalendarPart:
    return CalendarPart(name=f"session-{session.number}.ics", method=method, text=event.decode())


def events_of(sessions: Iterable[Session], people: Iterable[Member]) -> Events:
    """Return what these people's e-mails about these sessions bring, in a few queries for all."""
    return Events(organizers_of(sessions), subscribers(people))
