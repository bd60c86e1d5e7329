"""What each two of a circle are to each other: criteria that compare pairs, wishes, preferences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pairing.engine.blocks import total_points
from pairing.engine.circles.shapes import CirclesProblem
from pairing.engine.shapes import FULL_POINTS, Bonus, Criterion, Problem, no_progress
from pairing.engine.sparse import Ints

MOST_ON_TOP = 3 * FULL_POINTS // 10  # of all points, for wishes and preferences together


@dataclass(frozen=True, eq=False)
class Couples:
    """Points of each two who share a circle, the same both ways; nobody has any with themselves.

    wanted: person × person, whom each would get points for; None where every pair is compared.
    own: per person, the most that all whom they want could bring them in one circle.
    """

    points: Ints
    wanted: NDArray[np.bool_] | None = None
    own: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def within(self, members: Sequence[int], worth: Ints | None = None) -> int:
        """Return what the pairs of a circle have together, in points or in what those are worth."""
        return int((self.points if worth is None else worth)[np.ix_(members, members)].sum()) // 2

    def most_in(self, size: int) -> int:
        """Return what all circles of this size could have: each person with the best for them."""
        others = -np.sort(-self.points, axis=1)[:, : size - 1]
        return int(others.sum()) // 2

    def most_within(self, members: Sequence[int]) -> int:
        """Return what the pairs of a circle could have together at most."""
        if self.wanted is not None:
            return int(self.own[list(members)].sum())
        return 2 * FULL_POINTS * pairs_in(len(members))

    def fulfilled(self, members: Sequence[int]) -> tuple[int, int]:
        """Return how many of those whom these people want sit with them, and of how many."""
        assert self.wanted is not None
        rows = self.wanted[list(members)]
        return int(rows[:, list(members)].sum()), int(rows.sum())

    def worth(self, most: int, ideal: int) -> Ints:
        """Return what each pair is worth where `ideal` points are worth `most`, rounded down."""
        return most * self.points // max(1, ideal)


def pairs_in(size: int) -> int:
    return size * (size - 1) // 2


def compared(problem: CirclesProblem, criterion: Criterion) -> Couples:
    """Return what a criterion gives each two: what either is to the other, added up."""
    alone = Problem(problem.people, problem.people, (criterion,))
    one_way = total_points(alone, no_progress).astype(np.int64)
    points = one_way + one_way.T
    np.fill_diagonal(points, 0)
    return Couples(points)


def wanted(bonus: Bonus, taking_part: Sequence[int], people: int, size: int) -> Couples:
    """Return what a bonus gives each two: what it is to the first, or to both, added up.

    size: of the largest circle: nobody can sit with more than its others.
    """
    one_way, here = np.zeros((people, people), np.int64), set(taking_part)
    for (i, j), points in bonus.pairs.items():
        if i in here and j in here:
            one_way[i, j] = points
    own = np.sort(one_way, axis=1)[:, max(0, people - size + 1) :].sum(axis=1)
    return Couples(one_way + one_way.T, one_way > 0, own)


def on_top(ideals: Mapping[str, int], people: int) -> int:
    """Return how many of all points bonuses may bring: a person's share for what they want."""
    return min(MOST_ON_TOP, sum(ideals.values()) // max(1, people))
