"""Points for texts, from vectors of whole numbers: exact, whatever the order of sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairing.engine.explain import explain
from pairing.engine.matching import match
from pairing.engine.score import FAR, NEAR, SCALE, WIDTH
from pairing.engine.shapes import (
    FULL_POINTS,
    Criterion,
    EngineError,
    Kind,
    Missing,
    Policy,
    Problem,
)
from tests.pairing.engine.builders import make_people
from tests.pairing.engine.verify import verify


def vector(degrees):
    """A unit vector in the plane of the first two numbers, as whole numbers."""
    turn = np.deg2rad(degrees)
    return (round(SCALE * np.cos(turn)), round(SCALE * np.sin(turn)), *[0] * (WIDTH - 2))


def problem(seekers, offerers, **parameters):
    return Problem(
        make_people([f"s{i}" for i in range(len(seekers))], goal=tuple(seekers)),
        make_people([f"o{j}" for j in range(len(offerers))], goal=tuple(offerers)),
        (Criterion("goal", Kind.TEXT, "goal", "goal", 5, **parameters),),
    )


@pytest.mark.parametrize(
    ("degrees", "reason"),
    [(0, "text_all"), (50, "text_all"), (66, "text_some"), (80, "text_none"), (180, "text_none")],
)
def test_the_nearer_two_texts_the_more_points(degrees, reason):
    one, other = vector(0), vector(degrees)
    (found,) = explain(problem([one], [other]), 0, 0)
    cosine = sum(a * b for a, b in zip(one, other, strict=True)) / SCALE**2
    share = min(1, max(0, (cosine - float(FAR)) / float(NEAR - FAR)))
    assert found.points == pytest.approx(FULL_POINTS * share, abs=1.5)
    assert found.reason == reason
    assert found.evidence == {"alike": max(0, round(100 * cosine))}


def test_who_wrote_nothing_gets_what_the_criterion_says():
    (neutral,) = explain(problem([None], [vector(0)]), 0, 0)
    (nothing,) = explain(problem([vector(0)], [None], missing=Missing.ZERO), 0, 0)
    assert (neutral.points, neutral.reason) == (FULL_POINTS // 2, "missing_seeker")
    assert (nothing.points, nothing.reason) == (0, "missing_offerer")


def any_vector(seed):
    drawn = np.random.default_rng(seed).normal(size=WIDTH)
    return tuple(int(n) for n in np.rint(SCALE * drawn / np.linalg.norm(drawn)))


vectors = st.one_of(st.none(), st.integers(0, 2**32 - 1).map(any_vector))


@settings(max_examples=30, deadline=None)
@given(st.lists(vectors, min_size=1, max_size=5), st.lists(vectors, min_size=1, max_size=5))
def test_a_matching_on_texts_is_proved_like_any_other(seekers, offerers):
    given = problem(seekers, offerers)
    found = match(given, policy=Policy.FAIREST_WORST_CASE)
    verify(given, found)
    for pair in found.pairs:
        (part,) = explain(given, pair.seeker, pair.offerer)
        assert part.points == pair.total


@pytest.mark.parametrize("value", [(1, 2), "text", (0.5,) * WIDTH, (300,) + (0,) * (WIDTH - 1)])
def test_what_is_no_vector_is_refused_by_name(value):
    with pytest.raises(EngineError, match="s0 has"):
        match(problem([value], [vector(0)]))
