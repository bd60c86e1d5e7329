"""Words inside JSON are known: each column says where, and each is put where the walks look."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from core.tenancy.context import tenant
from feedback.models.built import SurveyResult
from tests.walk.inside import ANY, NO_WORDS, SHAPES, WORDS, every_column, word_all, worded
from tests.walk.world import kept_worlds

STEPS = [{"title": WORDS, "minutes": 10}]
FROZEN = {"feedback.SurveyResult.items"}  # made with the world's canary, and never changed


@pytest.fixture
def numbers() -> Iterator[int]:
    return count(1)


QUESTIONS = {"q1": {"n": 8, "words": ["a", "b"]}, "q2": {"n": 9}}
FILE = {"rows": 1, "samples": [["x", "y"], [None]]}


@pytest.mark.parametrize(
    ("value", "shape", "expected"),
    [
        ([], STEPS, [{"title": "w1", "minutes": 10}]),
        (
            [{"title": "Old", "minutes": 5, "kind": "topic"}, {"title": "", "minutes": 7}],
            STEPS,
            [{"title": "w1", "minutes": 5, "kind": "topic"}, {"title": "w2", "minutes": 7}],
        ),
        ("Old", WORDS, "w1"),
        (3, WORDS, 3),
        (QUESTIONS, {ANY: {"words": [WORDS]}}, QUESTIONS | {"q1": {"n": 8, "words": ["w1", "w2"]}}),
        ([["level", "a", "b"]], [["level", WORDS, WORDS]], [["level", "w1", "w2"]]),
        (FILE, {"samples": [[WORDS]]}, FILE | {"samples": [["w1", "w2"], [None]]}),
    ],
)
def test_words_are_put_where_the_shape_says(
    value: Any, shape: Any, expected: Any, numbers: Iterator[int]
) -> None:
    assert worded(value, shape, lambda: f"w{next(numbers)}") == expected


def test_every_column_of_json_says_where_its_words_are_or_why_it_has_none() -> None:
    columns = list(every_column())
    assert sorted(columns) == sorted([*SHAPES, *NO_WORDS])


@pytest.mark.slow
def test_every_shape_is_in_the_worlds_of_the_walks(db: None) -> None:
    worlds = kept_worlds()
    for world in (worlds.acme, worlds.globex):
        assert set(SHAPES) - word_all(world) == FROZEN
        with tenant(world.organisation):
            assert world.canary in repr(SurveyResult.objects.get().items)
