"""Who stayed how long: the rules of leaving, as plain Python on days.

Pure: stays in, durations out.  Source: docs/adr/0009-figures-defined-once.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from core.common.statistics import Step, kaplan_meier, wilson_interval

GRACE = timedelta(days=30)
WEEK_DAYS = 7


@dataclass(frozen=True)
class SeatSpan:
    """One seat as held: from the day it was taken to the day it ended, None while it lasts.

    `lapsed`: its partnership lapsed.  `in_time`: it ended because its time was over, or its
    partnership was completed.
    """

    taken: date
    ended: date | None
    lapsed: bool = False
    in_time: bool = False


@dataclass(frozen=True)
class Stay:
    """One started enrolment: its first day, its last one if it is over, and its seats."""

    started: date
    seats: tuple[SeatSpan, ...] = ()
    completed: date | None = None
    finished: date | None = None  # the cohort closed: nobody knows how long they would have stayed
    withdrawn: date | None = None


def followed(stay: Stay, today: date) -> tuple[int, bool]:
    """Return how many days somebody was followed, and whether they had left by the end."""
    left = _left_on(stay, today)
    if left is not None:
        return max(0, (left - stay.started).days), True
    return max(0, (_last_seen(stay, today) - stay.started).days), False


def _left_on(stay: Stay, today: date) -> date | None:
    over = stay.withdrawn or stay.completed or stay.finished
    days = [stay.withdrawn] if stay.withdrawn else []
    for seat in stay.seats:
        if seat.ended is None or seat.in_time or (over is not None and seat.ended >= over):
            continue
        if _goes_on(stay, seat.ended):
            continue
        decided = stay.withdrawn is not None or seat.ended + GRACE <= today
        if seat.lapsed or (decided and not _followed_by_another(stay, seat.ended)):
            days.append(seat.ended)
    return min(days, default=None)


def _goes_on(stay: Stay, day: date) -> bool:
    return any(
        seat.taken <= day and (seat.ended is None or seat.ended > day) for seat in stay.seats
    )


def _followed_by_another(stay: Stay, day: date) -> bool:
    """Say whether a new seat, or completion, came within the days of grace."""
    new = any(day < seat.taken <= day + GRACE for seat in stay.seats)
    return new or (stay.completed is not None and stay.completed <= day + GRACE)


def _last_seen(stay: Stay, today: date) -> date:
    """Return the day to which somebody who has not left is known to have been active."""
    if over := stay.completed or stay.finished:
        return over
    ends = [seat.ended for seat in stay.seats]
    last = max((end for end in ends if end is not None), default=None)
    if last is None or None in ends:
        return today
    return last


def curve(stays: Sequence[Stay], today: date) -> tuple[Step, ...]:
    observations = [followed(stay, today) for stay in stays]
    return kaplan_meier([days for days, _left in observations], [left for _d, left in observations])


@dataclass(frozen=True)
class _WeekPoint:
    """The curve after so many whole weeks: the share still active, its interval, and how many
    people were followed that long."""

    week: int
    share: Fraction
    low: float
    high: float
    followed: int


def weekly(steps: Sequence[Step], *, at_least: int = 1) -> list[_WeekPoint]:
    """Return the curve at each whole week, while `at_least` people are followed that long.

    Greenwood's interval of a curve that has reached 0 is unknown: it is given as 0 to the last
    one known. While nobody has left his variance is 0, which would claim to be certain: it is
    given as Wilson's interval of those who are followed so long.
    """
    points: list[_WeekPoint] = []
    share, low, high = Fraction(1), 1.0, 1.0
    passed = 0
    for week in range(int(steps[-1].time) // WEEK_DAYS + 1 if steps else 0):
        followed_so_long = next(step.at_risk for step in steps if step.time >= week * WEEK_DAYS)
        if followed_so_long < at_least:
            break
        while passed < len(steps) and steps[passed].time <= week * WEEK_DAYS:
            share = steps[passed].survival
            low = steps[passed].low or 0.0
            high = steps[passed].high or high
            passed += 1
        nobody_left = wilson_interval(followed_so_long, followed_so_long)
        if share == 1 and week and nobody_left:
            low = nobody_left.low
        points.append(_WeekPoint(week, share, low, high, followed_so_long))
    return points
