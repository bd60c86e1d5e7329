"""When somebody is busy, read from their own calendar: spans of time and nothing else.

What is read was written by anybody, so it is read in a process of its own (`read_apart`) that has
so much time and memory and ends there: a rule of repetition may mean billions of dates.
Source: RFC 5545, 3.6.1 (VEVENT), 3.6.4 (VFREEBUSY), 3.8.2.7 (TRANSP), 3.8.5.3 (RRULE), expanded
by recurring-ical-events.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component

CPU_SECONDS = 15
WALL_SECONDS = 30
MEMORY = 1024**3
MOST_SPANS = 5000
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})

Span = tuple[int, int]


class Unreadable(Exception):
    """What was read is not a calendar."""


class TooLarge(Exception):
    """It takes more time or memory to read than one person's calendar may."""


@dataclass(frozen=True)
class Wanted:
    """From when to when, in seconds since 1970, and whose: for days and what they declined."""

    begins: int
    ends: int
    zone: str
    email: str
    site: str  # sessions of ours are known already, and move


def read_apart(body: bytes, wanted: Wanted) -> list[Span]:
    """Return the busy spans of a calendar, read in a process that ends when it takes too much.

    Raises Unreadable, TooLarge.
    """
    head = json.dumps(asdict(wanted)).encode()
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            input=head + b"\n" + body,
            cwd=Path(__file__).resolve().parents[3],
            env={},  # what reads anybody's words knows no secret of ours
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TooLarge from error
    if done.returncode < 0 or done.returncode == _TOO_LARGE:
        raise TooLarge
    if done.returncode != 0:
        raise Unreadable
    return [(begins, ends) for begins, ends in json.loads(done.stdout)]


_UNREADABLE, _TOO_LARGE = 3, 4


def main() -> int:
    """Read what to look for and a calendar from stdin, write the spans to stdout."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    head = sys.stdin.buffer.readline()
    try:
        spans = busy_spans(sys.stdin.buffer.read(), Wanted(**json.loads(head)))
    except MemoryError:
        return _TOO_LARGE
    except Exception:  # whatever a calendar of anybody's makes its reader stumble over
        return _UNREADABLE
    json.dump(spans, sys.stdout)
    return 0


def busy_spans(body: bytes, wanted: Wanted) -> list[Span]:
    """Return when the person is busy, in order, what touches made one."""
    calendar = Calendar.from_ical(body)
    if calendar.name != "VCALENDAR":
        raise Unreadable
    zone = ZoneInfo(wanted.zone)
    begins, ends = (datetime.fromtimestamp(at, UTC) for at in (wanted.begins, wanted.ends))
    kept = [part for part in calendar.subcomponents if not _too_often(part)]
    calendar.subcomponents[:] = kept
    events = recurring_ical_events.of(calendar, skip_bad_series=True).between(begins, ends)
    spans = [_span(event, zone) for event in events if _is_busy(event, wanted)]
    spans += [span for part in calendar.walk("VFREEBUSY") for span in _periods(part, zone)]
    return _merged(
        (max(first, wanted.begins), min(last, wanted.ends))
        for first, last in spans
        if first < last and first < wanted.ends and last > wanted.begins
    )[:MOST_SPANS]


def _too_often(part: Component) -> bool:
    """Say whether something repeats so often that it is no meeting."""
    rules = part.get("RRULE", [])
    rules = rules if isinstance(rules, list) else [rules]
    return any(str(name).upper() in _TOO_OFTEN for rule in rules for name in rule.get("FREQ", []))


def _is_busy(event: Component, wanted: Wanted) -> bool:
    free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    free = free or str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE"
    off = str(event.get("STATUS", "")).upper() == "CANCELLED"
    ours = str(event.get("UID", "")).endswith(f"@{wanted.site}")
    return not (free or off or ours or _declined(event, wanted.email))


def _declined(event: Component, email: str) -> bool:
    attendees = event.get("ATTENDEE", [])
    for attendee in attendees if isinstance(attendees, list) else [attendees]:
        if str(attendee).casefold() == f"mailto:{email.casefold()}":
            return str(attendee.params.get("PARTSTAT", "")).upper() == "DECLINED"
    return False


def _span(event: Component, zone: ZoneInfo) -> Span:
    begins = event.decoded("DTSTART")
    ends = event.decoded("DTEND") if "DTEND" in event else begins
    return _seconds(begins, zone), _seconds(ends, zone)


def _periods(part: Component, zone: ZoneInfo) -> Iterator[Span]:
    lists = part.get("FREEBUSY", [])
    for entry in lists if isinstance(lists, list) else [lists]:
        if str(entry.params.get("FBTYPE", "BUSY")).upper() == "FREE":
            continue
        for period in getattr(entry, "dts", [entry]):
            yield _seconds(period.start, zone), _seconds(period.end, zone)


def _seconds(moment: date | datetime, zone: ZoneInfo) -> int:
    """Return an instant in seconds; a day begins, and a time without zone is, where they are."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(0), zone)
    elif moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1))


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for begins, ends in sorted(spans):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        else:
            merged.append((begins, ends))
    return merged


if __name__ == "__main__":
    sys.exit(main())
