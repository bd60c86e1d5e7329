"""Say of a finished plan why each turn is as it is, and who sits beside a first-time leader."""

from sessions.rotation.engine.problem import LEAD, NEUTRAL, NEVER, STRETCH, Grid, Problem
from sessions.rotation.engine.ready import NOBODY
from sessions.rotation.engine.shapes import PlannedTurn, ReasonCode


def explain_turns(problem: Problem, grid: Grid) -> tuple[PlannedTurn, ...]:
    """Return the turns in order of meeting and priority, each with its reason."""
    last_held = [[NEVER] * len(problem.members) for _ in problem.roles]
    turns_held = [[0] * len(problem.members) for _ in problem.roles]
    latest_kind = [NEUTRAL] * len(problem.members)
    buddies = _buddies(problem, grid)
    turns: list[PlannedTurn] = []
    for meeting in range(len(problem.meetings)):
        holders = [(role, row[meeting]) for role, row in enumerate(grid) if row[meeting] != NOBODY]
        for role, member in holders:
            reason, detail = _reason(
                problem, grid, role, meeting, last_held[role], turns_held[role], latest_kind
            )
            first = role == LEAD and meeting in buddies
            buddy = buddies[meeting] if first else NOBODY
            turns.append(
                PlannedTurn(
                    meeting=problem.meetings[meeting],
                    role=problem.roles[role].key,
                    member=problem.members[member].id,
                    reason=reason,
                    detail=detail,
                    buddy="" if buddy == NOBODY else problem.members[buddy].id,
                    first=first,
                )
            )
        for role, member in holders:
            last_held[role][member] = meeting
            turns_held[role][member] += 1
            latest_kind[member] = problem.kind[role][member] or latest_kind[member]
    return tuple(turns)


def _rivals(problem: Problem, grid: Grid, role: int, meeting: int) -> list[int]:
    """Return who else could have held a turn: free, allowed, and in no role of more priority."""
    busy = {row[meeting] for row in grid[: role + 1]}
    return [
        member
        for member in sorted(problem.free[meeting] - busy)
        if problem.may_take(role, meeting, member)
    ]


def _reason(
    problem: Problem,
    grid: Grid,
    role: int,
    meeting: int,
    last_held: list[int],
    turns_held: list[int],
    latest_kind: list[int],
) -> tuple[ReasonCode, dict[str, int]]:
    """Return the first reason that is true, the most particular one first, and its numbers."""
    member = grid[role][meeting]
    if problem.locked[role][meeting] != NOBODY:
        return ReasonCode.LOCKED, {}
    if problem.dealt[role][meeting] != NOBODY:
        return ReasonCode.OPENS_A_ROLE, {}
    rivals = _rivals(problem, grid, role, meeting)
    if not rivals:
        return ReasonCode.ONLY_ONE_PRESENT, {}
    if role == LEAD and last_held[member] == NEVER:
        return ReasonCode.NEVER_LED, {}
    kind = problem.kind[role][member]
    if role != LEAD and kind != NEUTRAL and kind != latest_kind[member]:
        if kind == STRETCH:
            return ReasonCode.STRETCH, {}
        return ReasonCode.STRENGTH, {"level": problem.level[role][member]}
    if last_held[member] == NEVER:
        return ReasonCode.NEVER_HELD, {}
    if all(last_held[member] < last_held[rival] for rival in rivals):
        return ReasonCode.LONGEST_WAIT, {"meetings": meeting - last_held[member]}
    if all(turns_held[member] < turns_held[rival] for rival in rivals):
        return ReasonCode.EVENS_OUT, {"turns": turns_held[member]}
    return ReasonCode.IN_TURN, {}


def _buddies(problem: Problem, grid: Grid) -> dict[int, int]:
    """Return the buddy of each meeting whose leader leads for the first time, or NOBODY.

    Of those present who have led, it is whoever has sat there least often, then who has no role
    of their own at that meeting, then who is strongest in leading.
    """
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
