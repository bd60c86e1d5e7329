"""Few people: whatever their number, a run says what it found; it never fails."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.tenancy.context import tenant
from core.tenancy.days import today
from pairing.models.runs import LeftOver, MatchRun, Proposal, ProposalSeat
from programs.models.programs import Enrolment
from tests.cast import Cast, sign_in
from tests.pairing import build

pytestmark = pytest.mark.django_db
# of 2 to 10 people: how many sit in circles of 6 to 8, and how many in pairs and trios
IN_CIRCLES = {2: 0, 3: 0, 4: 0, 5: 0, 6: 6, 7: 7, 8: 8, 9: 8, 10: 8}
PEERS = [
    *(("leadership-circles", people, seated) for people, seated in IN_CIRCLES.items()),
    *(("reciprocal-peer-pairs", people, people) for people in IN_CIRCLES),
]


def _placed(run: MatchRun) -> tuple[int, int]:
    """Return how many people a run seats and how many it leaves over."""
    with tenant(run.organisation):
        seats = ProposalSeat.objects.filter(proposal__run=run).count()
        return seats, LeftOver.objects.filter(run=run).count()


@pytest.mark.parametrize(("template", "people", "seated"), PEERS)
def test_so_many_peers_are_seated_and_the_others_left_over(
    cast: Cast, template: str, people: int, seated: int
) -> None:
    cohort = build.make_cohort(cast.acme, template)
    for i in range(people):
        build.person(cohort, f"Peer{i}", "peer", level=build.LEVELS[i % 4])
    run = build.make_run(cohort, cast.cora)
    assert run.state == MatchRun.State.DRAFT, run.facts
    assert _placed(run) == (seated, people - seated)


@pytest.mark.parametrize("mentees", [1, 2, 3, 4])
@pytest.mark.parametrize("mentors", [1, 2, 3, 4])
def test_so_many_mentees_and_mentors_are_paired(cast: Cast, mentees: int, mentors: int) -> None:
    cohort = build.make_cohort(cast.acme)
    for i in range(mentees):
        build.person(cohort, f"Mentee{i}", "mentee", level="4")
    for i in range(mentors):
        build.person(cohort, f"Mentor{i}", "mentor", level="6")
    run = build.make_run(cohort, cast.cora)
    pairs = min(mentees, mentors)
    assert _placed(run) == (2 * pairs, mentees + mentors - 2 * pairs)


@pytest.mark.parametrize("template", ["leadership-circles", "reciprocal-peer-pairs"])
def test_peers_who_all_pause_are_left_over(cast: Cast, template: str) -> None:
    cohort = build.make_cohort(cast.acme, template)
    people = [build.person(cohort, f"Peer{i}", "peer") for i in range(3)]
    with tenant(cast.acme):
        Enrolment.objects.filter(pk__in=[person.pk for person in people]).update(
            paused_until=today() + timedelta(days=20)
        )
    run = build.make_run(cohort, cast.cora)
    assert run.state == MatchRun.State.DRAFT, run.facts
    assert _placed(run) == (0, 3)


def test_a_run_of_too_few_for_a_circle_says_so_plainly(cast: Cast) -> None:
    cohort = build.make_circles_cohort(cast.acme, peers=5)
    run = build.make_run(cohort, cast.cora)
    page = sign_in(cast.cora).get(run.get_absolute_url())
    assert page.status_code == 200
    assert "Too few for a circle: 5 people, and a circle needs 6." in page.content.decode()
    assert "Optimal" not in page.content.decode()
    with tenant(cast.acme):
        assert not Proposal.objects.filter(run=run).exists()
