from itertools import pairwise

import pytest

from sessions.rotation.engine.shapes import Lock, Partner, ReasonCode, SeasonPlan
from tests.sessions.engine.builders import (
    absences,
    all_repeats,
    holders,
    lead_counts,
    meetings,
    members,
    open_turns,
    planned,
    random_absences,
    repeats,
    roles,
)


def test_four_people_lead_once_each_in_four_meetings() -> None:
    season = planned(members(4), meetings(4), roles(3))

    assert lead_counts(season) == {"m0": 1, "m1": 1, "m2": 1, "m3": 1}
    assert (season.lead_spread, all_repeats(season)) == (0, 0)
    assert open_turns(season, meetings(4), roles(3)) == []


@pytest.mark.parametrize("people", range(2, 9))
@pytest.mark.parametrize("times", [1, 5, 12])
@pytest.mark.parametrize("role_count", range(1, 6))
def test_without_absences_every_role_is_even_and_never_held_twice_running(
    people: int, times: int, role_count: int
) -> None:
    season = planned(members(people), meetings(times), roles(role_count), seed=people)

    assert season.lead_spread <= 1
    for role in roles(min(role_count, people)):
        row = holders(season, role.key)
        counts = [row.count(member.id) for member in members(people)]
        assert len(row) == times
        assert repeats(row) == 0
        assert max(counts) - min(counts) <= 1


def test_roles_that_people_do_not_suffice_for_stay_empty_lowest_priority_first() -> None:
    season = planned(members(2), meetings(1), roles(4))

    assert [turn.role for turn in season.turns] == ["facilitator", "timekeeper"]


def test_a_meeting_that_nobody_comes_to_has_no_turns() -> None:
    season = planned(members(2), meetings(2), roles(1), absences((0, 0), (1, 0)))

    assert holders(season, "facilitator")[0] is None
    assert open_turns(season, meetings(2), roles(1)) == [("t0", "facilitator")]


def test_a_season_without_meetings_is_empty() -> None:
    season = planned(members(3), (), roles(2))

    assert (season.turns, season.lead_spread, season.lead_bound) == ((), 0, None)


def test_whoever_may_not_facilitate_takes_other_roles_and_is_left_out_of_the_spread() -> None:
    people = (*members(2), Partner(id="new", name="New", may_facilitate=False))

    season = planned(people, meetings(6), roles(2))

    assert "new" not in holders(season, "facilitator")
    assert "new" in holders(season, "timekeeper")
    assert lead_counts(season) == {"m0": 3, "m1": 3}


def test_nobody_leads_where_nobody_present_may() -> None:
    people = (Partner(id="new", name="New", may_facilitate=False), *members(1))

    season = planned(people, meetings(1), roles(2), absences((0, 0)))

    assert [(turn.role, turn.member) for turn in season.turns] == [("timekeeper", "new")]


def test_one_person_alone_leads_every_time() -> None:
    season = planned(members(1), meetings(3), roles(1))

    assert holders(season, "facilitator") == ["m0", "m0", "m0"]


def test_absences_that_force_a_spread_are_named_with_their_proof() -> None:
    # m1 and m2 come to the first meeting alone: m0 must lead the other three.
    away = absences((1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3))

    season = planned(members(3), meetings(4), roles(1), away)

    assert season.lead_spread == 3
    bound = season.lead_bound
    assert bound is not None
    assert (bound.most, set(bound.most_members)) == (3, {"m0"})
    assert bound.most_meetings == {"t1", "t2", "t3"}
    assert (bound.least, set(bound.least_members)) == (0, {"m1", "m2"})
    assert bound.least_meetings == {"t0"}


def test_locked_turns_stay_and_the_rest_evens_them_out() -> None:
    locks = frozenset({Lock("t0", "facilitator", "m2"), Lock("t1", "facilitator", "m0")})

    season = planned(members(3), meetings(6), roles(2), locks=locks)

    row = holders(season, "facilitator")
    assert row[:2] == ["m2", "m0"]
    assert lead_counts(season) == {"m0": 2, "m1": 2, "m2": 2}
    assert all_repeats(season) == 0
    locked = [turn.meeting for turn in season.turns if turn.reason == ReasonCode.LOCKED]
    assert locked == ["t0", "t1"]


def test_a_lock_twice_running_is_kept() -> None:
    locks = frozenset({Lock("t0", "timekeeper", "m1"), Lock("t1", "timekeeper", "m1")})

    season = planned(members(3), meetings(3), roles(2), locks=locks)

    assert holders(season, "timekeeper")[:2] == ["m1", "m1"]
    assert all_repeats(season) == 1


def test_a_lead_locked_to_somebody_who_may_not_facilitate_is_kept() -> None:
    people = (*members(2), Partner(id="new", name="New", may_facilitate=False))
    locks = frozenset({Lock("t0", "facilitator", "new")})

    season = planned(people, meetings(2), roles(1), locks=locks)

    assert holders(season, "facilitator")[0] == "new"


def test_strength_and_stretch_take_turns() -> None:
    people = tuple(
        Partner(f"m{n}", f"Member {n}", {"timekeeper": 5}, frozenset({"note_taker"}))
        for n in range(4)
    )

    season = planned(people, meetings(8), roles(3))

    for person in people:
        kinds = [
            turn.role
            for turn in season.turns
            if turn.member == person.id and turn.role != "facilitator"
        ]
        assert kinds in (["timekeeper", "note_taker"] * 2, ["note_taker", "timekeeper"] * 2)


def test_roles_are_dealt_so_that_a_stretch_stands_between_two_strengths() -> None:
    # Round the table each person has the four roles in one order. With the stretch between the
    # two strengths, like follows like only for the two people who start in the middle.
    people = tuple(
        Partner(
            f"m{n}",
            f"Member {n}",
            {"timekeeper": 5, "note_taker": 5},
            frozenset({"voice_watcher"}),
        )
        for n in range(4)
    )

    season = planned(people, meetings(4), roles(4))

    assert like_after_like(season, stretch="voice_watcher") == 2


def test_strength_and_stretch_alternate_where_they_can_beside_absences() -> None:
    people = tuple(
        Partner(f"m{n}", f"Member {n}", {"timekeeper": 5}, frozenset({"note_taker"}))
        for n in range(6)
    )
    total = 0
    for seed in range(10):
        away = random_absences(6, 12, 0.1, seed)
        season = planned(people, meetings(12), roles(3), away, seed=seed)
        total += like_after_like(season, stretch="note_taker")

    assert total <= 10  # without the wish to alternate it is 60


def like_after_like(season: SeasonPlan, *, stretch: str) -> int:
    """Return how often somebody's strength follows a strength, or stretch a stretch."""
    kinds: dict[str, list[bool]] = {}
    for turn in season.turns:
        if turn.role != "facilitator":
            kinds.setdefault(turn.member, []).append(turn.role == stretch)
    return sum(a == b for row in kinds.values() for a, b in pairwise(row))


@pytest.mark.slow
def test_other_roles_stay_even_beside_absences_with_rare_exceptions() -> None:
    # The leading role is proved even; the others are searched for (2 of these 80 are off by one).
    uneven = []
    for seed in range(20):
        away = random_absences(6, 12, 0.1, seed)
        season = planned(members(6), meetings(12), roles(4), away, seed=seed)
        for role in roles(4):
            row = holders(season, role.key)
            counts = [row.count(member.id) for member in members(6)]
            if max(counts) - min(counts) > 1:
                uneven.append((seed, role.key))

    assert len(uneven) <= 2


def test_the_same_seed_gives_the_same_season_and_another_seed_another() -> None:
    away = absences((0, 1), (3, 2), (5, 5))
    seasons = [planned(members(6), meetings(8), roles(4), away, seed=s) for s in (1, 1, 2)]

    assert seasons[0] == seasons[1]
    assert holders(seasons[0], "facilitator") != holders(seasons[2], "facilitator")
    assert seasons[0].lead_spread == seasons[2].lead_spread


@pytest.mark.parametrize("code", [ReasonCode.NEVER_LED, ReasonCode.ONLY_ONE_PRESENT])
def test_the_first_lead_has_its_reason(code: ReasonCode) -> None:
    away = absences((0, 0), (1, 0), (1, 1), (2, 1))
    season = planned(members(3), meetings(2), roles(1), away if "only" in code else frozenset())

    assert season.turns[0].reason == code


def test_a_reason_says_how_long_somebody_has_waited() -> None:
    season = planned(members(3), meetings(4), roles(1))

    assert season.turns[3].reason == ReasonCode.LONGEST_WAIT
    assert season.turns[3].detail == {"meetings": 3}
