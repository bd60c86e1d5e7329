"""Who has left, when, and what the curve then says: by hand, and against a published table."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from core.tenancy.context import tenant
from metrics.retention import SeatSpan, Stay, curve, followed, weekly
from pairing.models.partnerships import Partnership
from tests.cast import Cast
from tests.core.common.test_statistics import MERCAPTOPURINE, PUBLISHED
from tests.metrics.build import (
    TODAY,
    circle,
    enrol,
    figures,
    make_cohort,
    noon,
    people,
    set_threshold,
    sit,
)

START = date(2026, 1, 5)


def day(number: int) -> date:
    return START + timedelta(days=number)


def stay(*seats: SeatSpan, **over: date) -> Stay:
    return Stay(started=START, seats=seats, **over)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (stay(), (100, False)),  # never partnered, still there
        (stay(SeatSpan(START, None)), (100, False)),
        (stay(withdrawn=day(40)), (40, True)),
        (stay(SeatSpan(START, None), completed=day(80)), (80, False)),
        # a seat that ended: without another it is leaving, counted on its end day
        (stay(SeatSpan(START, day(30))), (30, True)),
        (stay(SeatSpan(START, day(30)), SeatSpan(day(60), None)), (100, False)),
        (stay(SeatSpan(START, day(30)), SeatSpan(day(61), None)), (30, True)),
        # within the days of grace nobody knows: followed to the end of the seat
        (stay(SeatSpan(START, day(71))), (71, False)),
        (stay(SeatSpan(START, day(70))), (70, True)),
        # who withdraws within those days will not come back
        (stay(SeatSpan(START, day(71)), withdrawn=day(90)), (71, True)),
        (stay(SeatSpan(START, day(90)), withdrawn=day(90)), (90, True)),
        # who completes within them has not left
        (stay(SeatSpan(START, day(60)), completed=day(80)), (80, False)),
        (stay(SeatSpan(START, day(40)), completed=day(80)), (40, True)),
        # the cohort closed: what ended with it is no leaving, what ended before is
        (stay(SeatSpan(START, day(30)), finished=day(30)), (30, False)),
        (stay(finished=day(30)), (30, False)),
        (stay(SeatSpan(START, day(20)), finished=day(60)), (20, True)),
        # the season was over, or the partnership completed
        (stay(SeatSpan(START, day(30), in_time=True)), (30, False)),
        # a partnership that lapsed: left on that day, whatever comes after
        (stay(SeatSpan(START, day(50), lapsed=True)), (50, True)),
        (stay(SeatSpan(START, day(50), lapsed=True), SeatSpan(day(55), None)), (50, True)),
        # another seat goes on beside it, also one taken the same day
        (stay(SeatSpan(START, day(50), lapsed=True), SeatSpan(START, None)), (100, False)),
        (stay(SeatSpan(START, day(50)), SeatSpan(day(50), None)), (100, False)),
        # two seats that ended: the first leaving counts
        (stay(SeatSpan(START, day(10)), SeatSpan(day(50), day(60))), (10, True)),
    ],
)
def test_followed_says_how_long_and_whether_they_left(
    case: Stay, expected: tuple[int, bool]
) -> None:
    assert followed(case, day(100)) == expected


def test_the_curve_of_five_people_computed_by_hand() -> None:
    # left on day 10 and 20; followed to 15, 30, 30.
    # S(10) = 4/5; S(20) = 4/5 × 2/3 = 8/15
    stays = [
        stay(withdrawn=day(10)),
        stay(withdrawn=day(20)),
        stay(completed=day(15)),
        stay(),
        stay(),
    ]
    steps = curve(stays, day(30))

    assert [(s.time, s.at_risk, s.events, str(s.survival)) for s in steps] == [
        (10, 5, 1, "4/5"),
        (15, 4, 0, "4/5"),
        (20, 3, 1, "8/15"),
        (30, 2, 0, "8/15"),
    ]
    points = [(p.week, str(p.share), p.followed) for p in weekly(steps)]
    assert points == [(0, "1", 5), (1, "1", 5), (2, "4/5", 4), (3, "8/15", 2), (4, "8/15", 2)]
    assert [p.week for p in weekly(steps, at_least=3)] == [0, 1, 2]


def test_nobody_started_has_no_curve() -> None:
    assert weekly(curve([], START)) == []


def test_leaving_on_the_seventh_day_counts_after_one_week() -> None:
    steps = curve([stay(withdrawn=day(7)), stay()], day(14))
    assert [str(p.share) for p in weekly(steps)] == ["1", "1/2", "1/2"]


def test_that_nobody_has_left_is_not_said_to_be_certain() -> None:
    steps = curve([stay() for _person in range(20)], START + timedelta(days=21))
    points = weekly(steps)
    assert {(p.share, p.high, p.followed) for p in points} == {(Fraction(1), 1.0, 20)}
    assert [round(p.low, 3) for p in points] == [1.0, 0.839, 0.839, 0.839]  # by hand: 20/(20 + z²)


def test_the_rows_of_the_published_table_give_the_published_curve(cast: Cast) -> None:
    """Weeks in remission as weeks to leaving: 21 enrolments, by state and dates alone."""
    set_threshold(cast.acme, 1)
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, len(MERCAPTOPURINE))
    with tenant(cast.acme):
        for member, weeks in zip(members, MERCAPTOPURINE, strict=True):
            begun = TODAY - timedelta(weeks=40)
            ended = begun + timedelta(weeks=abs(weeks))
            state = "withdrawn" if weeks > 0 else "completed"
            enrol(cohort, member, state, started=begun, ended=ended)

    found = figures(cohort)

    for week, _at_risk, _events, share, low, high in PUBLISHED:
        figure = found["retention", f"week:{week}"]
        for got, printed in ((figure.value, share), (figure.low, low), (figure.high, high)):
            # ours has four places, the table three
            assert got is not None
            assert abs(got - Decimal(printed)) <= Decimal("0.00055")
        assert figure.n == 21
    assert found["retention", ""].value == found["retention", "week:35"].value
    assert found["retention", "week:5"].value == Decimal("1.0000")


def test_seats_and_partnerships_become_stays(cast: Cast) -> None:
    set_threshold(cast.acme, 1)
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 6)
    begun = TODAY - timedelta(weeks=20)
    with tenant(cast.acme):
        rows = [enrol(cohort, member, started=begun) for member in members]
        going = circle(cohort, rows[:1], "Going on")
        # left the seat after five weeks, and was seated again too late
        sit(going, rows[1], begun, begun + timedelta(weeks=5))
        sit(going, rows[1], begun + timedelta(weeks=10))
        lapsed = circle(cohort, [], "Lapsed")
        sit(lapsed, rows[2], begun)
        Partnership.objects.filter(pk=lapsed.pk).update(
            state="lapsed", ended_at=noon(begun + timedelta(weeks=8))
        )
        done = circle(cohort, [], "Completed")
        sit(done, rows[3], begun)
        Partnership.objects.filter(pk=done.pk).update(
            state="completed", ended_at=noon(begun + timedelta(weeks=12))
        )
        proposed = circle(cohort, [], "Proposed")
        Partnership.objects.filter(pk=proposed.pk).update(state="proposed")
        sit(proposed, rows[4], begun, begun + timedelta(weeks=1))
        enrol(cohort, cast.petra, "accepted")  # has not started

    found = figures(cohort)
    shares = {
        part: figure.value
        for (key, part), figure in found.items()
        if key == "retention" and part in {"week:4", "week:5", "week:8", "week:20"}
    }
    # six started: one left after 5 weeks, one after 8; one completed after 12
    assert shares == {
        "week:4": Decimal("1.0000"),
        "week:5": Decimal("0.8333"),
        "week:8": Decimal("0.6667"),
        "week:20": Decimal("0.6667"),
    }
    assert found["retention", ""].n == 6
