"""What two people bring to a circle by themselves: whom each would sit with, best first.

Circles are weighed as a whole, so no two people have points. But the same worth can be asked of
a circle of two, and for one person it ranks everybody else: what they can do that the first cannot,
where they differ, the time the two share, and all that pairs are compared by.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pairing.engine.circles.form import circle_sizes, masks_of
from pairing.engine.circles.seating import ALL_WEEK, Seating
from pairing.engine.circles.shapes import Circles, CirclesProblem
from pairing.engine.circles.worth import STEEP, balance_of, worth_of
from pairing.engine.explain import Rank, ranks
from pairing.engine.shapes import WEEK_MINUTES, Explanation
from pairing.engine.sparse import Ints

BLOCK = 256  # people whose rows are held at once


def demands_of(problem: CirclesProblem, circles: Circles) -> tuple[str, ...]:
    """Return what is put before points in these circles: "met", "company", "time", "first".

    Who goes first is asked for nothing where everybody has a seat.
    """
    put_first = {
        "met": bool(problem.met),
        "company": bool(problem.company_columns),
        "time": bool(problem.free_column and problem.required_minutes),
        "first": bool(problem.first and circles.left_over),
    }
    return tuple(key for key, asked in put_first.items() if asked)


def for_points_alone(problem: CirclesProblem) -> CirclesProblem:
    """Return the problem with nothing put before points; rules and who must be together stay."""
    none: frozenset[tuple[int, int]] = frozenset()
    return replace(problem, company_columns=(), required_minutes=0, first=frozenset(), met=none)


class Twos:
    """The people of a problem, two by two; those who take nobody are possible for nobody.

    Worth is in millionths of a point, as the search counts.  Company, required time and who goes
    first speak of circles and seats and not of two people: they are left out.  Who has sat together
    comes after all who have not, as in a run.
    """

    def __init__(self, problem: CirclesProblem, sizes: tuple[int, int]) -> None:
        self.problem = for_points_alone(problem)
        self.taking_part = [i for i, places in enumerate(problem.people.places()) if places]
        self.shape = circle_sizes(len(self.taking_part), sizes) or [max(2, len(self.taking_part))]
        self.masks = masks_of(problem)
        self.parts, self.worth = worth_of(self.problem, self.taking_part, self.shape, self.masks)
        people = len(problem.people)
        self._out = np.ones(people, bool)
        self._out[self.taking_part] = False
        self._met = np.zeros((people, people), bool)
        for i, j in problem.met:
            self._met[i, j] = self._met[j, i] = True

    def worth_with(self, rows: Sequence[int]) -> Ints:
        """Return what each of these people is worth with everybody, oneself too: a row each."""
        at, worth = np.array(rows, np.int64), self.worth
        has, values = self._has, np.array(worth.worth, np.float64)
        bring = has * values  # below 2**53 altogether, so exact
        total = bring.sum(axis=1)
        both = (total[at][:, None] + total[None, :] - bring[at] @ has.T).astype(np.int64)
        for levels, unit in zip(worth.levels, worth.level_worth, strict=True):
            steps = np.array(levels, np.int64)
            both -= np.abs(steps[at][:, None] + steps[None, :]) * unit
        if len(worth.common):
            shared = (self._free[at] @ self._free.T).astype(np.int64)
            both += np.array(worth.common, np.int64)[np.minimum(shared, len(worth.common) - 1)]
        if worth.between.size:
            both += worth.between[at]
        worth_with: Ints = np.where(self._met[at], both - STEEP, both)
        return worth_with

    def possible_with(self, rows: Sequence[int]) -> NDArray[np.bool_]:
        """Return whom no rule keeps from each of these people, a row each; never oneself."""
        at = np.array(rows, np.int64)
        kept = np.logical_or.reduce([mask[at] for mask in self.masks.values()])
        possible: NDArray[np.bool_] = ~kept & ~self._out[None, :] & ~self._out[at][:, None]
        possible[np.arange(len(at)), at] = False
        return possible

    def has_met(self, i: int) -> NDArray[np.bool_]:
        row: NDArray[np.bool_] = self._met[i]
        return row

    def explain(self, i: int, j: int) -> tuple[Explanation, ...]:
        """Return each column's part in a circle of these two, beside an even share of the run's."""
        seating = Seating(self.worth, len(self.shape))
        for person in (i, j):
            seating.move(person, 0)
        return balance_of(self.problem, seating, self.parts, 0)

    def places(self, groups: Sequence[Sequence[int]]) -> dict[int, list[Rank]]:
        """Return for each person seated which of their possible tablemates the others are.

        A place is 1 + how many possible others would be worth more with them, and of how many;
        that others took them counts for nothing.  Places are in order, the best first.
        """
        found: dict[int, list[Rank]] = {}
        seated = [(i, [j for j in group if j != i]) for group in groups for i in group]
        for start in range(0, len(seated), BLOCK):
            here = seated[start : start + BLOCK]
            rows = [i for i, _others in here]
            worth, possible = self.worth_with(rows), self.possible_with(rows)
            for k, (i, others) in enumerate(here):
                found[i] = ranks(worth[k], possible[k], others)
        return found

    @cached_property
    def _has(self) -> NDArray[np.float64]:
        has = np.zeros((len(self.worth.features), len(self.worth.worth)))
        for i, features in enumerate(self.worth.features):
            has[i, list(features)] = 1
        return has

    @cached_property
    def _free(self) -> NDArray[np.float32]:
        """Return free slots as 0 and 1; who has not said when is in nobody's way."""
        slots = WEEK_MINUTES // self.problem.slot_minutes
        full = (1 << slots) - 1
        size = -(-slots // 8)
        masks = [full if free == ALL_WEEK else free & full for free in self.worth.free]
        raw = b"".join(mask.to_bytes(size, "little") for mask in masks)
        octets = np.frombuffer(raw, np.uint8).reshape(len(masks), size)
        return np.unpackbits(octets, axis=1, bitorder="little").astype(np.float32)
