"""When an e-mail may come: by its reader's clock, whatever the zone and the day of the year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.notifications.pacing import DEFAULT, Category, Hours, Pace, due

BERLIN = ZoneInfo("Europe/Berlin")
NEWS, QUESTION, NUDGE = Category.NEWS, Category.QUESTION, Category.NUDGE
INVITATION, SECURITY = Category.INVITATION, Category.SECURITY

# both hemispheres, half and quarter hours, changes at midnight, by half an hour, and by a whole day
ZONES = [
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "UTC",
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
FIRST = datetime(2011, 1, 1, tzinfo=UTC)
instants = st.integers(0, 17 * 365 * 24 * 3600).map(lambda n: FIRST + timedelta(seconds=n))
hours_of_day = st.integers(0, 23)
hours = st.builds(Hours, hours_of_day, hours_of_day, st.booleans())
paces = st.sampled_from(Pace.values)
categories = st.sampled_from(Category)


def at(words: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=zone)


@given(categories, instants, zones, hours, paces)
def test_nothing_comes_earlier_than_it_was_written_nor_much_later(
    category: Category, now: datetime, zone: ZoneInfo, own: Hours, pace: str
) -> None:
    moment = due(category, now, zone, own, pace)
    assert now <= moment <= now + timedelta(days=4 if pace == Pace.AT_ONCE else 15)
    assert moment == now or category != SECURITY


@given(st.sampled_from([NEWS, QUESTION, NUDGE]), instants, zones, hours, paces)
def test_nothing_that_can_wait_comes_in_quiet_hours(
    category: Category, now: datetime, zone: ZoneInfo, own: Hours, pace: str
) -> None:
    local = due(category, now, zone, own, pace).astimezone(zone)
    assert not own.at_night(local.hour)
    if category == NUDGE and own.weekends:
        assert local.weekday() < 5
    if pace == Pace.WEEKLY:
        assert local.weekday() == 0


@given(instants, zones, hours)
def test_what_a_session_needs_comes_by_day_on_any_day_whatever_the_quiet_hours(
    now: datetime, zone: ZoneInfo, own: Hours
) -> None:
    moment = due(INVITATION, now, zone, own)
    assert 8 <= moment.astimezone(zone).hour < 20
    assert moment - now <= timedelta(hours=13)
    assert moment == now or not 8 <= now.astimezone(zone).hour < 20


@given(categories, instants, zones, hours, paces)
def test_what_may_go_goes_and_asking_again_then_says_the_same(
    category: Category, now: datetime, zone: ZoneInfo, own: Hours, pace: str
) -> None:
    moment = due(category, now, zone, own, pace)
    assert due(category, moment, zone, own) == moment


@pytest.mark.parametrize(
    ("category", "now", "moment"),
    [
        (NEWS, "2026-03-06 19:59", "2026-03-06 19:59"),
        (NEWS, "2026-03-06 20:00", "2026-03-07 07:00"),
        (NEWS, "2026-03-07 12:00", "2026-03-07 12:00"),  # a Saturday
        (NUDGE, "2026-03-06 20:00", "2026-03-09 07:00"),
        (NUDGE, "2026-03-27 21:00", "2026-03-30 07:00"),  # over the night with 23 hours
        (QUESTION, "2026-10-24 23:30", "2026-10-25 07:00"),  # over the one with 25
        (INVITATION, "2026-03-28 21:00", "2026-03-29 08:00"),
        (INVITATION, "2026-03-29 07:59", "2026-03-29 08:00"),
        (SECURITY, "2026-03-29 03:30", "2026-03-29 03:30"),
    ],
)
def test_by_default_nights_are_quiet_and_weekends_free_of_nudges(
    category: Category, now: str, moment: str
) -> None:
    assert due(category, at(now).astimezone(UTC), BERLIN) == at(moment)


@pytest.mark.parametrize(
    ("pace", "now", "moment"),
    [
        ("daily", "2026-03-05 07:59", "2026-03-05 08:00"),
        ("daily", "2026-03-05 08:00", "2026-03-06 08:00"),
        ("weekly", "2026-03-05 08:00", "2026-03-09 08:00"),
        ("weekly", "2026-03-09 08:00", "2026-03-16 08:00"),
        ("weekly", "2026-03-25 08:00", "2026-03-30 08:00"),
    ],
)
def test_what_is_collected_goes_in_the_morning(pace: str, now: str, moment: str) -> None:
    assert due(NEWS, at(now).astimezone(UTC), BERLIN, DEFAULT, pace) == at(moment)


def test_who_sleeps_longer_gets_what_is_collected_when_they_are_up() -> None:
    late = Hours(22, 11)
    assert due(NEWS, at("2026-03-05 12:00"), BERLIN, late, "daily") == at("2026-03-06 11:00")
    assert due(NUDGE, at("2026-03-06 12:00"), BERLIN, late, "daily") == at("2026-03-09 11:00")


def test_what_day_would_bring_too_late_comes_at_once() -> None:
    now, begins = at("2026-03-05 23:00"), at("2026-03-06 07:30")
    assert due(INVITATION, now, BERLIN, needed_by=begins) == now
    assert due(INVITATION, now, BERLIN, needed_by=at("2026-03-06 09:00")) == at("2026-03-06 08:00")
    # and nothing is collected beyond the day by which it is to be answered
    asked, until = at("2026-03-03 12:00"), at("2026-03-06 12:00")
    assert due(QUESTION, asked, BERLIN, DEFAULT, "weekly", needed_by=until) == asked
