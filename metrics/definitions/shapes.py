"""What a definition says, what a figure is, and which small cells are hidden.

Source of the last: docs/adr/0009-figures-defined-once.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum, unique
from typing import TYPE_CHECKING

from core.common.statistics import Exact, hidden_cells, rounded
from metrics.queries.facts import CohortFacts

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text = str | _StrPromise


@unique
class Unit(StrEnum):
    """How a value is read: a share of 1, a number of people, points of a scale, or days."""

    SHARE = "share"
    PEOPLE = "people"
    POINTS = "points"
    DAYS = "days"


@unique
class State(StrEnum):
    """What stands where a value would: the value, or the word that says why there is none."""

    SHOWN = "shown"
    NO_DATA = "no_data"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Definition:
    """One figure: in words, the only place where it is said what it counts, and as a function.

    `figures` makes the whole and its parts of one cohort; what is about too few people is
    hidden afterwards, for all alike.  `now`: it says how it is now, not what happened in its
    period.  `additive`: it is tallied by day, where the others are one reading over rows each
    time; it has in `tally` the SELECT of (cohort_id, day, part, numerator, denominator) of its
    facts on the days in `asked`; a part other than '' counts within the same denominator and
    adds nothing to it.  `weekly`: its days are also summed by week.
    """

    key: str
    name: Text
    asks: Text
    numerator: Text
    denominator: Text
    window: Text
    unit: Unit
    missing: Text
    people: Text
    source: Text
    figures: Callable[[CohortFacts], Iterable[Figure]]
    parts: Text = ""
    method: Text = ""
    tally: str = ""
    weekly: bool = False
    additive: bool = False
    now: bool = False

    def __str__(self) -> str:
        return str(self.name)


@dataclass(frozen=True)
class Figure:
    """One figure of one cohort: integer counts, and the Decimal that everybody shows.

    `part` is a breakdown within the figure ('' is the whole) and `label` names it; `n` counts
    the distinct people behind it.  `value` has four places, rounded half-even; None means "no
    data" or, if `suppressed`, that too few people stand behind it.  `low` and `high` bound it.
    """

    key: str
    part: str
    numerator: int | None
    denominator: int | None
    value: Decimal | None
    n: int | None
    suppressed: bool = False
    label: str = ""
    low: Decimal | None = None
    high: Decimal | None = None

    @classmethod
    def ratio(
        cls, key: str, part: str, numerator: Exact, denominator: int, n: int, label: str = ""
    ) -> Figure:
        """Return a share or a mean; a denominator of 0 is no data."""
        value = rounded(numerator, denominator)
        return cls(key, part, int(numerator), denominator, value, n, label=label)

    @classmethod
    def count(cls, key: str, part: str, people: int, label: str = "") -> Figure:
        return cls(key, part, people, 1, rounded(people), people, label=label)

    @property
    def state(self) -> State:
        if self.suppressed:
            return State.HIDDEN
        return State.NO_DATA if self.value is None else State.SHOWN

    def hidden(self) -> Figure:
        """Return it without anything that could be counted back."""
        return replace(
            self,
            numerator=None,
            denominator=None,
            value=None,
            n=None,
            low=None,
            high=None,
            suppressed=True,
        )


def shown_whole(figures: Sequence[Figure], k: int) -> list[Figure]:
    """Hide each figure about fewer than k people: for figures that do not add up to another."""
    return [figure.hidden() if figure.n and figure.n < k else figure for figure in figures]


def breakdown(cells: Sequence[Figure], k: int, *, disjoint: bool) -> list[Figure]:
    """Hide small cells of a breakdown whose total is known, and those they follow from.

    What is hidden together is known as a remainder (total less what is shown), so it must be
    about k people or more and about more than one cell.  `disjoint`: nobody is in two cells,
    so the people of a remainder are the sum of its cells; otherwise one hidden cell must reach
    k by itself.  If no shown cell is left to hide, the total itself is about too few people.
    """
    hidden = hidden_cells([cell.n for cell in cells], k, disjoint=disjoint)
    return [cell.hidden() if place in hidden else cell for place, cell in enumerate(cells)]
