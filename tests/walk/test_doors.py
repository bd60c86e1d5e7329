"""Which addresses open to whom: a table, and what it says of who has no business there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.database import KEPT
from tests.figures import Figure
from tests.walk.doors import ROUTES, TABLE, as_text, knock, knockers, known
from tests.walk.leaving import Left, kept_left


@pytest.fixture
def left(db: None) -> Left:
    return kept_left()


def test_the_table_is_of_all_addresses_there_are():
    assert set(known()) == set(ROUTES)


def test_who_is_no_member_gets_in_nowhere():
    for name, line in known().items():
        answers = {who: answer for answer, people in spread(line) for who in people}
        assert {answers["gone"], answers["stranger"]} == {"404/404"}, name
        assert answers["nobody"] == "login/login", name


def spread(line: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each answer of a line, and who gets it."""
    for part in line.split("; "):
        answer, _colon, people = part.partition(": ")
        yield answer, people.split()


@pytest.mark.slow
def test_every_door_opens_to_whom_the_table_says(left: Left, figure: Callable[[str], Figure]):
    counted = figure("doors: every page and act by every role")
    doors = knock(left, knockers(left), ROUTES.values())
    counted.tried = 2 * sum(len(answers) for answers in doors.values())
    now = as_text(doors)
    if now != TABLE.read_text():
        KEPT.mkdir(exist_ok=True)
        (KEPT / TABLE.name).write_text(now)
    assert now == TABLE.read_text(), f"if that is right: cp .data/{TABLE.name} tests/walk/"
