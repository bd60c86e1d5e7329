"""Boards above the size of a table: other loops, the same answers, the same proofs."""

import importlib
from dataclasses import replace
from typing import Any

import numba
import pytest
from hypothesis import HealthCheck, given, settings

from pairing.engine.compiled import moves, passes
from pairing.engine.explain import own_choices
from pairing.engine.leftover import find_hindrances
from pairing.engine.matching import match
from pairing.engine.shapes import Policy
from tests.pairing.engine.builders import make_table, problems
from tests.pairing.engine.certificate import check_certificate
from tests.pairing.engine.test_match import policies
from tests.pairing.engine.verify import verify
from tests.profile import cases

LARGE = {
    "board.TABLE_UP_TO": 0,
    "flow.ALL_PAIRS_UP_TO": 0,
    "flow.BEST_PER_SEEKER": 2,
    "flow.ADDED_PER_SEEKER": 2,
    "large.BLOCK_ROWS": 2,
}


@pytest.fixture
def large(monkeypatch):
    """Treat every board as a large one, in many small steps."""
    importlib.import_module("pairing.engine.large")
    for name, value in LARGE.items():
        monkeypatch.setattr(f"pairing.engine.{name}", value)


@pytest.fixture
def interpreted():
    """Run the compiled loops as the Python they are written in: no wait, and no bound unchecked."""
    modules = (passes, moves, importlib.import_module("pairing.engine.compiled"))
    config: Any = numba.config  # its names are made at import
    before = config.DISABLE_JIT
    config.DISABLE_JIT = True
    for module in (*modules, importlib.import_module("pairing.engine.large")):
        importlib.reload(module)
    yield
    config.DISABLE_JIT = before  # the coverage run has it off for all
    for module in (*modules, importlib.import_module("pairing.engine.large")):
        importlib.reload(module)


@pytest.mark.slow
@settings(cases(32), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(problems(), policies)
def test_large_and_small_boards_agree(interpreted, large, problem, policy):
    with pytest.MonkeyPatch.context() as small:
        small.setattr("pairing.engine.board.TABLE_UP_TO", 1000)
        expected = match(problem, policy=policy)

    found = match(problem, policy=policy)

    assert (found.people, found.floor, found.objective) == (
        (expected.people, expected.floor, expected.objective)
        if policy not in {Policy.STABLE, Policy.BEST_TOTAL}
        else (
            found.people,
            found.floor,
            expected.objective if policy is Policy.BEST_TOTAL else found.objective,
        )
    )
    assert (found.proved, found.bound) == (expected.proved, expected.bound)
    verify(problem, found)


@settings(cases(24), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(problems())
def test_the_certificate_of_a_large_board_adds_up(interpreted, large, problem):
    problem = replace(problem, locked=frozenset())
    for policy in (Policy.BEST_TOTAL, Policy.NOBODY_LEFT_OUT):
        matching = match(problem, policy=policy)
        if len(matching.proof.total) == 1 and matching.proved:
            check_certificate(problem, matching)


@pytest.mark.slow
def test_compiled_loops_give_what_they_give_uncompiled(large):
    table = [[(7 * i * i + 13 * j * j + i * j) % 101 for j in range(30)] for i in range(40)]
    problem = make_table(table, capacity=(1,) * 29 + (3,))

    for policy in Policy:
        matching = match(problem, policy=policy)
        assert matching.proved
        verify(problem, matching)


@pytest.mark.slow
def test_a_large_board_can_be_cancelled_while_threads_work(large):
    def stop(done, of, what):
        if what == "comparing all pairs" and done:
            raise InterruptedError

    problem = make_table([[i * j % 7 for j in range(5)] for i in range(9)])
    with pytest.raises(InterruptedError):
        match(problem, policy=Policy.BEST_TOTAL, progress=stop)


@pytest.mark.slow
@settings(cases(24), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(problems())
def test_choices_of_ones_own_are_counted_alike_on_large_and_small_boards(
    interpreted, large, problem
):
    matching = match(problem)
    with pytest.MonkeyPatch.context() as small:
        small.setattr("pairing.engine.board.TABLE_UP_TO", 1000)
        expected = own_choices(problem, matching)

    assert own_choices(problem, matching) == expected


def test_everybody_left_over_is_told_what_stands_between_however_many_they_are(monkeypatch):
    problem = make_table([[k] for k in range(9)])
    matching = match(problem)
    whole = find_hindrances(problem, matching)
    monkeypatch.setattr("pairing.engine.leftover.PAIRS_AT_ONCE", 2)

    assert find_hindrances(problem, matching) == whole
    assert len(whole) == len(matching.left_over) == 8
