"""Cohorts side by side, on the same yardstick: one scale, and the same week of each one's life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.tenancy.models import OrganisationSettings
from core.ui import charts
from metrics.definitions.participation import RETENTION, WEEK
from metrics.definitions.shapes import Definition, Figure, Unit
from metrics.figures import DEFINITIONS, figures_of
from metrics.report import curve_points, curve_ticks
from metrics.wording import FigureText, figure_text
from programs.models.programs import Cohort

MOST = 4  # cohorts side by side: more do not stand beside each other on a page
OFFERED = 50


class CompareForm(forms.Form):
    cohort = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Cohorts"),
        help_text=gettext_lazy("Two to four."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any, *, cohorts: Sequence[Cohort]) -> None:
        super().__init__(data)
        by_id = {str(cohort.pk): cohort for cohort in cohorts}
        field = self.fields["cohort"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(pk, f"{row.program.name}, {row.name}") for pk, row in by_id.items()]
        field.coerce = by_id.get

    def clean_cohort(self) -> list[Cohort]:
        chosen: list[Cohort] = self.cleaned_data["cohort"]
        if not 2 <= len(chosen) <= MOST:
            raise forms.ValidationError(_("Choose two to four cohorts."))
        return chosen


@dataclass(frozen=True)
class _Bar:
    """A figure of a cohort on a scale of 0 to 100 %; the ends of its interval if it has one."""

    shown: FigureText
    cohort: Cohort

    @property
    def width(self) -> float:
        return _percent(self.shown.figure.value)

    @property
    def reach(self) -> float:
        """Return how wide the interval is; 0 where there is none."""
        return _percent(self.shown.figure.high) - self.low

    @property
    def low(self) -> float:
        return _percent(self.shown.figure.low)


def _percent(value: Decimal | None) -> float:
    return float((value or 0) * 100)


@dataclass(frozen=True)
class _Beside:
    """One figure of each cohort."""

    meaning: Definition
    name: str
    cohorts: Sequence[Cohort]
    figures: Sequence[FigureText]

    @property
    def is_share(self) -> bool:
        return self.meaning.unit == Unit.SHARE

    @property
    def bars(self) -> list[_Bar]:
        return list(map(_Bar, self.figures, self.cohorts))


@dataclass(frozen=True)
class _Curve:
    name: str
    drawing: charts.CurveDrawing | None  # None: hidden, or no data yet
    words: str


@dataclass(frozen=True)
class _Comparison:
    cohorts: Sequence[Cohort]
    rows: Sequence[_Beside]
    curves: Sequence[_Curve]

    @property
    def address(self) -> str:
        """Return the part of the address that names the cohorts."""
        return urlencode([("cohort", cohort.pk) for cohort in self.cohorts])

    @property
    def shares(self) -> list[_Beside]:
        return [row for row in self.rows if row.is_share]


def comparison(
    cohorts: Sequence[Cohort], chosen: OrganisationSettings, now: datetime
) -> _Comparison:
    """Return the figures of these cohorts side by side; those that nobody has are left out."""
    found = figures_of(cohorts, chosen, now)
    by_cohort = [{(f.key, f.part): f for f in found[cohort.pk]} for cohort in cohorts]
    week = _common_week(by_cohort)
    rows = []
    for entry in DEFINITIONS:
        part = f"{WEEK}{week}" if entry is RETENTION else ""
        figures = [figures.get((entry.key, part)) for figures in by_cohort]
        if any(figure is not None and figure.value is not None for figure in figures):
            shown = [
                figure_text(f or Figure(entry.key, part, None, None, None, 0)) for f in figures
            ]
            name = entry.name if entry is not RETENTION else _after(week)
            rows.append(_Beside(entry, str(name), cohorts, shown))
    return _Comparison(cohorts, rows, _curves(cohorts, by_cohort))


def _after(week: int) -> str:
    return _("%(name)s in week %(n)d of each") % {"name": RETENTION.name, "n": week}


def _weeks(figures: dict[tuple[str, str], Figure]) -> list[FigureText]:
    return [
        figure_text(figure)
        for (key, part), figure in figures.items()
        if key == RETENTION.key and part.startswith(WEEK) and figure.value is not None
    ]


def _last(weeks: Sequence[FigureText]) -> int:
    return max((int(row.figure.part.removeprefix(WEEK)) for row in weeks), default=0)


def _common_week(by_cohort: Sequence[dict[tuple[str, str], Figure]]) -> int:
    """Return the last week that all those cohorts have reached whose curve is shown."""
    return min(filter(None, (_last(_weeks(figures)) for figures in by_cohort)), default=0)


def _curves(
    cohorts: Sequence[Cohort], by_cohort: Sequence[dict[tuple[str, str], Figure]]
) -> list[_Curve]:
    """Draw all curves on the same axes: from the lowest floor, as long as the longest."""
    weeks = [_weeks(figures) for figures in by_cohort]
    points = [curve_points(rows) for rows in weeks]
    longest = max(map(_last, weeks), default=0)
    if not longest:
        return []
    floor = charts.curve_floor(point for own in points for point in own)
    curves = []
    for cohort, rows, own, figures in zip(cohorts, weeks, points, by_cohort, strict=True):
        whole = figure_text(figures[RETENTION.key, ""])
        drawing = None
        if last := _last(rows):
            drawing = charts.step_curve(
                own,
                until=longest,
                unit=_("week"),
                ticks=curve_ticks(longest),
                floor=floor,
                ends=last,
            )
        words = whole.words if drawing is None else f"{whole.words} ({whole.interval})"
        curves.append(_Curve(str(cohort), drawing, words))
    return curves
