"""The days of a season: a rhythm, holidays avoided, and never two sessions on one day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.planning.engine.cadence import Cadence, rhythm, season_days

FIRST = st.dates(date(2025, 1, 1), date(2028, 12, 31))
CADENCES = st.builds(
    Cadence, st.integers(1, 12), st.sampled_from(["days", "weeks", "months"])
) | st.builds(Cadence, st.integers(1, 400), st.just("days"))


@pytest.mark.parametrize(
    ("cadence", "days"),
    [
        (Cadence(1, "weeks"), ["2026-03-31", "2026-04-07", "2026-04-14"]),
        (Cadence(2, "weeks"), ["2026-03-31", "2026-04-14", "2026-04-28"]),
        (Cadence(10, "days"), ["2026-03-31", "2026-04-10", "2026-04-20"]),
        # the fifth Tuesday of March: April and May have four, so their last
        (Cadence(1, "months"), ["2026-03-31", "2026-04-28", "2026-05-26", "2026-06-30"]),
        (Cadence(11, "months"), ["2026-03-31", "2027-02-23"]),
    ],
)
def test_a_rhythm_by_hand(cadence: Cadence, days: list[str]):
    found = rhythm(date(2026, 3, 31), cadence, len(days))
    assert [day.isoformat() for day in found] == days


@given(FIRST, st.integers(1, 12), st.integers(2, 30))
def test_months_keep_the_weekday_and_its_place_in_the_month(first: date, every: int, count: int):
    days = list(rhythm(first, Cadence(every, "months"), count))
    assert {day.weekday() for day in days} == {first.weekday()}
    place = (first.day - 1) // 7
    for day in days:
        here = (day.day - 1) // 7
        last = (day + timedelta(days=7)).month != day.month
        assert here == place or (place == 4 and here == 3 and last)
    months = [day.year * 12 + day.month for day in days]
    assert [b - a for a, b in pairwise(months)] == [every] * (count - 1)


@given(
    FIRST,
    CADENCES,
    st.integers(1, 40),
    st.integers(0, 500),
    st.frozensets(st.integers(0, 500), max_size=120),
    st.dictionaries(st.integers(0, 500), st.integers(0, 9)),
)
def test_never_two_on_a_day_always_in_order_and_never_after_the_end(
    first: date,
    cadence: Cadence,
    count: int,
    long: int,
    off: frozenset[int],
    missing: dict[int, int],
):
    until = first + timedelta(days=long)
    holiday = {first + timedelta(days=n) for n in off}

    def absent(day: date) -> int:
        return missing.get((day - first).days, 0) + (day in holiday)

    days = season_days(first, cadence, count, until=until, off=holiday.__contains__, missing=absent)

    assert days[0] == (first, None)
    assert all(before < after for (before, _), (after, _) in pairwise(days))
    assert all(day <= until for day, _ in days)
    planned = [day for day in rhythm(first, cadence, count) if day <= until]
    assert [moved_from or day for day, moved_from in days] == planned
    for day, moved_from in days[1:]:
        if moved_from:
            assert moved_from in holiday
            assert day not in holiday
            assert absent(day) < absent(moved_from)


def test_a_fortnight_s_holiday_goes_a_week_later_and_a_week_s_to_the_day_after():
    off = {date(2026, 4, 6)}
    for cadence, goes_to in ((Cadence(2, "weeks"), 13), (Cadence(1, "weeks"), 7)):
        days = season_days(
            date(2026, 3, 30) - timedelta(days=7 * (cadence.every - 1)),
            cadence,
            4,
            until=date(2026, 12, 1),
            off=off.__contains__,
            missing=lambda day: int(day in off),
        )
        assert days[1] == (date(2026, 4, goes_to), date(2026, 4, 6))


def test_a_holiday_stays_where_no_other_day_is_better():
    off = {date(2026, 4, 6)}
    days = season_days(
        date(2026, 4, 5),
        Cadence(1, "days"),
        3,
        until=date(2026, 4, 30),
        off=off.__contains__,
        missing=lambda day: int(day in off),
    )
    assert days[1] == (date(2026, 4, 6), None)


@pytest.mark.parametrize(("every", "unit"), [(0, "weeks"), (1, "years")])
def test_a_cadence_that_is_none_is_refused(every: int, unit: str):
    with pytest.raises(ValueError, match=r"cadence|years"):
        Cadence(every, unit)
