"""Say of a finished plan why each turn is as it is, and what could not be kept."""

from collections.abc import Iterator

from sessions.rotation.engine.problem import LEAD, NEUTRAL, NEVER, STRETCH, Grid, Problem
from sessions.rotation.engine.ready import NOBODY
from sessions.rotation.engine.shapes import (
    Broken,
    BrokenRule,
    BrokenWhy,
    Reason,
    ReasonCode,
    Turn,
    Unfilled,
    UnfilledWhy,
)


def explain_turns(problem: Problem, grid: Grid) -> tuple[Turn, ...]:
    """Return the turns in order of meeting and priority, each with its reason."""
    last_held = [[NEVER] * len(problem.members) for _ in problem.roles]
    turns_held = [[0] * len(problem.members) for _ in problem.roles]
    latest_kind = [NEUTRAL] * len(problem.members)
    turns: list[Turn] = []
    for meeting in range(len(problem.meetings)):
        holders = [(role, row[meeting]) for role, row in enumerate(grid) if row[meeting] != NOBODY]
        for role, member in holders:
            reason = _reason(
                problem, grid, role, meeting, last_held[role], turns_held[role], latest_kind
            )
            turns.append(
                Turn(
                    meeting=problem.meetings[meeting].id,
                    role=problem.roles[role].key,
                    member=problem.members[member].id,
                    reason=reason,
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
) -> Reason:
    """Return the first reason that is true, the most particular one first."""
    member = grid[role][meeting]
    if problem.locked[role][meeting] != NOBODY:
        return Reason(ReasonCode.LOCKED)
    if problem.dealt[role][meeting] != NOBODY:
        return Reason(ReasonCode.OPENS_A_ROLE)
    rivals = _rivals(problem, grid, role, meeting)
    if not rivals:
        return Reason(ReasonCode.ONLY_ONE_PRESENT)
    if role == LEAD and last_held[member] == NEVER:
        return Reason(ReasonCode.NEVER_LED)
    kind = problem.kind[role][member]
    if role != LEAD and kind != NEUTRAL and kind != latest_kind[member]:
        if kind == STRETCH:
            return Reason(ReasonCode.STRETCH)
        return Reason(ReasonCode.STRENGTH, {"level": problem.level[role][member]})
    if last_held[member] == NEVER:
        return Reason(ReasonCode.NEVER_HELD)
    if all(last_held[member] < last_held[rival] for rival in rivals):
        return Reason(ReasonCode.LONGEST_WAIT, {"meetings": meeting - last_held[member]})
    if all(turns_held[member] < turns_held[rival] for rival in rivals):
        return Reason(ReasonCode.EVENS_OUT, {"turns": turns_held[member]})
    return Reason(ReasonCode.IN_TURN)


def unfilled_turns(problem: Problem, grid: Grid) -> tuple[Unfilled, ...]:
    """Return the roles that nobody holds, and why."""
    unfilled: list[Unfilled] = []
    for meeting, at in enumerate(problem.meetings):
        for role, row in enumerate(grid):
            if row[meeting] != NOBODY:
                continue
            why = _why_unfilled(problem, grid, role, meeting)
            unfilled.append(Unfilled(at.id, problem.roles[role].key, why))
    return tuple(unfilled)


def _why_unfilled(problem: Problem, grid: Grid, role: int, meeting: int) -> UnfilledWhy:
    if (role, meeting) in problem.left_open:
        return UnfilledWhy.ASKED
    if not problem.present[meeting]:
        return UnfilledWhy.NOBODY_PRESENT
    left = problem.free[meeting] - {row[meeting] for row in grid}
    if role == LEAD and any(problem.members[m].may_facilitate for m in problem.free[meeting]):
        return UnfilledWhy.NOBODY_READY
    if role == LEAD and problem.free[meeting]:
        return UnfilledWhy.NOBODY_MAY_LEAD
    return UnfilledWhy.NOBODY_READY if left else UnfilledWhy.NOBODY_LEFT


def broken_rules(problem: Problem, grid: Grid, lead_spread: int) -> tuple[Broken, ...]:
    """Return every place where a rule is not kept, and what stood in the way."""
    broken = list(_broken_turns(problem, grid))
    if lead_spread > 1:
        locked = any(member != NOBODY for member in problem.locked[LEAD])
        why = BrokenWhy.LOCKED if locked and not _anyone_absent(problem) else BrokenWhy.ABSENCES
        broken.insert(0, Broken(BrokenRule.LEAD_SPREAD, why, role=problem.roles[LEAD].key))
    return tuple(broken)


def _anyone_absent(problem: Problem) -> bool:
    return any(len(people) < len(problem.members) for people in problem.present)


def _broken_turns(problem: Problem, grid: Grid) -> Iterator[Broken]:
    for meeting, at in enumerate(problem.meetings):
        for role, row in enumerate(grid):
            member = row[meeting]
            if member == NOBODY:
                continue
            if role == LEAD and not problem.members[member].may_facilitate:
                yield Broken(
                    BrokenRule.MAY_LEAD,
                    BrokenWhy.LOCKED,
                    at.id,
                    problem.roles[role].key,
                    problem.members[member].id,
                )
            repeated = meeting > 0 and row[meeting - 1] == member
            if repeated or _within_three(problem, grid, role, meeting):
                yield Broken(
                    BrokenRule.TWICE_RUNNING if repeated else BrokenRule.WITHIN_THREE,
                    _why_repeated(problem, grid, role, meeting),
                    at.id,
                    problem.roles[role].key,
                    problem.members[member].id,
                )


def _held_two_before(grid: Grid, role: int, meeting: int, member: int) -> bool:
    return meeting >= 2 and grid[role][meeting - 2] == member


def _within_three(problem: Problem, grid: Grid, role: int, meeting: int) -> bool:
    """Return whether the holder held the role two meetings before, while another could have been
    asked who has not held it since."""
    if not _held_two_before(grid, role, meeting, grid[role][meeting]):
        return False
    return any(
        not _held_two_before(grid, role, meeting, rival) and grid[role][meeting - 1] != rival
        for rival in _rivals(problem, grid, role, meeting)
    )


def _why_repeated(problem: Problem, grid: Grid, role: int, meeting: int) -> BrokenWhy:
    if problem.locked[role][meeting] != NOBODY:
        return BrokenWhy.LOCKED
    if not _rivals(problem, grid, role, meeting):
        return BrokenWhy.NOBODY_ELSE
    return BrokenWhy.KEEPS_EVEN
