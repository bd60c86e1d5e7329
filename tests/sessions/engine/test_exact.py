"""The planner against every plan there is."""

import random
from itertools import chain, combinations, product

import pytest

from sessions.rotation.engine.shapes import LeadBound, SeasonPlan
from tests.sessions.engine.builders import (
    absences,
    best_everything,
    best_leads,
    holders,
    meetings,
    members,
    planned,
    present_at,
    random_absences,
    repeats,
    roles,
)


def assert_proof_holds(
    bound: LeadBound, people: int, times: int, away: frozenset[tuple[str, str]]
) -> None:
    """Check the proof by counting alone, without trusting how it was found."""
    present = {
        meeting: set(there)
        for meeting, there in zip(
            meetings(times), present_at(members(people), meetings(times), away), strict=True
        )
    }
    only_they = {m for m, there in present.items() if there and there <= bound.most_members}
    assert bound.most_meetings == only_they
    assert len(only_they) > len(bound.most_members) * (bound.most - 1)
    all_they_can = {m for m, there in present.items() if there & bound.least_members}
    assert bound.least_meetings == all_they_can
    assert len(all_they_can) < len(bound.least_members) * (bound.least + 1)


def assert_best(
    season: SeasonPlan, people: int, times: int, away: frozenset[tuple[str, str]]
) -> None:
    got = (season.lead_spread, repeats(holders(season, "facilitator")))
    assert got == best_leads(members(people), meetings(times), away)
    if season.lead_bound is not None:
        assert season.lead_bound.spread == season.lead_spread
        assert_proof_holds(season.lead_bound, people, times, away)


@pytest.mark.slow
@pytest.mark.parametrize(("people", "times"), [(2, 4), (3, 3), (4, 2), (2, 3)])
def test_every_pattern_of_absences_gets_the_best_leads(people: int, times: int) -> None:
    cells = list(product(range(people), range(times)))
    for away in chain.from_iterable(combinations(cells, n) for n in range(len(cells) + 1)):
        season = planned(members(people), meetings(times), roles(2), absences(*away))

        assert_best(season, people, times, absences(*away))


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7])
def test_random_absences_up_to_five_by_five_get_the_best_leads(share: float) -> None:
    chance = random.Random(int(share * 10))
    for seed in range(80):
        people, times = chance.randint(1, 5), chance.randint(1, 5)
        away = random_absences(people, times, share, seed)

        season = planned(
            members(people), meetings(times), roles(chance.randint(1, 5)), away, seed=seed
        )

        assert_best(season, people, times, away)


@pytest.mark.parametrize("share", [0.2, 0.4])
def test_five_by_five_gets_the_best_leads(share: float) -> None:
    for seed in range(25):
        away = random_absences(5, 5, share, seed)

        season = planned(members(5), meetings(5), roles(3), away, seed=seed)

        assert_best(season, 5, 5, away)


def test_the_other_roles_repeat_hardly_more_often_than_in_the_best_of_all_plans() -> None:
    # They are searched for, not proved: at most one in a hundred of these has a repeat too many.
    chance = random.Random(0)
    too_many = 0
    for seed in range(150):
        people = chance.randint(2, 4)
        times = chance.randint(2, 4 if people < 4 else 3)
        role_count = chance.randint(2, min(people, 3))
        away = random_absences(people, times, chance.choice([0.1, 0.3, 0.5]), seed)
        season = planned(members(people), meetings(times), roles(role_count), away, seed=seed)
        rows = [repeats(holders(season, role.key)) for role in roles(role_count)]

        best = best_everything(members(people), meetings(times), away, role_count)

        assert (season.lead_spread, rows[0]) == best[:2]
        too_many += sum(rows[1:]) - best[2]
    assert too_many <= 2
