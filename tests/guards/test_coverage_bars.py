"""What `make coverage` complains of."""

from typing import Any

import pytest

from tests.coverage_bars import complaints, is_held, ranges


def report(path: str, percent: float, total: float = 95.0) -> dict[str, Any]:
    file = {
        "summary": {"percent_covered": percent},
        "missing_lines": [3, 4, 5, 9],
        "missing_branches": [[4, 6], [12, -10]],
    }
    return {"files": {path: file}, "totals": {"percent_covered": total}}


@pytest.mark.parametrize(
    ("path", "held"),
    [
        ("pairing/engine/match.py", True),
        ("programs/operations/imports.py", True),
        ("core/members/queries.py", True),
        ("agreements/goals/operations.py", True),
        ("programs/views/imports.py", False),
        ("mentoring/home/views.py", False),
    ],
)
def test_operations_queries_and_engines_are_held_to_the_bar_one_by_one(path: str, held: bool):
    assert is_held(path) == held
    assert (
        list(complaints(report(path, 94.9)))
        == [
            f" 94.9 %  {path}: 3-5, 9, 12→-10",
        ]
        * held
    )
    assert list(complaints(report(path, 95.0))) == []


def test_the_whole_has_a_bar_of_its_own():
    (complaint,) = complaints(report("core/members/views.py", 10.0, total=89.9))
    assert complaint.startswith(" 89.9 %  of everything")


def test_lines_that_follow_each_other_are_one_range():
    assert ranges([7, 1, 2, 3, 9, 10]) == ["1-3", "7", "9-10"]
