"""Ids: in the order of the clock, unguessable, and from a seed where time stands still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.common import clock, ids

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_ids_of_one_seed_are_the_same_again_and_those_of_another_are_not() -> None:
    def made(seed: str) -> list[str]:
        with clock.at(NOON), ids.seeded(seed):
            return [str(ids.new_id()) for _ in range(100)]

    assert made("a") == made("a")
    assert not set(made("a")) & set(made("b"))


def test_seeded_ids_of_one_moment_are_in_the_order_in_which_they_were_made() -> None:
    with ids.seeded("a"):
        with clock.at(NOON):
            made = [ids.new_id() for _ in range(1000)]
        with clock.at(NOON - timedelta(milliseconds=1)):
            earlier = ids.new_id()

    assert made == sorted(made)
    assert earlier < made[0]
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}


def test_without_a_seed_no_two_are_alike() -> None:
    with clock.at(NOON):
        made = {ids.new_id() for _ in range(1000)}

    assert len(made) == 1000
    assert {one.int >> 80 for one in made} == {int(NOON.timestamp() * 1000)}


def test_a_seed_is_refused_in_production(settings) -> None:
    settings.TIME_TRAVEL = False
    with pytest.raises(RuntimeError), ids.seeded("a"):
        pass
