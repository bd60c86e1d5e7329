"""Who sits together, and how evenly the word goes round: against cases worked out by hand."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.room.engine.groups import draw_groups, group_sizes
from sessions.rotation.engine.evenness import gini, verdict, voice_balance


def names(count: int) -> list[str]:
    return [f"p{n}" for n in range(count)]


@pytest.mark.parametrize(
    ("people", "trios", "pairs"),
    [
        (0, [], []),
        (1, [1], [1]),
        (2, [2], [2]),
        (3, [3], [3]),
        (4, [4], [2, 2]),
        (5, [3, 2], [3, 2]),
        (6, [3, 3], [2, 2, 2]),
        (7, [4, 3], [3, 2, 2]),
        (8, [3, 3, 2], [2, 2, 2, 2]),
        (11, [3, 3, 3, 2], [3, 2, 2, 2, 2]),
        (12, [3, 3, 3, 3], [2, 2, 2, 2, 2, 2]),
    ],
)
def test_nobody_sits_alone(people: int, trios: list[int], pairs: list[int]):
    assert group_sizes(people, 3) == trios
    assert group_sizes(people, 2) == pairs


def meetings(groups: list[tuple[tuple[str, ...], ...]]) -> Counter[frozenset[str]]:
    return Counter(
        frozenset(pair) for drawn in groups for group in drawn for pair in combinations(group, 2)
    )


@pytest.mark.parametrize(("people", "weeks"), [(4, 3), (6, 5), (8, 7)])
def test_pairs_meet_everybody_before_anybody_twice(people: int, weeks: int):
    """A schedule without repeats exists for n − 1 weeks; greedy draws find it at these sizes."""
    drawn: list[tuple[tuple[str, ...], ...]] = []
    for week in range(weeks - 1):
        drawn.append(draw_groups(names(people), 2, met=meetings(drawn), seed=week))
    assert max(meetings(drawn).values()) <= (1 if people < 8 else 2)


def test_trios_of_nine_meet_strangers_as_long_as_there_are_any():
    drawn: list[tuple[tuple[str, ...], ...]] = []
    for week in range(3):
        drawn.append(draw_groups(names(9), 3, met=meetings(drawn), seed=week))
    assert max(meetings(drawn).values()) == 1


@given(people=st.integers(2, 7), size=st.sampled_from([2, 3]), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_draw_is_the_best_of_all(people: int, size: int, data: st.DataObject):
    everybody = names(people)
    met = {frozenset(pair): data.draw(st.integers(0, 3)) for pair in combinations(everybody, 2)}
    drawn = draw_groups(everybody, size, met=met, seed=data.draw(st.integers(0, 9)))

    assert sorted(len(group) for group in drawn) == sorted(group_sizes(people, size))
    assert sorted(each for group in drawn for each in group) == sorted(everybody)
    assert cost(drawn, met) == min(
        cost(every, met) for every in all_draws(everybody, group_sizes(people, size))
    )


def cost(groups, met) -> int:
    return sum(met[frozenset(pair)] ** 2 for group in groups for pair in combinations(group, 2))


def all_draws(people: list[str], sizes: list[int]):
    if not people:
        yield []
        return
    for size in set(sizes):
        left = sizes.copy()
        left.remove(size)
        for others in combinations(people[1:], size - 1):
            group = (people[0], *others)
            rest = [each for each in people if each not in group]
            for more in all_draws(rest, left):
                yield [group, *more]


@pytest.mark.parametrize(
    ("counts", "uneven", "balance"),
    [
        ([3, 3, 3, 3], 0, 1),
        ([4, 0, 0, 0], Fraction(3, 4), 0),  # one voice alone: G = (n − 1)/n
        # Σ|xᵢ−xⱼ| over ordered pairs of 1, 2, 3, 4 is 20; 20 / (2·16·2.5) = 1/4
        ([1, 2, 3, 4], Fraction(1, 4), Fraction(2, 3)),
        # of 0, 1, 5: 2·(1+5+4) = 20; 20 / (2·9·2) = 5/9; 1 − 5/9·3/2 = 1/6
        ([0, 1, 5], Fraction(5, 9), Fraction(1, 6)),
        # of 2, 3: 2; 2 / (2·4·2.5) = 1/10; 1 − 1/10·2 = 4/5
        ([2, 3], Fraction(1, 10), Fraction(4, 5)),
    ],
)
def test_gini_and_balance_are_those_worked_out_by_hand(counts, uneven, balance):
    assert (gini(counts), voice_balance(counts)) == (uneven, balance)
    assert gini(list(reversed(counts))) == uneven


def test_without_turns_or_without_others_there_is_no_balance():
    assert gini([]) is None
    assert gini([0, 0]) is None
    assert voice_balance([5]) is None
    assert voice_balance([0, 0, 0]) is None
    with pytest.raises(ValueError, match="0 or more"):
        gini([1, -1])


def test_a_verdict_needs_three_sessions_that_can_be_told():
    even, alone, silent = [2, 2], [4, 0], [0, 0]
    assert verdict([even, alone, silent]) is None
    assert verdict([even, alone, silent, even]) == Fraction(2, 3)


@given(st.lists(st.integers(0, 40), min_size=2, max_size=12))
def test_the_short_formula_is_the_definition(counts):
    total = sum(counts)
    apart = sum(abs(a - b) for a in counts for b in counts)
    wanted = Fraction(apart, 2 * len(counts) * total) if total else None
    assert gini(counts) == wanted
