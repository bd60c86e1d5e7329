"""Pairs of peers: as good as any found by trying everything, and proved by prices."""

import itertools
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
import rustworkx
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pairing.engine.compiled import blossoms
from pairing.engine.explain import explain, explain_peers
from pairing.engine.peers import prices, repeats
from pairing.engine.peers.pair import pair_peers
from pairing.engine.peers.places import places_of
from pairing.engine.peers.shapes import ALONE, GRAIN, PeersProblem
from pairing.engine.shapes import (
    FULL_POINTS,
    Bonus,
    EngineError,
    LeftOverReason,
    Policy,
    no_progress,
)
from tests.pairing.engine.builders import CRITERIA, RULES, SKILLS, make_people
from tests.pairing.engine.verify import ProofFailed, undervalued, verify_pairs
from tests.profile import cases

SCORED = (Policy.BEST_TOTAL, Policy.NOBODY_LEFT_OUT, Policy.FAIREST_WORST_CASE)


def make_pool(count, seed=0, *, away=(), **changes):
    random = Random(seed)

    def skills():
        return {skill: random.randint(1, 5) for skill in random.sample(SKILLS, 2)}

    people = make_people(
        [f"p{i}" for i in range(count)],
        capacity=tuple(0 if i in away else 1 for i in range(count)),
        sought=tuple(skills() for _ in range(count)),
        offered=tuple(skills() for _ in range(count)),
        interests=tuple(
            frozenset(random.sample("abc", random.randint(0, 2))) for _ in range(count)
        ),
        grade=tuple(random.randint(1, 6) for _ in range(count)),
        free=tuple(random.getrandbits(8) for _ in range(count)),
        languages=tuple(
            frozenset(random.sample(("de", "en"), random.randint(1, 2))) for _ in range(count)
        ),
        manager=tuple(
            f"p{random.randrange(count)}" if random.random() < 0.2 else None for _ in range(count)
        ),
    )
    return PeersProblem(people, CRITERIA, RULES, **changes)


def worth_by_hand(problem):
    """What each pair is worth, from the parts it is shown, and None where a rule says no."""
    two_sides, count = problem.as_two_sides(), len(problem.people)
    one_way = [
        [sum(part.points for part in explain(two_sides, i, j)) for j in range(count)]
        for i in range(count)
    ]
    languages, managers = (problem.people.columns[key] for key in ("languages", "manager"))

    def line(i):
        above, seen = managers[i], []
        while above is not None and above not in seen:
            seen.append(above)
            above = managers[int(above[1:])]
        return seen

    def forbidden(i, j):
        by_hand = {frozenset(pair) for pair in problem.forbidden}
        return (
            i == j
            or not languages[i] & languages[j]
            or f"p{j}" in line(i)
            or f"p{i}" in line(j)
            or frozenset((i, j)) in by_hand
            or 0 in (problem.people.places()[i], problem.people.places()[j])
        )

    return {
        (i, j): None if forbidden(i, j) else (one_way[i][j] + one_way[j][i]) // 2
        for i in range(count)
        for j in range(count)
    }


@pytest.mark.slow
@cases(20)
@given(st.integers(3, 8), st.integers(0, 10**6))
def test_which_of_their_own_partners_people_got_is_counted_by_hand(count, seed):
    met = frozenset({tuple(Random(seed).sample(range(count), 2))})
    problem = make_pool(count, seed, away=(1,), met=met)
    worth = worth_by_hand(problem)
    least = 1 + 2 * max(one or 0 for one in worth.values())

    def to_them(i, j):
        return worth[i, j] - least * ({i, j} == set(*met))

    possible = {i: [j for j in range(count) if worth[i, j] is not None] for i in range(count)}
    tables = [(i, j) for i in possible for j in possible[i] if i < j]
    for table in tables[:4]:
        for i, own in places_of(problem, [table]).items():
            (j,) = set(table) - {i}
            better = sum(to_them(i, k) > to_them(i, j) for k in possible[i])
            assert own == [(better + 1, len(possible[i]))]
    trio = places_of(problem, [range(3)])[0]
    assert [len(trio), *trio] == [2, *sorted(trio)]


def all_pairings(people, worth):
    """Every set of possible pairs."""
    if len(people) < 2:
        yield ()
        return
    first, *rest = people
    yield from all_pairings(rest, worth)
    for other in rest:
        if worth[first, other] is not None:
            for pairs in all_pairings([each for each in rest if each != other], worth):
                yield ((first, other), *pairs)


def value(policy, pairs, worth, people, problem):
    """What the policy compares; of an odd pool, who was it seldom remains, at no pair's cost."""
    points = [worth[pair] for pair in pairs]
    seated = {i for pair in pairs for i in pair}
    turns = -min((problem.stood_in[i] for i in people if i not in seated), default=0)
    repeats = sum(pair in problem.met for pair in pairs)
    count = (len(pairs), turns if len(people) % 2 else 0, -repeats)
    return {
        Policy.BEST_TOTAL: (sum(points),),
        Policy.NOBODY_LEFT_OUT: (*count, sum(points)),
        Policy.FAIREST_WORST_CASE: (*count, min(points, default=0), sum(points)),
    }[policy]


@st.composite
def pools(draw):
    count = draw(st.integers(0, 7))
    pairs = list(itertools.combinations(range(count), 2))
    forbidden = draw(st.frozensets(st.sampled_from(pairs), max_size=3)) if pairs else frozenset()
    away = draw(st.frozensets(st.integers(0, 7), max_size=1))
    stood_in = tuple(draw(st.lists(st.integers(0, 1), min_size=count, max_size=count)))
    seed = draw(st.integers(0, 10**6))
    met = frozenset()
    if pairs:  # some have met, or most: then somebody must meet again
        some = draw(st.frozensets(st.sampled_from(pairs)))
        met = some if draw(st.booleans()) else frozenset(pairs) - some
    return make_pool(count, seed, away=away, forbidden=forbidden, stood_in=stood_in, met=met)


THIRD_WAS_IT_BEFORE = make_pool(3, forbidden=frozenset({(0, 1)}), stood_in=(0, 1, 0))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@example(THIRD_WAS_IT_BEFORE, 0)  # only 0 and 2 may be a pair, and 1 was left over before
@given(pools(), st.integers(0, 3))
def test_no_pairing_is_better_and_the_prices_prove_it(problem, seed):
    worth = worth_by_hand(problem)
    people = [i for i, places in enumerate(problem.people.places()) if places]
    for policy in SCORED:
        answer = pair_peers(problem, policy=policy, seed=seed)
        verify_pairs(problem, answer)
        assert answer.proved
        pairs = [tuple(sorted(set(group) - answer.joined)) for group in answer.groups]
        tried = (
            value(policy, pairing, worth, people, problem)
            for pairing in all_pairings(people, worth)
        )
        assert value(policy, pairs, worth, people, problem) == max(tried)
        assert set(answer.met_again) == problem.met & set(pairs)


@pytest.mark.parametrize("policy", [Policy.NOBODY_LEFT_OUT, Policy.FAIREST_WORST_CASE])
def test_nobody_loses_a_partner_so_that_another_may_remain(policy):
    answer = pair_peers(THIRD_WAS_IT_BEFORE, policy=policy)
    assert (answer.groups, answer.third, answer.proved) == (((0, 2),), 1, True)


@pytest.mark.parametrize("policy", [Policy.NOBODY_LEFT_OUT, Policy.FAIREST_WORST_CASE])
def test_a_proof_of_repeats_that_was_tampered_with_is_refused(policy):
    every = frozenset(itertools.combinations(range(6), 2))
    problem = replace(make_pool(6, 2), rules=(), met=every - {(0, 1)})
    answer = pair_peers(problem, policy=policy)
    verify_pairs(problem, answer)
    assert len(answer.met_again) == 2
    less = replace(answer.proof.repeats, again=answer.proof.repeats.again // 2)
    for wrong in (
        replace(answer, met_again=answer.met_again[1:]),
        replace(answer, proof=replace(answer.proof, repeats=None)),
        replace(answer, proof=replace(answer.proof, repeats=less)),
        replace(answer, proof=replace(answer.proof, total=replace(answer.proof.total, again=0))),
    ):
        with pytest.raises(ProofFailed):
            verify_pairs(problem, wrong)


def check_prices(worth, count, answer, met=frozenset()):
    """The proof of the total, by somebody who believes nobody: every pair against its prices.

    With one repeat fewer, the same prices leave less than nothing: there is no such pairing.
    """
    total, nobody = answer.proof.total, answer.third is not None
    for i, j in itertools.combinations(range(count), 2):
        points = worth[i, j]
        if points is None or points < total.floor:
            continue
        most = total.person[i] + total.person[j] + total.pair + total.again * ((i, j) in met)
        most += sum(price for members, price in total.sets if {i, j} <= members)
        assert points * GRAIN <= most
    assert min(total.person, default=0) >= 0
    assert all(price >= 0 for _members, price in total.sets)
    together = sum(total.person) + sum(len(who) // 2 * price for who, price in total.sets)
    together += total.pair * (len(answer.groups) + nobody)
    again = sum(tuple(sorted(set(group) - answer.joined)) in met for group in answer.groups)
    assert answer.objective <= answer.bound == (together + total.again * again) // GRAIN
    assert not again or together + total.again * (again - 1) < 0


@pytest.mark.parametrize("seed", range(12))
def test_an_independent_reader_finds_the_same_proof(seed):
    problem = make_pool(12 + seed, seed)
    answer = pair_peers(problem, policy=Policy.NOBODY_LEFT_OUT, seed=seed)
    check_prices(worth_by_hand(problem), 12 + seed, answer)
    assert answer.proved
    assert answer.bound == answer.objective


@pytest.mark.parametrize("seed", range(12))
def test_an_independent_reader_finds_the_proof_that_there_are_no_fewer_repeats(seed):
    """Nearly all have met: fewest repeats, then most points, as another finds them too."""
    count, random = 12 + seed, Random(seed)
    every = sorted(itertools.combinations(range(count), 2))
    met = frozenset(random.sample(every, len(every) - count // 3))
    problem = make_pool(count, seed, met=met)

    answer = pair_peers(problem, policy=Policy.NOBODY_LEFT_OUT, seed=seed)

    worth = worth_by_hand(problem)
    check_prices(worth, count, answer, met)
    verify_pairs(problem, answer)
    assert answer.proved
    assert answer.met_again
    new = count * FULL_POINTS
    sums = np.full((count, count), -1, np.int64)
    for (i, j), points in worth.items():
        if points is not None:
            sums[i, j] = points + new * ((min(i, j), max(i, j)) not in met)
    pairs = len(answer.groups)
    ours = answer.objective + new * (pairs - len(answer.met_again))
    assert best_by_rustworkx(sums, most=True) == (ours, pairs)


def test_the_odd_one_joins_whom_they_have_not_met():
    problem = replace(make_pool(5, 3), rules=())
    first = pair_peers(problem, policy=Policy.NOBODY_LEFT_OUT)
    (trio,) = [group for group in first.groups if len(group) == 3]
    met = frozenset(itertools.combinations(trio, 2)) - set(first.met_again)
    stood_in = tuple(0 if i == first.third else 1 for i in range(5))

    again = pair_peers(replace(problem, met=met, stood_in=stood_in), policy=Policy.NOBODY_LEFT_OUT)

    (three,) = [group for group in again.groups if len(group) == 3]
    assert again.third == first.third
    assert len(met & set(itertools.combinations(three, 2))) <= 1
    assert again.proved


def test_who_has_met_counts_for_nothing_where_points_alone_are_promised():
    problem = replace(make_pool(8, 1), rules=())
    plain = pair_peers(problem, policy=Policy.BEST_TOTAL)
    met = frozenset(plain.groups)
    for policy in Policy.BEST_TOTAL, Policy.STABLE:
        answer = pair_peers(replace(problem, met=met), policy=policy)
        assert answer.objective == pair_peers(problem, policy=policy).objective
        assert set(answer.met_again) == met & set(answer.groups)
        verify_pairs(replace(problem, met=met), answer)


@pytest.mark.parametrize("policy", [Policy.NOBODY_LEFT_OUT, Policy.FAIREST_WORST_CASE])
def test_where_everybody_has_met_everybody_nothing_changes_but_what_is_said(policy):
    for count in range(5):
        problem = replace(make_pool(count, 2), rules=())
        met = frozenset(itertools.combinations(range(count), 2))
        plain, answer = (
            pair_peers(each, policy=policy) for each in (problem, replace(problem, met=met))
        )
        assert (answer.objective, answer.floor) == (plain.objective, plain.floor)
        assert (answer.proved, len(answer.met_again)) == (True, count // 2)
        verify_pairs(replace(problem, met=met), answer)


def test_more_people_than_a_sum_of_aims_can_hold_are_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(repeats, "LARGEST", 200_000)
    problem = replace(make_pool(8, 1), rules=())
    met = frozenset(itertools.combinations(range(8), 2))
    with pytest.raises(EngineError, match="Somebody must meet a partner again"):
        pair_peers(replace(problem, met=met))


@pytest.mark.parametrize("seed", range(4))
def test_pairs_that_come_in_late_change_nothing_that_is_proved(seed, monkeypatch):
    problem = make_pool(30, seed)
    whole = pair_peers(problem, policy=Policy.NOBODY_LEFT_OUT)
    monkeypatch.setattr(prices, "PARTNERS", 1)  # the best one of each is never enough

    few = pair_peers(problem, policy=Policy.NOBODY_LEFT_OUT)

    verify_pairs(problem, few)
    assert few.rounds > whole.rounds
    assert (few.proved, few.objective) == (True, whole.objective)


def best_by_rustworkx(worth, most):
    """What the best pairing is worth, by somebody else; and how many pairs it has."""
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from([None] * len(worth))
    there = [(int(i), int(j), int(worth[i, j])) for i, j in np.argwhere(np.triu(worth >= 0, 1))]
    graph.add_edges_from(there)
    pairs = rustworkx.max_weight_matching(graph, max_cardinality=most, weight_fn=int)
    return sum(int(worth[pair]) for pair in pairs), len(pairs)


@settings(cases(150))
@given(
    st.integers(2, 26), st.integers(0, 10**6), st.integers(1, 60), st.integers(0, 9), st.booleans()
)
def test_any_worths_at_all_are_paired_as_well_as_by_another_and_proved(
    count, seed, top, gaps, most
):
    """Few different worths make many equal circles and sets in sets; gaps leave people alone."""
    random = np.random.default_rng(seed)
    drawn = random.integers(0, top + 1, (count, count), np.int32)
    drawn[random.random((count, count)) < gaps / 10] = -1
    worth = np.triu(drawn, 1) + np.triu(drawn, 1).T
    np.fill_diagonal(worth, -1)

    found = prices.best_pairs(worth, worth >= 0, no_progress, most=most)

    pairs = prices.count_pairs(found.mate)
    value, number = best_by_rustworkx(worth, most)
    assert (found.value, found.value) == (value, prices.worth_of(worth, found.mate))
    assert pairs == number if most else True
    assert undervalued(found.prices, worth, worth >= 0).max() <= 0
    assert min(found.prices.person) >= 0
    assert prices.bound_of(found.prices, pairs) == value


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_trees_that_begin_with_nothing_pair_as_well_as_another(seed):
    """With no fraction to begin with, odd sets are made and opened all the time."""
    random, n = np.random.default_rng(seed), 12
    drawn = random.integers(0, 8, (n, n), np.int32)
    drawn[random.random((n, n)) < 0.4] = -1
    worth = np.triu(drawn, 1) + np.triu(drawn, 1).T
    np.fill_diagonal(worth, -1)
    rows, others = np.nonzero(worth >= 0)
    points = 2 * worth[rows, others].astype(np.int64)
    pairs = blossoms.Pairs(np.searchsorted(rows, np.arange(n + 1)), others, points)
    nobody = np.full(n, ALONE, np.int64)
    sets = blossoms.make_sets(nobody, np.full(n, points.max(), np.int64))

    blossoms.pair_all(pairs, sets)

    assert prices.worth_of(worth, sets.mate) == best_by_rustworkx(worth, False)[0]


@pytest.mark.parametrize("honest", [0, 2])  # looks before: at the fractions, and at the trees
def test_prices_that_no_pair_mends_are_refused_and_not_sought_for_ever(monkeypatch, honest):
    look, looks = blossoms.closest_pairs, itertools.count()

    def broken(worth, *rest):
        found = look(worth, *rest)
        return found if next(looks) < honest else np.ones(len(worth), np.int64)

    worth = np.full((6, 6), -1, np.int32)
    for three in ((0, 1, 2), (3, 4, 5)):  # of each three somebody is over: odd sets are needed
        for i, j in itertools.permutations(three, 2):
            worth[i, j] = 10
    worth[0, 3] = worth[3, 0] = 1
    assert prices.best_pairs(worth, worth >= 0, no_progress, most=True).value == 21
    monkeypatch.setattr(blossoms, "closest_pairs", broken)

    with pytest.raises(AssertionError, match="break their own prices"):
        prices.best_pairs(worth, worth >= 0, no_progress, most=True)


def test_sets_within_sets_are_opened_again():
    """Three circles of three around each other, and a way out of the innermost."""
    worth = np.full((12, 12), -1, np.int32)
    for i, j, points in (
        (0, 1, 45), (0, 2, 44), (1, 2, 50), (0, 4, 30), (2, 4, 35), (3, 4, 20), (1, 3, 30),
        (5, 6, 40), (5, 7, 40), (6, 7, 60), (6, 8, 55), (7, 9, 55), (8, 9, 50), (5, 10, 15),
        (8, 11, 30), (10, 11, 8), (3, 10, 12),
    ):  # fmt: skip
        worth[i, j] = worth[j, i] = points
    for most in False, True:
        found = prices.best_pairs(worth, worth >= 0, no_progress, most=most)
        assert found.value == best_by_rustworkx(worth, most)[0]


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 12), st.integers(0, 10**6), st.sampled_from(SCORED))
def test_the_order_of_people_changes_nothing_that_is_promised(count, seed, policy):
    problem = make_pool(count, seed)
    order = list(range(count))
    Random(seed).shuffle(order)
    people = problem.people
    shuffled = replace(
        problem,
        people=make_people(
            [people.names[i] for i in order],
            capacity=tuple(people.places()[i] for i in order),
            **{key: tuple(column[i] for i in order) for key, column in people.columns.items()},
        ),
    )
    one, other = (pair_peers(each, policy=policy) for each in (problem, shuffled))
    assert (one.objective, one.floor, len(one.groups)) == (
        other.objective,
        other.floor,
        len(other.groups),
    )


def test_nobody_would_rather_have_somebody_else_in_a_stable_pairing():
    problem = make_pool(30, 5)
    answer = pair_peers(problem, policy=Policy.STABLE)
    verify_pairs(problem, answer)
    assert (answer.blocking_pairs, answer.proved) == (0, True)
    assert answer.objective <= answer.bound


def test_the_odd_one_joins_the_pair_that_fits_best_and_was_it_least_often():
    problem = make_pool(9, 3, stood_in=(1, 1, 0, 1, 1, 0, 1, 1, 1))
    problem = replace(problem, rules=())
    answer = pair_peers(problem)
    assert answer.third in {2, 5}
    assert answer.joined == {answer.third}
    assert [len(group) for group in answer.groups].count(3) == 1
    worth = {
        (i, j): (
            sum(part.points for part in explain(problem.as_two_sides(), i, j))
            + sum(part.points for part in explain(problem.as_two_sides(), j, i))
        )
        // 2
        for i in range(9)
        for j in range(9)
    }
    fits = {
        tuple(sorted(set(group) - answer.joined)): sum(
            worth[answer.third, i] for i in set(group) - answer.joined
        )
        for group in answer.groups
    }
    (trio,) = [group for group in answer.groups if len(group) == 3]
    assert fits[tuple(sorted(set(trio) - answer.joined))] == max(fits.values())
    three = list(itertools.combinations(trio, 2))
    points = dict(zip(answer.groups, answer.points, strict=True))
    assert points[trio] == sum(worth[pair] for pair in three) // 3


def test_who_has_met_is_paired_again_only_where_somebody_would_have_nobody():
    problem = replace(make_pool(6, 1), rules=())
    anything = dict.fromkeys(itertools.permutations(range(6), 2), 1)
    pairings = [each for each in all_pairings(range(6), anything) if len(each) == 3]
    met: set[tuple[int, int]] = set()
    for month in range(6):
        answer = pair_peers(replace(problem, met=frozenset(met)))
        pairs = set(answer.groups)
        assert len(pairs) == 3
        assert len(pairs & met) == min(len(met & set(each)) for each in pairings)
        assert month > 2 or not pairs & met
        assert answer.proved
        assert set(answer.met_again) == pairs & met
        verify_pairs(replace(problem, met=frozenset(met)), answer)
        met |= pairs
    assert len(met) >= 12


def test_locks_stay_and_what_is_forbidden_never_appears():
    problem = replace(make_pool(10, 2), rules=())
    first = pair_peers(problem)
    away = frozenset({tuple(first.groups[0])})
    together = (first.groups[1][0], first.groups[2][0])
    answer = pair_peers(replace(problem, forbidden=away, locked=frozenset({together})))
    assert not away & set(answer.groups)
    assert tuple(sorted(together)) in set(answer.groups)
    assert answer.objective <= first.objective or answer.floor < first.floor
    verify_pairs(replace(problem, forbidden=away, locked=frozenset({together})), answer)


def test_a_proof_that_was_tampered_with_is_refused():
    problem = make_pool(12, 4)
    answer = pair_peers(problem, policy=Policy.NOBODY_LEFT_OUT)
    verify_pairs(problem, answer)
    total = answer.proof.total
    dear = max(range(12), key=lambda i: total.person[i])
    person = list(total.person)
    person[dear] = max(0, person[dear] - 4 * GRAIN)
    cheap = replace(answer.proof, total=replace(total, person=tuple(person)))
    for wrong in (
        replace(answer, objective=answer.objective + 1),
        replace(answer, floor=(answer.floor or 0) + 1),
        replace(answer, points=(answer.points[0] + 1, *answer.points[1:])),
        replace(answer, groups=answer.groups[1:], points=answer.points[1:]),
        replace(answer, proof=cheap),
        replace(answer, proof=replace(answer.proof, coverage=None)),
    ):
        with pytest.raises(ProofFailed):
            verify_pairs(problem, wrong)


def test_who_has_nobody_is_told_why():
    problem = replace(make_pool(4, 0, away=(3,)), rules=())
    alone = replace(problem, forbidden=frozenset({(0, 1), (0, 2), (0, 3)}))
    left = {each.index: each for each in pair_peers(alone).left_over}
    assert left[3].reason is LeftOverReason.NO_CAPACITY
    assert left[0].reason is LeftOverReason.NO_ALLOWED_PARTNER
    assert left[0].detail == {"forbidden": 3}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"locked": frozenset({(0, 1), (1, 2)})}, "p1 is locked to more than one partner"),
        ({"locked": frozenset({(0, 0)})}, "p0 is locked with themselves"),
        ({"locked": frozenset({(0, 9)})}, "nobody of that number"),
        (
            {"locked": frozenset({(0, 1)}), "forbidden": frozenset({(1, 0)})},
            "p0 with p1 is locked but is forbidden",
        ),
        ({"stood_in": (1, 2)}, "2 counts of the third for 4 people"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(changes, words):
    problem = replace(make_pool(4, 0), rules=())
    with pytest.raises(EngineError, match=words):
        pair_peers(replace(problem, **changes))
    with pytest.raises(EngineError, match="is not a policy"):
        pair_peers(problem, policy="best")


def test_progress_can_cancel_pairing():
    class Cancelled(Exception):
        pass

    def cancel(done, of, what):
        raise Cancelled

    with pytest.raises(Cancelled):
        pair_peers(make_pool(30, 0), progress=cancel)


def test_points_are_the_mean_of_both_directions():
    problem = replace(make_pool(2, 7), rules=())
    (points,) = pair_peers(problem).points
    two_sides = problem.as_two_sides()
    both = [sum(part.points for part in explain(two_sides, *pair)) for pair in ((0, 1), (1, 0))]
    assert points == int(Fraction(sum(both), 2))


def test_a_trio_adds_up_where_a_bonus_names_one_of_its_pairs():
    problem = make_pool(3, bonuses=(Bonus("wish", {(0, 1): 5_000}),))

    parts = explain_peers(problem, (0, 1, 2))

    worth = worth_of_pairs(problem)
    assert sum(part.points for part in parts) == sum(worth) // 3
    assert parts[-1].criterion == "wish"
    pairs: Any = parts[-1].evidence["pairs"]
    assert [points for _i, _j, points in pairs][1:] == [0, 0]
    assert [
        sum(points) for points in zip(*(pairs_of(part) for part in parts), strict=True)
    ] == worth


def worth_of_pairs(problem):
    pairs = itertools.combinations(range(3), 2)
    return [sum(part.points for part in explain_peers(problem, pair)) for pair in pairs]


def pairs_of(part):
    return [points for _i, _j, points in part.evidence["pairs"]]
