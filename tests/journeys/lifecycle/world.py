"""The clock, the mail server, and each person's calendar as their mail program keeps it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import time_machine
from icalendar import Calendar

from core.common import clock
from core.members.models import Member
from tests.cast import main_of, sign_in
from tests.sessions.strict_ics import check
from tests.work import DISPATCH, catch_up, run

HOLD = timedelta(seconds=90)
MINUTE = timedelta(minutes=2)  # longer than what one act says is held


@dataclass(frozen=True)
class Event:
    """One session in an e-mail: what the calendar is to do with it."""

    uid: str
    method: str
    sequence: int
    status: str


@dataclass(frozen=True)
class Letter:
    """An e-mail as it arrived."""

    to: str
    subject: str
    text: str
    events: tuple[Event, ...]

    @property
    def methods(self) -> list[str]:
        return [event.method for event in self.events]


@dataclass
class World:
    """What happens between two steps of a journey, and what has arrived."""

    time: time_machine.Traveller
    folder: Path
    seen: set[str] = field(default_factory=set)
    calendars: dict[str, dict[str, Event]] = field(default_factory=lambda: defaultdict(dict))

    def minute(self) -> dict[str, list[Letter]]:
        """Let what follows follow, and what is held go; return the mail by its reader's name."""
        catch_up()
        self.time.shift(MINUTE)
        run(DISPATCH)
        catch_up()  # a second pass finds nothing more to say
        return self._arrived()

    def at(self, moment: datetime) -> None:
        self.time.move_to(moment)

    def now(self) -> datetime:
        return clock.now()

    def pass_(self, **time: float) -> None:
        self.time.shift(timedelta(**time))

    def calendar(self, member: Member) -> dict[str, Event]:
        """Return what stands in a person's calendar from now on."""
        return self.calendars[member.email]

    def _arrived(self) -> dict[str, list[Letter]]:
        letters: dict[str, list[Letter]] = defaultdict(list)
        for path in sorted(self.folder.glob("*.eml")):
            if path.name not in self.seen:
                self.seen.add(path.name)
                letter = _read(message_from_bytes(path.read_bytes(), policy=policy.default))
                self._keep(letter)
                letters[letter.to.partition("@")[0]].append(letter)
        return dict(letters)

    def _keep(self, letter: Letter) -> None:
        """Do as a mail program does, and hold the mail to RFC 5546: each change counts on."""
        kept = self.calendars[letter.to]
        for event in letter.events:
            before = kept.get(event.uid)
            if event.method == "CANCEL":
                assert event.status == "CANCELLED"
                assert before is not None, f"{letter.to} never had {event.uid}: {letter.subject}"
                assert event.sequence > before.sequence, letter.subject
                del kept[event.uid]
            else:
                assert event.method in {"REQUEST", "PUBLISH"}
                assert event.status == "CONFIRMED"
                assert before is None or event.sequence >= before.sequence, letter.subject
                kept[event.uid] = event


def _read(message: EmailMessage) -> Letter:
    body = message.get_body(("plain",))
    assert body is not None
    # the folder has the message as on the wire, each line ended by CRLF
    files = [part.get_content().encode() for part in message.iter_attachments()]
    for file in files:
        check(file)
    calendars = [Calendar.from_ical(file) for file in files]
    events = tuple(
        Event(
            str(event["UID"]), str(calendar["METHOD"]), int(event["SEQUENCE"]), str(event["STATUS"])
        )
        for calendar in calendars
        for event in calendar.walk("VEVENT")
    )
    return Letter(str(message["Delivered-To"]), message["Subject"], body.get_content(), events)


def one_each(letters: dict[str, list[Letter]], names: Iterable[str]) -> dict[str, Letter]:
    """Return the mail of each of these people, who got one each, and nobody else got any."""
    subjects = {name: [each.subject for each in mail] for name, mail in letters.items()}
    assert sorted(subjects) == sorted(name.lower() for name in names), subjects
    assert {len(mail) for mail in letters.values()} <= {1}, subjects
    return {name: mail[0] for name, mail in letters.items()}


def page(member: Member, path: str = "") -> str:
    """Return what a page says to somebody; without a path their home."""
    address = path if path.startswith("/") else f"/o/{member.organisation.slug}/{path}"
    answer = sign_in(member).get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return " ".join(main_of(answer).split())


def post(by: Member, path: str, **data: object) -> str:
    """Press a button as a person does; return what the page behind it says."""
    answer = sign_in(by).post(f"/o/{by.organisation.slug}/{path}", data, follow=True)
    words = " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<main")[2]).split())
    assert answer.status_code == 200, (path, answer.status_code, words[:600])
    return words
