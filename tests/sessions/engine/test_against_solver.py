"""The lead spread against exhaustive search up to six by six, and a solver on whole seasons."""

import random

import numpy as np
import pytest
from ortools.sat.python import cp_model

from bench.rotation import circle, objective, seats_of, solve_by_cp_sat, violations
from tests.sessions.engine.builders import (
    holders,
    meetings,
    members,
    planned,
    present_at,
    random_absences,
    repeats,
    roles,
)


def best_of_all(present: list[list[int]], people: int) -> tuple[int, int]:
    """Look at every way to lead at once: the smallest spread, then the fewest repeats."""
    there = [each or [-1] for each in present]
    plans = np.array(np.meshgrid(*there, indexing="ij")).reshape(len(there), -1)
    counted = sorted({member for each in present for member in each})
    if not counted:
        return 0, 0
    counts = np.array([(plans == member).sum(axis=0) for member in counted])
    spread = counts.max(axis=0) - counts.min(axis=0)
    again = ((plans[1:] == plans[:-1]) & (plans[1:] >= 0)).sum(axis=0)
    smallest = spread.min()
    return int(smallest), int(again[spread == smallest].min())


@pytest.mark.parametrize("seeds", [range(8), pytest.param(range(8, 30), marks=pytest.mark.slow)])
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_six_by_six_gets_the_best_leads_of_all_plans(share: float, seeds: range) -> None:
    for seed in seeds:
        away = random_absences(6, 6, share, seed)
        there = present_at(members(6), meetings(6), away)

        season = planned(members(6), meetings(6), roles(3), away, seed=seed)

        got = (season.lead_spread, repeats(holders(season, "facilitator")))
        assert got == best_of_all([[int(m[1:]) for m in each] for each in there], 6)


def solved_spread(present: list[list[str]]) -> int:
    """Return the smallest lead spread that CP-SAT proves for these meetings."""
    model = cp_model.CpModel()
    leads: dict[str, list[cp_model.IntVar]] = {}
    for there in present:
        row = [(who, model.new_bool_var("")) for who in there]
        if row:
            model.add_exactly_one(var for _, var in row)
        for who, var in row:
            leads.setdefault(who, []).append(var)
    most, least = (model.new_int_var(0, len(present), "") for _ in range(2))
    for row_of_one in leads.values():
        model.add(sum(row_of_one) <= most)
        model.add(sum(row_of_one) >= least)
    if not leads:
        return 0
    model.minimize(most - least)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    return int(solver.objective_value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "seasons"), [(20260302, 60), pytest.param(20260303, 200, marks=pytest.mark.slow)]
)
def test_on_random_seasons_with_absences_the_spread_is_the_one_a_solver_proves(
    start: int, seasons: int
) -> None:
    chance = random.Random(start)
    for seed in range(seasons):
        people, times = chance.randint(3, 12), chance.randint(4, 30)
        away = random_absences(people, times, chance.choice([0.1, 0.25, 0.5, 0.75]), seed)
        there = present_at(members(people), meetings(times), away)

        season = planned(members(people), meetings(times), roles(2), away, seed=seed)

        assert season.lead_spread == solved_spread(there), f"season {seed}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "seed"), [((5, 8, 5, 0.25), 0), ((6, 10, 5, 0.3), 1), ((8, 8, 5, 0.4), 2)]
)
def test_five_roles_go_round_as_evenly_as_the_plan_that_a_solver_proves(
    shape: tuple[int, int, int, float], seed: int
) -> None:
    case = circle(*shape, seed)

    season = case.plan(seed)

    seats = seats_of(season)
    assert violations(case, seats) == 0
    assert objective(case, seats) == objective(case, solve_by_cp_sat(case, 60))
