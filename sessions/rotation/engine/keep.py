"""Count what is wrong with a plan, and give back what a mended one need not have moved."""

from collections.abc import Iterator

from sessions.rotation.engine.leads import Quota, count_repeats
from sessions.rotation.engine.problem import LEAD, Grid, Problem
from sessions.rotation.engine.ready import NOBODY


def faults(problem: Problem, grid: Grid, quota: Quota) -> tuple[int, ...]:
    """Return leads outside the quota, leads twice running, all roles twice running, roles held
    again within three meetings, and (below 0) how many people hold how many roles."""
    leads = [grid[LEAD].count(member) for member in range(len(problem.members))]
    excess = sum(
        max(0, quota.low[member] - leads[member]) + max(0, leads[member] - quota.high[member])
        for member in problem.counted
    )
    twice = [count_repeats(row) for row in grid]
    near = sum(_near(row) for row in grid)
    held = sum(len(set(row) - {NOBODY}) for row in grid)
    return excess, twice[LEAD], sum(twice), near, -held


def _near(row: list[int]) -> int:
    pairs = zip(row, row[2:], strict=False)
    return sum(1 for before, after in pairs if before == after != NOBODY)


def give_back(problem: Problem, grid: Grid, published: Grid, quota: Quota) -> Grid:
    """Return the plan with each published turn back at its holder where that makes nothing worse.

    Tried are single turns, whole meetings, and one role at two meetings.
    """
    best = faults(problem, grid, quota)
    again = True
    while again:
        again = False
        for candidate in _nearer(problem, grid, published):
            price = faults(problem, candidate, quota)
            if price <= best:
                grid, best, again = candidate, price, True
                break
    return grid


def _nearer(problem: Problem, grid: Grid, published: Grid) -> Iterator[Grid]:
    """Yield the plans with some moved turns back, none of them held by two or by nobody."""
    moved = [
        (role, meeting)
        for role, row in enumerate(published)
        for meeting, holder in enumerate(row)
        if holder not in (NOBODY, grid[role][meeting])
        and grid[role][meeting] != NOBODY
        and not problem.is_fixed(role, meeting)
    ]
    for role, meeting in moved:
        yield from _with(grid, published, [(role, meeting)])
    for meeting in {at for _role, at in moved}:
        yield from _with(grid, published, [turn for turn in moved if turn[1] == meeting])
    for place, first in enumerate(moved):
        for second in moved[place + 1 :]:
            if first[0] == second[0]:
                yield from _with(grid, published, [first, second])


def _with(grid: Grid, published: Grid, turns: list[tuple[int, int]]) -> Iterator[Grid]:
    mended = [row[:] for row in grid]
    for role, meeting in turns:
        mended[role][meeting] = published[role][meeting]
    for meeting in {at for _role, at in turns}:
        here = [row[meeting] for row in mended if row[meeting] != NOBODY]
        if len(here) != len(set(here)):
            return
    yield mended
