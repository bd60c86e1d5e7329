"""Whoever leads for the first time has somebody beside them who has led before."""

from collections.abc import Iterable
from dataclasses import replace

from sessions.rotation.engine.problem import LEAD, Grid, Problem
from sessions.rotation.engine.ready import NOBODY
from sessions.rotation.engine.shapes import Turn


def with_buddies(problem: Problem, grid: Grid, turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """Return the turns, those of first-time leaders with a buddy where anybody present has led.

    The buddy is whoever has sat there least often, then who has no role of their own at that
    meeting, then who is strongest in leading.
    """
    buddies = _buddies(problem, grid)
    member_at = {member.id: position for position, member in enumerate(problem.members)}
    meeting_at = {meeting.id: position for position, meeting in enumerate(problem.meetings)}
    lead = problem.roles[LEAD].key
    return tuple(
        turn
        if turn.role != lead or meeting_at[turn.meeting] not in buddies
        else replace(
            turn,
            first=True,
            buddy=""
            if buddies[meeting_at[turn.meeting]] == NOBODY
            else problem.members[buddies[meeting_at[turn.meeting]]].id,
        )
        for turn in turns
        if turn.member in member_at
    )


def _buddies(problem: Problem, grid: Grid) -> dict[int, int]:
    """Return, by each meeting that is led for the first time by its leader, the buddy."""
    has_led = {position for position, member in enumerate(problem.members) if member.has_led}
    sat_there = [0] * len(problem.members)
    buddies: dict[int, int] = {}
    for meeting, leader in enumerate(grid[LEAD]):
        if leader == NOBODY:
            continue
        if leader not in has_led:
            at_meeting = {row[meeting] for row in grid}
            able = sorted(has_led & problem.present[meeting])
            buddies[meeting] = min(
                able,
                key=lambda m: (
                    sat_there[m],
                    m in at_meeting,
                    -problem.level[LEAD][m],
                    problem.rank[m],
                ),
                default=NOBODY,
            )
            if able:
                sat_there[buddies[meeting]] += 1
        has_led.add(leader)
    return buddies
