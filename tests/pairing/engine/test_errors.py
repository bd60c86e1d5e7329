"""What cannot be meant is refused by name, before anything is computed."""

import math
from dataclasses import replace

import pytest

from pairing.engine.circles.form import form_circles
from pairing.engine.circles.shapes import CirclesProblem
from pairing.engine.matching import match
from pairing.engine.shapes import (
    Bonus,
    Criterion,
    EngineError,
    Kind,
    Policy,
    Problem,
    Rule,
    RuleKind,
)
from tests.pairing.engine.builders import make_people

SAME = Criterion("city", Kind.SAME, "city", "city", 5)
APART = Rule("city apart", RuleKind.NEVER_SAME, "city", "city")
GOOD = Problem(
    make_people(["ada", "bo"], city=("Lima", "Oslo")),
    make_people(["cy", "di"], city=("Lima", "Lima"), capacity=(1, 2)),
    (SAME,),
)


def criterion(**changes):
    return {"criteria": (replace(SAME, **changes),)}


def seekers(city=("Lima", "Oslo"), names=("ada", "bo"), capacity=(), **columns):
    return {"seekers": make_people(names, capacity=capacity, city=city, **columns)}


def reading(kind, value, **parameters):
    reads = Criterion("it", kind, "value", "city", 1, **parameters)
    return {"criteria": (reads,), **seekers(value=(None, value))}


BAD = {
    "column too short": (seekers(city=("Lima",)), None, None),
    "unknown column": (criterion(seeker_column="town"), None, "city"),
    "unknown offerer column": (criterion(offerer_column="town"), None, "city"),
    "weight too high": (criterion(weight=11), None, "city"),
    "negative weight": (criterion(weight=-1), None, "city"),
    "weight not a number": (criterion(weight=math.nan), None, "city"),
    "two criteria of one key": ({"criteria": (SAME, SAME)}, None, "city"),
    "no such kind": (criterion(kind="similar"), None, "city"),
    "no overlap is enough": (criterion(enough_overlap=0), None, "city"),
    "slots of 11 minutes": (criterion(slot_minutes=11), None, "city"),
    "gap the wrong way round": (criterion(ideal=(3, 1)), None, "city"),
    "no falloff": (criterion(falloff=0), None, "city"),
    "no working day": (criterion(working_minutes=0), None, "city"),
    "set where text is due": (reading(Kind.SAME, {"a"}), "bo", "it"),
    "text where a number is due": (reading(Kind.GAP, "3"), "bo", "it"),
    "not a number": (reading(Kind.GAP, math.nan), "bo", "it"),
    "a day and more from UTC": (reading(Kind.TIMEZONE, 2000), "bo", "it"),
    "text where a set is due": (reading(Kind.OVERLAP, "abc"), "bo", "it"),
    "level 6": (reading(Kind.LEVELS, {"a": 6}), "bo", "it"),
    "set where levels are due": (reading(Kind.LEVELS, {"a"}), "bo", "it"),
    "a week of 169 hours": (reading(Kind.AVAILABILITY, 1 << 168), "bo", "it"),
    "negative week": (reading(Kind.AVAILABILITY, -1), "bo", "it"),
    "duplicate name": (seekers(names=("ada", "ada")), "ada", None),
    "duplicate identity": (seekers(identity=("x", "x")), "bo", None),
    "no identity": (seekers(identity=("x", None)), "bo", "never_same_person"),
    "negative capacity": (seekers(capacity=(1, -1)), "bo", None),
    "more places than anybody has": (seekers(capacity=(1, 10_001)), "bo", None),
    "half a place": (seekers(capacity=(1, 0.5)), "bo", None),
    "capacities too few": (seekers(capacity=(1,)), None, None),
    "seeker with two places": (seekers(capacity=(1, 2)), "bo", None),
    "rule on an unknown column": (
        {"rules": (replace(APART, seeker_column="x"),)}, None, "city apart"),
    "rule without managers": ({"rules": (Rule("line", RuleKind.NEVER_MANAGER),)}, None, "line"),
    "rule of no kind": ({"rules": (replace(APART, kind="never"),)}, None, "city apart"),
    "rule with a negative depth": ({"rules": (replace(APART, depth=-1),)}, None, "city apart"),
    "rule of 25 hours": (
        {"rules": (replace(APART, most_apart=1_500),)}, None, "city apart"),
    "must share text": (
        {"rules": (replace(APART, kind=RuleKind.MUST_SHARE),)}, "ada", "city apart"),
    "two rules of one key": ({"rules": (APART, APART)}, None, "city apart"),
    "rule with a taken key": ({"rules": (replace(APART, key="forbidden"),)}, None, "forbidden"),
    "bonus for nobody": ({"bonuses": (Bonus("liked", {(0, 2): 1}),)}, None, None),
    "bonus of nothing": ({"bonuses": (Bonus("liked", {(1, 0): 0}),)}, "bo", "liked"),
    "bonus with a criterion's key": ({"bonuses": (Bonus("city", {}),)}, None, "city"),
    "lock on nobody": ({"locked": frozenset({(0, 2)})}, None, None),
    "forbidden nobody": ({"forbidden": frozenset({(-1, 0)})}, None, None),
    "lock that a rule forbids": (
        {"locked": frozenset({(0, 0)}), "rules": (APART,)}, "ada", "city apart"),
    "lock and forbidden": (
        {"locked": frozenset({(0, 0)}), "forbidden": frozenset({(0, 0)})}, "ada", "forbidden"),
    "locked beyond capacity": ({"locked": frozenset({(0, 0), (1, 0)})}, "cy", None),
    "locked twice": ({"locked": frozenset({(0, 0), (0, 1)})}, "ada", None),
    "locked to themselves": (
        {"locked": frozenset({(0, 0)}), **seekers(names=("cy", "bo"))}, "cy", "never_same_person"),
    "incumbent nobody": ({"incumbent": frozenset({(2, 0)})}, None, None),
    "two partners already": ({"incumbent": frozenset({(0, 0), (0, 1)})}, "ada", None),
    "stability not a number": ({"stability": math.nan}, None, "stability"),
    "stability above 1": ({"stability": 1.5}, None, "stability"),
    "locked in both parts": (
        {"locked": frozenset({(0, 1), (1, 0)}), **seekers(names=("cy", "di"))},
        "cy", "both_parts"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_by_name(case):
    changes, person, rule = BAD[case]

    def never(done, of, what):
        raise AssertionError(what)

    match(GOOD, policy=Policy.BEST_TOTAL)
    with pytest.raises(EngineError) as refused:
        match(replace(GOOD, **changes), policy=Policy.BEST_TOTAL, progress=never)
    assert (refused.value.person, refused.value.rule) == (person, rule)
    for named in filter(None, (person,)):
        assert named in str(refused.value)


def test_an_unknown_policy_is_refused():
    with pytest.raises(EngineError):
        match(GOOD, policy="best")


PEERS = CirclesProblem(
    make_people(["ada", "bo", "cy", "di"], city=("Lima", "Oslo", "Lima", "Oslo")),
    diversity_columns=("city",),
)

BAD_CIRCLES = {
    "circles of one": ({}, (1, 2), None, None),
    "fewest above most": ({}, (3, 2), None, None),
    "one wanted size of one": ({}, 1, None, None),
    "unknown column": ({"diversity_columns": ("town",)}, 2, None, "town"),
    "column twice": ({"diversity_columns": ("city", "city")}, 2, None, "city"),
    "text as level": ({"level_columns": ("city",), "diversity_columns": ()}, 2, "ada", "city"),
    "weight of nothing": ({"weights": {"grade": 1}}, 2, None, "grade"),
    "weight too high": ({"weights": {"city": 10.5}}, 2, None, "city"),
    "apart from themselves": ({"apart": frozenset({(1, 1)})}, 2, "bo", None),
    "together with nobody": ({"together": frozenset({(1, 4)})}, 2, None, None),
    "together and apart": (
        {"together": frozenset({(0, 1)}), "apart": frozenset({(1, 0)})}, 2, "ada", "apart"),
    "together against a rule": (
        {"together": frozenset({(0, 2)}), "rules": (APART,)}, 2, "ada", "city apart"),
    "too many together": ({"together": frozenset({(0, 1), (1, 2)})}, 2, "ada", None),
    "together but taking nobody": (
        {"together": frozenset({(0, 1)}),
         "people": replace(PEERS.people, capacity=(0, 1, 1, 1))}, 2, "ada", None),
    "duplicate": ({"people": make_people(["ada", "ada"], city=(None, None))}, 2, "ada", None),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_CIRCLES)
def test_circles_refuse_bad_input_by_name(case):
    changes, sizes, person, rule = BAD_CIRCLES[case]
    form_circles(PEERS, sizes=2)
    with pytest.raises(EngineError) as refused:
        form_circles(replace(PEERS, **changes), sizes=sizes)
    assert (refused.value.person, refused.value.rule) == (person, rule)
