"""Circles keep their sizes and rules, are balanced, and claim no more than they know."""

import itertools
from dataclasses import replace
from random import Random
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairing.engine.circles import search
from pairing.engine.circles.form import form_circles
from pairing.engine.circles.shapes import CirclesProblem
from pairing.engine.shapes import FULL_POINTS, LeftOverReason
from tests.pairing.engine.builders import make_circles as make_problem
from tests.pairing.engine.builders import make_peers, make_people


def circle_of(circles):
    return {i: g for g, members in enumerate(circles.groups) for i in members}


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 26), st.integers(2, 6), st.integers(0, 3), st.integers(0, 10**6))
def test_circles_keep_sizes_rules_and_people(count, fewest, more, seed):
    random = Random(seed)
    people = make_peers(count, seed, managers=count // 10)
    pairs = list(itertools.combinations(range(count), 2))
    apart = frozenset(random.sample(pairs, min(3, len(pairs))))

    with mock.patch.multiple(search, MOST_STARTS=1, FEWEST_TRIALS=500):  # rules hold from any start
        circles = form_circles(
            make_problem(people, apart=apart), sizes=(fewest, fewest + more), seed=seed
        )

    seated = [i for members in circles.groups for i in members]
    left = [left.index for left in circles.left_over]
    assert sorted(seated + left) == list(range(count))
    removed = any(left.reason is LeftOverReason.NO_ALLOWED_CIRCLE for left in circles.left_over)
    sizes = [len(members) for members in circles.groups]
    assert all(size <= fewest + more for size in sizes)
    if sizes and not removed:
        assert min(sizes) >= fewest
        assert max(sizes) - min(sizes) <= 1
    manager = people.columns["manager"]
    for members in circles.groups:
        for i, j in itertools.permutations(members, 2):
            assert manager[i] != people.names[j]
            assert (i, j) not in apart
    assert 0 <= circles.objective <= circles.bound <= FULL_POINTS
    assert circles.proved == (circles.objective == circles.bound)


@pytest.mark.slow
def test_people_who_must_be_together_are():
    together = frozenset({(0, 1), (1, 2), (10, 20)})
    circles = form_circles(make_problem(make_peers(32), together=together), sizes=8)
    seat = circle_of(circles)
    assert seat[0] == seat[1] == seat[2]
    assert seat[10] == seat[20]
    assert [len(members) for members in circles.groups] == [8, 8, 8, 8]


@pytest.mark.slow
def test_with_more_people_the_bound_is_near():
    circles = form_circles(make_problem(make_peers(24)), sizes=6)
    assert circles.objective <= circles.bound <= 1.01 * circles.objective


def test_a_perfect_division_is_found_and_proved():
    people = make_people(
        [f"p{i}" for i in range(12)],
        skills=tuple({f"skill {i % 3}"} for i in range(12)),
        grade=tuple(1 + i % 3 for i in range(12)),
    )
    circles = form_circles(CirclesProblem(people, ("skills",), ("grade",)), sizes=3)
    assert (circles.objective, circles.bound, circles.proved) == (FULL_POINTS, FULL_POINTS, True)
    for balance in circles.balance:
        skills, grade = balance
        assert skills.evidence == {"present": ["skill 0", "skill 1", "skill 2"], "of": 3}
        assert grade.evidence == {"mean": 2.0, "mean_of_all": 2.0}
        assert [part.points for part in balance] == [part.max_points for part in balance]


def test_an_imperfect_division_claims_no_proof():
    circles = form_circles(make_problem(make_peers(30)), sizes=6)
    assert circles.objective < circles.bound
    assert not circles.proved


@pytest.mark.slow
def test_who_has_no_circle_is_told_why():
    def reasons(people, sizes, **changes):
        circles = form_circles(make_problem(people, **changes), sizes=sizes)
        return [left.reason for left in circles.left_over]

    assert reasons(make_peers(3), (4, 6)) == [LeftOverReason.TOO_FEW_PEOPLE] * 3
    assert reasons(make_peers(11), (6, 8)) == [LeftOverReason.SIZES_DO_NOT_FIT] * 3
    everybody = frozenset((0, j) for j in range(1, 8))
    circles = form_circles(make_problem(make_peers(8), apart=everybody), sizes=4)
    (left,) = circles.left_over
    assert (left.index, left.reason, left.detail) == (
        0,
        LeftOverReason.NO_ALLOWED_CIRCLE,
        {"apart": 7},
    )
    away = make_people("abcde", capacity=(1, 1, 0, 1, 1), skills=({"x"},) * 5)
    (left,) = form_circles(CirclesProblem(away, ("skills",)), sizes=4).left_over
    assert (left.index, left.reason) == (2, LeftOverReason.NO_CAPACITY)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_circles():
    problem = make_problem(make_peers(16))
    assert form_circles(problem, sizes=(4, 6), seed=3) == form_circles(
        problem, sizes=(4, 6), seed=3
    )


def test_progress_can_cancel_circles():
    class Cancelled(Exception):
        pass

    def cancel(done, of, what):
        raise Cancelled

    with pytest.raises(Cancelled):
        form_circles(make_problem(make_peers(20)), sizes=5, progress=cancel)


@pytest.mark.slow
def test_168_peers_all_have_a_seat():
    circles = form_circles(make_problem(make_peers(168, managers=14)), sizes=(6, 8))
    assert {len(members) for members in circles.groups} <= {6, 7, 8}
    assert circles.left_over == ()


@pytest.mark.slow
def test_nobody_is_the_only_one_of_their_kind_where_two_could_sit_together():
    people = make_people(
        [f"p{i}" for i in range(24)],
        skills=tuple({f"skill {i % 5}"} for i in range(24)),
        gender=tuple("woman" if i % 6 == 0 else "man" for i in range(24)),
    )
    mixed = CirclesProblem(people, ("skills",), diversity_columns=("gender",))
    alone = form_circles(mixed, sizes=6)
    women = {0, 6, 12, 18}
    assert [len(women & set(group)) for group in alone.groups] == [1, 1, 1, 1]
    company = form_circles(replace(mixed, company_columns=("gender",)), sizes=6)
    assert {len(women & set(group)) for group in company.groups} <= {0, 2, 4}
    assert company.alone == ()
    assert company.objective <= company.bound

    one = form_circles(
        replace(
            mixed,
            people=make_people(
                people.names,
                skills=people.columns["skills"],
                gender=("woman",) + ("man",) * 23,
            ),
            company_columns=("gender",),
        ),
        sizes=6,
    )
    assert one.alone == ()  # nobody else is of her value: there is no company to be had


def test_company_that_cannot_be_had_is_named():
    people = make_people(
        [f"p{i}" for i in range(6)], gender=("woman", "woman", "woman", "man", "man", "man")
    )
    problem = CirclesProblem(people, diversity_columns=("gender",), company_columns=("gender",))
    circles = form_circles(problem, sizes=3)
    assert circles.alone == ()
    apart = frozenset({(0, 1), (0, 2), (1, 2)})
    kept_apart = form_circles(replace(problem, apart=apart), sizes=2)
    assert {name for _i, name in kept_apart.alone} == {"gender"}


@pytest.mark.slow
def test_mixed_anew_people_meet_people_they_have_not_met():
    people = make_peers(25, 4)
    problem, met = make_problem(people), set()
    for round_number in range(4):
        circles = form_circles(replace(problem, met=frozenset(met)), sizes=5, seed=round_number)
        couples = {pair for group in circles.groups for pair in itertools.combinations(group, 2)}
        assert set(circles.met_again) == couples & met
        # 25 people can sit so that nobody meets twice; a search comes close to that
        assert len(circles.met_again) <= 2 * round_number
        met |= couples
    assert len(met) >= 4 * 5 * 10 - 12


@pytest.mark.slow
def test_a_circle_shares_the_time_that_it_must():
    mornings, evenings = 0b000111, 0b111000
    people = make_people(
        [f"p{i}" for i in range(16)],
        free=(*(mornings if i % 2 else evenings for i in range(15)), None),
        skills=tuple({f"skill {i % 4}"} for i in range(16)),
    )
    problem = CirclesProblem(
        people,
        ("skills",),
        free_column="free",
        slot_minutes=30,
        enough_minutes=90,
        required_minutes=60,
    )
    circles = form_circles(problem, sizes=4)
    assert circles.short == ()
    for group, balance in zip(circles.groups, circles.balance, strict=True):
        assert len({i % 2 for i in group if i != 15}) == 1
        (time,) = [part for part in balance if part.reason == "circle_free"]
        assert time.evidence == {"common": 90, "enough": 90}
        assert time.points == time.max_points

    too_much = form_circles(replace(problem, required_minutes=120), sizes=4)
    assert len(too_much.short) == 4
