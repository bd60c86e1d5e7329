"""The roles beside the leading one: a quick, whole plan for `anneal` to start from.

Meeting by meeting and role by role, whoever costs least takes the turn. Where a role would stay
empty though somebody could be spared, people change roles along one chain: roles are filled by
priority as far as those present and ready reach.
"""

from sessions.rotation.engine.problem import LEAD, NEUTRAL, NEVER, Grid, Problem
from sessions.rotation.engine.ready import NOBODY

REPEAT = 1_000_000  # holding a role twice running
NEAR = 20_000  # holding it again within three meetings
TURNS = 4_000  # for each turn held in this role so far
LOAD = 600  # for each turn held in any role
BUSY = 400  # any role at the meeting before
ALTERNATES = 500  # a strength after a stretch or a stretch after a strength
WAIT = 5  # for each meeting waited, up to WAIT_LIMIT
WAIT_LIMIT = 60


class _Filling:
    """A season being filled from the first meeting to the last."""

    def __init__(self, problem: Problem, grid: Grid) -> None:
        people = len(problem.members)
        self.problem = problem
        self.grid = [row[:] for row in grid]
        self.turns = [[0] * people for _ in problem.roles]
        self.last = [[NEVER] * len(problem.members) for _ in problem.roles]
        self.load = [0] * people
        self.last_any = [NEVER] * len(problem.members)
        self.latest_kind = [NEUTRAL] * people

    def run(self) -> Grid:
        for meeting in range(len(self.problem.meetings)):
            kept = self._kept(meeting)
            for role in self._to_fill(meeting):
                self._fill(role, meeting, kept)
            for role, row in enumerate(self.grid):
                if row[meeting] != NOBODY:
                    self._hold(role, meeting, row[meeting])
        return self.grid

    def _to_fill(self, meeting: int) -> list[int]:
        return [
            role
            for role in range(len(self.grid))
            if role != LEAD and not self.problem.is_fixed(role, meeting)
        ]

    def _kept(self, meeting: int) -> dict[int, int]:
        """Take the turns that may stay off the grid, and return them by role."""
        kept = {}
        for role in self._to_fill(meeting):
            if self.grid[role][meeting] != NOBODY:
                kept[role] = self.grid[role][meeting]
                self.grid[role][meeting] = NOBODY
        return kept

    def _fill(self, role: int, meeting: int, kept: dict[int, int]) -> None:
        mine = kept.pop(role, NOBODY)
        busy = {row[meeting] for row in self.grid}
        if mine != NOBODY and mine not in busy:
            self.grid[role][meeting] = mine
            return
        could = [
            m
            for m in self.problem.free[meeting]
            if m not in busy and self.problem.may_take(role, meeting, m)
        ]
        spare = [m for m in could if m not in kept.values()] or could
        if spare:
            self.grid[role][meeting] = min(spare, key=lambda m: self._price(role, meeting, m))
        elif not self.problem.asks_for_nothing:
            self._make_room(role, meeting, {role})

    def _make_room(self, role: int, meeting: int, seen: set[int]) -> bool:
        """Give `role` to somebody who can pass their own role on; return whether it is held."""
        holders = {row[meeting]: other for other, row in enumerate(self.grid) if other != role}
        for member in sorted(self.problem.free[meeting]):
            if not self.problem.may_take(role, meeting, member):
                continue
            other = holders.get(member)
            if other is None:
                self.grid[role][meeting] = member
                return True
            if other not in seen and other != LEAD and not self.problem.is_fixed(other, meeting):
                seen.add(other)
                self.grid[role][meeting], self.grid[other][meeting] = member, NOBODY
                if self._make_room(other, meeting, seen):
                    return True
                self.grid[role][meeting], self.grid[other][meeting] = NOBODY, member
        return False

    def _price(self, role: int, meeting: int, member: int) -> tuple[int, int]:
        row = self.grid[role]
        waited = meeting - self.last[role][member]
        price = TURNS * self.turns[role][member] + LOAD * self.load[member]
        price -= WAIT * min(waited, WAIT_LIMIT)
        price += REPEAT * (waited == 1 or member in row[meeting + 1 : meeting + 2])
        price += NEAR * (waited == 2 or member in row[meeting + 2 : meeting + 3])
        price += BUSY * (self.last_any[member] == meeting - 1)
        price -= ALTERNATES * (self.problem.kind[role][member] * self.latest_kind[member] < 0)
        return price, self.problem.rank[member]

    def _hold(self, role: int, meeting: int, member: int) -> None:
        self.turns[role][member] += 1
        self.last[role][member] = meeting
        self.load[member] += 1
        self.last_any[member] = max(self.last_any[member], meeting, NEVER)
        self.latest_kind[member] = self.problem.kind[role][member] or self.latest_kind[member]


def fill_others(problem: Problem, grid: Grid) -> Grid:
    """Return `grid` with its open turns filled, the leading role's aside; turns that are there
    stay where nothing of more priority needs their holder."""
    return _Filling(problem, grid).run()
