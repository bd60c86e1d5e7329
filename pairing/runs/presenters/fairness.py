"""Figures of a fairness report, and the price of equal treatment, as they are read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pairing.engine.shapes import FULL_POINTS
from pairing.runs.fairness import Figure, GroupRow, Report
from pairing.solve import Facts
from pairing.texts.reasons import listed, policy_name

PARTS = {
    "mentee": lambda: _("Mentees"),
    "mentor": lambda: _("Mentors"),
    "peer": lambda: _("People"),
}


@dataclass(frozen=True)
class Cell:
    """A figure with its interval and the number of people behind it, or that it is hidden."""

    value: str
    interval: str = ""
    n: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class Line:
    name: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """One attribute's report for one part; `hides` says that cells are left out."""

    title: str
    lines: Sequence[Line]
    hides: bool


def table_of(attribute: str, part: str, report: Report) -> Table:
    """Return a report as a table of words, everybody last."""
    rows = [*report.groups, *([report.everybody] if report.everybody else [])]
    title = _("%(who)s by %(attribute)s") % {
        "who": PARTS[part](),
        "attribute": attribute[:1].lower() + attribute[1:],
    }
    return Table(title, _together([_line(row) for row in rows]), report.hides)


def _together(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with one for all groups of which nothing is shown, before everybody."""
    silent = [line for line in lines[:-1] if all(cell.hidden for cell in line.cells)]
    if len(silent) < 2:
        return list(lines)
    told = [line for line in lines if line not in silent]
    together = Line(listed([line.name for line in silent]), silent[0].cells)
    return [*told[:-1], together, told[-1]]


def _line(row: GroupRow) -> Line:
    name = _("Everybody") if row.group is None else row.group or _("not known")
    means = [_mean(row.score, 0, 100), _mean(row.choice, 1), _mean(row.waited, 0)]
    return Line(name, [_rate(row), *means])


def _rate(row: GroupRow) -> Cell:
    if row.rate.hidden:
        return Cell("", hidden=True)
    interval = row.rate.interval
    if interval is None:
        return Cell(_("no data"))
    return Cell(
        _("%(share)d %% (%(matched)d of %(n)d)")
        % {
            "share": round(interval.estimate * 100),
            "matched": row.matched,
            "n": row.rate.n,
        },
        _("%(low)d–%(high)d %%")
        % {"low": round(interval.low * 100), "high": round(interval.high * 100)},
    )


def _mean(figure: Figure, lowest: float, highest: float = math.inf) -> Cell:
    """Return a mean in words; its interval ends where the scale does."""
    if figure.hidden:
        return Cell("", hidden=True)
    if figure.interval is None:
        return Cell(_("no data"), n=_n(figure.n) if figure.n else "")
    return Cell(
        f"{float(figure.interval.estimate):.1f}",
        f"{max(lowest, figure.interval.low):.1f}–{min(highest, figure.interval.high):.1f}",
        _n(figure.n),
    )


def _n(n: int) -> str:
    return _("n = %(n)d") % {"n": n}


def price_of(facts: Facts, policy: str) -> str:
    """Say what this run's aim gave up in points against the best total; "" where nobody counted."""
    if facts.best_total is None or facts.total is None:
        return ""
    best, lost = facts.best_total, facts.best_total - facts.total
    aim = policy_name(policy)
    if not lost:
        return _("Aiming for “%(aim)s” costs nothing here: no matching has more points in all.") % {
            "aim": aim
        }
    points = lost * 100 / FULL_POINTS
    return ngettext(
        "Aiming for “%(aim)s” costs %(lost)s point of %(best)s, %(share)s %% of the best total.",
        "Aiming for “%(aim)s” costs %(lost)s points of %(best)s, %(share)s %% of the best total.",
        round(points),
    ) % {
        "aim": aim,
        "lost": f"{points:.1f}",
        "best": f"{best * 100 / FULL_POINTS:.1f}",
        "share": f"{lost * 100 / best:.2f}",
    }
