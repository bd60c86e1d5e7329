"""Mend a full plan by single exchanges, touching only turns that break something."""

from collections.abc import Iterator
from dataclasses import dataclass

from sessions.engine.leads import Quota, count_repeats
from sessions.engine.problem import LEAD, NOBODY, Grid, Problem

MOVE_LIMIT = 400  # accepted moves; each makes the plan strictly better, so few are ever needed

Move = dict[tuple[int, int], int]  # (role, meeting) -> its new holder


@dataclass(frozen=True, slots=True, order=True)
class Faults:
    """What is wrong with a plan, the worst first; compared in this order."""

    lead_excess: int = 0  # leads above or below the quota
    lead_repeats: int = 0
    repeats: int = 0  # in the other roles
    moved: int = 0  # turns that differ from the published plan
    uneven: int = 0  # sum of squared turns per person in each of the other roles

    def __add__(self, other: "Faults") -> "Faults":
        return Faults(
            self.lead_excess + other.lead_excess,
            self.lead_repeats + other.lead_repeats,
            self.repeats + other.repeats,
            self.moved + other.moved,
            self.uneven + other.uneven,
        )

    @property
    def rules(self) -> tuple[int, int, int]:
        """Return the faults for which a leader may be changed."""
        return (self.lead_excess, self.lead_repeats, self.repeats)


class Repair:
    """A plan with its faults by role, so that a move is priced from the roles it touches."""

    def __init__(self, problem: Problem, grid: Grid, quota: Quota, published: Grid | None) -> None:
        self.problem = problem
        self.grid = [row[:] for row in grid]
        self.quota = quota
        self.published = published
        self.faults = [self.row_faults(role, row) for role, row in enumerate(self.grid)]

    def row_faults(self, role: int, row: list[int]) -> Faults:
        """Return the faults of one role's season."""
        turns = [0] * len(self.problem.members)
        for member in row:
            if member != NOBODY:
                turns[member] += 1
        repeats = count_repeats(row, self.problem.last_held[role])
        moved = 0
        if self.published is not None:
            before = self.published[role]
            moved = sum(1 for was, now in zip(before, row, strict=True) if NOBODY != was != now)
        if role == LEAD:
            excess = sum(
                max(0, self.quota.low[member] - turns[member])
                + max(0, turns[member] - self.quota.high[member])
                for member in self.problem.counted
            )
            return Faults(lead_excess=excess, lead_repeats=repeats, moved=moved)
        return Faults(repeats=repeats, moved=moved, uneven=sum(n * n for n in turns))

    def run(self) -> Grid:
        """Return the plan after the best move for each faulty turn, until none helps."""
        for _ in range(MOVE_LIMIT):
            if not self._improve():
                break
        return self.grid

    def _improve(self) -> bool:
        for role, meeting in self._faulty_turns():
            best: tuple[Faults, dict[int, list[int]]] | None = None
            for move in self._moves(role, meeting):
                priced = self._price(move)
                if priced is not None and (best is None or priced[0] < best[0]):
                    best = priced
            if best is not None:
                for changed, row in best[1].items():
                    self.grid[changed] = row
                    self.faults[changed] = self.row_faults(changed, row)
                return True
        return False

    def _price(self, move: Move) -> tuple[Faults, dict[int, list[int]]] | None:
        """Return the faults after a move in the roles it touches, less what they share with the
        others, and the new rows; None unless the move makes the plan better."""
        rows: dict[int, list[int]] = {}
        for (role, meeting), member in move.items():
            rows.setdefault(role, self.grid[role][:])[meeting] = member
        before = after = Faults()
        for role, fault in enumerate(self.faults):
            before += fault
            after += self.row_faults(role, rows[role]) if role in rows else fault
        if after >= before or (
            LEAD in rows and self.published is None and after.rules >= before.rules
        ):
            return None
        return after, rows

    def _faulty_turns(self) -> Iterator[tuple[int, int]]:
        for role, row in enumerate(self.grid):
            fault = self.faults[role]
            turns = [row.count(member) for member in range(len(self.problem.members))]
            fewest = min(turns[member] for member in range(len(turns)))
            for meeting, member in enumerate(row):
                if member == NOBODY:
                    continue
                before = row[meeting - 1] if meeting else NOBODY
                after = row[meeting + 1] if meeting + 1 < len(row) else NOBODY
                first = meeting == 0 and self.problem.last_held[role][member] == -1
                repeated = first or member in (before, after)
                crowded = turns[member] > fewest + 1 if role != LEAD else fault.lead_excess > 0
                if (repeated or crowded) and self.problem.locked[role][meeting] == NOBODY:
                    yield role, meeting

    def _moves(self, role: int, meeting: int) -> Iterator[Move]:
        """Yield the ways to relieve the holder of one turn, within the rules of every turn."""
        problem, grid = self.problem, self.grid
        holder = grid[role][meeting]
        at_meeting = {row[meeting]: other for other, row in enumerate(grid)}
        for member in range(len(problem.members)):
            if member == holder or not problem.may_take(role, meeting, member):
                continue
            other = at_meeting.get(member)
            if other is None:
                yield {(role, meeting): member}
            elif problem.may_take(other, meeting, holder):
                yield {(role, meeting): member, (other, meeting): holder}
        for then, taker in enumerate(grid[role]):
            if taker in (NOBODY, holder) or problem.locked[role][then] != NOBODY:
                continue
            if problem.may_take(role, meeting, taker) and problem.may_take(role, then, holder):
                yield from self._exchange(role, meeting, then)

    def _exchange(self, role: int, meeting: int, then: int) -> Iterator[Move]:
        """Yield the exchange of one role between two meetings; who is busy there swaps roles."""
        move: Move = {}
        for place, leaver, comer in (
            (meeting, self.grid[role][meeting], self.grid[role][then]),
            (then, self.grid[role][then], self.grid[role][meeting]),
        ):
            move[role, place] = comer
            for other, row in enumerate(self.grid):
                if other != role and row[place] == comer:
                    if not self.problem.may_take(other, place, leaver):
                        return
                    move[other, place] = leaver
        yield move
