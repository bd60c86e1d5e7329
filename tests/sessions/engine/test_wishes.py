"""What a plan does beyond the spread: repeats, coverage, buddies, prerequisites, stand-ins."""

from dataclasses import replace

import pytest

from sessions.rotation.engine.evenness import debts
from sessions.rotation.engine.shapes import (
    EngineError,
    Lock,
    Partner,
    PlannedTurn,
    ReasonCode,
    Role,
    SeasonPlan,
)
from tests.sessions.engine.builders import (
    absences,
    all_repeats,
    best_everything,
    changes,
    holders,
    meetings,
    members,
    open_turns,
    planned,
    random_absences,
    repeats,
    replanned,
    roles,
    stood_in,
)


def again_within_three(season: SeasonPlan, role: str) -> int:
    row = holders(season, role)
    return sum(1 for n in range(2, len(row)) if row[n] is not None and row[n] == row[n - 2])


def never_held(season: SeasonPlan, people: int, role_count: int) -> int:
    held = {(turn.member, turn.role) for turn in season.turns}
    return people * role_count - len(held)


@pytest.mark.parametrize("seed", range(8))
def test_six_people_who_are_sometimes_away_repeat_nothing_within_three_and_hold_every_role(
    seed: int,
) -> None:
    away = random_absences(6, 12, 0.1, seed)

    season = planned(members(6), meetings(12), roles(4), away, seed=seed)

    assert [again_within_three(season, role.key) for role in roles(4)] == [0, 0, 0, 0]
    assert never_held(season, 6, 4) == 0


def test_a_role_is_held_again_within_three_meetings_where_nobody_else_could() -> None:
    # m0 has led t0 and nobody but m0 and m1 comes: at t2 there is nobody else to ask
    away = absences((2, 0), (2, 1), (2, 2))

    season = planned(members(3), meetings(3), roles(1), away)

    assert again_within_three(season, "facilitator") == 1
    assert all_repeats(season) == 0


def test_whoever_leads_first_sits_beside_somebody_who_has_led() -> None:
    season = planned(members(4), meetings(5), roles(2))

    leads = [turn for turn in season.turns if turn.role == "facilitator"]
    assert [turn.first for turn in leads] == [True, True, True, True, False]
    assert leads[0].buddy == ""  # nobody has led yet
    for n in (1, 2, 3):
        assert leads[n].buddy in {turn.member for turn in leads[:n]}
    assert leads[4].buddy == ""


def test_the_buddy_is_there_and_those_who_have_led_elsewhere_need_none() -> None:
    people = (*members(3)[:2], Partner("m2", "Member 2", has_led=True))
    locks = frozenset(Lock(f"t{n}", "facilitator", f"m{n}") for n in range(3))

    season = planned(people, meetings(3), roles(1), absences((2, 1)), locks)

    leads = [(turn.first, turn.buddy) for turn in season.turns]
    assert leads == [(True, "m2"), (True, "m0"), (False, "")]


def test_buddies_take_turns_too() -> None:
    people = tuple(
        replace(member, has_led=n < 2, may_facilitate=n >= 2) for n, member in enumerate(members(6))
    )

    season = planned(people, meetings(4), roles(1))

    assert len({turn.buddy for turn in season.turns}) == 4


CHAIN = (
    Role("facilitator", 0, leads=True, after="timekeeper"),
    Role("timekeeper", 1),
    Role("note_taker", 2),
)


@pytest.mark.parametrize("seed", range(6))
def test_a_role_that_comes_after_another_is_held_by_those_who_have_held_that_one(
    seed: int,
) -> None:
    away = random_absences(5, 9, 0.15, seed)

    season = planned(members(5), meetings(9), CHAIN, away, seed=seed)

    been: set[str] = set()
    for meeting in meetings(9):
        held = {turn.role: turn.member for turn in season.turns if turn.meeting == meeting}
        assert held.get("facilitator") is None or held["facilitator"] in been
        been.add(held.get("timekeeper", ""))
    assert open_turns(season, meetings(9), CHAIN)[0] == ("t0", "facilitator")
    assert len({turn.member for turn in season.turns if turn.role == "facilitator"}) >= 4
    assert ReasonCode.OPENS_A_ROLE in {turn.reason for turn in season.turns}


def test_a_role_after_leading_goes_to_those_who_have_led() -> None:
    after = (roles(1)[0], Role("coach", 1, after="facilitator"))

    season = planned(members(4), meetings(8), after, absences((0, 2), (3, 4)))

    led: set[str] = set()
    for meeting in meetings(8):
        held = {turn.role: turn.member for turn in season.turns if turn.meeting == meeting}
        assert held.get("coach", "") in led | {""}
        led.add(held["facilitator"])
    assert len(holders(season, "coach")) == 8


def test_a_role_that_asks_for_a_level_goes_to_those_who_have_it() -> None:
    asks = (roles(1)[0], Role("case_coach", 1, "coaching", needs_level=3))
    people = tuple(Partner(f"m{n}", f"Member {n}", {"coaching": n}) for n in range(5))

    season = planned(people, meetings(6), asks, absences((3, 1), (4, 1)))

    assert set(holders(season, "case_coach")) == {"m3", "m4", None}
    assert open_turns(season, meetings(6), asks) == [("t1", "case_coach")]


def test_people_change_roles_so_that_one_that_asks_for_a_level_is_filled() -> None:
    # m0 alone may coach and m1 alone may watch time: whoever leads, both roles are held
    asks = (
        Role("facilitator", 0, leads=True),
        Role("host", 1),
        Role("case_coach", 2, "coaching", needs_level=3),
    )
    people = (Partner("m0", "A", {"coaching": 4}, may_facilitate=False), *members(3)[1:])

    season = planned(people, meetings(2), asks)

    assert holders(season, "case_coach") == ["m0", "m0"]
    assert open_turns(season, meetings(2), asks) == []


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ((Role("a", 0, leads=True, after="b"),), "comes after an unknown role, b"),
        ((Role("a", 0, leads=True, after="b"), Role("b", 1, after="a")), "comes after itself"),
    ],
)
def test_prerequisites_that_cannot_be_are_refused(wrong: tuple[Role, ...], rule: str) -> None:
    with pytest.raises(EngineError, match=rule):
        planned(members(3), meetings(3), wrong)


def test_a_turn_left_open_stays_open_and_nothing_else_moves() -> None:
    circle = (members(6), meetings(6), roles(3))
    before = planned(*circle)
    leader = holders(before, "facilitator")[2]
    assert leader is not None
    away = absences((int(leader[1:]), 2))

    after = replanned(
        *circle,
        away,
        frozenset(),
        published=before.turns,
        left_open=frozenset({("t2", "facilitator")}),
    )

    moved = [(c.meeting, c.role, c.was, c.now) for c in changes(before.turns, after.turns)]
    assert moved == [("t2", "facilitator", leader, "")]


def test_the_swap_that_repays_most_debt_comes_first_and_brings_the_giver_a_turn() -> None:
    circle = (members(6), meetings(6), roles(3))
    before = planned(*circle)
    row = holders(before, "facilitator")
    giver = row[2]
    assert giver is not None

    candidates = stood_in(
        *circle,
        absences((int(giver[1:]), 2)),
        frozenset(),
        published=before.turns,
        meeting="t2",
        role="facilitator",
        giver=giver,
    )

    best = candidates[0]
    assert best.member != giver
    assert row[int(best.returns[1:])] == best.member
    swapped = [
        best.member if n == 2 else giver if f"t{n}" == best.returns else m
        for n, m in enumerate(row)
    ]
    assert sorted(swapped) == sorted(row)  # everybody still leads once
    assert repeats(swapped) == 0


def test_nobody_stands_in_who_is_away_or_has_a_role() -> None:
    circle = (members(4), meetings(2), roles(3))
    before = planned(*circle)
    here = {turn.role: turn.member for turn in before.turns if turn.meeting == "t0"}
    idle = next(m.id for m in members(4) if m.id not in here.values())

    candidates = stood_in(
        *circle,
        absences((int(here["timekeeper"][1:]), 0)),
        frozenset(),
        published=before.turns,
        meeting="t0",
        role="timekeeper",
        giver=here["timekeeper"],
    )

    assert [stand_in.member for stand_in in candidates] == [idle]


def test_debts_are_what_was_due_less_what_was_held() -> None:
    owed = debts([("a", ["a", "b"]), ("a", ["a", "b", "c", "d"]), ("c", ["c"])])

    assert owed == pytest.approx({"a": 0.75 - 2, "b": 0.75, "c": 0.25, "d": 0.25})
    assert sum(owed.values()) == pytest.approx(0)


def test_tiny_circles_hardly_ever_repeat_more_than_the_best_of_all_plans() -> None:
    too_many = 0
    for seed in range(40):
        away = random_absences(4, 3, 0.25, seed)
        season = planned(members(4), meetings(3), roles(3), away, seed=seed)
        best = best_everything(members(4), meetings(3), away, 3)
        rows = [holders(season, role.key) for role in roles(3)]
        too_many += sum(repeats(row) for row in rows[1:]) - best[2]
    assert too_many <= 1


@pytest.mark.parametrize(
    ("wanted", "rule"),
    [
        ({"meeting": "t9"}, "t9: no such meeting in this season"),
        ({"role": "cook"}, "cook: no such role in this season"),
        ({"giver": "m9"}, "m9: no such member in this season"),
    ],
)
def test_no_stand_in_is_sought_for_what_the_season_does_not_know(
    wanted: dict[str, str], rule: str
) -> None:
    turn = {"meeting": "t0", "role": "facilitator", "giver": "m0"}

    with pytest.raises(EngineError) as refused:
        stood_in(members(3), meetings(2), roles(2), **turn | wanted)

    assert str(refused.value) == rule


def test_who_may_not_lead_does_not_stand_in_for_who_leads() -> None:
    first, second, third = members(3)
    people = (first, replace(second, may_facilitate=False), third)
    published = (PlannedTurn("t0", "facilitator", "m0"),)

    def asked(role: str) -> list[str]:
        found = stood_in(
            people, meetings(1), roles(2), published=published, meeting="t0", role=role, giver="m0"
        )
        return [stand_in.member for stand_in in found]

    assert asked("facilitator") == ["m2"]
    assert sorted(asked("timekeeper")) == ["m1", "m2"]


@pytest.mark.parametrize(("level", "returns"), [(2, ""), (3, "t1")])
def test_a_turn_is_given_in_return_only_if_the_taker_may_hold_the_givers_role_there(
    level: int, returns: str
) -> None:
    levels = (5, level, 5)
    people = tuple(
        replace(member, strengths={"timekeeper": known})
        for member, known in zip(members(3), levels, strict=True)
    )
    lead, timekeeper = roles(2)
    published = (
        PlannedTurn("t0", "facilitator", "m0"),
        PlannedTurn("t0", "timekeeper", "m2"),
        PlannedTurn("t1", "facilitator", "m1"),
        PlannedTurn("t1", "timekeeper", "m0"),
    )

    candidates = stood_in(
        people,
        meetings(2),
        (lead, replace(timekeeper, needs_level=3)),
        published=published,
        meeting="t0",
        role="facilitator",
        giver="m0",
    )

    assert [(c.member, c.returns) for c in candidates] == [("m1", returns)]
