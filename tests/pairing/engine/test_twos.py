"""What two people bring to a circle by themselves, and which of their own tablemates each got."""

from dataclasses import replace
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairing.engine.circles.bound import worth_of_one
from pairing.engine.circles.form import form_circles, masks_of
from pairing.engine.circles.search import pool_of
from pairing.engine.circles.shapes import CirclesProblem
from pairing.engine.circles.twos import Twos, demands_of, for_points_alone
from pairing.engine.circles.worth import STEEP
from pairing.engine.shapes import Bonus, Criterion, Kind, People
from tests.pairing.engine.builders import make_circles, make_peers, make_people
from tests.profile import cases

CITY = Criterion("same city", Kind.SAME, "location", "location", 5)
EVERYTHING = {"criteria": (CITY,), "free_column": "free", "required_minutes": 60}


def pool(count, seed):
    """Peers with free time, a rule, somebody who pauses, and who has met."""
    random, people = Random(seed), make_peers(count, seed, managers=2)
    free = tuple(random.choice([None, 0, 0b1111, 0b11110, 1 << 300]) for _ in range(count))
    capacity = tuple(int(random.random() > 0.1) for _ in range(count))
    people = People(people.names, {**people.columns, "free": free}, capacity)
    couples = list(permutations(range(count), 2))
    return make_circles(
        people,
        **EVERYTHING,
        apart=frozenset(random.sample(couples, 2)),
        met=frozenset(random.sample(couples, 3)),
        bonuses=(Bonus("wishes", dict.fromkeys(random.sample(couples, 4), 9_000)),),
        company_columns=("location",),
    )


def ranked_by_hand(problem, twos, i, j):
    """Ask the search's own counting, two people at a time, and count who would be better."""
    bare = replace(twos.worth, met=(), again=0)
    seats = pool_of(bare)
    met = {frozenset(couple) for couple in problem.met}
    masks = masks_of(problem).values()

    def worth(k):
        return worth_of_one(seats, [i, k]) - STEEP * (frozenset((i, k)) in met)

    places = problem.people.places()
    possible = [
        k
        for k in range(len(places))
        if k != i and places[k] and places[i] and not any(mask[i, k] for mask in masks)
    ]
    return 1 + sum(worth(k) > worth(j) for k in possible), len(possible), worth(j)


@pytest.mark.slow
@cases(40)
@given(st.integers(6, 14), st.integers(0, 10**6))
def test_places_are_those_counted_two_at_a_time_by_the_search_itself(count, seed):
    problem = pool(count, seed)
    twos = Twos(problem, (3, 5))
    circles = form_circles(problem, sizes=(3, 5), seed=seed)
    places = twos.places(circles.groups)
    for group in circles.groups:
        for i in group:
            by_hand = [ranked_by_hand(problem, twos, i, j) for j in group if j != i]
            assert places[i] == sorted((place, of) for place, of, _worth in by_hand)
            row = twos.worth_with([i])[0]
            assert [row[j] for j in group if j != i] == [worth for *_place, worth in by_hand]


def test_somebody_with_other_skills_comes_before_somebody_with_the_same():
    people = make_people(
        ["Ann", "Bo", "Cy", "Di"],
        skills=(frozenset("a"), frozenset("a"), frozenset("b"), frozenset("bc")),
    )
    twos = Twos(CirclesProblem(people, skills_columns=("skills",)), (3, 4))
    assert twos.places([[0, 1, 2, 3]])[0] == [(1, 3), (2, 3), (3, 3)]
    worth = twos.worth_with([0])[0]
    assert worth[3] > worth[2] > worth[1]
    met = Twos(CirclesProblem(people, skills_columns=("skills",), met=frozenset({(0, 3)})), (3, 4))
    assert met.places([[0, 3]])[0] == [(3, 3)]  # after all who have not met
    (skills,) = twos.explain(0, 3)
    assert skills.evidence == {"present": ["a", "b", "c"], "of": 3}


def test_another_order_of_people_changes_no_place():
    problem = pool(9, 4)
    order = Random(5).sample(range(9), 9)
    at = {old: new for new, old in enumerate(order)}

    def moved(pairs):
        return frozenset((at[i], at[j]) for i, j in pairs)

    people = problem.people
    shuffled = replace(
        problem,
        people=People(
            tuple(people.names[old] for old in order),
            {key: tuple(values[old] for old in order) for key, values in people.columns.items()},
            tuple(people.places()[old] for old in order),
        ),
        apart=moved(problem.apart),
        met=moved(problem.met),
        bonuses=tuple(
            Bonus(one.key, {(at[i], at[j]): n for (i, j), n in one.pairs.items()})
            for one in problem.bonuses
        ),
    )
    groups = form_circles(problem, sizes=(3, 3)).groups
    there = Twos(problem, (3, 3)).places(groups)
    here = Twos(shuffled, (3, 3)).places([[at[i] for i in group] for group in groups])
    assert {at[i]: ranks for i, ranks in there.items()} == here


def test_what_is_put_before_points_is_named_and_left_out_of_points_alone():
    problem = pool(9, 4)
    circles = form_circles(problem, sizes=(3, 3))
    assert demands_of(problem, circles) == ("met", "company", "time")
    first = replace(problem, first=frozenset({0}))
    assert demands_of(first, circles)[3:] == (("first",) if circles.left_over else ())
    alone = for_points_alone(first)
    assert demands_of(alone, circles) == ()
    assert (alone.apart, alone.bonuses) == (problem.apart, problem.bonuses)


def test_few_people_and_nothing_to_weigh_have_places_too():
    for count in (1, 2, 3):
        people = make_people([f"p{i}" for i in range(count)])
        twos = Twos(CirclesProblem(people), (3, 4))
        assert twos.places([list(range(count))]) == {
            i: [(1, count - 1)] * (count - 1) for i in range(count)
        }
    assert Twos(CirclesProblem(make_people([])), (3, 4)).places([]) == {}
