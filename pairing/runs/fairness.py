"""Whether a run treats groups of people alike: rates and means by group, small cells hidden.

Pure: people in, a report out.  Source: metrics.md, "Small cells"; core.common.statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.common.statistics import Interval, hidden_cells, mean_interval, wilson_interval


@dataclass(frozen=True)
class Treated:
    """What a run did for one person in one part.

    group: what they said or are, "" where nobody knows. score: mean of their pairs, 0–100.
    choice: mean rank of their partners among those they were allowed, 1 is their best.
    waited: whole days from acceptance to the run.
    """

    group: str
    matched: bool
    score: float | None = None
    choice: float | None = None
    waited: int | None = None


@dataclass(frozen=True)
class Figure:
    """A rate or mean over `n` people; None where there is no interval, hidden where too few."""

    n: int
    interval: Interval | None = None
    hidden: bool = False


@dataclass(frozen=True)
class GroupRow:
    """One group, or everybody where `group` is None."""

    group: str | None
    matched: int
    rate: Figure
    score: Figure
    choice: Figure
    waited: Figure


@dataclass(frozen=True)
class Report:
    """Groups by name, whoever is unknown last; then everybody."""

    groups: Sequence[GroupRow] = field(default_factory=tuple)
    everybody: GroupRow | None = None

    @property
    def hides(self) -> bool:
        rows = self.groups
        return any(f.hidden for row in rows for f in (row.rate, row.score, row.choice, row.waited))


def report_on(people: Sequence[Treated], *, k: int) -> Report:
    """Return rates (Wilson) and means (t) by group, both with 95 % intervals.

    Each column hides by itself what fewer than k people stand behind, and the one cell from
    which that could be worked out with the line of everybody.
    """
    if not people:
        return Report()
    names = sorted(
        {outcome.group for outcome in people}, key=lambda name: (not name, name.casefold())
    )
    groups = [[outcome for outcome in people if outcome.group == name] for name in names]
    columns = [_hide([figure(group) for group in groups], k) for figure in _FIGURES]
    rows = [
        GroupRow(name, sum(outcome.matched for outcome in group), *cells)
        for name, group, *cells in zip(names, groups, *columns, strict=True)
    ]
    everybody = [_hide([figure(people)], k)[0] for figure in _FIGURES]
    return Report(rows, GroupRow(None, sum(outcome.matched for outcome in people), *everybody))


def _hide(cells: Sequence[Figure], k: int) -> list[Figure]:
    hidden = hidden_cells([cell.n for cell in cells], k, disjoint=True)
    return [Figure(0, hidden=True) if place in hidden else cell for place, cell in enumerate(cells)]


def _rate(people: Sequence[Treated]) -> Figure:
    return Figure(
        len(people), wilson_interval(sum(outcome.matched for outcome in people), len(people))
    )


def _mean(value: Callable[[Treated], float | None]) -> Callable[[Sequence[Treated]], Figure]:
    def mean(people: Sequence[Treated]) -> Figure:
        # tenths are finer than anything shown, and whole numbers keep sums exact
        values = [round(known * 10) for outcome in people if (known := value(outcome)) is not None]
        squares = sum(number * number for number in values)
        interval = mean_interval(sum(values), squares, len(values))
        if interval is None:
            return Figure(len(values))
        return Figure(
            len(values), Interval(interval.estimate / 10, interval.low / 10, interval.high / 10)
        )

    return mean


_FIGURES: tuple[Callable[[Sequence[Treated]], Figure], ...] = (
    _rate,
    _mean(lambda outcome: outcome.score),
    _mean(lambda outcome: outcome.choice),
    _mean(lambda outcome: outcome.waited),
)
