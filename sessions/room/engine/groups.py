"""Small groups in which people meet those whom they have met least."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import combinations

Met = Mapping[frozenset[str], int]
LOOKS = 20_000  # partial draws looked at; all of them up to nine people, and nearly so at twelve


def group_sizes(people: int, size: int) -> list[int]:
    """Return how many sit in each group, larger groups first: as near to `size` as it goes.

    Nobody sits alone: 7 people make trios of 4 and 3, 5 make 3 and 2, an odd one joins a pair.
    """
    if people < 2:
        return [people] if people else []
    count = max(1, round(people / size) if size > 2 else people // size)
    base, more = divmod(people, count)
    return [base + 1] * more + [base] * (count - more)


def draw_groups(
    people: Sequence[str], size: int, *, met: Met, seed: int
) -> tuple[tuple[str, ...], ...]:
    """Return groups of about `size` in which as few as can be have sat together before.

    What is least is the sum over all pairs of the square of the times they have met, so two who
    have met twice are kept apart before two pairs who have met once.  Among equal draws the
    seed decides, so that chance, not the order of seats, puts strangers together.  The best of
    all draws up to nine people; beyond, the best found in a fixed number of looks.
    """
    order = list(people)
    random.Random(seed).shuffle(order)
    sizes = group_sizes(len(order), size)
    search = _Search(order, met)
    search.run([], 0, frozenset(order), tuple(sizes))
    return tuple(tuple(sorted(group, key=list(people).index)) for group in search.best)


class _Search:
    """Branch and bound: the first who has no seat yet sits with every choice of others."""

    def __init__(self, order: list[str], met: Met) -> None:
        self.order = order
        self.times = {
            frozenset(pair): met.get(frozenset(pair), 0) ** 2 for pair in combinations(order, 2)
        }
        self.best: list[tuple[str, ...]] = []
        self.least: int | None = None
        self.looks = 0

    def run(
        self,
        groups: list[tuple[str, ...]],
        cost: int,
        free: frozenset[str],
        sizes: tuple[int, ...],
    ) -> None:
        if self.least is not None and (cost >= self.least or self.looks > LOOKS):
            return
        if not sizes:
            self.least, self.best = cost, list(groups)
            return
        waiting = [person for person in self.order if person in free]
        # the first may sit in a group of any size that is left
        for size in sorted(set(sizes), reverse=True):
            left = list(sizes)
            left.remove(size)
            for others in sorted(
                combinations(waiting[1:], size - 1), key=lambda o: self._cost((waiting[0], *o))
            ):
                self.looks += 1
                group = (waiting[0], *others)
                self.run(
                    [*groups, group],
                    cost + self._cost(group),
                    free - set(group),
                    tuple(left),
                )

    def _cost(self, group: tuple[str, ...]) -> int:
        return sum(self.times[frozenset(pair)] for pair in combinations(group, 2))
