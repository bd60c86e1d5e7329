"""An additive figure by week: the cells of which every period is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format

from metrics.definitions.shapes import Figure, State, breakdown
from metrics.queries.facts import CohortFacts


def weeks_of(facts: CohortFacts, key: str, *, named: str = "") -> list[Figure]:
    """Return a weekly figure week by week, in their order, weeks of too few people hidden.

    A week without any fact is not among them.  `named`: the key that the cells bear.
    """
    weeks = [
        Figure.ratio(
            named or key,
            tally.week.isoformat(),
            tally.numerator,
            tally.denominator,
            facts.respondents_in(key, tally.week),
            date_format(tally.week, "j M"),
        )
        for tally in facts.tallies
        if tally.key == key and not tally.part and tally.week
    ]
    return breakdown(sorted(weeks, key=lambda figure: figure.part), facts.k, disjoint=False)


@dataclass(frozen=True)
class Period:
    """From the first day of a month to the last of another; None is open on that side."""

    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return bool(self.since or self.until)

    def holds(self, week: Figure) -> bool:
        """Say whether the week begins within it: a week belongs to one month only."""
        day = date.fromisoformat(week.part)
        return (self.since is None or day >= self.since) and (
            self.until is None or day <= self.until
        )


def added_up(key: str, cells: Sequence[Figure]) -> Figure:
    """Return the sum of what is shown of these cells: it says nothing that they do not say.

    Its n is that of the largest cell: how many people are in several, the cells do not tell.
    """
    shown = [cell for cell in cells if cell.state == State.SHOWN]
    if not shown:
        none = Figure(key, "", 0, 0, None, 0)
        return none.hidden() if cells else none
    numerator = sum(cell.numerator or 0 for cell in shown)
    denominator = sum(cell.denominator or 0 for cell in shown)
    return Figure.ratio(key, "", numerator, denominator, max(cell.n or 0 for cell in shown))
