"""Whose answers follow from figures that are pulled all the time; in full by the program itself."""

from __future__ import annotations

import pytest

from tests.faults.steps import PLANTS, run

SMALL = 50


def test_nobody_s_answer_follows_from_all_that_was_released() -> None:
    found = run(SMALL, seed=11)
    assert (found["recovered"], found["small"]) == (0, 0), found
    assert found["people"] > 1_000
    assert found["steps"] > 200


@pytest.mark.parametrize("plant", PLANTS)
def test_the_client_finds_a_broken_rule(plant: str) -> None:
    assert run(SMALL, seed=11, plant=plant)["recovered"] > 0
