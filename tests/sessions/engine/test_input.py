"""Input that breaks a rule is refused, with the name of the person and the rule."""

from typing import Any

import pytest

from sessions.rotation.engine.shapes import EngineError, Lock, Partner, Role
from tests.sessions.engine.builders import meetings, members, planned, roles

ANN = Partner(id="ann", name="Ann Lee")

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"members": ()}, "members: a season needs at least one member"),
    ({"members": (ANN, ANN)}, "ann: this member is given twice"),
    (
        {"members": (Partner("ann", "Ann Lee", {"facilitator": 6}),)},
        "Ann Lee: level 6 in facilitator is not between 0 and 5",
    ),
    ({"meetings": meetings(1) * 2}, "t0: this meeting is given twice"),
    ({"roles": ()}, "roles: a season needs at least one role"),
    ({"roles": roles(1) * 2}, "facilitator: this role is given twice"),
    ({"roles": (Role("host", 1),)}, "roles: exactly one role must lead"),
    (
        {"roles": (Role("host", 1, leads=True), Role("chair", 2, leads=True))},
        "host, chair: exactly one role must lead",
    ),
    (
        {"roles": (Role("host", 1), Role("chair", 2, leads=True))},
        "chair: the leading role must come first in priority",
    ),
    (
        {"absences": frozenset({("bob", "t0")})},
        "bob: absent, but not a member of this season",
    ),
    ({"absences": frozenset({("ann", "t9")})}, "Ann Lee: absent at no known meeting"),
    (
        {"locks": frozenset({Lock("t0", "facilitator", "bob")})},
        "bob: has a locked turn, but is not a member of this season",
    ),
    (
        {"locks": frozenset({Lock("t9", "facilitator", "ann")})},
        "Ann Lee: is locked at an unknown meeting, t9",
    ),
    (
        {"locks": frozenset({Lock("t0", "singer", "ann")})},
        "Ann Lee: is locked to an unknown role, singer",
    ),
    (
        {
            "absences": frozenset({("ann", "t0")}),
            "locks": frozenset({Lock("t0", "facilitator", "ann")}),
        },
        "Ann Lee: is locked to facilitator at t0, but absent there",
    ),
    (
        {"locks": frozenset({Lock("t0", "facilitator", m) for m in ("ann", "m0")})},
        "Member 0: and Ann Lee are both locked to facilitator at t0",
    ),
    (
        {"locks": frozenset({Lock("t0", r, "ann") for r in ("facilitator", "timekeeper")})},
        "Ann Lee: is locked to two roles at t0",
    ),
]


@pytest.mark.parametrize(("bad", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_bad_input_is_refused_by_name_and_rule(bad: dict[str, Any], message: str) -> None:
    good: dict[str, Any] = {
        "members": (ANN, *members(2)),
        "meetings": meetings(2),
        "roles": roles(2),
        "absences": frozenset(),
        "locks": frozenset(),
    }
    planned(**good)

    with pytest.raises(EngineError) as refused:
        planned(**(good | bad))

    assert str(refused.value) == message
    assert message == f"{refused.value.who}: {refused.value.rule}"


def test_a_competency_and_a_role_key_both_give_the_strength() -> None:
    people = (
        Partner("by_key", "By Key", {"timekeeper": 4}),
        Partner("by_competency", "By Competency", {"clear expression": 4}),
        Partner("not_enough", "Not Enough", {"timekeeper": 3}),
    )
    both = (roles(1)[0], Role("timekeeper", 1, "clear expression"))

    season = planned(people, meetings(3), both)

    codes = {turn.member: turn.reason for turn in season.turns if turn.role == "timekeeper"}
    assert codes == {
        "by_key": "strength",
        "by_competency": "strength",
        "not_enough": "never_held",
    }
