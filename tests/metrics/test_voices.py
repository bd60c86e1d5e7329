"""Speaking balance and who was unheard: against a cohort worked out by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from metrics.definitions.shapes import State
from metrics.queries.tallied import AsOf
from metrics.queries.voices import unheard_readings
from sessions.models.rooms import Round, Voice
from sessions.models.sessions import Attendance, Session
from tests.cast import Cast, make_member
from tests.metrics.build import NOW, figures
from tests.sessions.build import make_cohort, make_partnership, seats_of


@pytest.fixture
def circle(cast: Cast):
    names = ("Amara", "Jonas", "Leila")
    people = [cast.petra, cast.pavel, *(make_member(cast.acme, name) for name in names)]
    return make_partnership(make_cohort(cast.acme), people)


def hold(circle, number: int, turns: list[int | None], *, in_round: bool = True) -> Session:
    """Make a held session in which people spoke so often; None was not there."""
    with tenant(circle.organisation_id):
        at = NOW - timedelta(weeks=10 - number)
        session = Session.objects.create(
            partnership=circle,
            number=number,
            starts_at=at,
            duration_minutes=60,
            day=at.date(),
            state=Session.State.HELD,
            held_at=at,
        )
        for seat, spoken in zip(seats_of(circle), turns, strict=True):
            kind = Attendance.Kind.ABSENT if spoken is None else Attendance.Kind.PRESENT
            Attendance.objects.create(session=session, seat=seat, kind=kind)
            Voice.objects.create(session=session, seat=seat, turns=spoken or 0)
        if in_round:
            Round.objects.create(session=session, step=0, lap=1, began_at=at, ended_at=at)
        return session


def test_a_table_has_a_balance_after_three_sessions_and_not_before(circle):
    hold(circle, 1, [2, 2, 2, 2, 2])  # 1
    hold(circle, 2, [5, 0, 0, 0, 0])  # 0
    assert figures(circle.cohort)["voice_balance", ""].state == State.HIDDEN
    hold(circle, 3, [0, 1, 5, None, None])  # 1/6: only three were there
    found = figures(circle.cohort)["voice_balance", ""]
    # (1 + 0 + 1/6) / 3 = 7/18
    assert (found.value, found.n) == (Decimal("0.3889"), 5)
    hold(circle, 4, [0, 0, 0, 0, 0])  # says nothing
    assert figures(circle.cohort)["voice_balance", ""] == found


def test_unheard_are_people_present_in_a_round_who_took_no_turn(circle):
    assert figures(circle.cohort)["unheard", ""].state == State.HIDDEN
    hold(circle, 1, [3, 0, 2, None, 1])
    hold(circle, 2, [3, 0, 2, 0, 1])
    hold(circle, 3, [0, 1, 1, 1, 1], in_round=False)  # open talk: nobody was asked in turn
    found = figures(circle.cohort)["unheard", ""]
    assert (found.numerator, found.value, found.n) == (2, Decimal("2.0000"), 5)


def test_voices_of_few_people_are_hidden(cast: Cast):
    pair = make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel])
    for number in (1, 2, 3):
        hold(pair, number, [3, 0])
    found = figures(pair.cohort)
    assert found["voice_balance", ""].state == State.HIDDEN
    assert found["unheard", ""].state == State.HIDDEN


def test_voices_cost_one_statement_for_one_table_and_for_two(
    circle, cast: Cast, django_assert_num_queries
):
    hold(circle, 1, [1, 1, 1, 1, 1])
    second = make_partnership(circle.cohort, [make_member(cast.acme, "Ada"), cast.petra])
    hold(second, 1, [4, 0])
    with tenant(cast.acme), django_assert_num_queries(1):
        (reading,) = unheard_readings(circle.cohort_id, AsOf.of(OrganisationSettings(), NOW))
    everybody = {person for answer in reading.answers for person in answer.people}
    assert len(everybody) == 6
    assert sum(answer.values == (1,) for answer in reading.answers) == 1
