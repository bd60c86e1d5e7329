"""How figures of one cohort go over time: by week, by check-in, and of each circle by month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.common.statistics import rounded
from core.tenancy.models import OrganisationSettings
from core.ui import charts
from metrics.cells import weekly_cells
from metrics.definitions.feedback import MOOD, PERIOD, PROGRESS
from metrics.definitions.partnerships import CIRCLE, LEAD_COVERAGE
from metrics.definitions.sessions import ATTENDANCE_RATE, WEEKLY_ATTENDANCE
from metrics.definitions.shapes import Figure, State
from metrics.figures import SOURCES, WEEKLY, definition, figures_of
from metrics.queries.facts import CohortFacts, Facts
from metrics.queries.partnerships import Led
from metrics.report import weekly_chart
from metrics.wording import FigureText, figure_text, share
from programs.models.programs import Cohort

POINTS = 5  # of a scale
A_SEASON = 12  # months


@dataclass(frozen=True)
class _Course:
    """Something over time with its finding; `cells` are its table, in the order of `heads`."""

    key: str
    name: str
    headline: str
    n: str
    drawing: Any  # of core.ui.charts
    cells: Sequence[tuple[str, FigureText | None, str]]  # when, and the figure or words
    values: str = "yes"

    @property
    def file(self) -> str:
        """Return the key of its files: attendance by week is a figure of its own."""
        return WEEKLY_ATTENDANCE.key if self.key == ATTENDANCE_RATE.key else self.key

    @property
    def figures(self) -> list[Figure]:
        return [row.figure for _when, row, _words in self.cells if row is not None]


@dataclass(frozen=True)
class _Circles:
    """How leading is shared in each circle, month by month."""

    courses: Sequence[_Course]
    hidden: int


def weekly(cohort: Cohort, chosen: OrganisationSettings, now: datetime) -> list[_Course]:
    """Return the figures that have weeks."""
    return [
        _by_week(key, [figure_text(cell) for cell in cells])
        for key, cells in weekly_cells([cohort], chosen, now)[cohort.pk].items()
    ]


def _by_week(key: str, rows: Sequence[FigureText]) -> _Course:
    meaning = definition(key)
    assert meaning is not None  # one of ours
    most = max((row.figure.n or 0 for row in rows), default=0)
    n = _("n = %(n)d people in the fullest week") % {"n": most}
    named = WEEKLY_ATTENDANCE.key if key == ATTENDANCE_RATE.key else key
    chart = weekly_chart(rows, n, named)
    return _Course(
        key,
        str(meaning.name),
        chart.headline,
        chart.n,
        chart.drawing,
        [(row.part_words, row, row.counts) for row in rows],
        chart.values,
    )


def answered(cohort: Cohort, chosen: OrganisationSettings, now: datetime) -> list[_Course]:
    """Return what people say check-in by check-in, as far as it is released."""
    found = figures_of([cohort], chosen, now)[cohort.pk]
    return [
        _by_check_in(meaning.key, str(meaning.name), [f for f in found if f.key == meaning.key])
        for meaning in (MOOD, PROGRESS)
    ]


def _by_check_in(key: str, name: str, figures: Sequence[Figure]) -> _Course:
    by_number = {
        int(figure.part.removeprefix(PERIOD)): figure_text(figure)
        for figure in figures
        if figure.part.startswith(PERIOD)
    }
    if not by_number:
        return _Course(key, name, _("%(name)s: too few answers") % {"name": name}, "", None, [])
    numbers = range(1, max(by_number) + 1)
    drawing = charts.weekly_bars(
        [_point(number, by_number.get(number)) for number in numbers], most=POINTS
    )
    first, last = by_number[min(by_number)], by_number[max(by_number)]
    headline = _("%(name)s: %(words)s of 5") % {"name": name, "words": last.words}
    if len(by_number) > 1:
        headline = _("%(name)s: from %(first)s to %(last)s of 5") % {
            "name": name,
            "first": first.words,
            "last": last.words,
        }
    most = max(row.figure.n or 0 for row in by_number.values())
    n = _("n = %(n)d people at most. × is a check-in of too few answers") % {"n": most}
    cells = [
        (_("Check-in %(n)s") % {"n": number}, by_number.get(number), _("hidden"))
        for number in numbers
    ]
    return _Course(key, name, headline, n, drawing, cells)


def _point(number: int, row: FigureText | None) -> charts.Week:
    when = _("Check-in %(n)s") % {"n": number}
    if row is None or row.figure.value is None:
        return charts.Week(str(number), None, f"{when}: {_('hidden')}", mark="×")
    value = float(round(row.figure.value, 1))
    return charts.Week(str(number), value, f"{when}: {row.words}, {row.counts}")


def circles(cohort: Cohort, chosen: OrganisationSettings, now: datetime) -> _Circles:
    """Return how many partners of each circle have led, at the end of each month.

    Which circles are shown is for the figure of this moment to say: it is of the same people.
    """
    facts = CohortFacts(cohort, Facts([cohort], chosen, now, SOURCES, WEEKLY))
    by_part = {f"{CIRCLE}{table.partnership}": table for table in facts.led}
    cells = [f for f in LEAD_COVERAGE.figures(facts) if f.part in by_part]
    shown = [
        figure for figure in cells if figure.state == State.SHOWN and (figure.n or 0) >= facts.k
    ]
    courses = [_led(by_part[figure.part], facts.as_of.today) for figure in shown]
    return _Circles(courses, len(cells) - len(shown))


def _led(table: Led, today: date) -> _Course:
    cells = [
        (date_format(end, "F Y"), value, f"{share(value)}, {leaders}/{len(table.counts)}")
        for end in _month_ends(table.first, today)
        for leaders in [len({who for day, who in table.course if day <= end})]
        if (value := rounded(leaders, len(table.counts))) is not None
    ][-A_SEASON:]
    values: list[Decimal] = [value for _when, value, _words in cells]
    headline = _("%(name)s: %(share)s of partners have led") % {
        "name": table.name,
        "share": share(values[-1]),
    }
    if len(values) > 1 and values[0] != values[-1]:
        headline = _("%(name)s: from %(first)s to %(last)s of partners have led") % {
            "name": table.name,
            "first": share(values[0]),
            "last": share(values[-1]),
        }
    drawing = charts.weekly_bars(
        [
            charts.Week(when.split()[0][:3], round(value * 100), f"{when}: {words}")
            for when, value, words in cells
        ],
        most=100,
    )
    n = _("n = %(n)d partners, in percent") % {"n": len(table.counts)}
    return _Course(
        LEAD_COVERAGE.key,
        table.name,
        headline,
        n,
        drawing,
        [(when, None, words) for when, _value, words in cells],
    )


def _month_ends(first: date, today: date) -> Iterator[date]:
    """Yield the last day of each month from the first to today's, which ends today."""
    day = first.replace(day=1)
    while day <= today:
        day = (day + timedelta(days=32)).replace(day=1)
        yield min(day - timedelta(days=1), today)
