"""The cohort report: figures as tiles, charts, sentences, and the tables behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.ui import charts
from metrics.definitions import agreements, feedback, participation, sessions, voice
from metrics.definitions.feedback import END, START
from metrics.definitions.participation import WEEK
from metrics.definitions.shapes import Figure, State
from metrics.wording import FigureText, figure_text, share

TILES = (
    participation.ENROLLED.key,
    participation.MATCH_RATE.key,
    sessions.SESSION_COMPLETION.key,
    sessions.ATTENDANCE_RATE.key,
    feedback.CHECKIN_RESPONSE.key,
)
VOICES = (voice.VOICE_BALANCE.key, voice.UNHEARD.key)
TOGETHER = (
    agreements.DECISION_DAYS.key,
    agreements.DECISION_VOICE.key,
    agreements.GOAL_ATTAINMENT.key,
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
    drawing: object = None
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
    breakdowns: tuple[FigureText, ...]
    everything: tuple[FigureText, ...]


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
    return _Report(
        tiles=tuple(_Tile(whole[key], beside.get(key, "")) for key in (*TILES, *VOICES)),
        funnel=_funnel(by_key[participation.FUNNEL.key]),
        attendance=_attendance(
            by_key.get(sessions.WEEKLY_ATTENDANCE.key, []), whole[sessions.ATTENDANCE_RATE.key]
        ),
        retention=_retention(by_key[participation.RETENTION.key]),
        competencies=_competencies(by_key.get(feedback.COMPETENCY_CHANGE.key, [])),
        together=tuple(entry for key in TOGETHER for entry in by_key[key]),
        breakdowns=tuple(
            entry
            for key in (
                participation.ENROLLED.key,
                participation.MATCH_RATE_EVER.key,
                sessions.SESSION_COMPLETION.key,
                sessions.ATTENDANCE_RATE.key,
            )
            for entry in by_key[key]
            if (entry.figure.part or key == participation.MATCH_RATE_EVER.key) and not entry.quiet
        ),
        everything=everything,
    )


def overview(figures: Sequence[Figure]) -> list[FigureText]:
    whole = {figure.key: figure for figure in figures if not figure.part}
    return [figure_text(whole[key]) for key in OVERVIEW]


def _funnel(rows: list[FigureText]) -> _Chart:
    known = [row for row in rows if not row.quiet]
    if not known or known[0].figure.part != "applied":
        return _Chart(
            participation.FUNNEL.key, _("Nobody has entered this cohort yet"), "", tuple(rows)
        )
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


def _attendance(rows: list[FigureText], whole: FigureText) -> _Chart:
    known = [row for row in rows if row.figure.value is not None]
    if not known:
        word = _("Attendance by week is hidden: too few people") if rows else _("No session yet")
        return _Chart(sessions.WEEKLY_ATTENDANCE.key, word, "", tuple(rows))
    values = [row.figure.value for row in known if row.figure.value is not None]
    lowest, highest = min(values), max(values)
    if len(values) == 1:
        headline = _("%(share)s of seats were filled in the first week") % {"share": share(lowest)}
    else:
        headline = _("From week to week, %(low)s to %(high)s of seats were filled") % {
            "low": share(lowest),
            "high": share(highest),
        }
    drawing = charts.weekly_bars(
        [_week(row) for row in known],
        most=100,
        label_every=-(-len(known) // LABELS),
    )
    n = _("n = %(n)d people, %(counts)s seats") % {"n": whole.figure.n or 0, "counts": whole.counts}
    values_shown = "yes" if len(known) <= BARS_WITH_VALUES else "no"
    return _Chart(sessions.WEEKLY_ATTENDANCE.key, headline, n, tuple(rows), drawing, values_shown)


def _week(row: FigureText) -> charts.Week:
    week = date_format(date.fromisoformat(row.figure.part), "j M")
    title = _("Week of %(week)s: %(share)s, %(counts)s") % {
        "week": week,
        "share": row.words,
        "counts": row.counts,
    }
    assert row.figure.value is not None  # drawn are only those that have one
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
    points = [
        charts.StepPoint(
            _week_number(row), _f(row.figure.value), _f(row.figure.low), _f(row.figure.high)
        )
        for row in weeks
    ]
    drawing = charts.step_curve(points, until=last, unit=_("week"), ticks=_ticks(last))
    n = _("n = %(n)d who started, 95 %% interval. The axis begins at %(floor)d %%") % {
        "n": whole.figure.n or 0,
        "floor": drawing.floor,
    }
    return _Chart(participation.RETENTION.key, headline, n, tuple(weeks), drawing)


def _ticks(weeks: int) -> int:
    """Return into how many equal parts of whole weeks the axis is cut: the most, up to six."""
    return next(count for count in (6, 5, 4, 3, 2, 1) if weeks % count == 0)


def _week_number(row: FigureText) -> int:
    return int(row.figure.part.removeprefix(WEEK))


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
        hidden = any(row.figure.state == State.HIDDEN for row in changes)
        words = (
            _("Competencies before and after are hidden: too few people")
            if hidden
            else _("Nobody has rated themselves at both moments yet")
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
                _f(parts[f"{START}{row.figure.part}"].figure.value),
                _f(parts[f"{END}{row.figure.part}"].figure.value),
                None if row.figure.low is None else float(row.figure.low),
                None if row.figure.high is None else float(row.figure.high),
            )
            for row in known
        ],
        least=1,
        most=5,
    )
    pairs = sorted({row.figure.n or 0 for row in known})
    most = str(pairs[0]) if len(pairs) == 1 else f"{pairs[0]}–{pairs[-1]}"
    n = _("n = %(n)s rated at both moments, 95 %% intervals") % {"n": most}
    return _Chart(key, headline, n, tuple(rows), drawing)
