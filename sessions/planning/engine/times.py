"""Which times suit a group of people across time zones, and who cannot and why."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

DAY_MINUTES = 24 * 60
STEP = timedelta(minutes=15)
WEEK = timedelta(weeks=1)
# What is assumed of people who have not said when they are free: nine to five where they are.
NINE_TO_FIVE = tuple((weekday, 9 * 60, 17 * 60) for weekday in range(5))
WORKING_HOURS = range(9, 17)
USUAL_MINUTE = 10 * 60  # of equal times on one day, the one nearest to ten o'clock
A_DAY_EACH = 2  # proposals on one weekday

Span = tuple[datetime, datetime]
Weekly = Sequence[tuple[int, int, int]]


class ConflictKind(StrEnum):
    """Why somebody cannot come at a time."""

    NOT_FREE = "not_free"
    UNSAID = "unsaid"
    BUSY = "busy"
    HOLIDAY = "holiday"


@dataclass(frozen=True)
class Diary:
    """One person's week as they said it, in their zone, with what stands against it.

    `weekly` are (weekday, start minute, end minute), Monday 0; empty means that nothing was
    said.  `days_off` are holidays by their name, `busy` other sessions of theirs.  `private` are
    busy times of their own calendar in seconds since 1970, in order and apart: nobody else learns
    of them but that a time does not suit.
    """

    key: str
    zone: tzinfo
    weekly: Weekly = ()
    busy: Sequence[Span] = ()
    private: Sequence[tuple[int, int]] = ()
    days_off: Mapping[date, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Conflict:
    """Somebody who cannot come, why, and the holiday's name if it is one."""

    key: str
    kind: ConflictKind
    detail: str = ""


@dataclass(frozen=True)
class Slot:
    """A time with who could not come; nobody missing means that it suits all."""

    starts_at: datetime
    conflicts: tuple[Conflict, ...]


def conflicts_at(people: Iterable[Diary], start: datetime, minutes: int) -> tuple[Conflict, ...]:
    """Return who could not come for so many minutes from an instant on, in the given order."""
    end = start + timedelta(minutes=minutes)
    conflicts = (_conflict(person, start, end) for person in people)
    return tuple(conflict for conflict in conflicts if conflict)


def _conflict(person: Diary, start: datetime, end: datetime) -> Conflict | None:
    here, there = start.astimezone(person.zone), end.astimezone(person.zone)
    if holiday := person.days_off.get(here.date()):
        return Conflict(person.key, ConflictKind.HOLIDAY, holiday)
    if any(begins < end and start < ends for begins, ends in person.busy):
        return Conflict(person.key, ConflictKind.BUSY)
    if _touches(person.private, start.timestamp(), end.timestamp()):
        return Conflict(person.key, ConflictKind.NOT_FREE)
    if _free(person.weekly or NINE_TO_FIVE, here, there):
        return None
    return Conflict(person.key, ConflictKind.NOT_FREE if person.weekly else ConflictKind.UNSAID)


def _touches(spans: Sequence[tuple[int, int]], start: float, end: float) -> bool:
    """Say whether a stretch shares time with one of these spans, which are in order and apart."""
    before = bisect_left(spans, end, key=lambda span: span[0])
    return before > 0 and spans[before - 1][1] > start


def _free(weekly: Weekly, here: datetime, there: datetime) -> bool:
    """Say whether a stretch of one or two local days lies within the free times of the week."""
    minute, last = here.hour * 60 + here.minute, there.hour * 60 + there.minute
    if here.date() == there.date():
        return _covered(weekly, here.weekday(), minute, last)
    tomorrow = here.date() + timedelta(days=1)
    return (
        there.date() == tomorrow
        and _covered(weekly, here.weekday(), minute, DAY_MINUTES)
        and (last == 0 or _covered(weekly, tomorrow.weekday(), 0, last))
    )


def _covered(weekly: Weekly, weekday: int, start: int, end: int) -> bool:
    return any(day == weekday and begins <= start and end <= ends for day, begins, ends in weekly)


def rank_slots(
    people: Sequence[Diary],
    *,
    earliest: datetime,
    minutes: int,
    zone: tzinfo,
    taken: Sequence[Span] = (),
) -> list[Slot]:
    """Return every quarter hour of the week from `earliest` on as a slot, the best first.

    First those that most people can; of these, those that fewest of `taken` (sessions of
    others, in whichever week) overlap; then working hours in `zone`, the soonest day, and the
    hour nearest to ten.
    """
    others = [_of_the_week(span) for span in taken]

    def order(slot: Slot) -> tuple[int, int, bool, int, date, int, datetime]:
        wall = slot.starts_at.astimezone(zone)
        minute = wall.hour * 60 + wall.minute
        return (
            len(slot.conflicts),
            _overlaps(slot.starts_at, minutes, others),
            wall.hour not in WORKING_HOURS,
            wall.weekday() // 5,  # a working day before a weekend
            wall.date(),
            abs(minute - USUAL_MINUTE),
            slot.starts_at,
        )

    starts = _quarters(earliest)
    return sorted((Slot(at, conflicts_at(people, at, minutes)) for at in starts), key=order)


def _quarters(earliest: datetime) -> Iterator[datetime]:
    whole = int(-(-earliest.timestamp() // STEP.total_seconds()) * STEP.total_seconds())
    first = datetime.fromtimestamp(whole, UTC)
    for n in range(WEEK // STEP):
        yield first + n * STEP


def _of_the_week(span: Span) -> tuple[float, float]:
    """Return where in the week a span begins, in seconds, and how long it is."""
    start, end = span
    return start.timestamp() % WEEK.total_seconds(), (end - start).total_seconds()


def _overlaps(start: datetime, minutes: int, others: Iterable[tuple[float, float]]) -> int:
    week = WEEK.total_seconds()
    at, long = start.timestamp() % week, minutes * 60.0
    return sum(
        1
        for begins, length in others
        if (begins - at) % week < long or (at - begins) % week < length
    )


def spread_out(slots: Iterable[Slot], *, minutes: int, zone: tzinfo, limit: int) -> list[Slot]:
    """Return the first slots that differ: not overlapping, and at most two on one weekday."""
    chosen: list[Slot] = []
    for slot in slots:
        day = slot.starts_at.astimezone(zone).weekday()
        same_day = [s for s in chosen if s.starts_at.astimezone(zone).weekday() == day]
        near = any(
            abs(s.starts_at - slot.starts_at) < timedelta(minutes=max(minutes, 60))
            for s in same_day
        )
        if near or len(same_day) >= A_DAY_EACH:
            continue
        chosen.append(slot)
        if len(chosen) == limit:
            break
    return chosen
