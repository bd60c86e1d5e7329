import random

import pytest

from sessions.rotation.engine.shapes import EngineError, Lock, SeasonPlan
from tests.sessions.engine.builders import (
    absences,
    all_repeats,
    changes,
    holders,
    meetings,
    members,
    planned,
    random_absences,
    repeats,
    replanned,
    roles,
)


def held_until(season: SeasonPlan, meeting: int) -> frozenset[Lock]:
    return frozenset(
        Lock(turn.meeting, turn.role, turn.member)
        for turn in season.turns
        if int(turn.meeting[1:]) < meeting
    )


def test_nothing_new_changes_nothing() -> None:
    circle = (members(6), meetings(12), roles(4))
    before = planned(*circle)

    after = replanned(*circle, frozenset(), frozenset(), published=before.turns)

    assert changes(before.turns, after.turns) == ()


def test_one_absence_moves_few_turns_and_none_of_the_past() -> None:
    circle = (members(6), meetings(12), roles(4))
    before = planned(*circle)
    leader = holders(before, "facilitator")[6]
    assert leader is not None
    away = absences((int(leader[1:]), 6))

    after = replanned(*circle, away, held_until(before, 5), published=before.turns)

    moved = changes(before.turns, after.turns)
    assert any(change.meeting == "t6" and change.was == leader for change in moved)
    assert all(int(change.meeting[1:]) >= 5 for change in moved)
    assert len(moved) <= 4
    assert after.lead_spread == before.lead_spread == 0
    assert all_repeats(after) == 0


@pytest.mark.parametrize("seed", range(40))
def test_a_mended_season_is_as_fair_as_a_new_one_and_moves_fewer_turns(seed: int) -> None:
    chance = random.Random(seed)
    people, times = chance.randint(3, 8), chance.randint(4, 12)
    circle = (members(people), meetings(times), roles(chance.randint(1, 4)))
    away = random_absences(people, times, 0.1, seed)
    before = planned(*circle, away, seed=seed)
    now = chance.randint(0, times - 1)
    later = absences((chance.randrange(people), chance.randrange(now, times)))
    locks = held_until(before, now)

    after = replanned(*circle, away | later, locks, published=before.turns, seed=seed)
    anew = planned(*circle, away | later, locks, seed=seed)

    assert after.lead_spread == anew.lead_spread
    assert repeats(holders(after, "facilitator")) <= repeats(holders(anew, "facilitator"))
    assert all_repeats(after) <= all_repeats(anew)
    assert held_until(before, now) == held_until(after, now)
    gone = away | later
    assert not [turn for turn in after.turns if (turn.member, turn.meeting) in gone]
    moved = changes(before.turns, after.turns)
    assert len(moved) <= len(changes(before.turns, anew.turns))
    if not any(change.was == next(iter(later))[0] for change in moved):
        assert moved == ()


def test_mending_moves_less_than_a_third_of_what_a_new_plan_moves() -> None:
    moved_by_mending = moved_by_planning = 0
    for seed in range(15):
        circle = (members(6), meetings(12), roles(3))
        away = random_absences(6, 12, 0.1, seed)
        before = planned(*circle, away, seed=seed)
        later = away | absences((seed % 6, 5), (seed % 6, 6), (seed % 6, 7))
        locks = held_until(before, 5)
        after = replanned(*circle, later, locks, published=before.turns, seed=seed)
        anew = planned(*circle, later, locks, seed=seed)
        moved_by_mending += len(changes(before.turns, after.turns))
        moved_by_planning += len(changes(before.turns, anew.turns))

    assert moved_by_mending * 3 < moved_by_planning


def test_a_person_who_left_is_replaced_everywhere_later() -> None:
    before = planned(members(5), meetings(10), roles(3))

    after = replanned(
        members(4), meetings(10), roles(3), frozenset(), frozenset(), published=before.turns
    )

    assert "m4" not in {turn.member for turn in after.turns}
    assert after.lead_spread <= 1
    assert all_repeats(after) == 0


def test_a_turn_published_twice_is_refused() -> None:
    before = planned(members(2), meetings(2), roles(1))

    with pytest.raises(EngineError, match="facilitator at t0 is published twice"):
        replanned(
            members(2),
            meetings(2),
            roles(1),
            frozenset(),
            frozenset(),
            published=before.turns[:1] * 2,
        )
