"""Splits by criterion: what is found, what is refused, and that no sum tells of few people."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.common.statistics import share_difference
from metrics.fit.study import (
    LEAST,
    Case,
    Known,
    LookRefusal,
    Side,
    Split,
    difference,
    direction,
    halves,
    is_certain,
    proposed,
    study,
    tells_of_few,
)

COHORT = UUID(int=1)
K = 5


def case(number: int, well: bool = True, cohort: UUID = COHORT, **points: int) -> Case:
    people = frozenset({UUID(int=10_000 + 2 * number), UUID(int=10_001 + 2 * number)})
    shares = {key: Fraction(value, 100) for key, value in points.items()}
    return Case(UUID(int=100 + number), cohort, people, well, shares)


def simulated(seed: int, count: int, *, carries: float) -> list[Case]:
    """Partnerships of which `goals` carries: with more of it they go well more often."""
    chance = random.Random(seed)
    cases = []
    for number in range(count):
        goals, level = chance.randrange(101), chance.randrange(101)
        well = chance.random() < 0.6 + carries * (1 if goals > 50 else -1)
        cases.append(case(number, well, UUID(int=1 + number % 3), goals=goals, level=level))
    return cases


def ways(cases: Sequence[Case]) -> dict[str, int]:
    found = study(cases, ["goals", "level"], K)
    assert found.refusal is None, found
    return {key: direction(difference(one, len(found.splits))) for key, one in found.splits.items()}


@pytest.mark.slow
def test_a_criterion_that_carries_is_found_and_one_that_does_not_is_not():
    ways_of = [ways(simulated(seed, 200, carries=0.25)) for seed in range(20)]
    assert sum(way["goals"] == 1 for way in ways_of) >= 19
    assert sum(way["level"] == 0 for way in ways_of) >= 19


@pytest.mark.slow
def test_where_nothing_carries_hardly_anything_is_found():
    found = [way for seed in range(60) for way in ways(simulated(seed, 120, carries=0)).values()]
    assert sum(way != 0 for way in found) <= 4  # both ranges of a study hold together in 95 %


def test_one_simulation_of_each_is_as_planted():
    assert ways(simulated(0, 200, carries=0.25)) == {"goals": 1, "level": 0}


def test_what_goes_with_fewer_points_is_found_as_that():
    assert ways(simulated(3, 200, carries=-0.25))["goals"] == -1


def test_what_is_too_little_is_refused_with_its_reason():
    few = simulated(1, 2 * LEAST - 1, carries=0.2)
    assert study(few, ["goals"], K).refusal == LookRefusal.FEW_PARTNERSHIPS
    same = [case(number, number % 2 == 0, goals=50) for number in range(60)]
    assert study(same, ["goals"], K).refused == {"goals": LookRefusal.ALL_ALIKE}
    assert study(same, ["goals"], K).refusal == LookRefusal.ALL_ALIKE
    assert study(same, [], K).refusal == LookRefusal.ALL_ALIKE
    satisfied = [case(number, number > 1, goals=number) for number in range(60)]
    assert study(satisfied, ["goals"], K).refusal == LookRefusal.SMALL_CELLS
    unknown = [case(number, number % 2 == 0) for number in range(60)]
    assert study(unknown, ["goals"], K).refused == {"goals": LookRefusal.ALL_ALIKE}


def test_a_larger_k_hides_what_a_smaller_one_shows():
    # 6 partnerships, of 12 people, did not go well on the side with more
    cases = [case(at, not (at < 12 and at % 2), goals=100 - at) for at in range(25)]
    cases += [case(at, at % 2 == 0, goals=0) for at in range(25, 50)]
    assert study(cases, ["goals"], 12).refusal is None
    assert study(cases, ["goals"], 13).refusal == LookRefusal.SMALL_CELLS


def test_two_criteria_that_differ_in_one_partnership_are_not_both_shown():
    cases = [case(at, at % 3 > 0, goals=100 * (at < 30), level=100 * (at < 31)) for at in range(60)]
    found = study(cases, ["goals", "level"], K)
    assert set(found.splits) == {"goals"}
    assert found.refused == {"level": LookRefusal.SMALL_CELLS}


def test_a_sum_that_is_known_from_elsewhere_counts_as_shown():
    cases = [case(at, at % 3 > 0, goals=100 * (at < 30)) for at in range(60)]
    all_but_one = Known(frozenset(one.partnership for one in cases[1:30]))
    assert study(cases, ["goals"], K).refusal is None
    assert study(cases, ["goals"], K, [all_but_one]).refusal == LookRefusal.SMALL_CELLS
    # with others in it whom nobody can subtract, it tells of nobody
    others = {UUID(int=5000 + at): frozenset({UUID(int=7000 + at)}) for at in range(10)}
    wider = Known(all_but_one.partnerships | set(others))
    assert study(cases, ["goals"], K, [wider], others).refusal is None


def test_each_cohort_is_cut_at_its_own_middle():
    low = [case(at, goals=at % 4) for at in range(20)]
    high = [case(20 + at, cohort=UUID(int=2), goals=90 + at % 4) for at in range(20)]
    more, fewer = halves(low + high, "goals")
    for cohort in (COHORT, UUID(int=2)):
        assert sum(one.cohort == cohort for one in more) == 10
        assert sum(one.cohort == cohort for one in fewer) == 10


def test_a_criterion_of_two_values_is_cut_between_them():
    more, fewer = halves([case(at, goals=100 * (at % 5 > 0)) for at in range(50)], "goals")
    assert (len(more), len(fewer)) == (40, 10)


def test_differences_are_newcombes():
    # Newcombe 1998, table II, method 10: 56/70 and 48/80; 9/10 and 3/10
    found = share_difference((56, 70), (48, 80))
    assert found is not None
    assert found.estimate == Fraction(1, 5)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    found = share_difference((9, 10), (3, 10))
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (0.1705, 0.8090)
    assert share_difference((0, 0), (1, 2)) is None


def test_more_ranges_are_wider_ones():
    split = Split(Side(30, 24), Side(30, 15))
    one, six = difference(split, 1), difference(split, 6)
    assert six.low < one.low < one.high < six.high
    assert (direction(one), direction(six)) == (1, 0)


@pytest.mark.parametrize(
    ("weight", "ways", "then"),
    [
        (5, [1, 0, 0], 6),
        (5, [1, 1, 1], 6),
        (5, [-1, 0], 4),
        (5, [1, -1], 5),
        (5, [0, 0], 5),
        (10, [1], 10),
        (1, [-1], 1),
        (0, [1], 0),
        (5, [], 5),
    ],
)
def test_a_weight_moves_one_step_where_what_is_clear_points_one_way(weight, ways, then):
    assert proposed(weight, ways) == then


ROWS = st.lists(st.frozensets(st.integers(0, 5), min_size=1), min_size=1, max_size=4)


@pytest.mark.slow
@given(ROWS)
def test_no_combination_of_the_sums_is_about_few(rows: list[frozenset[int]]):
    """Against all sets of one or two of six: does removing them lower numpy's rank?"""
    people = {UUID(int=at): frozenset({UUID(int=100 + at)}) for at in range(6)}
    matrix = np.array([[at in row for at in range(6)] for row in rows], float)
    rank = np.linalg.matrix_rank(matrix)
    sets = {frozenset({one, other}) for one, other in product(range(6), range(6))}
    told = any(
        np.linalg.matrix_rank(np.delete(matrix, sorted(some), axis=1)) < rank for some in sets
    )
    ids = [frozenset(UUID(int=at) for at in row) for row in rows]
    assert tells_of_few(ids, people, 3) == told


@pytest.mark.slow
@given(ROWS, st.lists(st.booleans(), min_size=6, max_size=6))
def test_what_counts_fix_is_never_missed(rows: list[frozenset[int]], well: list[bool]):
    """Against all 64 worlds: where one is the same in each that has these counts."""
    cases = [
        Case(UUID(int=at), COHORT, frozenset({UUID(int=at)}), went, {})
        for at, went in enumerate(well)
    ]
    ids = [frozenset(UUID(int=at) for at in row) for row in rows]
    counts = [sum(well[at] for at in row) for row in rows]
    worlds = [
        world
        for world in product((False, True), repeat=6)
        if [sum(world[at] for at in row) for row in rows] == counts
    ]
    fixed = any(len({world[at] for world in worlds}) == 1 for at in range(6))
    if fixed:
        assert is_certain(ids, cases)


def test_too_many_sets_of_few_are_not_tried_and_nothing_is_shown():
    # forty people each in sums of their own: beyond what can be tried of up to four of them
    rows = [frozenset({UUID(int=at), UUID(int=at + 1)}) for at in range(40)]
    people = {UUID(int=at): frozenset({UUID(int=100 + at)}) for at in range(41)}
    assert tells_of_few(rows, people, 8)
