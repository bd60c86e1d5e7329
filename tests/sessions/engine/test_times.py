"""Which times suit: across zones and clock changes, with holidays and other sessions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.planning.engine.times import (
    NINE_TO_FIVE,
    Conflict,
    ConflictKind,
    Diary,
    conflicts_at,
    rank_slots,
    spread_out,
)

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
JOHANNESBURG, KOLKATA = ZoneInfo("Africa/Johannesburg"), ZoneInfo("Asia/Kolkata")
ZONES = [BERLIN, NEW_YORK, JOHANNESBURG, KOLKATA, ZoneInfo("UTC")]
MONDAY = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
TEN_TO_NOON = [(day, 10 * 60, 12 * 60) for day in range(5)]


@pytest.mark.parametrize(
    ("zone", "winter", "summer"),
    [
        (BERLIN, 9, 8),
        (NEW_YORK, 15, 14),
        (JOHANNESBURG, 8, 8),
        (KOLKATA, 5, 5),  # 10:30 there, for the half hour
    ],
)
def test_free_times_are_wall_times_on_both_sides_of_a_clock_change(
    zone: ZoneInfo, winter: int, summer: int
):
    person = [Diary("a", zone, TEN_TO_NOON)]
    for day, hour in (
        (datetime(2026, 2, 3, tzinfo=UTC), winter),
        (datetime(2026, 7, 7, tzinfo=UTC), summer),
    ):
        start = day + timedelta(hours=hour)
        assert conflicts_at(person, start, 60) == ()
        early = start - timedelta(hours=1)
        assert conflicts_at(person, early, 60) == (Conflict("a", ConflictKind.NOT_FREE),)


def test_an_hour_that_suits_berlin_and_new_york_shifts_while_only_one_has_changed_its_clocks():
    people = [
        Diary("berlin", BERLIN, [(2, 15 * 60, 16 * 60)]),
        Diary("york", NEW_YORK, [(2, 9 * 60, 11 * 60)]),
    ]

    def at(day: date) -> tuple[Conflict, ...]:
        return conflicts_at(people, datetime(day.year, day.month, day.day, 15, tzinfo=BERLIN), 60)

    assert at(date(2026, 3, 4)) == ()  # nine there
    assert at(date(2026, 3, 11)) == ()  # New York has changed: ten there
    assert at(date(2026, 4, 1)) == ()  # Berlin too: nine again


def test_each_reason_why_somebody_cannot_come():
    start = MONDAY + timedelta(hours=10)
    people = [
        Diary("free", BERLIN, TEN_TO_NOON),
        Diary("away", BERLIN, TEN_TO_NOON, days_off={date(2026, 3, 2): "Some Day"}),
        Diary(
            "busy",
            BERLIN,
            TEN_TO_NOON,
            busy=[(start - timedelta(minutes=30), start + timedelta(minutes=1))],
        ),
        Diary("not", BERLIN, [(0, 600, 659)]),
        Diary("unsaid", NEW_YORK),
        Diary("nine", BERLIN),
    ]
    assert conflicts_at(people, start, 60) == (
        Conflict("away", ConflictKind.HOLIDAY, "Some Day"),
        Conflict("busy", ConflictKind.BUSY),
        Conflict("not", ConflictKind.NOT_FREE),
        Conflict("unsaid", ConflictKind.UNSAID),
    )


def test_a_session_over_midnight_needs_both_days():
    late = Diary("a", JOHANNESBURG, [(0, 23 * 60, 24 * 60), (1, 0, 60)])
    start = datetime(2026, 3, 2, 23, 30, tzinfo=JOHANNESBURG)
    assert conflicts_at([late], start, 60) == ()
    assert conflicts_at([late], start, 30) == ()
    assert conflicts_at([late], start, 120) != ()


def test_the_best_slot_suits_all_and_with_nobody_s_word_it_is_ten_on_a_working_day():
    people = [
        Diary("berlin", BERLIN, [(3, 13 * 60, 18 * 60), (4, 9 * 60, 12 * 60)]),
        Diary("lima", ZoneInfo("America/Lima"), [(3, 9 * 60, 11 * 60)]),
    ]
    best = rank_slots(people, earliest=MONDAY, minutes=60, zone=BERLIN)[0]
    assert (best.starts_at, best.conflicts) == (datetime(2026, 3, 5, 14, 0, tzinfo=UTC), ())

    silent = [Diary(name, BERLIN) for name in "abc"]
    saturday = datetime(2026, 3, 7, 0, 0, tzinfo=UTC)
    first = rank_slots(silent, earliest=saturday, minutes=60, zone=BERLIN)[0]
    assert first.starts_at == datetime(2026, 3, 9, 10, 0, tzinfo=BERLIN)


def test_a_time_that_others_have_taken_comes_after_one_that_nobody_has():
    silent = [Diary(name, BERLIN) for name in "abc"]
    taken = []
    for _ in range(6):
        slot = rank_slots(silent, earliest=MONDAY, minutes=60, zone=BERLIN, taken=taken)[0]
        assert slot.conflicts == ()
        # somebody meets then, in another week
        taken.append(
            (slot.starts_at + timedelta(weeks=3), slot.starts_at + timedelta(weeks=3, hours=1))
        )
    starts = sorted(start for start, _end in taken)
    assert all(b - a >= timedelta(hours=1) for a, b in pairwise(starts))


WEEKS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 1380), st.integers(15, 600)).map(
        lambda t: (t[0], t[1], min(t[1] + t[2], 1440))
    ),
    max_size=6,
)
PEOPLE = st.lists(
    st.builds(Diary, st.text("ab", min_size=1), st.sampled_from(ZONES), WEEKS),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25)
@given(PEOPLE, st.integers(0, 10_000), st.sampled_from([30, 60, 90]))
def test_the_first_slot_is_one_at_which_fewest_are_missing(people, minutes_on, minutes):
    earliest = MONDAY + timedelta(minutes=minutes_on)
    slots = rank_slots(people, earliest=earliest, minutes=minutes, zone=BERLIN)
    assert len(slots) == 7 * 24 * 4
    fewest = min(len(conflicts_at(people, slot.starts_at, minutes)) for slot in slots)
    assert len(slots[0].conflicts) == fewest
    assert all(earliest <= s.starts_at < earliest + timedelta(weeks=1, minutes=15) for s in slots)
    assert all(s.starts_at.minute % 15 == 0 for s in slots)

    few = spread_out(slots, minutes=minutes, zone=BERLIN, limit=6)
    assert few[0] == slots[0]
    weekdays = [s.starts_at.astimezone(BERLIN).weekday() for s in few]
    assert max(map(weekdays.count, weekdays)) <= 2


def test_nine_to_five_is_five_days_of_eight_hours():
    assert sum(end - start for _day, start, end in NINE_TO_FIVE) == 5 * 8 * 60
