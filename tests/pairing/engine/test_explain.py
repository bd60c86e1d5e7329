"""Points and reasons of one pair, kind by kind."""

import pytest
from hypothesis import given, settings

from pairing.engine.explain import explain
from pairing.engine.matching import match
from pairing.engine.rules import blocked_by
from pairing.engine.shapes import (
    FULL_POINTS,
    Bonus,
    Criterion,
    Kind,
    Missing,
    Policy,
    Problem,
    Rule,
    RuleKind,
    parts_out_of_100,
    score_out_of_100,
)
from tests.pairing.engine.builders import make_people, problems


def one(kind, seeker, offerer, **parameters):
    criterion = Criterion("it", kind, "column", "column", 7, **parameters)
    problem = Problem(
        make_people(["ada"], column=(seeker,)), make_people(["bo"], column=(offerer,)), (criterion,)
    )
    (found,) = explain(problem, 0, 0)
    return found


@pytest.mark.parametrize(
    ("kind", "seeker", "offerer", "share", "reason", "evidence"),
    [
        (Kind.OVERLAP, {"a", "b"}, {"b", "c"}, 0.5, "overlap_some",
         {"shared": ["b"], "lacking": ["a"]}),
        (Kind.OVERLAP, {"a"}, set(), 0, "overlap_none", {"shared": [], "lacking": ["a"]}),
        (Kind.LEVELS, {"a": 3, "b": 2, "c": 1, "d": 1}, {"a": 5, "b": 1, "d": 1}, 0.5,
         "levels_some", {"covered": {"a": [3, 5], "d": [1, 1]}, "short": {"b": [2, 1]},
                         "lacking": ["c"]}),
        (Kind.SAME, "Lima", "Lima", 1, "same_all", {"seeker": "Lima", "offerer": "Lima"}),
        (Kind.SAME, "Lima", "Oslo", 0, "same_none", {"seeker": "Lima", "offerer": "Oslo"}),
        (Kind.DIFFERENT, "HR", "IT", 1, "different_all", {"seeker": "HR", "offerer": "IT"}),
        (Kind.GAP, 3, 5, 1, "gap_all", {"gap": 2, "ideal": [1, 2]}),
        (Kind.GAP, 3, 6, 2 / 3, "gap_some", {"gap": 3, "ideal": [1, 2]}),
        (Kind.GAP, 3, 1, 0, "gap_none", {"gap": -2, "ideal": [1, 2]}),
        (Kind.TIMEZONE, -480, 0, 0.5, "timezone_some", {"apart": 480, "common": 60}),
        (Kind.TIMEZONE, -660, 720, 1, "timezone_all", {"apart": 60, "common": 480}),
        (Kind.AVAILABILITY, 0b1101, 0b0111, 1, "availability_all",
         {"common": 120, "enough": 120}),
        (Kind.AVAILABILITY, 0b1, 1 << 167 | 1, 0.5, "availability_some",
         {"common": 60, "enough": 120}),
    ],
)  # fmt: skip
def test_each_kind_counts_and_tells_what_it_says(kind, seeker, offerer, share, reason, evidence):
    found = one(kind, seeker, offerer)
    assert found.points == round(FULL_POINTS * share)
    assert (found.max_points, found.reason, found.evidence) == (FULL_POINTS, reason, evidence)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(("missing", "share"), [(Missing.NEUTRAL, 0.5), (Missing.ZERO, 0)])
def test_a_missing_answer_is_neutral_or_nothing_and_says_so(kind, missing, share):
    value = {Kind.OVERLAP: {"a"}, Kind.LEVELS: {"a": 1}}.get(kind, 1)
    cases = {"missing_seeker": (None, value), "missing_offerer": (value, None)}
    cases["missing_both"] = (None, None)
    for reason, (seeker, offerer) in cases.items():
        found = one(kind, seeker, offerer, missing=missing)
        assert (found.points, found.reason) == (FULL_POINTS * share, reason)


def test_a_seeker_who_seeks_nothing_is_missing_not_satisfied():
    assert one(Kind.LEVELS, {}, {"a": 5}).reason == "missing_seeker"


@settings(max_examples=25, deadline=None)
@given(problems())
def test_the_parts_of_every_pair_add_up_to_its_score(problem):
    for pair in match(problem, policy=Policy.BEST_TOTAL).pairs:
        parts = explain(problem, pair.seeker, pair.offerer)
        liked = (pair.seeker, pair.offerer) in problem.bonuses[0].pairs
        assert tuple(part.points for part in parts) == pair.points[: None if liked else -1]
        assert sum(part.points for part in parts) == pair.total <= FULL_POINTS
        assert sum(part.max_points for part in parts if part.criterion != "preferred") == (
            FULL_POINTS
        )
        assert sum(parts_out_of_100(pair.points)) == score_out_of_100(pair.total)


def test_scores_are_shown_as_whole_numbers_half_up():
    assert [score_out_of_100(points) for points in (0, 499, 500, 66_667, FULL_POINTS)] == [
        0,
        0,
        1,
        67,
        100,
    ]
    assert parts_out_of_100((33_333, 33_333, 33_334)) == (33, 33, 34)


def test_clocks_further_apart_than_allowed_keep_people_apart_round_the_date_line_too():
    rule = Rule("clocks", RuleKind.CLOCKS_WITHIN, "zone", "zone", most_apart=180)
    problem = Problem(
        make_people("ab", zone=(0, -660)),
        make_people("uvwx", zone=(180, 181, 720, None)),
        (),
        (rule,),
    )

    apart = {(i, j) for i in range(2) for j in range(4) if "clocks" in blocked_by(problem, i, j)}
    # -11 and +12 hours are one hour apart; nobody is kept apart by a clock nobody knows
    assert apart == {(0, 1), (0, 2), (1, 0), (1, 1)}


def test_reporting_lines_count_at_any_depth_and_both_ways():
    people = {"identity": ("ceo", "head", "lead", "dev", "other"),
              "manager": (None, "ceo", "head", "lead", "ceo")}  # fmt: skip

    def blocked(depth):
        rule = Rule("line", RuleKind.NEVER_MANAGER, depth=depth)
        problem = Problem(
            make_people("abcde", **people), make_people("fghij", **people), (), (rule,)
        )
        return {
            (i, j)
            for i in range(5)
            for j in range(5)
            if "line" in blocked_by(problem, i, j) and i < j
        }

    assert blocked(1) == {(0, 1), (1, 2), (2, 3), (0, 4)}
    assert blocked(0) == {(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (0, 4)}


def test_a_circle_of_managers_in_the_data_ends():
    people = {"identity": ("a", "b", "c"), "manager": ("b", "a", "c")}
    rule = Rule("line", RuleKind.NEVER_MANAGER)
    problem = Problem(make_people("xyz", **people), make_people("uvw", **people), (), (rule,))
    assert blocked_by(problem, 0, 1) == ("line",)
    assert blocked_by(problem, 2, 2) == ("never_same_person",)


def test_rules_on_unknown_values_forbid_only_what_must_be_shown():
    never = Rule("department", RuleKind.NEVER_SAME, "department", "department")
    must = Rule("language", RuleKind.MUST_SHARE, "languages", "languages")
    nothing = {"department": (None,), "languages": (None,)}
    problem = Problem(make_people("a", **nothing), make_people("b", **nothing), (), (never, must))
    assert blocked_by(problem, 0, 0) == ("language",)


def test_a_bonus_fills_what_the_criteria_leave_and_no_more():
    city = Criterion("city", Kind.SAME, "city", "city", 1)
    level = Criterion("level", Kind.SAME, "level", "level", 4)
    problem = Problem(
        make_people("ab", city=("Lima", "Oslo"), level=(1, 1)),
        make_people("xy", city=("Lima", "Rome"), level=(1, 1)),
        (city, level),
        bonuses=(
            Bonus("preferred", {(0, 0): 10_000, (1, 0): 15_000}),
            Bonus("wishes", {(1, 0): 15_000}),
        ),
    )

    assert [(part.criterion, part.points) for part in explain(problem, 0, 0)] == [
        ("city", 20_000), ("level", 80_000), ("preferred", 0),
    ]  # fmt: skip
    assert [(part.criterion, part.points, part.reason) for part in explain(problem, 1, 0)] == [
        ("city", 0, "same_none"),
        ("level", 80_000, "same_all"),
        ("preferred", 15_000, "bonus_preferred"),
        ("wishes", 5_000, "bonus_wishes"),
    ]
    assert [part.criterion for part in explain(problem, 1, 1)] == ["city", "level"]
    assert match(problem, policy=Policy.BEST_TOTAL).objective == 180_000
