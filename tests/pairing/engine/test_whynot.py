"""Why two people are no pair, what would change it, and how near each is to a first choice."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairing.engine.explain import explain, own_choices
from pairing.engine.leftover import find_hindrances
from pairing.engine.matching import match
from pairing.engine.rules import blocked_by
from pairing.engine.shapes import Bonus, EngineError, Policy, Problem, Rule, RuleKind, Side
from pairing.engine.whynot import Obstacle, why_not
from tests.pairing.engine.builders import (
    allowed_matchings,
    make_people,
    make_table,
    problems,
    score_table,
    value,
)

FEW = settings(max_examples=25, deadline=None)
POLICIES = st.sampled_from([Policy.BEST_TOTAL, Policy.NOBODY_LEFT_OUT, Policy.FAIREST_WORST_CASE])


def pairs_of(matching):
    return [(pair.seeker, pair.offerer) for pair in matching.pairs]


@FEW
@given(problems(most=4), POLICIES, st.data())
def test_the_cost_is_what_trying_everything_finds(problem, policy, data):
    best = match(problem, policy=policy)
    i = data.draw(st.integers(0, len(problem.seekers) - 1))
    j = data.draw(st.integers(0, len(problem.offerers) - 1))
    answer = why_not(problem, i, j, policy=policy, pairs=pairs_of(best))

    scores = score_table(problem)
    own = {
        (a, b): sum(part.points for part in explain(problem, a, b))
        for a in range(len(scores))
        for b in range(len(scores[0]))
    }
    assert answer.points == own[i, j]
    if answer.together:
        assert (i, j) in pairs_of(best)
        return
    with_pair = replace(problem, locked=problem.locked | {(i, j)})
    if answer.obstacle is not None:
        assert answer.rules == blocked_by(problem, i, j)
        try:
            match(with_pair, policy=policy)
        except EngineError:
            return
        raise AssertionError(f"{answer.obstacle} forbids nothing")
    found = list(allowed_matchings(with_pair))
    most = max(value(with_pair, scores, policy, pairs) for pairs in found)
    after = {move.seeker: move.after for move in answer.moves}
    now = dict(pairs_of(best)) | after
    chosen = tuple((a, b) for a, b in sorted(now.items()) if b is not None)
    total = sum(own[pair] for pair in chosen)
    assert chosen in found
    assert value(with_pair, scores, policy, chosen) == most
    assert answer.cost == sum(pair.total for pair in best.pairs) - total
    assert answer.people == best.people - len(chosen) - len({b for _, b in chosen})
    assert answer.moves[0].seeker == i


def test_the_price_of_a_pair_and_who_would_move_for_it():
    problem = make_table([[90, 60, 0], [80, 10, 0], [0, 0, 50]])
    best = match(problem, policy=Policy.BEST_TOTAL)
    assert pairs_of(best) == [(0, 1), (1, 0), (2, 2)]

    answer = why_not(problem, 0, 0, policy=Policy.BEST_TOTAL, pairs=pairs_of(best))

    # a third of the points each: 60 + 80 + 50 becomes 90 + 10 + 50
    together = match(replace(problem, locked=frozenset({(0, 0)})), policy=Policy.BEST_TOTAL)
    assert answer.cost == best.objective - together.objective == 13_333
    assert [(move.seeker, move.before, move.after) for move in answer.moves] == [
        (0, 1, 0), (1, 0, 1),
    ]  # fmt: skip
    assert answer.people == 0
    assert answer.floor_before == min(pair.total for pair in best.pairs)
    assert why_not(problem, 2, 2, policy=Policy.BEST_TOTAL, pairs=pairs_of(best)).together


def test_what_makes_a_pair_impossible_is_named():
    people = make_people("abc", city=("Lima", "Oslo", "Rome"), capacity=(1, 1, 0))
    others = make_people("xyz", city=("Lima", "Pune", "Pune"), capacity=(1, 1, 0))
    apart = Rule("city", RuleKind.NEVER_SAME, "city", "city")
    problem = Problem(people, others, (), (apart,), locked=frozenset({(0, 1)}))

    def obstacle(i, j):
        answer = why_not(problem, i, j, policy=Policy.BEST_TOTAL, pairs=[(0, 1)])
        return answer.obstacle, answer.rules

    assert obstacle(0, 0) == (Obstacle.RULES, ("city",))
    assert obstacle(1, 1) == (Obstacle.OFFERER_LOCKED, ())
    assert obstacle(1, 2) == (Obstacle.OFFERER_TAKES_NOBODY, ())
    assert obstacle(2, 0) == (Obstacle.SEEKER_TAKES_NOBODY, ())
    assert obstacle(1, 0) == (None, ())
    free = replace(problem, offerers=replace(others, capacity=(1, 1, 1)))
    assert why_not(free, 0, 2, policy=Policy.BEST_TOTAL, pairs=[(0, 1)]).obstacle == (
        Obstacle.SEEKER_LOCKED
    )


def test_whoever_is_left_over_hears_who_was_preferred_and_by_how_much():
    problem = make_table([[90, 10], [80, 20], [70, 0]])
    matching = match(problem, policy=Policy.BEST_TOTAL)
    (left,) = matching.left_over

    rival = find_hindrances(problem, matching)[left.side, left.index].rival

    assert (left.side, left.index) == (Side.SEEKER, 2)
    assert (rival.partner, rival.rival, rival.locked) == (0, 0, False)
    assert (rival.points, rival.rival_points) == (70 * 500, 90 * 500)


def test_a_place_held_by_a_lock_says_so():
    problem = make_table([[10], [90]], locked=frozenset({(0, 0)}))
    matching = match(problem, policy=Policy.BEST_TOTAL)
    rival = find_hindrances(problem, matching)[Side.SEEKER, 1].rival
    assert (rival.rival, rival.locked, rival.rival_points) == (0, True, 10_000)


def test_an_offerer_left_over_hears_whom_the_best_seeker_has():
    problem = make_table([[90, 80]])
    matching = match(problem, policy=Policy.BEST_TOTAL)
    rival = find_hindrances(problem, matching)[Side.OFFERER, 1].rival
    assert (rival.partner, rival.rival, rival.points, rival.rival_points) == (0, 0, 40_000, 45_000)


def test_rules_that_alone_keep_partners_out_are_counted():
    people = make_people("a", city=("Lima",), team=("Red",))
    others = make_people(
        "vwxyz",
        city=("Lima", "Lima", "Oslo", "Oslo", "Oslo"),
        team=("Blue", "Red", "Red", "Red", "Red"),
        capacity=(1, 1, 1, 1, 0),
    )  # fmt: skip
    rules = tuple(Rule(key, RuleKind.NEVER_SAME, key, key) for key in ("city", "team"))
    problem = Problem(people, others, (), rules)
    matching = match(problem, policy=Policy.BEST_TOTAL)

    hindrance = find_hindrances(problem, matching)[Side.SEEKER, 0]

    # w is kept out twice, z takes nobody
    assert (hindrance.without, hindrance.rival) == ({"city": 1, "team": 2}, None)


@pytest.mark.slow
@FEW
@given(problems())
def test_choices_are_ranked_as_counting_one_by_one_does(problem):
    matching = match(problem, policy=Policy.NOBODY_LEFT_OUT)
    n, m = len(problem.seekers), len(problem.offerers)

    scores = [
        [sum(part.points for part in explain(problem, i, j)) for j in range(m)] for i in range(n)
    ]

    def allowed(i, j):
        return not blocked_by(problem, i, j) and problem.offerers.places()[j] > 0

    for pair, (mine, theirs) in zip(matching.pairs, own_choices(problem, matching), strict=True):
        i, j = pair.seeker, pair.offerer
        row = [scores[i][b] for b in range(m) if allowed(i, b)]
        column = [scores[a][j] for a in range(n) if allowed(a, j)]
        assert mine == (1 + sum(s > scores[i][j] for s in row), len(row))
        assert theirs == (1 + sum(s > scores[i][j] for s in column), len(column))


def test_a_bonus_counts_in_what_a_pair_would_cost():
    problem = make_table([[50, 40], [50, 50]], bonuses=(Bonus("liked", {(0, 0): 20_000}),))
    best = match(problem, policy=Policy.BEST_TOTAL)
    answer = why_not(problem, 0, 1, policy=Policy.BEST_TOTAL, pairs=pairs_of(best))
    # 25,000 + 20,000 and 25,000 against 20,000 and 25,000
    assert (answer.points, answer.cost) == (20_000, 25_000)
