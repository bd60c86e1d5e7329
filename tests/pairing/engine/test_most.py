"""As many pairs as there can be from any pairing to begin with, and who can remain."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairing.engine.peers.most import pair_most, who_can_remain
from pairing.engine.peers.prices import bound_of, count_pairs
from pairing.engine.peers.shapes import ALONE
from pairing.engine.shapes import no_progress
from tests.pairing.engine.verify import undervalued
from tests.profile import cases


def mask_of(count, pairs):
    possible = np.zeros((count, count), bool)
    for i, j in pairs:
        possible[i, j] = possible[j, i] = True
    return possible


def nobody_paired(count):
    return np.full(count, ALONE, np.int64)


def largest_pairings(count, pairs):
    """Every set of as many pairs as there can be, by trying everything."""
    for size in range(count // 2, -1, -1):
        fits = [
            some
            for some in combinations(sorted(pairs), size)
            if len({person for pair in some for person in pair}) == 2 * size
        ]
        if fits:
            return fits
    return [()]


@st.composite
def friendships(draw):
    count = draw(st.integers(1, 7))
    everybody = list(combinations(range(count), 2))
    pairs = draw(st.frozensets(st.sampled_from(everybody), max_size=10)) if everybody else set()
    return count, pairs


PATH = [(0, 1), (1, 2), (2, 3)]
RING = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)]


@cases(20)
@given(friendships())
def test_the_search_finds_as_many_pairs_as_any_and_its_prices_prove_it(pool):
    count, pairs = pool
    possible, largest = mask_of(count, pairs), largest_pairings(count, pairs)

    mate, prices = pair_most(possible, nobody_paired(count), no_progress)

    assert count_pairs(mate) == len(largest[0]) == bound_of(prices, None)
    assert all(j == ALONE or (mate[j] == i and possible[i, j]) for i, j in enumerate(mate))
    assert undervalued(prices, np.ones_like(possible, np.int64), possible).max() <= 0
    remain = {i for some in largest for i in set(range(count)) - {p for pair in some for p in pair}}
    able = who_can_remain(possible, nobody_paired(count), no_progress)
    assert set(np.flatnonzero(able).tolist()) == remain


@pytest.mark.parametrize(
    ("count", "pairs", "first", "remain"),
    [
        (4, PATH, (1, 2), set()),  # the middle pair has to give way to the two at the ends
        (3, PATH[:2], (0, 1), {0, 2}),
        (5, RING, (0, 1), {0, 1, 2, 3, 4}),
        (6, [*RING, (2, 5)], (1, 2), set()),  # the way out leads round the ring of five
        (3, [], None, {0, 1, 2}),
    ],
)
def test_pairs_to_begin_with_give_way_where_that_makes_more_pairs(count, pairs, first, remain):
    possible, mate = mask_of(count, pairs), nobody_paired(count)
    if first:
        mate[list(first)] = first[::-1]

    paired, _prices = pair_most(possible, mate, no_progress)

    assert 2 * count_pairs(paired) == count - bool(remain) * (3 if not pairs else 1)
    able = who_can_remain(possible, mate, no_progress)
    assert set(np.flatnonzero(able).tolist()) == remain
