"""Who sits in which circle, and what a change would gain, without counting all again.

A circle's worth is a sum over features: each different skill or value counts once, and a
value that only one of a circle has may cost something. So the gain of an exchange depends on
little more than how often the features of the two people stand in their two circles. One extra
circle, the bench, holds those without a seat: its counts are never small, so that coming and
going there costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MANY = 1 << 40  # count of every feature on the bench
ALL_WEEK = -1  # as bits: free in every slot


@dataclass(frozen=True)
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


class Seating:
    """People in circles; the last circle is the bench."""

    def __init__(self, worth: Worth, circles: int) -> None:
        people = len(worth.features)
        self.worth = worth
        self.bench = circles
        # what the first of a circle with a feature brings it, and what the second does
        self.second = list(worth.alone) or [0] * len(worth.worth)
        self.first = [value - alone for value, alone in zip(worth.worth, self.second, strict=True)]
        self.feature_sets = [frozenset(features) for features in worth.features]
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

    def swap(self, i: int, j: int) -> None:
        g, h = self.circle_of[i], self.circle_of[j]
        self.move(i, h)
        self.move(j, g)

    def gain_of_swap(self, i: int, j: int) -> int:
        """Return what exchanging two people of different circles would add."""
        worth = self.worth
        g, h = self.circle_of[i], self.circle_of[j]
        gain = self._gain_in_features(i, j, g, h) + self._gain_in_features(j, i, h, g)
        if worth.levels:
            gain += self._gain_in_levels(i, j, g, h)
        if worth.apart[i] or worth.apart[j]:
            gain -= worth.conflict * self._more(worth.apart, i, j, g, h)
        if worth.met and (worth.met[i] or worth.met[j]):
            gain -= worth.again * self._more(worth.met, i, j, g, h)
        if worth.common:
            gain += self._common(g, without=i, and_also=j) - self._common(g)
            gain += self._common(h, without=j, and_also=i) - self._common(h)
        return gain

    def value(self, circle: int) -> int:
        """Return what one circle is worth, counted afresh; the bench is worth nothing."""
        if circle == self.bench:
            return 0
        worth = self.worth
        total = sum(
            self.first[f] + (self.second[f] if count > 1 else 0)
            for f, count in enumerate(self.counts[circle])
            if count
        )
        for k, cost in enumerate(worth.level_worth):
            total -= cost * abs(self.sums[circle][k])
        against = sum(self._against(i, circle) for i in self.members[circle])
        total -= worth.conflict * (against // 2)
        if worth.met:
            again = sum(
                (worth.met[i] & self.masks[circle]).bit_count() for i in self.members[circle]
            )
            total -= worth.again * (again // 2)
        return total + self._common(circle)

    def total(self) -> int:
        return sum(self.value(circle) for circle in range(self.bench))

    def is_empty(self) -> bool:
        return len(self.members[self.bench]) == len(self.circle_of)

    def conflicts(self, i: int) -> int:
        """Return how many people of their circle person i may not sit with."""
        return self._against(i, self.circle_of[i])

    def common_slots(self, circle: int) -> int | None:
        """Return in how many slots of a week all of a circle are free; None if none has said."""
        shared = ALL_WEEK
        for i in self.members[circle]:
            shared &= self.worth.free[i]
        return None if shared == ALL_WEEK else shared.bit_count()

    def _common(self, circle: int, without: int = -1, and_also: int = -1) -> int:
        """Return what the common free time is worth, as if one had gone and another come."""
        table = self.worth.common
        if not table or circle == self.bench:
            return 0
        shared = ALL_WEEK if and_also < 0 else self.worth.free[and_also]
        for i in self.members[circle]:
            if i != without:
                shared &= self.worth.free[i]
        slots = len(table) - 1 if shared == ALL_WEEK else min(shared.bit_count(), len(table) - 1)
        return table[slots]

    def _gain_in_features(self, i: int, j: int, g: int, h: int) -> int:
        """Return what the features that i has and j has not gain when i goes from g to h."""
        in_g, in_h = self.counts[g], self.counts[h]
        first, second = self.first, self.second
        other, gain = self.feature_sets[j], 0
        for feature in self.worth.features[i]:
            if feature in other:
                continue
            there, here = in_g[feature], in_h[feature]
            if there == 1:
                gain -= first[feature]
            elif there == 2:
                gain -= second[feature]
            if not here:
                gain += first[feature]
            elif here == 1:
                gain += second[feature]
        return gain

    def _more(self, with_whom: Sequence[int], i: int, j: int, g: int, h: int) -> int:
        """Return how many more such pairs sit together once i and j have changed places."""
        after = (with_whom[i] & self.masks[h] & ~(1 << j)).bit_count()
        after += (with_whom[j] & self.masks[g] & ~(1 << i)).bit_count()
        before = (with_whom[i] & self.masks[g]).bit_count()
        return after - before - (with_whom[j] & self.masks[h]).bit_count()

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
