"""The cohort report: figures as tiles, charts, sentences, and the tables behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.ui import charts
from core.ui.templatetags.design import percent
from metrics.definitions import (
    agreements,
    feedback,
    participation,
    partnerships,
    sessions,
    voice,
)
from metrics.definitions.feedback import END, START
from metrics.definitions.participation import WEEK
from metrics.definitions.shapes import Figure, State
from metrics.wording import FigureText, figure_text, share
from programs.models.parts import Objective
from programs.models.programs import Cohort

TILES = (
    participation.ENROLLED.key,
    participation.MATCH_RATE.key,
    sessions.SESSION_COMPLETION.key,
    sessions.ATTENDANCE_RATE.key,
    feedback.CHECKIN_RESPONSE.key,
)
VOICES = (voice.VOICE_BALANCE.key, voice.UNHEARD.key)
TOGETHER = (
    partnerships.REGULAR_CONTACT.key,
    partnerships.CONTACT_30D.key,
    partnerships.COMPLETION.key,
    participation.TIME_TO_MATCH.key,
    feedback.CHECKIN_HOURS.key,
    feedback.MOOD.key,
    feedback.PROGRESS.key,
    partnerships.SHARED_LEADERSHIP.key,
    partnerships.LEAD_COVERAGE.key,
    partnerships.LEAD_SPREAD.key,
    agreements.DECISION_DAYS.key,
    agreements.DECISION_VOICE.key,
    agreements.GOAL_ATTAINMENT.key,
    feedback.SATISFACTION.key,
    feedback.SATISFIED.key,
    feedback.FEEDBACK_RATE.key,
    feedback.CONCERN_DAYS.key,
    feedback.CONCERN_LATE.key,
    participation.TRAINING_DONE.key,
    feedback.CONFIDENCE_CHANGE.key,
    feedback.BELONGING_CHANGE.key,
)
OVERVIEW = (*TILES, participation.RETENTION.key)
BARS_WITH_VALUES = 10  # from so many weeks on, numbers over bars would touch on a phone
LABELS = 6


@dataclass(frozen=True)
class _Tile:
    shown: FigureText
    beside: str = ""


@dataclass(frozen=True)
class _Chart:
    """A drawing with its finding; `drawing` is None where there is nothing to draw."""

    key: str
    headline: str
    n: str
    rows: tuple[FigureText, ...]
    drawing: Any = None  # of core.ui.charts, by the kind of chart
    values: str = "yes"

    @property
    def hidden(self) -> bool:
        return bool(self.rows) and any(row.figure.state == State.HIDDEN for row in self.rows)


@dataclass(frozen=True)
class _Report:
    tiles: tuple[_Tile, ...]
    funnel: _Chart
    attendance: _Chart
    retention: _Chart
    competencies: _Chart
    together: tuple[FigureText, ...]
    details: tuple[FigureText, ...]  # what stands nowhere else on the page
    everything: tuple[FigureText, ...]

    @property
    def by_key(self) -> dict[str, _Chart]:
        drawn = (self.funnel, self.attendance, self.retention, self.competencies)
        return {chart.key: chart for chart in drawn}


def report(figures: Sequence[Figure]) -> _Report:
    everything = tuple(figure_text(figure) for figure in figures)
    by_key: dict[str, list[FigureText]] = {}
    for entry in everything:
        by_key.setdefault(entry.figure.key, []).append(entry)
    whole = {key: entries[0] for key, entries in by_key.items() if not entries[0].figure.part}
    ever = whole[participation.MATCH_RATE_EVER.key]
    beside = {
        participation.MATCH_RATE.key: ""
        if ever.quiet
        else _("%(x)s at some time") % {"x": ever.words}
    }
    tiles = tuple(_Tile(whole[key], beside.get(key, "")) for key in (*TILES, *VOICES))
    # of a figure without a whole its parts
    together = tuple(
        entry for key in TOGETHER for entry in ([whole[key]] if key in whole else by_key[key])
    )
    charts_of = {
        "funnel": _funnel(by_key[participation.FUNNEL.key]),
        "attendance": weekly_chart(
            by_key.get(sessions.WEEKLY_ATTENDANCE.key, []),
            _("n = %(n)d people, %(counts)s seats")
            % {
                "n": whole[sessions.ATTENDANCE_RATE.key].figure.n or 0,
                "counts": whole[sessions.ATTENDANCE_RATE.key].counts,
            },
            sessions.WEEKLY_ATTENDANCE.key,
        ),
        "retention": _retention(by_key[participation.RETENTION.key]),
        "competencies": _competencies(by_key.get(feedback.COMPETENCY_CHANGE.key, [])),
    }
    drawn = {chart.key for chart in charts_of.values()}
    above = {entry.mark for entry in (*(tile.shown for tile in tiles), *together)}
    return _Report(
        tiles=tiles,
        **charts_of,
        together=together,
        details=tuple(
            entry
            for entry in everything
            if entry.figure.key not in drawn and entry.mark not in above
        ),
        everything=everything,
    )


@dataclass(frozen=True)
class _Aim:
    """An objective beside its result; `state` is in words, `good` where it is reached."""

    objective: Objective
    shown: FigureText
    due: date
    state: str
    good: bool


def aims(
    figures: Sequence[Figure], objectives: Iterable[Objective], cohort: Cohort, today: date
) -> list[_Aim]:
    """Return the program's objectives against the results of one cohort.

    What is hidden or not yet known is judged neither way.
    """
    whole = {figure.key: figure for figure in figures if not figure.part}
    return [
        _aim(objective, whole[objective.metric], cohort, today)
        for objective in objectives
        if objective.metric in whole
    ]


def _aim(objective: Objective, figure: Figure, cohort: Cohort, today: date) -> _Aim:
    due = cohort.starts_on + timedelta(weeks=objective.week)
    good = figure.value is not None and objective.is_reached(figure.value)
    if figure.value is None:
        state = _("cannot be said yet")
    elif good:
        state = _("reached")
    else:
        state = _("not yet reached") if today < due else _("missed")
    return _Aim(objective, figure_text(figure), due, state, good)


def overview(figures: Sequence[Figure]) -> list[Figure]:
    whole = {figure.key: figure for figure in figures if not figure.part}
    return [whole[key] for key in OVERVIEW]


def _funnel(rows: list[FigureText]) -> _Chart:
    known = [row for row in rows if not row.quiet]
    if not known or known[0].figure.part != "applied":
        return _Chart(
            participation.FUNNEL.key, _("Nobody has entered this cohort yet"), "", tuple(rows)
        )
    known = [row for row in known if row.figure.value is not None]
    steps = [(row.figure.label, row.figure.numerator or 0) for row in known]
    first = steps[0][1]
    last = next((row for row in reversed(known[1:]) if row.figure.numerator), known[0])
    headline = _reached(last.figure.part) % {"all": first, "n": last.figure.numerator or 0}
    n = _("n = %(n)d who applied") % {"n": first}
    return _Chart(participation.FUNNEL.key, headline, n, tuple(rows), charts.funnel(steps))


def _reached(step: str) -> str:
    """Return the finding of a funnel, by the last step that anybody has reached."""
    return {
        "applied": _("%(all)d applied, and nobody was accepted yet"),
        "accepted": _("Of %(all)d who applied, %(n)d were accepted"),
        "active": _("Of %(all)d who applied, %(n)d became active"),
        "met": _("Of %(all)d who applied, %(n)d have met"),
        "completed": _("Of %(all)d who applied, %(n)d completed"),
    }[step]


@dataclass(frozen=True)
class _Said:
    """What is said of a share week by week: nothing yet, hidden, of one week, and of several."""

    nothing: str
    hidden: str
    once: str
    often: str


def _said(key: str) -> _Said:
    return {
        sessions.WEEKLY_ATTENDANCE.key: _Said(
            _("No session yet"),
            _("Attendance by week is hidden: too few people"),
            _("%(share)s of seats were filled in the week of %(week)s"),
            _("From week to week, %(low)s to %(high)s of seats were filled"),
        ),
        sessions.SESSION_COMPLETION.key: _Said(
            _("No session yet"),
            _("Sessions by week are hidden: too few people"),
            _("%(share)s of sessions were held in the week of %(week)s"),
            _("From week to week, %(low)s to %(high)s of sessions were held"),
        ),
        feedback.CHECKIN_RESPONSE.key: _Said(
            _("No check-in yet"),
            _("Check-ins by week are hidden: too few people"),
            _("%(share)s of check-ins of the week of %(week)s were answered in time"),
            _("From week to week, %(low)s to %(high)s of check-ins were answered in time"),
        ),
    }[key]


def weekly_chart(rows: Sequence[FigureText], n: str, key: str) -> _Chart:
    """Draw a share week by week: every week has its place, empty and hidden ones too."""
    said = _said(key)
    known = [row for row in rows if row.figure.value is not None]
    if not known:
        return _Chart(key, said.hidden if rows else said.nothing, "", tuple(rows))
    values = [row.figure.value for row in known if row.figure.value is not None]
    if len(values) == 1:
        words = {"share": share(values[0]), "week": known[0].figure.label}
        headline = said.once % words
    else:
        headline = said.often % {"low": share(min(values)), "high": share(max(values))}
    weeks = _every_week(rows)
    many = len(weeks) > BARS_WITH_VALUES
    drawing = charts.weekly_bars(
        weeks,
        most=100,
        label_every=-(-len(weeks) // LABELS),
        scale=((50, ""), (100, percent(100))) if many else (),
    )
    if any(row.figure.state == State.HIDDEN for row in rows):
        n = _("%(n)s. × is a week of too few people") % {"n": n}
    return _Chart(key, headline, n, tuple(rows), drawing, "no" if many else "yes")


def _every_week(rows: Sequence[FigureText]) -> list[charts.Week]:
    by_day = {date.fromisoformat(row.figure.part): row for row in rows}
    first, last = min(by_day), max(by_day)
    days = [first + timedelta(weeks=place) for place in range((last - first).days // 7 + 1)]
    return [_week(day, by_day.get(day)) for day in days]


def _week(day: date, row: FigureText | None) -> charts.Week:
    week = date_format(day, "j M")
    if row is None or row.figure.value is None:
        words = _("no data") if row is None else row.words
        title = _("Week of %(week)s: %(words)s") % {"week": week, "words": words}
        return charts.Week(week, None, title, mark="" if row is None else "×")
    title = _("Week of %(week)s: %(share)s, %(counts)s") % {
        "week": week,
        "share": row.words,
        "counts": row.counts,
    }
    return charts.Week(week, round(row.figure.value * 100), title)


def _retention(rows: list[FigureText]) -> _Chart:
    whole, weeks = rows[0], [row for row in rows if row.figure.part.startswith(WEEK)]
    if whole.figure.state == State.HIDDEN:
        return _Chart(
            participation.RETENTION.key, _("Retention is hidden: too few people"), "", tuple(weeks)
        )
    last = _week_number(weeks[-1]) if weeks else 0
    if whole.figure.value is None or last < 1:
        return _Chart(
            participation.RETENTION.key, _("Nobody has been here for a week yet"), "", tuple(weeks)
        )
    headline = ngettext(
        "After %(n)d week %(share)s were still active (%(interval)s)",
        "After %(n)d weeks %(share)s were still active (%(interval)s)",
        last,
    ) % {"n": last, "share": whole.words, "interval": whole.interval}
    drawing = charts.step_curve(
        curve_points(weeks), until=last, unit=_("week"), ticks=curve_ticks(last)
    )
    n = _("n = %(n)d who started, 95 %% interval. The axis begins at %(floor)d %%") % {
        "n": whole.figure.n or 0,
        "floor": drawing.floor,
    }
    return _Chart(participation.RETENTION.key, headline, n, tuple(weeks), drawing)


def curve_points(weeks: Iterable[FigureText]) -> list[charts.StepPoint]:
    return [
        charts.StepPoint(
            _week_number(row), _f(row.figure.value), _f(row.figure.low), _f(row.figure.high)
        )
        for row in weeks
    ]


def curve_ticks(weeks: int) -> int:
    """Return into how many equal parts of whole weeks the axis is cut: the most, up to six."""
    return next(count for count in (6, 5, 4, 3, 2, 1) if weeks % count == 0)


def _week_number(row: FigureText) -> int:
    return int(row.figure.part.removeprefix(WEEK))


def _until(row: FigureText) -> date:
    return row.figure.until or date.min


def _f(value: Decimal | None) -> float:
    return float(value or 0)


def _competencies(rows: list[FigureText]) -> _Chart:
    parts = {row.figure.part: row for row in rows}
    changes = [row for part, row in parts.items() if ":" not in part]
    key = feedback.COMPETENCY_CHANGE.key
    known = sorted(
        (row for row in changes if row.figure.value is not None),
        key=lambda row: row.figure.value or 0,
        reverse=True,
    )
    if not known:
        words = (
            _("Competencies before and after: too few answers")
            if changes
            else _("No competency is rated in this program")
        )
        return _Chart(key, words, "", tuple(rows))
    best = known[0]
    if (best.figure.value or 0) > 0:
        headline = _("%(name)s grew most, by %(points)s") % {
            "name": best.figure.label,
            "points": best.words.removeprefix("+"),
        }
    else:
        headline = _("No competency grew")
    drawing = charts.dumbbells(
        [
            charts.Change(
                row.figure.label,
                parts[f"{START}{row.figure.part}"].figure.value or 0,
                parts[f"{END}{row.figure.part}"].figure.value or 0,
                row.figure.low,
                row.figure.high,
                row.figure.value,
            )
            for row in known
        ],
        least=1,
        most=5,
    )
    pairs = sorted({row.figure.n or 0 for row in known})
    most = str(pairs[0]) if len(pairs) == 1 else f"{pairs[0]}–{pairs[-1]}"
    n = _("n = %(n)s rated at both moments, 95 %% intervals") % {"n": most}
    n = f"{n}, {max(known, key=_until).until}"
    return _Chart(key, headline, n, tuple(rows), drawing)
