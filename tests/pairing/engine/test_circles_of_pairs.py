"""Circles weigh what pairs do: criteria between two people, wishes, preferences, who is first."""

import itertools
from dataclasses import replace
from random import Random
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairing.engine.circles import bound, search
from pairing.engine.circles.form import form_circles
from pairing.engine.circles.shapes import CirclesProblem
from pairing.engine.circles.worth import least_distance
from pairing.engine.explain import explain
from pairing.engine.score import SCALE, WIDTH
from pairing.engine.shapes import (
    FULL_POINTS,
    Bonus,
    Criterion,
    EngineError,
    Kind,
    LeftOverReason,
    People,
    Problem,
)
from tests.pairing.engine.builders import make_circles, make_peers, make_people
from tests.pairing.engine.test_exchanges import best_objective, every_division

CITY = Criterion("city", Kind.SAME, "location", "location", 5)
GOALS = Criterion("goals", Kind.TEXT, "goals", "goals", 5)


def meaning(*start):
    """A text's vector that starts with these numbers."""
    return (*start, *[0] * (WIDTH - len(start)))


MEANINGS = [None, meaning(SCALE), meaning(0, SCALE), meaning(180, 180)]


def with_goals(people, seed):
    random = Random(seed)
    goals = tuple(random.choice(MEANINGS) for _ in people.names)
    return People(people.names, {**people.columns, "goals": goals})


@settings(max_examples=8, deadline=None)
@given(st.sampled_from([(3, 3), (3, 4), (2, 2, 2)]), st.integers(0, 10**6))
def test_of_all_divisions_none_has_more_with_pairs_weighed_too(shape, seed):
    random, count = Random(seed), sum(shape)
    couples = random.sample(list(itertools.permutations(range(count), 2)), 4)
    problem = make_circles(
        with_goals(make_peers(count, seed), seed),
        criteria=(GOALS, replace(CITY, key="same city")),
        bonuses=(
            Bonus("wishes", {couple: random.randint(1, 20_000) for couple in couples[:3]}),
            Bonus("preferred", {couples[3]: 10_000}),
        ),
    )
    circles = form_circles(problem, sizes=(min(shape), max(shape)), seed=seed)
    assert circles.objective == best_objective(problem, shape)
    assert circles.proved
    few_trials = mock.patch.multiple(search, MOST_STARTS=1, FEWEST_TRIALS=500)
    with few_trials, mock.patch.object(bound, "MOST_TRIED", -1):  # as where there are too many
        searched = form_circles(problem, sizes=(min(shape), max(shape)), seed=seed)
    assert searched.objective <= circles.objective <= searched.bound
    for balance in circles.balance:
        assert all(0 <= part.points <= part.max_points for part in balance)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([CITY, GOALS]))
def test_one_criterion_between_two_is_the_mean_of_all_pairs(seed, criterion):
    people = with_goals(make_peers(6, seed), seed)
    alone = Problem(people, people, (criterion,))
    points = {
        (i, j): explain(alone, i, j)[0].points + explain(alone, j, i)[0].points
        for i, j in itertools.combinations(range(6), 2)
    }

    def mean(groups):
        pairs = [pair for group in groups for pair in itertools.combinations(group, 2)]
        return sum(points[pair] for pair in pairs) // (2 * len(pairs))

    circles = form_circles(CirclesProblem(people, criteria=(criterion,)), sizes=3)
    assert circles.objective == mean(circles.groups)
    assert circles.objective == max(map(mean, every_division(list(range(6)), (3, 3))))


@given(
    st.sampled_from([(2, 2), (3, 3), (2, 3), (2, 2, 2), (2, 2, 3), (4, 4)]),
    st.lists(st.integers(1, 6), min_size=8, max_size=8),
)
def test_levels_are_never_nearer_to_the_mean_than_whole_steps_allow(shape, levels):
    grades = levels[: sum(shape)]
    distances = [len(grades) * grade - sum(grades) for grade in grades]
    best = min(
        sum(abs(sum(distances[i] for i in group)) for group in groups)
        for groups in every_division(list(range(len(grades))), shape)
    )
    assert 0 <= least_distance(distances, shape) <= best


def test_where_there_are_too_many_for_prices_columns_alone_leave_a_bound_below_the_scale():
    people = make_people(
        [f"p{i}" for i in range(8)],
        grade=(1, 1, 1, 1, 1, 2, 2, 2),
        location=("Lima", "Oslo", "Pune", "Bonn", "Lima", "Oslo", "Pune", "Bonn"),
    )
    problem = CirclesProblem(people, level_columns=("grade",), criteria=(CITY,))
    patched = mock.patch.multiple(bound, MOST_TRIED=-1)
    with patched, mock.patch.object(bound, "MOST_LOOKED_INTO", 0):
        circles = form_circles(problem, sizes=4)
    # three of level 2 make one and two: a third of the worst distance remains.  One of three others
    # can be of the same city, so a third of those points is the most.
    assert circles.bound == 50_000 * 2 // 3 + 50_000 // 3 + 1
    assert circles.objective == circles.bound


def circle_of(circles, i):
    return next(set(group) for group in circles.groups if i in group)


ALIKE = make_people([f"p{i}" for i in range(12)], skills=tuple({f"s{i % 4}"} for i in range(12)))
BY_SKILLS = CirclesProblem(ALIKE, ("skills",))


def test_who_wishes_for_somebody_sits_with_them_where_no_rule_forbids_it():
    wish = replace(BY_SKILLS, bonuses=(Bonus("wishes", {(0, 5): 20_000, (7, 2): 20_000}),))
    circles = form_circles(wish, sizes=4)
    assert 5 in circle_of(circles, 0)
    assert 2 in circle_of(circles, 7)
    assert circles.objective == FULL_POINTS
    apart = form_circles(replace(wish, apart=frozenset({(0, 5)})), sizes=4)
    assert 5 not in circle_of(apart, 0)
    assert 2 in circle_of(apart, 7)
    # the share of all wishes is theirs: two of twelve people, 20 of 100 each
    (share,) = {balance[-1].max_points for balance in apart.balance}
    assert share == 2 * 20_000 // 12
    shown = {
        balance[-1].evidence["of"]: (balance[-1].evidence["kept"], balance[-1].points)
        for balance in apart.balance
    }
    assert shown[0] == (0, share)  # nobody there has a wish: nothing is missing
    assert sorted(row.evidence["kept"] for *_, row in apart.balance) == [0, 0, 1]


def test_people_stay_what_they_are_in_another_order():
    people = with_goals(make_peers(9, 3), 3)
    problem = make_circles(people, criteria=(GOALS,), bonuses=(Bonus("wishes", {(0, 5): 9_000}),))
    order = Random(5).sample(range(9), 9)
    moved = People(
        tuple(people.names[i] for i in order),
        {key: tuple(column[i] for i in order) for key, column in people.columns.items()},
    )
    wish = Bonus("wishes", {(order.index(0), order.index(5)): 9_000})
    other = form_circles(make_circles(moved, criteria=(GOALS,), bonuses=(wish,)), sizes=3)
    assert other.objective == form_circles(problem, sizes=3).objective


def test_doubling_every_weight_changes_nothing():
    people = with_goals(make_peers(9, 4), 4)
    weights = dict.fromkeys(("skills", "grade", "department", "location"), 2)
    problem = make_circles(people, criteria=(replace(GOALS, weight=3),), weights=weights)
    double = replace(
        problem,
        criteria=(replace(GOALS, weight=6),),
        weights=dict.fromkeys(weights, 4),
    )
    assert form_circles(problem, sizes=3) == form_circles(double, sizes=3)


def test_a_wish_more_that_can_be_granted_takes_none_away():
    wishes = {(0, 5): 20_000}
    for more in ((1, 6), (2, 7), (3, 8)):
        wishes[more] = 20_000
        circles = form_circles(replace(BY_SKILLS, bonuses=(Bonus("wishes", wishes),)), sizes=4)
        assert all(j in circle_of(circles, i) for i, j in wishes)
        assert circles.objective == FULL_POINTS


@pytest.mark.parametrize("first", [frozenset({10}), frozenset({0, 10}), frozenset({3, 4, 10})])
def test_who_goes_first_has_a_seat_where_not_all_have(first):
    people = make_people([f"p{i}" for i in range(11)], skills=({"x"},) * 10 + (None,))
    problem = CirclesProblem(people, ("skills",), first=first)
    circles = form_circles(problem, sizes=(4, 5))
    assert [left.reason for left in circles.left_over] == [LeftOverReason.SIZES_DO_NOT_FIT]
    assert not {left.index for left in circles.left_over} & first


def test_who_goes_first_keeps_the_seat_that_a_rule_takes_from_one_of_two():
    pair = make_people("ab", skills=({"x"}, {"x"}))
    for first, loses in ((frozenset({0}), 1), (frozenset({1}), 0)):
        problem = CirclesProblem(pair, ("skills",), apart=frozenset({(0, 1)}), first=first)
        (left,) = form_circles(problem, sizes=2).left_over
        assert (left.index, left.reason) == (loses, LeftOverReason.NO_ALLOWED_CIRCLE)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_any_few_people_give_circles_or_a_reason_each(count):
    people = with_goals(make_peers(count, count), count)
    pairs = frozenset(itertools.combinations(range(count), 2))
    wishes = (Bonus("wishes", dict.fromkeys(pairs, 20_000)),) if pairs else ()
    for apart in (frozenset(), pairs):
        problem = CirclesProblem(people, criteria=(GOALS,), bonuses=wishes, apart=apart)
        circles = form_circles(problem, sizes=(4, 6))
        seated = sum(map(len, circles.groups))
        assert seated + len(circles.left_over) == count
        assert 0 <= circles.objective <= circles.bound <= FULL_POINTS


def test_constant_scores_and_nothing_to_weigh_are_circles_too():
    for criteria in ((), (replace(CITY, weight=0),), (CITY,)):
        people = make_people([f"p{i}" for i in range(8)], location=("Lima",) * 8)
        circles = form_circles(CirclesProblem(people, criteria=criteria), sizes=4)
        assert [len(group) for group in circles.groups] == [4, 4]
        assert circles.objective == (FULL_POINTS if criteria == (CITY,) else 0)
        assert circles.proved


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"criteria": (replace(GOALS, key="skills"),)}, "skills"),
        ({"bonuses": (Bonus("a", {(0, 1): 1}), Bonus("a", {(1, 0): 1}))}, "a"),
        ({"bonuses": (Bonus("a", {(0, 12): 1}),)}, None),
        ({"bonuses": (Bonus("a", {(0, 1): FULL_POINTS + 1}),)}, "a"),
        ({"first": frozenset({12})}, None),
    ],
)
def test_what_cannot_be_meant_is_refused(changes, rule):
    problem = replace(BY_SKILLS, people=with_goals(ALIKE, 1))
    with pytest.raises(EngineError) as refused:
        form_circles(replace(problem, **changes), sizes=4)
    assert refused.value.rule == rule
