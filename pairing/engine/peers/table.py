"""What each unordered pair of the pool is worth, and which pairs may be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairing.engine.blocks import total_points
from pairing.engine.peers.shapes import PeersProblem
from pairing.engine.rules import blocked_by_rule
from pairing.engine.shapes import Progress

Ints = NDArray[np.int64]
NOT_ALLOWED = -1
ALONE = -1


@dataclass(frozen=True)
class Table:
    """The pool as numbers, the same both ways.

    points: half of what the two are worth to each other, rounded down. worth: the same for
    pairs that may be chosen, NOT_ALLOWED elsewhere. allowed: what no rule forbids, locked or not.
    """

    points: Ints
    worth: Ints
    allowed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.points)

    def possible(self, floor: int = 0) -> NDArray[np.bool_]:
        """Return the pairs that may be chosen and score at least that much."""
        chosen: NDArray[np.bool_] = self.worth >= max(floor, 0)
        return chosen


def build_table(problem: PeersProblem, progress: Progress) -> Table:
    """Score every pair from both sides and apply rules, locks and who takes nobody."""
    two_sides = problem.as_two_sides()
    one_way = total_points(two_sides, progress).astype(np.int64)
    points = (one_way + one_way.T) // 2
    blocked = np.logical_or.reduce(list(blocked_by_rule(two_sides).values()))
    blocked |= blocked.T
    out = np.array(problem.people.places(), np.int64) == 0
    blocked[out] = blocked[:, out] = True
    free = ~blocked
    held = sorted({i for pair in problem.locked for i in pair})
    free[held] = free[:, held] = False
    worth = np.where(free, points, np.int64(NOT_ALLOWED))
    return Table(points, worth, ~blocked)
