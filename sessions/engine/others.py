"""The roles beside the leading one, filled meeting by meeting with the best few plans so far.

A beam of `WIDTH` partial plans goes through the season; each open turn extends every plan by every
free member at once, and the best plans stay. Nobody is left out by width alone: a turn that
would repeat costs more than all else together, so a plan survives that avoids it later.
"""

import numpy as np
from numpy.typing import NDArray

from sessions.engine.problem import LEAD, NOBODY, Grid, Problem

WIDTH = 48
REPEAT = 1_000_000  # holding a role twice running
TURNS = 2_000  # times the turns held in this role so far, doubled and one: grows as a square
LOAD = 300  # the same for all roles together
BUSY = 400  # any role at the meeting before or, if known, at the next
ALTERNATES = 500  # a strength after a stretch or a stretch after a strength
WAIT = 5  # for each meeting waited, up to WAIT_LIMIT
WAIT_LIMIT = 60

Numbers = NDArray[np.int64]


class _Beam:
    """The best partial plans, each a row of every array."""

    def __init__(self, problem: Problem, grid: Grid) -> None:
        roles, people = len(problem.roles), len(problem.members)
        self.problem = problem
        self.cost: Numbers = np.zeros(1, np.int64)
        self.turns: Numbers = np.zeros((1, roles, people), np.int64)
        self.last: Numbers = np.array(problem.last_held, np.int64)[None]
        self.load: Numbers = np.zeros((1, people), np.int64)
        self.last_any: Numbers = self.last.max(axis=1)
        self.latest_kind: Numbers = np.zeros((1, people), np.int64)
        self.kind: Numbers = np.array(problem.kind, np.int64)
        self.plan: Numbers = np.array(grid, np.int64)[None]
        self.tie: Numbers = np.array(problem.rank, np.int64)

    def hold(self, role: int, meeting: int, member: Numbers | int) -> None:
        """Record that `member` (one for all plans, or one for each) holds `role` at `meeting`."""
        plan = np.arange(len(self.cost))
        self.plan[plan, role, meeting] = member
        self.turns[plan, role, member] += 1
        self.last[plan, role, member] = meeting
        self.load[plan, member] += 1
        self.last_any[plan, member] = meeting
        kind = self.kind[role, member]
        self.latest_kind[plan, member] = np.where(kind == 0, self.latest_kind[plan, member], kind)

    def price(self, role: int, meeting: int, next_holder: int, soon: list[int]) -> Numbers:
        """Return what it costs each plan to give this turn to each member."""
        waited = np.minimum(meeting - self.last[:, role], WAIT_LIMIT)
        price = TURNS * (2 * self.turns[:, role] + 1) + LOAD * (2 * self.load + 1) - WAIT * waited
        price += REPEAT * (waited == 1)
        price += BUSY * (self.last_any == meeting - 1)
        price -= ALTERNATES * (self.kind[role] * self.latest_kind < 0)
        price[:, soon] += BUSY
        if next_holder != NOBODY:
            price[:, next_holder] += REPEAT
        total: Numbers = price * len(self.tie) + self.tie
        return total

    def extend(self, role: int, meeting: int, next_holder: int, soon: list[int]) -> None:
        """Fill one turn in every plan in every way, and keep the best."""
        total = self.cost[:, None] + self.price(role, meeting, next_holder, soon)
        free = np.zeros(len(self.tie), bool)
        free[list(self.problem.free[meeting])] = True
        taken = (self.last_any == meeting) | ~free
        flat = np.where(taken, np.iinfo(np.int64).max, total).ravel()
        best = np.argsort(flat, kind="stable")[: min(WIDTH, int((~taken).sum()))]
        plan, member = np.divmod(best, len(self.tie))
        for name in ("turns", "last", "load", "last_any", "latest_kind", "plan"):
            setattr(self, name, getattr(self, name)[plan])
        self.cost = flat[best]
        self.hold(role, meeting, member)


def fill_others(problem: Problem, grid: Grid) -> Grid:
    """Return `grid` with all open turns filled; those it has already stay as they are."""
    beam = _Beam(problem, grid)
    last_meeting = len(problem.meetings) - 1
    for meeting in range(len(problem.meetings)):
        for role in range(len(problem.roles)):
            if grid[role][meeting] != NOBODY:
                beam.hold(role, meeting, grid[role][meeting])
        ahead = min(meeting + 1, last_meeting)
        soon = [row[ahead] for row in grid if row[ahead] != NOBODY and ahead > meeting]
        for role in problem.open_roles[meeting]:
            if role != LEAD and grid[role][meeting] == NOBODY:
                next_holder = grid[role][ahead] if ahead > meeting else NOBODY
                beam.extend(role, meeting, next_holder, soon)
    return [[int(member) for member in row] for row in beam.plan[0]]
