"""Partnerships that end by themselves: warned at 60 days, lapsed 30 later, or out of time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.common import clock
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.models.check_ins import CheckIn, StaleWarning
from feedback.operations import (
    end_partnerships_whose_time_is_over,
    lapse_stale_partnerships,
    warn_stale_partnerships,
)
from pairing.models.partnerships import Partnership
from pairing.partnerships.operations import repairing
from programs.models.programs import Program
from tests.feedback.build import START, make_cohort, make_held_session, make_partnership, noon
from tests.work import everywhere

MET = START + timedelta(days=10)


def day(number: int) -> Any:
    """Noon so many days after the last contact."""
    return noon(MET + timedelta(days=number))


@pytest.fixture
def seats(cast):
    seats = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
    make_held_session(*seats, day=MET)
    return seats


def sweep(cast, at) -> list[int]:
    with clock.at(at), tenant(cast.acme):
        return [
            end_partnerships_whose_time_is_over(at=at),
            lapse_stale_partnerships(at=at),
            warn_stale_partnerships(at=at),
        ]


def state(cast) -> tuple[str, str]:
    with tenant(cast.acme):
        found = Partnership.objects.get()
        return found.state, found.end_reason


def emails(cast, kind: str) -> int:
    with tenant(cast.acme):
        return Email.objects.filter(kind=f"feedback.{kind}").count()


def test_warned_at_60_days_and_lapsed_30_days_after_that_with_one_email_each(cast, seats):
    assert sweep(cast, day(59)) == [0, 0, 0]
    assert [sweep(cast, day(60)), sweep(cast, day(61))] == [[0, 0, 1], [0, 0, 0]]
    assert emails(cast, "stale") == 2
    assert sweep(cast, day(89)) == [0, 0, 0]
    with clock.at(day(90)):
        everywhere(lapse_stale_partnerships)
        everywhere(lapse_stale_partnerships)
    assert state(cast) == ("lapsed", "no_contact")
    assert emails(cast, "lapsed") == 2
    with tenant(cast.acme):
        said = [each.context for each in Email.objects.filter(kind="feedback.lapsed")]
    # circles are searched anew, and nobody goes first there
    assert [each["first"] for each in said] == [False, False]


def test_contact_after_the_warning_ends_the_silence_and_another_one_is_warned_again(cast, seats):
    sweep(cast, day(60))
    make_held_session(*seats, day=MET + timedelta(days=70), number=2)
    assert sweep(cast, day(95)) == [0, 0, 0]
    assert sweep(cast, day(130)) == [0, 0, 1]
    with tenant(cast.acme):
        assert StaleWarning.objects.count() == 2
    assert state(cast)[0] == "active"


def test_two_check_ins_that_say_we_met_are_contact_and_one_is_not(cast, seats):
    def said(seat: Any) -> None:
        on = MET + timedelta(days=50)
        with tenant(cast.acme):
            CheckIn.objects.create(
                seat=seat,
                period=4,
                opens_on=on,
                due_on=on + timedelta(days=14),
                opened_at=noon(on),
                answered_at=noon(on),
                answered_on=on,
                met=True,
                mood=4,
                progress=4,
            )

    said(seats[0])
    assert sweep(cast, day(60)) == [0, 0, 1]
    said(seats[1])
    assert sweep(cast, day(100)) == [0, 0, 0]
    assert state(cast)[0] == "active"


def test_a_rest_is_no_silence_and_neither_is_the_day_after_it(cast, seats):
    with clock.at(day(20)), tenant(cast.acme):
        partnership = Partnership.objects.select_related("organisation").get()
        repairing.pause_partnership(partnership=partnership, by=cast.cora)
    assert sweep(cast, day(100)) == [0, 0, 0]
    with clock.at(day(101)), tenant(cast.acme):
        repairing.resume_partnership(partnership=partnership, by=cast.cora)
    assert sweep(cast, day(102)) == [0, 0, 0]
    assert sweep(cast, day(161)) == [0, 0, 1]


@pytest.mark.parametrize(
    ("held", "expected", "kind"),
    [
        (0, ("never_started", "time_over"), "over"),
        (1, ("ended", "too_few_sessions"), "over"),
        (2, ("completed", "time_over"), "completed"),
    ],
)
def test_at_the_end_date_the_sessions_held_say_how_it_ends(cast, held, expected, kind):
    cohort = make_cohort(cast.acme)
    last = START + timedelta(days=40)
    seats = make_partnership(cohort, cast.petra, cast.pavel, ends_on=last)
    with tenant(cast.acme):
        Program.objects.update(sessions_agreed=2)
    for number in range(held):
        make_held_session(*seats, day=START + timedelta(days=number), number=number + 1)

    assert sweep(cast, noon(last)) == [0, 0, 0]
    assert sweep(cast, noon(last + timedelta(days=1)))[0] == 1
    assert sweep(cast, noon(last + timedelta(days=2)))[0] == 0

    assert state(cast) == expected
    assert emails(cast, kind) == 2
