"""A cohort's check-ins for its coordinator: facts, never words, small groups hidden."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.days import day_of
from feedback.models.check_ins import CheckIn
from feedback.queries import CheckInFacts, Mean, Response, check_in_facts
from feedback.surveys.base import open_due
from feedback.surveys.check_in import CHECK_IN, answer_check_in
from pairing.models.partnerships import Seat
from programs.models.programs import Cohort, Enrolment
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import (
    AFTER_ONE_PERIOD,
    ANSWER,
    OPENS,
    PERIOD,
    last_asked,
    make_cohort,
    make_partnership,
)
from tests.metrics.build import release
from tests.programs.build import run_only


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(AFTER_ONE_PERIOD):
        yield


def page_of(cohort: Cohort) -> str:
    kwargs = {"organisation": cohort.organisation.slug, "cohort_id": cohort.pk}
    return reverse("feedback:cohort_check_ins", kwargs=kwargs)


def make_circle(cohort: Cohort, name: str, size: int) -> list[Member]:
    people = [make_member(cohort.organisation, f"{name}{number}") for number in range(size)]
    make_partnership(cohort, *people, name=f"Circle {name}")
    return people


def ask(cohort: Cohort) -> None:
    with tenant(cohort.organisation):
        open_due(CHECK_IN, at=clock.now())


def answer(*members: Member, **parts: Any) -> None:
    for member in members:
        with tenant(member.organisation):
            rows = CheckIn.objects.filter(seat__enrolment__member=member).order_by("-period")
            answer_check_in(check_in=rows[0], by=member, **(ANSWER | parts))


def facts_for(member: Member, cohort: Cohort) -> CheckInFacts:
    with tenant(cohort.organisation):
        return check_in_facts(cohort, member, at=clock.now(), last=last_asked(cohort))


def test_it_counts_by_partnership_and_period(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    dee, wye = make_circle(cohort, "Dee", 3), make_circle(cohort, "Wye", 2)
    ask(cohort)
    answer(dee[0], dee[1], wye[0])
    with clock.at(AFTER_ONE_PERIOD + PERIOD):
        ask(cohort)
        answer(*wye)
        facts = facts_for(cast.cora, cohort)

    assert [(found.name, found.periods) for found in facts.partnerships] == [
        ("Circle Dee", {1: Response(3, 2), 2: Response(3, 0)}),
        ("Circle Wye", {1: Response(2, 1), 2: Response(2, 2)}),
    ]
    assert facts.total == Response(10, 5)
    waiting = [row.seat.enrolment.member for row in facts.waiting]  # of the open period
    assert sorted(waiting, key=lambda member: member.given_name) == dee


def test_means_are_hidden_below_the_threshold_and_without_consent(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    people = make_circle(cohort, "Dee", 6)
    ask(cohort)
    answer(*people[:4], mood=5)
    answer(people[4], mood=1, coordinator_sees=False)
    release(cast.acme, clock.now())
    facts = facts_for(cast.cora, cohort)
    assert (facts.moods, facts.progress) == ([Mean(1)], [Mean(1)])

    # of who did not meet there is a mood and no progress: four are too few for a mean
    answer(people[5], mood=2, met=False)
    release(cast.acme, clock.now())
    facts = facts_for(cast.cora, cohort)
    with tenant(cast.acme):
        today = day_of(clock.now())
    assert facts.moods == [Mean(1, Decimal("4.4000"), 5, today)]
    assert facts.progress == [Mean(1)]

    # what is said anew of a released answer moves nothing
    answer(people[5], mood=5)
    release(cast.acme, clock.now())
    assert facts_for(cast.cora, cohort).moods == facts.moods


def test_nobody_waits_for_those_who_are_not_asked_any_more(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    here, away, gone = make_circle(cohort, "Dee", 3)
    ask(cohort)
    with tenant(cast.acme):
        Enrolment.objects.filter(member=away).update(paused_until=OPENS + PERIOD)
        Seat.objects.filter(enrolment__member=gone).update(left_at=AFTER_ONE_PERIOD)
    waiting = facts_for(cast.cora, cohort).waiting
    assert [row.seat.enrolment.member for row in waiting] == [here]


def test_where_nobody_is_asked_any_more_nobody_is_said_to_have_answered(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    make_circle(cohort, "Dee", 3)
    ask(cohort)
    with tenant(cast.acme):
        Seat.objects.update(left_at=AFTER_ONE_PERIOD)
    shown = sign_in(cast.cora).get(page_of(cohort)).text
    assert "0 of 3 check-ins are answered so far" in shown
    assert "No check-in waits for an answer now." in shown


def test_the_page_shows_facts_and_no_words(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    people = make_circle(cohort, "Dee", 6)
    ask(cohort)
    answer(*people[:5], note="canary", readers="coordinator")

    shown = sign_in(cast.cora).get(page_of(cohort)).text
    assert "5 of 6 check-ins are answered so far" in shown
    assert "Dee5 Acme" in shown
    assert "Dee0 Acme" not in shown
    assert "canary" not in shown


def test_who_may_see_it(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    make_circle(cohort, "Dee", 2)
    make_partnership(cohort, cast.petra, name="Circle Wye")
    ask(cohort)
    path = page_of(cohort)
    expected = {
        cast.olga: 200,
        cast.cora: 200,
        cast.hugo: 403,
        cast.petra: 403,
        cast.gina: 404,
        cast.greta: 404,
    }
    for member, status in expected.items():
        assert sign_in(member).get(path).status_code == status, member.given_name
    assert sign_in(cast.gina).get(path.replace("/o/acme/", "/o/globex/")).status_code == 404
    assert sign_in(cast.cora).post(path).status_code == 405


def test_a_coordinator_of_other_programs_gets_nothing(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    elsewhere = make_cohort(cast.acme, "Autumn")
    carl = make_member(cast.acme, "Carl", Member.Role.COORDINATOR)
    with tenant(cast.acme):
        run_only(carl, elsewhere.program)
    assert sign_in(carl).get(page_of(cohort)).status_code == 404
    assert sign_in(carl).get(page_of(elsewhere)).status_code == 200


def test_an_empty_cohort_says_when_the_first_will_open(cast: Cast) -> None:
    shown = sign_in(cast.cora).get(page_of(make_cohort(cast.acme))).text
    assert "The first check-ins open 2 weeks after the partnerships begin." in shown


def test_one_row_and_three_cost_the_same_statements(cast: Cast) -> None:
    counts = []
    for size in (1, 3):
        cohort = make_cohort(cast.acme, f"Of {size}")
        for number in range(size):
            make_circle(cohort, f"Dee{size}x{number}x", size)
        ask(cohort)
        client = sign_in(cast.cora)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page_of(cohort)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_notes_cost_the_same_however_many(cast: Cast) -> None:
    counts = []
    cohort = make_cohort(cast.acme)
    people = make_circle(cohort, "Dee", 4)
    ask(cohort)
    client = sign_in(people[3])
    for writers in (people[:1], people[1:3]):
        answer(*writers, note="Words", readers="partners")
        with CaptureQueriesContext(connection) as queries:
            shown = client.get("/o/acme/notes/").text
        counts.append((shown.count("Words"), len(queries)))
    assert [count for count, _ in counts] == [1, 3]
    assert counts[0][1] == counts[1][1]
    assert "Words" not in sign_in(cast.cora).get("/o/acme/notes/").text
    with clock.at(clock.now() + timedelta(days=1)):
        assert "No messages for you" in sign_in(cast.olga).get("/o/acme/notes/").text
