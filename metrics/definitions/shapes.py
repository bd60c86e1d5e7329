"""What a definition says, and what a figure is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum, unique
from typing import TYPE_CHECKING

from core.common.statistics import Exact, rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.utils.functional import _StrPromise

    from metrics.queries.facts import CohortFacts

    Text = str | _StrPromise


@unique
class Unit(StrEnum):
    """How a value is read: a share of 1, a number of people, points of a scale, or days."""

    SHARE = "share"
    PEOPLE = "people"
    POINTS = "points"
    DAYS = "days"


@unique
class Moment(StrEnum):
    """Whether a figure says how it is now, or what happened in its period."""

    NOW = "now"
    PERIOD = "period"


@unique
class Fold(StrEnum):
    """Additive figures are tallied by day; direct ones are one reading over rows."""

    ADDITIVE = "additive"
    DIRECT = "direct"


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
    hidden afterwards, for all alike.  An additive figure has in `tally` the SELECT of
    (cohort_id, day, part, numerator, denominator) of its facts on the days in `asked`; a part
    other than '' counts within the same denominator and adds nothing to it.  `weekly`: its
    days are also summed by week.
    """

    key: str
    name: Text
    asks: Text
    numerator: Text
    denominator: Text
    window: Text
    unit: Unit
    moment: Moment
    missing: Text
    people: Text
    fold: Fold
    source: Text
    figures: Callable[[CohortFacts], Iterable[Figure]]
    parts: Text = ""
    method: Text = ""
    tally: str = ""
    weekly: bool = False

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
        """Return a number of people, who are also those behind it."""
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
