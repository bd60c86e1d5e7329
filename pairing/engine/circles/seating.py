"""Who sits in which circle, and what a change would gain, without counting all again.

A circle's worth is a sum over features: each different skill or value counts once. So
the gain of an exchange depends on nothing but how often the features of the two people
stand in their two circles. One extra circle, the bench, holds those without a seat: its
counts are never 0 or 1, so that coming and going there costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MANY = 1 << 40  # count of every feature on the bench


@dataclass(frozen=True)
class Worth:
    """What people bring: their features, what each is worth once a circle, and levels.

    levels: per level column, each person's distance from the mean of all (scaled, sum 0);
    level_worth: what one unit of a circle's summed distance costs. apart: per person, a
    bit mask of those they may not sit with. conflict: the cost of one such pair.
    """

    features: Sequence[tuple[int, ...]]
    worth: Sequence[int]
    levels: Sequence[Sequence[int]]
    level_worth: Sequence[int]
    apart: Sequence[int]
    conflict: int


class Seating:
    """People in circles; the last circle is the bench."""

    def __init__(self, worth: Worth, circles: int) -> None:
        people = len(worth.features)
        self.worth = worth
        self.bench = circles
        self.feature_sets = [frozenset(features) for features in worth.features]
        self.circle_of = [circles] * people
        self.members: list[list[int]] = [[] for _ in range(circles)] + [list(range(people))]
        self.counts = [[0] * len(worth.worth) for _ in range(circles)] + [[MANY] * len(worth.worth)]
        self.sums = [[0] * len(worth.levels) for _ in range(circles + 1)]
        self.masks = [0] * (circles + 1)

    def move(self, i: int, to: int) -> None:
        """Seat person i in another circle."""
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

    def swap(self, i: int, j: int) -> None:
        g, h = self.circle_of[i], self.circle_of[j]
        self.move(i, h)
        self.move(j, g)

    def gain_of_swap(self, i: int, j: int) -> int:
        """Return what exchanging two people of different circles would add."""
        worth = self.worth
        g, h = self.circle_of[i], self.circle_of[j]
        in_g, in_h = self.counts[g], self.counts[h]
        values = worth.worth
        gain = 0
        other = self.feature_sets[j]
        for feature in worth.features[i]:
            if feature not in other:
                if in_g[feature] == 1:
                    gain -= values[feature]
                if not in_h[feature]:
                    gain += values[feature]
        other = self.feature_sets[i]
        for feature in worth.features[j]:
            if feature not in other:
                if in_h[feature] == 1:
                    gain -= values[feature]
                if not in_g[feature]:
                    gain += values[feature]
        if worth.levels:
            gain += self._gain_in_levels(i, j, g, h)
        if worth.apart[i] or worth.apart[j]:
            before = self._against(i, g) + self._against(j, h)
            after = (worth.apart[i] & self.masks[h] & ~(1 << j)).bit_count()
            after += (worth.apart[j] & self.masks[g] & ~(1 << i)).bit_count()
            gain -= worth.conflict * (after - before)
        return gain

    def value(self, circle: int) -> int:
        """Return what one circle is worth, counted afresh; the bench is worth nothing."""
        if circle == self.bench:
            return 0
        worth = self.worth
        total = sum(worth.worth[f] for f, count in enumerate(self.counts[circle]) if count)
        for k, cost in enumerate(worth.level_worth):
            total -= cost * abs(self.sums[circle][k])
        against = sum(self._against(i, circle) for i in self.members[circle])
        return total - worth.conflict * (against // 2)

    def total(self) -> int:
        """Return what all circles are worth."""
        return sum(self.value(circle) for circle in range(self.bench))

    def is_empty(self) -> bool:
        return len(self.members[self.bench]) == len(self.circle_of)

    def conflicts(self, i: int) -> int:
        """Return how many people of their circle person i may not sit with."""
        return self._against(i, self.circle_of[i])

    def _against(self, i: int, circle: int) -> int:
        return (self.worth.apart[i] & self.masks[circle]).bit_count()

    def _gain_in_levels(self, i: int, j: int, g: int, h: int) -> int:
        gain = 0
        for k, levels in enumerate(self.worth.levels):
            more = levels[j] - levels[i]
            change = 0
            if g != self.bench:
                change += abs(self.sums[g][k] + more) - abs(self.sums[g][k])
            if h != self.bench:
                change += abs(self.sums[h][k] - more) - abs(self.sums[h][k])
            gain -= self.worth.level_worth[k] * change
        return gain
