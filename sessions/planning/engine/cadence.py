"""The days of a season: a rhythm kept, holidays avoided where the rhythm allows."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WEEKEND = (5, 6)
A_WEEK = 7
UNITS = ("days", "weeks", "months")
# Where a day goes that cannot be kept: a week later or earlier, or a day or two beside it.
WEEK_STEPS = (7, -7)
DAY_STEPS = (1, -1, 2, -2)


@dataclass(frozen=True)
class Cadence:
    """How often sessions come; months keep the weekday: every second Tuesday."""

    every: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"{self.unit} is none of {UNITS}")
        if self.every < 1:
            raise ValueError("a cadence is every 1 or more")


def rhythm(first: date, cadence: Cadence, count: int) -> Iterator[date]:
    """Yield `count` days from the first on, in the cadence, strictly rising."""
    for n in range(count):
        steps = n * cadence.every
        match cadence.unit:
            case "days":
                yield first + timedelta(days=steps)
            case "weeks":
                yield first + timedelta(weeks=steps)
            case "months":
                yield _months_later(first, steps)


def _months_later(first: date, months: int) -> date:
    """Return the same weekday of the month: the n-th; for a fifth, the last there is."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    month += 1
    opens_on, length = monthrange(year, month)
    day = 1 + (first.weekday() - opens_on) % A_WEEK + (first.day - 1) // A_WEEK * A_WEEK
    return date(year, month, day if day <= length else day - A_WEEK)


def season_days(
    first: date,
    cadence: Cadence,
    count: int,
    *,
    until: date,
    off: Callable[[date], bool],
    missing: Callable[[date], int],
) -> tuple[tuple[date, date | None], ...]:
    """Return the days of a season up to `until`, each with where the rhythm had it if it has moved.

    The first is always kept as it was given.

    `off` says whether a day is a holiday of anybody, `missing` how many could not come then.
    A day off moves to the nearest day on which fewer are missing and nobody has a holiday,
    between its neighbours; where there is none it stays.  No two are ever on one day.
    """
    planned = [first, *(day for day in list(rhythm(first, cadence, count))[1:] if day <= until)]
    days: list[tuple[date, date | None]] = [(first, None)]
    for place, day in enumerate(planned[1:], 1):
        after, _moved_from = days[-1]
        before = planned[place + 1] if place + 1 < len(planned) else until + timedelta(days=1)
        better = _better(day, after, before, off, missing) if off(day) else None
        days.append((better, day) if better else (day, None))
    return tuple(days)


def _better(
    day: date,
    after: date,
    before: date,
    off: Callable[[date], bool],
    missing: Callable[[date], int],
) -> date | None:
    """Return the best day strictly between two others, or None if none is better than `day`."""
    steps: Sequence[int] = (*WEEK_STEPS, *DAY_STEPS)
    candidates = [
        candidate
        for candidate in (day + timedelta(days=step) for step in steps)
        if after < candidate < before
        and (candidate.weekday() not in WEEKEND or day.weekday() in WEEKEND)
        and not off(candidate)
    ]
    best = min(candidates, key=missing, default=None)  # the first of equals
    return best if best and missing(best) < missing(day) else None
