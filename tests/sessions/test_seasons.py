"""A season follows its people: their times, their holidays, their other tables; and it moves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from core.common import clock
from core.notifications.models import Email
from core.tenancy.context import tenant
from sessions.attendance.operations import replies
from sessions.errors import NothingToMove, SeasonTooLong
from sessions.models.replies import AbsenceNote
from sessions.models.sessions import Absence, Session
from sessions.planning.engine.cadence import Cadence
from sessions.planning.operations import planning
from sessions.planning.queries import availability
from sessions.planning.queries.availability import holidays_between
from sessions.rotation.operations import rotation
from tests.cast import Cast, make_member
from tests.sessions.build import (
    NOON,
    leaders,
    make_cohort,
    make_partnership,
    plan,
    seats_of,
    take_seat,
)
from tests.work import everywhere


@pytest.fixture(autouse=True)
def _noon():
    with clock.at(NOON):
        yield


def test_circles_of_a_cohort_do_not_all_meet_at_the_same_time(cast: Cast):
    cohort = make_cohort(cast.acme)
    for n in range(5):
        make_partnership(cohort, [make_member(cast.acme, f"{name}{n}") for name in "ab"])
    with tenant(cast.acme):
        assert planning.plan_missing_seasons(at=clock.now()) == 5
        first = Session.objects.filter(number=1).values_list("starts_at", flat=True)
        assert len(set(first)) == 5


def test_who_sits_at_two_tables_is_never_asked_to_be_at_both(cast: Cast):
    for n in range(4):
        mentee = make_member(cast.acme, f"Mentee{n}")
        make_partnership(make_cohort(cast.acme), [cast.petra, mentee])
    with tenant(cast.acme):
        assert planning.plan_missing_seasons(at=clock.now()) == 4
        spans = sorted((s.starts_at, s.ends_at) for s in Session.objects.all())
    assert len(spans) == 24
    assert all(ends <= begins for (_b, ends), (begins, _e) in pairwise(spans))


def test_a_holiday_is_named_and_its_date_moves(cast: Cast):
    people = [
        make_member(cast.acme, name, country=country, time_zone="Europe/Berlin")
        for name, country in (("Ada", "DE"), ("Bo", "DE"), ("Cy", ""), ("Di", "XX"))
    ]
    circle = make_partnership(make_cohort(cast.acme), people)
    sessions = plan(circle, first_at=datetime(2026, 3, 23, 9, 0, tzinfo=UTC))  # a Monday
    with tenant(cast.acme):
        dates = availability.season_dates(
            gathering=availability.gather(partnership=circle, at=NOON),
            first_at=sessions[0].starts_at,
            cadence=Cadence(2, "weeks"),
            count=6,
        )
    assert [s.day.isoformat() for s in sessions] == [
        "2026-03-23",
        "2026-04-13",  # 6 April is Easter Monday
        "2026-04-20",
        "2026-05-04",
        "2026-05-18",
        "2026-06-01",
    ]
    assert [each.starts_at for each in dates] == [s.starts_at for s in sessions]
    assert (dates[1].moved_why, dates[1].absentees) == ("Easter Monday (Ada, Bo)", ())
    assert dates[1].moved_from == datetime(2026, 4, 6, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "day", "name"),
    [
        ("DE", date(2026, 10, 3), "German Unity Day"),
        ("US", date(2026, 11, 26), "Thanksgiving Day"),
        ("ZA", date(2026, 4, 27), "Freedom Day"),
        ("IN", date(2026, 1, 26), "Republic Day"),
    ],
)
def test_a_country_has_its_own_holidays_and_one_that_nobody_named_has_none(
    country: str, day: date, name: str
):
    week = timedelta(days=3)
    assert holidays_between(country, day - week, day + week)[day] == name
    assert holidays_between("", day - week, day + week) == {}
    assert holidays_between("XX", day - week, day + week) == {}


def test_a_season_moves_as_a_whole_and_only_if_it_fits(cast: Cast):
    names = ("Amara", "Jonas", "Leila", "Mei")
    people = [cast.petra, cast.pavel, *(make_member(cast.acme, name) for name in names)]
    circle = make_partnership(make_cohort(cast.acme), people)
    sessions = plan(circle)
    ten = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    with tenant(cast.acme):
        replies.decline_invitation(
            session=sessions[2], seat=seats_of(circle)[0], by=None, reason="Away"
        )
        moved = planning.move_season(
            partnership=circle, first_at=ten, cadence=Cadence(4, "weeks"), by=cast.pavel
        )
        assert [s.pk for s in moved] == [s.pk for s in sessions]
        assert [s.day - moved[0].day for s in moved] == [timedelta(weeks=4 * n) for n in range(6)]
        assert {s.starts_at.hour for s in moved} == {8, 9}  # ten o'clock in Berlin
        assert not Absence.objects.exists()
        assert not AbsenceNote.objects.exists()
        with pytest.raises(SeasonTooLong, match="Only 5 of the 6"):
            planning.move_season(
                partnership=circle, first_at=ten, cadence=Cadence(6, "weeks"), by=cast.pavel
            )
        assert list(Session.objects.order_by("number").values_list("starts_at", flat=True)) == [
            s.starts_at for s in moved
        ]
        assert sorted(leaders(circle)) == sorted(m.given_name for m in people)
        with clock.at(moved[-1].ends_at), pytest.raises(NothingToMove):
            planning.move_season(partnership=circle, first_at=ten, by=cast.pavel)


def test_who_joins_a_table_gets_the_dates_that_are_left(cast: Cast):
    circle = make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel])
    sessions = plan(circle)
    newcomer = make_member(cast.acme, "Nele")
    with clock.at(sessions[1].starts_at + timedelta(hours=2)):
        take_seat(circle, newcomer)
        everywhere(rotation.replan_changed_tables)
        everywhere(rotation.replan_changed_tables)
    with tenant(cast.acme):
        email = Email.objects.get(member=newcomer)
        assert Email.objects.filter(kind="sessions.invitation").count() == 3
    assert [part["name"] for part in email.calendar] == [f"session-{n}.ics" for n in range(3, 7)]
    assert email.link == {"signed": "rsvp", "object": str(sessions[2].pk)}
