from sessions.engine import (
    Member,
    Reason,
    ReasonCode,
    Turn,
    fairness,
    lead_spread,
    plan_season,
)
from tests.sessions.engine.builders import meetings, members, roles


def turn(meeting: str, role: str, member: str) -> Turn:
    return Turn(meeting, role, member, Reason(ReasonCode.LOCKED))


def test_lead_spread_is_most_minus_least_and_none_for_nobody() -> None:
    assert lead_spread([3, 1, 2]) == 2
    assert lead_spread([4]) == 0
    assert lead_spread([]) is None


def test_fairness_counts_turns_by_member_and_role() -> None:
    turns = (
        turn("t0", "facilitator", "m0"),
        turn("t0", "timekeeper", "m1"),
        turn("t1", "facilitator", "m0"),
        turn("t1", "timekeeper", "gone"),
        turn("t2", "facilitator", "m1"),
    )

    panel = fairness(turns, members(3), roles(2))

    assert [dict(share.turns) for share in panel.shares] == [
        {"facilitator": 2, "timekeeper": 0},
        {"facilitator": 1, "timekeeper": 1},
        {"facilitator": 0, "timekeeper": 0},
    ]
    assert [share.total for share in panel.shares] == [2, 2, 0]
    assert panel.spread == {"facilitator": 2, "timekeeper": 1}
    assert panel.next_in_line["facilitator"] == ("m2", "m1", "m0")
    assert panel.next_in_line["timekeeper"] == ("m0", "m2", "m1")
    assert panel.have_led == 2


def test_between_equals_whoever_has_waited_longest_is_next() -> None:
    turns = (turn("t0", "facilitator", "m1"), turn("t1", "facilitator", "m0"))

    assert fairness(turns, members(2), roles(1)).next_in_line["facilitator"] == ("m1", "m0")


def test_who_may_not_lead_is_not_in_line_to_lead() -> None:
    people = (*members(1), Member("new", "New", may_facilitate=False))

    panel = fairness((), people, roles(2))

    assert panel.next_in_line == {"facilitator": ("m0",), "timekeeper": ("m0", "new")}


def test_the_panel_agrees_with_the_season() -> None:
    season = plan_season(members(4), meetings(7), roles(2))

    panel = fairness(season.turns, members(4), roles(2))

    assert panel.spread["facilitator"] == season.lead_spread
    assert panel.have_led == 4
