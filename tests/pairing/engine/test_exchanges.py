"""The compiled search for circles: what changes gain, the best of all divisions, the bound.

All of it is quick enough to run as the Python it is written in (NUMBA_DISABLE_JIT=1).
"""

import itertools
from collections import Counter
from functools import partial, reduce
from operator import and_
from random import Random
from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pairing.engine.circles import bound, search
from pairing.engine.circles.form import form_circles, masks_of
from pairing.engine.circles.seating import ALL_WEEK, Seating, Worth
from pairing.engine.circles.standing import weigh
from pairing.engine.compiled import exchanges
from tests.pairing.engine.builders import make_circles, make_peers


def every_division(people, shape):
    """Yield every division of people into circles of these sizes, written on its own."""
    if not people:
        yield []
        return
    first, *rest = people
    for size in sorted(set(shape)):
        left = list(shape)
        left.remove(size)
        for others in itertools.combinations(rest, size - 1):
            for groups in every_division([i for i in rest if i not in others], left):
                yield [(first, *others), *groups]


def best_objective(problem, shape):
    """Return the most points of all divisions that keep the rules, each weighed afresh."""
    masks = masks_of(problem)
    apart = {(i, j) for mask in masks.values() for i, j in np.argwhere(mask).tolist()}
    return max(
        weigh(problem, groups, masks)[0]
        for groups in every_division(list(range(len(problem.people))), shape)
        if not any(pair in apart for group in groups for pair in itertools.combinations(group, 2))
        and all(any(a in group and b in group for group in groups) for a, b in problem.together)
    )


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([(4, 4), (3, 3, 3), (3, 4), (2, 2, 3)]), st.integers(0, 10**6))
def test_small_circles_are_the_best_of_all_and_the_bound_is_never_below(shape, seed):
    count, random = sum(shape), Random(seed)
    pairs = random.sample(list(itertools.combinations(range(count), 2)), 2)
    problem = make_circles(
        make_peers(count, seed),
        apart=frozenset(pairs[:1]) if seed % 2 else frozenset(),
        together=frozenset(pairs[1:]) if seed % 3 else frozenset(),
    )
    best, sizes = best_objective(problem, shape), (min(shape), max(shape))
    circles = form_circles(problem, sizes=sizes, seed=seed)
    assert sorted(map(len, circles.groups)) == sorted(shape)
    assert circles.objective == best
    few_trials = mock.patch.multiple(search, MOST_STARTS=2, FEWEST_TRIALS=500)
    with few_trials, mock.patch.object(bound, "MOST_TRIED", -1):  # as where there are too many
        searched = form_circles(problem, sizes=sizes, seed=seed)
    assert searched.objective <= best <= searched.bound


def worth_of_all(seating):
    return sum(map(partial(worth_of_one, seating), range(seating.bench)))


def worth_of_one(seating, circle):
    """Return what one circle is worth, counted afresh from who sits there."""
    worth, members = seating.worth, seating.members[circle]
    had = Counter(feature for i in members for feature in worth.features[i])
    total = sum(worth.worth[feature] for feature in had)
    if worth.alone:
        total -= sum(worth.alone[feature] for feature, count in had.items() if count == 1)
    for cost, levels in zip(worth.level_worth, worth.levels, strict=True):
        total -= cost * abs(sum(levels[i] for i in members))
    for i, j in itertools.combinations(members, 2):
        total -= worth.conflict * (worth.apart[i] >> j & 1)
        if worth.met:
            total -= worth.again * (worth.met[i] >> j & 1)
    if worth.common:
        shared = reduce(and_, (worth.free[i] for i in members), ALL_WEEK)
        most = len(worth.common) - 1
        total += worth.common[most if shared == ALL_WEEK else min(shared.bit_count(), most)]
    return total


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_the_gain_of_a_swap_is_what_counting_afresh_says(seed):
    random = Random(seed)
    people, circles = 12, 3
    features = [tuple(random.sample(range(6), 2)) for _ in range(people)]
    apart = [0] * people
    for i, j in itertools.combinations(range(people), 2):
        if random.random() < 0.2:
            apart[i] |= 1 << j
            apart[j] |= 1 << i
    levels = [random.randint(-5, 5) for _ in range(people)]
    met = [0] * people
    for i, j in random.sample(list(itertools.combinations(range(people), 2)), 10):
        met[i] |= 1 << j
        met[j] |= 1 << i
    worth = Worth(
        features,
        [3, 5, 7, 2, 9, 4],
        [levels],
        [6],
        apart,
        conflict=1000,
        steep=500,
        alone=random.choice([(), (0, 20, 0, 20, 20, 0)]),
        met=random.choice([(), met]),
        again=300,
        free=[random.choice([-1, random.getrandbits(6)]) for _ in range(people)],
        common=random.choice([(), (-700, 10, 20, 30)]),
    )
    seating = Seating(worth, circles)
    pool = search.pool_of(worth)
    seats = search.empty_seats(pool, circles, people)
    for i in range(people - 2):  # two stay on the bench
        seating.move(i, i % circles)
        exchanges.move(pool, seats, i, i % circles)
    for _ in range(30):
        i, j = random.sample(range(people), 2)
        if seating.circle_of[i] == seating.circle_of[j]:
            continue
        before = worth_of_all(seating)
        gain = exchanges.gain_of_swap(pool, seats, i, j)
        exchanges.swap(pool, seats, i, j)
        there, here = seating.circle_of[i], seating.circle_of[j]
        seating.move(i, here)
        seating.move(j, there)
        now = worth_of_all(seating)
        assert now - before == gain
        gain = exchanges.gain_of_leaving(pool, seats, i)
        exchanges.move(pool, seats, i, circles)
        seating.move(i, circles)
        gain += exchanges.gain_of_joining(pool, seats, i, there)
        exchanges.move(pool, seats, i, there)
        seating.move(i, there)
        assert worth_of_all(seating) - now == gain
