"""What one person's page computes: the same as from a whole snapshot, from few of its rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from pairing.inputs.collect import snapshot_around, take_snapshot
from pairing.models.runs import PairRule
from pairing.partnerships.operations.partnerships import make_partnership
from pairing.requests.suggestions import possible_partners
from pairing.seating.queries import partners_for, plain, why_together
from pairing.solve import Solver, solver_of
from programs.models.programs import Cohort, Enrolment
from tests.cast import Cast
from tests.pairing.build import LEVELS, SKILLS, person
from tests.pairing.requests.build import accept, ask, make_self_match, mentee, mentor
from tests.reading import reading

pytestmark = pytest.mark.django_db


def _peer(cohort: Cohort, i: int, **more: Any) -> Enrolment:
    sought, offered = {SKILLS[i % 4]: 2}, {SKILLS[(i + 1) % 4]: 3}
    answers = {"skills_sought": sought, "skills_offered": offered}
    return person(cohort, f"Peer{i}", "peer", level=LEVELS[i % 3], answers=answers, **more)


def _together(cohort: Cohort, *people: tuple[Enrolment, str]) -> None:
    with tenant(cohort.organisation):
        make_partnership(cohort=cohort, people=list(people), by=None)


def _mixed(organisation: Organisation, format: str) -> tuple[Cohort, list[Enrolment]]:
    """Make people of whom some are partners, had been, pause, are kept apart or report."""
    cohort = make_self_match(organisation, format=format)
    if format == "mentor":
        people = [mentee(cohort, f"Mentee{i}", level=LEVELS[i % 3]) for i in range(5)]
        people += [mentor(cohort, f"Mentor{i}", level=LEVELS[1 + i % 3]) for i in range(5)]
    else:
        people = [_peer(cohort, i) for i in range(10)]
    parts = ("mentee", "mentor") if format == "mentor" else ("peer", "peer")
    with tenant(organisation):
        boss = people[6].member
        between = people[4].member  # above people[2] and below people[6]
        Member.objects.filter(pk=between.pk).update(manager=boss)
        Member.objects.filter(pk=people[2].member_id).update(manager=between)
        PairRule.objects.create(
            cohort=cohort,
            kind=PairRule.Kind.FORBIDDEN,
            first=people[0],
            second=people[5],
            set_by=boss,
        )
        Enrolment.objects.filter(pk=people[8].pk).update(paused_until="2999-01-01")
        Enrolment.objects.filter(pk=people[9].pk).update(
            state=Enrolment.State.WITHDRAWN, ended_at=clock.now()
        )
    _together(cohort, (people[1], parts[0]), (people[7], parts[1]))
    return cohort, people


def _whole(cohort: Cohort) -> Solver:
    return solver_of(plain(take_snapshot(cohort, unaccepted_too=True)))


@pytest.mark.slow
@pytest.mark.parametrize("format", ["mentor", "pairs"])
def test_one_person_is_scored_as_a_whole_snapshot_scores_them(cast: Cast, format: str):
    cohort, people = _mixed(cast.acme, format)
    with tenant(cast.acme):
        whole = _whole(cohort)
        part = "mentee" if format == "mentor" else "peer"
        scored = 0
        for one in people:
            expected = {UUID(who): n for who, n in whole.partners_of(str(one.pk)).items()}
            possible = possible_partners(one)
            assert list(possible.points.items()) == list(expected.items())
            for other, points in expected.items():
                scored += 1
                alone = possible_partners(one, among=[other])
                assert alone.points == {other: points}
                seats = alone.people(other)
                assert alone.reasons(other) == whole.explain([(str(w), p) for w, p in seats])
            for nobody in people:
                if nobody != one and nobody.pk not in expected:
                    assert possible_partners(one, among=[nobody.pk]).points == {}
        assert scored >= 5
        assert snapshot_around(people[0], part).forbidden == (
            (str(people[0].pk), str(people[5].pk)),
        )


def test_a_coordinators_page_of_one_person_scores_them_so_too(cast: Cast):
    cohort, people = _mixed(cast.acme, "mentor")
    with tenant(cast.acme):
        whole = _whole(cohort)
        for offering in people[5:]:
            could = {str(partner.enrolment.pk) for partner in partners_for(offering, "mentor")}
            assert could == set(whole.seekers_of(str(offering.pk)))
        why = why_together(people[0], people[6])
        seats = [(str(people[0].pk), "mentee"), (str(people[6].pk), "mentor")]
        assert why is not None
        assert why[1] == whole.explain(seats)


def _grow(cohort: Cohort, numbers: range) -> None:
    """Add pairs that stand, mentees who seek, and their managers."""
    for i in numbers:
        seated = mentor(cohort, f"Seated{i}")
        _together(cohort, (mentee(cohort, f"Happy{i}"), "mentee"), (seated, "mentor"))
        above = mentee(cohort, f"Seeking{i}").member
        with tenant(cohort.organisation):
            Member.objects.filter(pk=above.pk).update(manager=seated.member)


@pytest.mark.slow
def test_suggestions_do_not_grow_with_who_else_seeks_or_sits(cast: Cast):
    cohort = make_self_match(cast.acme)
    one, mentors = mentee(cohort, "Mia"), [mentor(cohort, f"Mentor{i}") for i in range(3)]
    counts = []
    for more in (range(2), range(2, 10)):
        _grow(cohort, more)
        with tenant(cast.acme), reading() as read:
            assert set(possible_partners(one).points) == {row.pk for row in mentors}
        counts.append((read.statements, read.rows))
    assert counts[0] == counts[1]


@pytest.mark.slow
def test_asking_and_saying_yes_do_not_grow_with_the_cohort(cast: Cast):
    cohort = make_self_match(cast.acme, requests_asking=5)
    counts = []
    for n, more in enumerate((range(1), range(1, 8))):
        for i in more:
            mentor(cohort, f"Other{i}")
        _grow(cohort, more)
        one, other = mentee(cohort, f"Mia{n}"), mentor(cohort, f"Tom{n}")
        with reading() as asking:
            request = ask(one, other)
        with reading() as answering:
            accept(request)
        counts.append((asking.statements, asking.rows, answering.statements, answering.rows))
    assert counts[0] == counts[1]
