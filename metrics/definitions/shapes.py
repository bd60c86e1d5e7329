"""What a definition says, what a figure is, and which small cells are hidden.

Source of the last: docs/adr/0009-figures-defined-once.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum, unique
from fractions import Fraction
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from core.common.statistics import Exact, hidden_cells, rounded, wilson_interval
from feedback.released import Reading
from metrics.queries.facts import CohortFacts
from metrics.queries.tallied import AsOf

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text = str | _StrPromise


@unique
class Unit(StrEnum):
    """How a value is read: a share or how far two shares are apart, people or turns, points of a
    scale or how many it moved by, days or hours."""

    SHARE = "share"
    DIFFERENCE = "difference"
    PEOPLE = "people"
    POINTS = "points"
    CHANGE = "change"
    TURNS = "turns"
    DAYS = "days"
    HOURS = "hours"


@unique
class Basis(StrEnum):
    """What a figure is made of.

    Facts are counted whenever they are read; what people answered, said or reached is released
    in steps (feedback/released.py).
    """

    FACTS = "facts"
    ANSWERS = "answers"


@unique
class Sample(StrEnum):
    """What of a share is one observation of its own: each row, or only each person.

    Where a person has several rows they may all be alike, so that there is no more to learn from
    them than from one: Kish, Survey Sampling (1965), section 5.4.  Rows of a partnership that is
    counted several times are neither: how many partnerships there are, a figure does not say.
    """

    ROWS = "rows"
    PEOPLE = "people"


WILSON = _("95 % interval by Wilson, JASA 22 (1927) 209–212.")
WILSON_OF_PEOPLE = _(
    "95 % interval by Wilson, JASA 22 (1927) 209–212, over as many observations as there are "
    "people, since those of one person may all be alike: Kish, Survey Sampling (1965), section 5.4."
)


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
    adds nothing to it.  `weekly`: its days are also summed by week.  `counted` says
    beside a mean over how many of what it is.  `sample`: a share with a Wilson interval, and over
    what (`bounded`).  A figure of answers has in
    `readings` the answers to be released, and reads in `figures` what has been released only.
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
    basis: Basis
    figures: Callable[[CohortFacts], Iterable[Figure]]
    readings: Callable[[UUID, AsOf], Iterable[Reading]] | None = None
    parts: Text = ""
    method: Text = ""
    counted: Text = ""
    sample: Sample | None = None
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
    until: date | None = None  # the last day whose answers it counts; None for facts

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

    @classmethod
    def unreleased(cls, key: str, part: str = "", label: str = "") -> Figure:
        """Return what stands where too few have answered, all alike, or not enough anew.

        Nobody at all reads the same: zero is a number too.
        """
        return cls(key, part, None, None, None, None, suppressed=True, label=label)

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
            until=None,
            suppressed=True,
        )


def bounded(figure: Figure, sample: Sample | None) -> Figure:
    """Return a share with its 95 % interval, where it is shown and its rows allow one.

    It is made of what the figure shows (counts and n) and of nothing else, so that it tells
    nothing that they do not.
    """
    shown = figure.state == State.SHOWN and figure.numerator is not None and figure.denominator
    if sample is None or not shown or not figure.n:
        return figure
    of = figure.denominator or 0
    n = min(of, figure.n) if sample == Sample.PEOPLE else of
    interval = wilson_interval(Fraction((figure.numerator or 0) * n, of), n)
    assert interval is not None  # n is positive here
    low, high = (rounded(Fraction(end)) for end in (interval.low, interval.high))
    return replace(figure, low=low, high=high)


def shown_whole(figures: Sequence[Figure], k: int) -> list[Figure]:
    """Hide each figure about fewer than k people: for figures that do not add up to another.

    That there is nothing to count is no figure; a value over nobody is about too few.
    """
    return [figure.hidden() if _about_too_few(figure, k) else figure for figure in figures]


def _about_too_few(figure: Figure, k: int) -> bool:
    people = figure.n or 0
    return people < k and (people > 0 or figure.value is not None)


def breakdown(cells: Sequence[Figure], k: int, *, disjoint: bool) -> list[Figure]:
    """Hide small cells of a breakdown whose total is known, and those they follow from.

    What is hidden together is known as a remainder (total less what is shown), so it must be
    about k people or more and about more than one cell.  `disjoint`: nobody is in two cells,
    so the people of a remainder are the sum of its cells; otherwise one hidden cell must reach
    k by itself.  If no shown cell is left to hide, the total itself is about too few people.
    """
    hidden = hidden_cells([cell.n for cell in cells], k, disjoint=disjoint)
    return [cell.hidden() if place in hidden else cell for place, cell in enumerate(cells)]
