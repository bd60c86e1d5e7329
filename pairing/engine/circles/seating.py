"""Who sits in which circle, and of what a circle's worth is made.

A circle's worth is a sum over features: each different skill or value counts once, and a
value that only one of a circle has may cost something. One extra circle, the bench, holds those
without a seat. What a circle is worth, and an exchange would gain, is in `compiled.exchanges`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

MANY = 1 << 40  # count of every feature on the bench
ALL_WEEK = -1  # as bits: free in every slot


@dataclass(frozen=True, eq=False)
class Worth:
    """What people bring: their features, what each is worth once a circle, and levels.

    levels: per level column, each person's distance from the mean of all (scaled, sum 0);
    level_worth: what one unit of a circle's summed distance costs. apart: per person, a
    bit mask of those they may not sit with. conflict: the cost of one such pair.
    steep: no gain in balance is as large. alone: what it costs by feature that only one of a
    circle has it; empty for nothing.
    met: per person, a bit mask of those they have sat with; again: the cost of one such pair.
    free: per person, the free slots of a week as bits, ALL_WEEK where they are not known;
    common: what a circle is worth by the number of slots in which all are free, which counts up
    to the last entry.
    between: person × person, what each two are worth in one circle; empty for nothing.
    """

    features: Sequence[tuple[int, ...]]
    worth: Sequence[int]
    levels: Sequence[Sequence[int]]
    level_worth: Sequence[int]
    apart: Sequence[int]
    conflict: int
    steep: int
    alone: Sequence[int] = ()
    met: Sequence[int] = ()
    again: int = 0
    free: Sequence[int] = ()
    common: Sequence[int] = ()
    between: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 0), np.int64))


class Seating:
    """People in circles; the last circle is the bench."""

    def __init__(self, worth: Worth, circles: int) -> None:
        people = len(worth.features)
        self.worth = worth
        self.bench = circles
        self.circle_of = [circles] * people
        self.members: list[list[int]] = [[] for _ in range(circles)] + [list(range(people))]
        self.counts = [[0] * len(worth.worth) for _ in range(circles)] + [[MANY] * len(worth.worth)]
        self.sums = [[0] * len(worth.levels) for _ in range(circles + 1)]
        self.masks = [0] * (circles + 1)

    def move(self, i: int, to: int) -> None:
        start = self.circle_of[i]
        for circle, step in ((start, -1), (to, 1)):
            counts = self.counts[circle]
            for feature in self.worth.features[i]:
                counts[feature] += step
            if circle != self.bench:
                self.masks[circle] ^= 1 << i
                for k, levels in enumerate(self.worth.levels):
                    self.sums[circle][k] += step * levels[i]
        self.members[start].remove(i)
        self.members[to].append(i)
        self.circle_of[i] = to

    def conflicts(self, i: int) -> int:
        """Return how many people of their circle person i may not sit with."""
        return self._against(i, self.circle_of[i])

    def common_slots(self, circle: int) -> int | None:
        """Return in how many slots of a week all of a circle are free; None if none has said."""
        shared = ALL_WEEK
        for i in self.members[circle]:
            shared &= self.worth.free[i]
        return None if shared == ALL_WEEK else shared.bit_count()

    def _against(self, i: int, circle: int) -> int:
        return (self.worth.apart[i] & self.masks[circle]).bit_count()
