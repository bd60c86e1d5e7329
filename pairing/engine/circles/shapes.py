"""What goes into forming circles and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pairing.engine.shapes import Explanation, LeftOver, People, Rule

DEFAULT_WEIGHT = 5.0


@dataclass(frozen=True)
class CirclesProblem:
    """People to be divided into circles, and what a good circle is.

    skills_columns: sets or levels; the more different ones in each circle, the better.
    level_columns: numbers; each circle's mean near the mean of all.
    diversity_columns: text or number; the more different values in each circle, the better.
    weights: 0–10 by column, DEFAULT_WEIGHT where none is given.
    rules: read this one side as both; no two people of a circle may break one.
    together, apart: index pairs that must, or must not, share a circle.
    A capacity of 0 keeps a person out; other capacities are not read.
    """

    people: People
    skills_columns: tuple[str, ...] = ()
    level_columns: tuple[str, ...] = ()
    diversity_columns: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    together: frozenset[tuple[int, int]] = frozenset()
    apart: frozenset[tuple[int, int]] = frozenset()

    def columns(self) -> tuple[str, ...]:
        return (*self.skills_columns, *self.level_columns, *self.diversity_columns)

    def weight(self, column: str) -> float:
        return self.weights.get(column, DEFAULT_WEIGHT)


@dataclass(frozen=True)
class Circles:
    """Circles as people's indexes, and how balanced they are.

    objective: points from 0 to FULL_POINTS. bound: no division into as many circles has
    more; it comes from treating each value alone (a value that k people have can be in k
    circles at most), so it may be out of reach. `proved` is true only where the two are
    equal: otherwise these circles are the best found, not the best there are.
    balance: for each circle its part per column, to be shown. rounds: passes of the search.
    """

    groups: tuple[tuple[int, ...], ...]
    left_over: tuple[LeftOver, ...]
    objective: int
    bound: int
    proved: bool
    balance: tuple[tuple[Explanation, ...], ...]
    rounds: int
    seconds: float = field(compare=False)
