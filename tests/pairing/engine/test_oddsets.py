"""Which odd sets a fractional answer breaks, against looking at every set there is."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairing.engine.peers.oddsets import Shares, broken_sets

TRIANGLE = {(0, 1): 0.5, (1, 2): 0.5, (0, 2): 0.5}
# six people hang together; each triangle alone holds 1.4 pairs where only one fits
TWO_TRIANGLES = {
    (0, 1): 0.5,
    (1, 2): 0.45,
    (0, 2): 0.45,
    (2, 3): 0.1,
    (3, 4): 0.45,
    (3, 5): 0.45,
    (4, 5): 0.5,
}
RING_OF_FIVE = {(0, 1): 0.5, (1, 2): 0.5, (2, 3): 0.5, (3, 4): 0.5, (0, 4): 0.5}


def held(people: frozenset[int], shares: Shares) -> float:
    return sum(share for (i, j), share in shares.items() if i in people and j in people)


def every_broken_set(shares: Shares) -> set[frozenset[int]]:
    people = sorted({person for pair in shares for person in pair})
    odd = (frozenset(some) for n in (3, 5, 7) for some in combinations(people, n))
    return {some for some in odd if held(some, shares) > len(some) // 2 + 1e-3}


@pytest.mark.parametrize(
    ("shares", "broken"),
    [
        (TRIANGLE, {frozenset({0, 1, 2})}),
        (RING_OF_FIVE, {frozenset(range(5))}),
        (TWO_TRIANGLES, {frozenset({0, 1, 2}), frozenset({3, 4, 5})}),
        ({(0, 1): 1.0, (2, 3): 1.0}, set()),
        ({(0, 1): 0.5, (1, 2): 0.5, (2, 3): 0.5, (0, 3): 0.5}, set()),
        ({}, set()),
    ],
)
def test_a_set_that_holds_too_many_pairs_is_named_and_no_other(shares, broken):
    """One is enough for the next round; the others come up in it."""
    named = set(broken_sets(shares))
    assert named <= broken == every_broken_set(shares)
    assert bool(named) == bool(broken)


@st.composite
def fractional_answers(draw) -> Shares:
    """Shares of pairs among seven people, nobody above a whole pair in sum."""
    shares: dict[tuple[int, int], float] = {}
    left = dict.fromkeys(range(7), 4)  # quarters
    for pair in draw(st.permutations(list(combinations(range(7), 2)))):
        quarters = draw(st.integers(0, min(left[pair[0]], left[pair[1]])))
        if quarters:
            shares[pair] = quarters / 4
            for person in pair:
                left[person] -= quarters
    return shares


@settings(max_examples=150, deadline=None)
@given(fractional_answers())
def test_each_named_set_is_broken_and_where_one_is_broken_one_is_named(shares):
    named, broken = set(broken_sets(shares)), every_broken_set(shares)
    assert named <= broken
    assert bool(named) == bool(broken)
