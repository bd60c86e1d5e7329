"""Contact of a cohort week by week: of all partnerships, and of each that one may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.common.pages import page
from core.members.models import Member
from core.ui import charts
from core.ui.templatetags.design import percent
from metrics.definitions.shapes import Figure, State, breakdown
from metrics.queries.partnerships import Contacted, contacted
from metrics.queries.tallied import AsOf
from metrics.wording import share
from pairing.models.partnerships import Partnership
from programs.models.programs import Cohort

WEEKS = 26  # the last half year: more do not stand on a page
TABLES = 40
MET, TOLD, NONE = 3, 2, 0  # steps of the grid


@dataclass(frozen=True)
class _Row:
    partnership: Partnership
    cells: Sequence[tuple[date, str]]  # week by week, in words


@dataclass(frozen=True)
class _Grid:
    """Partnerships by weeks; `next_cursor` goes on with further ones."""

    weeks: Sequence[date]
    rows: Sequence[_Row]
    drawing: charts.HeatDrawing
    headline: str
    next_cursor: str


@dataclass(frozen=True)
class _Weeks:
    """All partnerships of the cohort together: in how many there was contact, week by week."""

    headline: str
    n: str
    drawing: charts.BarsDrawing | None
    figures: Sequence[Figure]
    values: str

    @property
    def cells(self) -> list[tuple[date, str, str]]:
        """Return the table behind the chart: week, share and counts in words."""
        return [(date.fromisoformat(cell.part), *_told(cell)) for cell in self.figures]


def weeks_until(cohort: Cohort, as_of: AsOf) -> list[date]:
    """Return the first days of the last weeks of a cohort that are over."""
    this = as_of.today - timedelta(days=(as_of.today.weekday() - as_of.week_starts_on) % 7)
    last = min(this - timedelta(days=1), cohort.ends_on or this)
    begins = last - timedelta(days=(last.weekday() - as_of.week_starts_on) % 7)
    weeks = [begins - timedelta(weeks=back) for back in range(WEEKS)]
    return sorted(week for week in weeks if week + timedelta(days=6) >= cohort.starts_on)


def together(cohort: Cohort, weeks: Sequence[date], k: int, as_of: AsOf) -> _Weeks:
    """Return the share of open partnerships with contact in each week; few people are hidden."""
    facts = contacted(cohort.pk, as_of)
    figures = breakdown([_all_of(facts, week) for week in weeks], k, disjoint=False)
    values = [figure.value for figure in figures if figure.value is not None]
    if not values:
        hidden = any(figure.state == State.HIDDEN for figure in figures)
        words = _("Contact by week is hidden: too few people") if hidden else _("No contact yet")
        return _Weeks(words, "", None, figures, "yes")
    headline = _("From week to week, %(low)s to %(high)s of partnerships had contact") % {
        "low": share(min(values)),
        "high": share(max(values)),
    }
    many = len(weeks) > 10
    drawing = charts.weekly_bars(
        [_bar(week, figure) for week, figure in zip(weeks, figures, strict=True)],
        most=100,
        label_every=-(-len(weeks) // 6),
        scale=((50, ""), (100, percent(100))) if many else (),
    )
    most = max(figure.n or 0 for figure in figures)
    n = _("n = %(n)d people in the fullest week") % {"n": most}
    if any(figure.state == State.HIDDEN for figure in figures):
        n = _("%(n)s. × is a week of too few people") % {"n": n}
    return _Weeks(headline, n, drawing, figures, "no" if many else "yes")


def _all_of(facts: Mapping[UUID, Contacted], week: date) -> Figure:
    on = [row for row in facts.values() if row.was_open(week)]
    people = frozenset[UUID]().union(*(row.people for row in on))
    met = sum(row.met_in(week) or row.told_of(week) for row in on)
    return Figure.ratio("contact", week.isoformat(), met, len(on), len(people))


def _told(figure: Figure) -> tuple[str, str]:
    if figure.state == State.HIDDEN:
        return _("hidden"), ""
    if figure.value is None:
        return _("no data"), ""
    counts = _("%(part)s of %(whole)s") % {"part": figure.numerator, "whole": figure.denominator}
    return share(figure.value), counts


def _bar(week: date, figure: Figure) -> charts.Week:
    label, (words, counts) = date_format(week, "j M"), _told(figure)
    said = f"{words}, {counts}" if counts else words
    title = _("Week of %(week)s: %(words)s") % {"week": label, "words": said}
    if figure.value is None:
        return charts.Week(label, None, title, "×" if figure.state == State.HIDDEN else "")
    return charts.Week(label, round(figure.value * 100), title)


def grid(
    member: Member, cohort: Cohort, weeks: Sequence[date], as_of: AsOf, cursor: str
) -> _Grid | None:
    """Return the partnerships that this member may see, by weeks; None where there is none."""
    visible = Partnership.objects.visible_to(member).filter(cohort=cohort).standing()
    shown = page(visible.for_list(), order="name", cursor=cursor, size=TABLES)
    if not shown.rows:
        return None
    facts = contacted(cohort.pk, as_of)
    steps = {row.pk: [_step(facts.get(row.pk), week) for week in weeks] for row in shown.rows}
    names = {MET: _("session held"), TOLD: _("said in check-ins"), NONE: _("no contact")}
    rows = [
        _Row(
            row,
            [
                (week, "–" if step is None else names[step])
                for week, step in zip(weeks, steps[row.pk], strict=True)
            ],
        )
        for row in shown.rows
    ]
    drawing = charts.heat_grid(
        [
            (
                row.partnership.name,
                [
                    charts.HeatCell(step, _cell(row.partnership.name, week, words))
                    for step, (week, words) in zip(
                        steps[row.partnership.pk], row.cells, strict=True
                    )
                ],
            )
            for row in rows
        ],
        row_labels=[str(number + 1) for number in range(len(weeks))],
    )
    due = [step for own in steps.values() for step in own if step is not None]
    headline = _("Contact in %(met)d of %(all)d weeks of these partnerships") % {
        "met": sum(step > NONE for step in due),
        "all": len(due),
    }
    return _Grid(weeks, rows, drawing, headline, shown.next_cursor)


def _step(row: Contacted | None, week: date) -> int | None:
    if row is None or not row.was_open(week):
        return None
    return MET if row.met_in(week) else TOLD if row.told_of(week) else NONE


def _cell(name: str, week: date, words: str) -> str:
    return _("%(name)s, week of %(week)s: %(words)s") % {
        "name": name,
        "week": date_format(week, "j M"),
        "words": words,
    }


def key_of_the_grid() -> list[tuple[int, str]]:
    return [
        (MET, _("session held")),
        (TOLD, _("said in check-ins that they met")),
        (NONE, _("no contact")),
    ]
