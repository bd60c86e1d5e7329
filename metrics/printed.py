"""The report of a cohort on paper: two sheets with the organisation's name and logo.

Drawn from what the page shows, so that both say the same; what is hidden stands there as hidden.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from fpdf.enums import Align

from core.common.errors import DomainError
from core.tenancy.days import day_of
from core.tenancy.models import OrganisationSettings
from core.ui.pdf import ACCENT, INK, QUIET, Sheet, has_letters
from metrics.definitions.feedback import END, START
from metrics.definitions.participation import WEEK
from metrics.definitions.shapes import Figure, State
from metrics.report import report
from metrics.wording import FigureText
from programs.models.programs import Cohort

EDGE, GAP = 16.0, 6.0  # mm
TILES_A_ROW = 4
MOST_SKILLS = 10
LINE_COLOUR, FILL, BAND = (214, 207, 196), (13, 88, 92), (214, 230, 229)


class CannotDraw(DomainError):
    code = "report_cannot_be_drawn"
    message = gettext_lazy(
        "Some of its names are in a script that we cannot draw. Print the page instead."
    )


@dataclass(frozen=True)
class _Head:
    organisation: str
    program: str
    cohort: str
    period: str
    as_of: str


def draw(
    cohort: Cohort, figures: Sequence[Figure], chosen: OrganisationSettings, now: datetime
) -> bytes:
    """Return the report as PDF.  Raises CannotDraw for letters that nothing would be drawn of."""
    shown, head = report(figures), _head(cohort, chosen, now)
    words = [*vars(head).values(), *(entry.figure.label for entry in shown.everything)]
    if not has_letters("".join(words)):
        raise CannotDraw
    page = _Paper(title=f"{head.program}, {head.cohort}", margin=EDGE)
    page.set_creation_date(now)
    y = page.begin(head, 1, bytes(chosen.logo))
    y = page.tiles([tile.shown for tile in shown.tiles], y)
    y = page.chart_head(shown.funnel, y + GAP)
    y = page.funnel(shown.funnel.rows, y)
    y = page.chart_head(shown.retention, y + GAP)
    page.curve(shown.retention, y, 62)
    y = page.begin(head, 2, bytes(chosen.logo))
    y = page.chart_head(shown.attendance, y)
    y = page.weeks(shown.attendance.rows, y, 34)
    y = page.chart_head(shown.competencies, y + GAP)
    y = page.skills(shown.competencies.rows, y)
    page.together(shown.together, y + GAP)
    page.foot(chosen.threshold)
    return bytes(page.output())


def _head(cohort: Cohort, chosen: OrganisationSettings, now: datetime) -> _Head:
    starts = date_format(cohort.starts_on, "j F Y")
    day = date_format(day_of(now, chosen.zone), "j F Y")
    ends = date_format(cohort.ends_on, "j F Y") if cohort.ends_on else _("rolling")
    return _Head(
        organisation=cohort.organisation.name,
        program=cohort.program.name,
        cohort=cohort.name,
        period=f"{starts} – {ends}",
        as_of=_("Figures as of %(day)s") % {"day": day},
    )


class _Paper(Sheet):
    @property
    def wide(self) -> float:
        return float(self.w) - 2 * EDGE

    def begin(self, head: _Head, number: int, logo: bytes) -> float:
        """Begin a sheet; return where its content begins."""
        self.add_page()
        self.c_margin = 0
        x = EDGE
        if logo:
            picture = self.image(BytesIO(logo), x=EDGE, y=EDGE, h=10)
            x += float(picture.rendered_width) + 4
        self.words_at(x, EDGE + 1, self.wide / 2, head.organisation, 11, QUIET)
        place = _("Page %(n)d of 2") % {"n": number}
        self.words_at(self.w / 2, EDGE + 1, self.wide / 2, place, 9, QUIET, align=Align.R)
        y = EDGE + 14
        y = self.words_at(
            EDGE, y, self.wide, f"{head.program}, {head.cohort}", 18 if number == 1 else 12
        )
        y = self.words_at(EDGE, y + 1, self.wide, f"{head.period} · {head.as_of}", 9, QUIET)
        self.rule(y + 3)
        return y + 3 + GAP

    def rule(self, y: float) -> None:
        self.set_draw_color(*LINE_COLOUR)
        self.set_line_width(0.3)
        self.line(EDGE, y, self.w - EDGE, y)

    def tiles(self, tiles: Sequence[FigureText], y: float) -> float:
        """Draw what is most asked for, four beside one another."""
        width = self.wide / TILES_A_ROW
        for place, tile in enumerate(tiles):
            x, top = EDGE + place % TILES_A_ROW * width, y + place // TILES_A_ROW * 24
            inner = width - 3
            under = self.words_at(x, top, inner, tile.name, 8.5, QUIET)
            size, colour = (11, QUIET) if tile.quiet else (17, INK)
            under = self.words_at(x, under + 0.5, inner, tile.words, size, colour)
            self.words_at(x, under, inner, tile.note, 7.5, QUIET, lines=2)
        return y + -(-len(tiles) // TILES_A_ROW) * 24

    def chart_head(self, chart: Any, y: float) -> float:
        """Write what a chart found, and of how many."""
        y = self.words_at(EDGE, y, self.wide, chart.headline, 12, lines=2)
        return self.words_at(EDGE, y + 0.5, self.wide, chart.n, 8, QUIET) + 2 if chart.n else y + 2

    def funnel(self, rows: Iterable[FigureText], y: float) -> float:
        rows = [row for row in rows if row.figure.state != State.NO_DATA]
        most = max((row.figure.numerator or 0 for row in rows), default=0) or 1
        for row in rows:
            self.words_at(EDGE, y + 1, 38, row.figure.label, 9)
            count = row.figure.numerator
            room = self.wide - 40 - 24
            width = 0.0 if row.quiet else room * (count or 0) / most
            self.bar(EDGE + 40, y, width, 6)
            self.words_at(EDGE + 42 + width, y + 1, 24, row.words, 9, QUIET if row.quiet else INK)
            y += 8
        return y

    def bar(self, x: float, y: float, width: float, height: float) -> None:
        if width > 0 and height > 0:
            self.set_fill_color(*FILL)
            self.rect(x, y, width, height, style="F")

    def curve(self, chart: Any, y: float, height: float) -> float:
        """Draw who is still active, week by week, with the interval; the axis is the page's."""
        if chart.drawing is None:
            words = _("hidden") if chart.hidden else _("no data yet")
            return self.words_at(EDGE, y, self.wide, words, 9, QUIET)
        points = [
            (int(row.figure.part.removeprefix(WEEK)), row.figure)
            for row in chart.rows
            if row.figure.value is not None
        ]
        last, x, width = points[-1][0], EDGE + 12, self.wide - 12
        floor = chart.drawing.floor / 100

        def at(week: float, share: object) -> tuple[float, float]:
            part = (max(floor, float(str(share))) - floor) / (1 - floor)
            return x + width * week / last, y + height * (1 - part)

        for share in (floor, (1 + floor) / 2, 1):
            self.set_draw_color(*LINE_COLOUR)
            self.line(x, at(0, share)[1], x + width, at(0, share)[1])
            self.words_at(EDGE, at(0, share)[1] - 2, 11, f"{share:.0%}", 7.5, QUIET)
        self.set_fill_color(*BAND)
        for (week, figure), (until, _next) in itertools.pairwise(points):
            if figure.low is not None and figure.high is not None:
                left, top = at(week, figure.high)
                right, bottom = at(until, figure.low)
                self.rect(left, top, right - left, bottom - top, style="F")
        self.set_draw_color(*ACCENT)
        self.set_line_width(0.7)
        for (week, figure), (until, after) in itertools.pairwise(points):
            self.line(*at(week, figure.value), *at(until, figure.value))
            self.line(*at(until, figure.value), *at(until, after.value))
        under = y + height + 1.5
        self.words_at(x, under, 40, _("start"), 7.5, QUIET)
        end = ngettext("%(n)d week", "%(n)d weeks", last) % {"n": last}
        self.words_at(x + width - 40, under, 40, end, 7.5, QUIET, align=Align.R)
        return under + 4

    def weeks(self, rows: Iterable[FigureText], y: float, height: float) -> float:
        """Draw a bar for each week; a week without a session, or hidden, is a gap."""
        by_week = {date.fromisoformat(row.figure.part): row for row in rows}
        if not any(row.figure.value is not None for row in by_week.values()):
            words = _("hidden") if by_week else _("no data yet")
            return self.words_at(EDGE, y, self.wide, words, 9, QUIET)
        first, last = min(by_week), max(by_week)
        count = (last - first).days // 7 + 1
        x, step = EDGE + 12, (self.wide - 12) / count
        self.set_draw_color(*LINE_COLOUR)
        for share in (0, 0.5, 1):
            level = y + height * (1 - share)
            self.line(x, level, x + step * count, level)
            self.words_at(EDGE, level - 2, 11, f"{share:.0%}", 7.5, QUIET)
        for number in range(count):
            row = by_week.get(first + timedelta(weeks=number))
            share = float(row.figure.value or 0) if row else 0.0
            top = y + height * (1 - share)
            self.bar(x + step * number + 0.15 * step, top, min(0.7 * step, 12), height * share)
        under = y + height + 1.5
        self.words_at(x, under, 40, date_format(first, "j F"), 7.5, QUIET)
        self.words_at(
            x + step * count - 40, under, 40, date_format(last, "j F"), 7.5, QUIET, align=Align.R
        )
        return under + 4

    def skills(self, rows: Iterable[FigureText], y: float) -> float:
        """Draw each competency from the mean at the start to that at the end, from 1 to 5."""
        parts = {row.figure.part: row for row in rows}
        changes = [
            row for part, row in parts.items() if ":" not in part and row.figure.value is not None
        ]
        changes.sort(key=lambda row: row.figure.value or 0, reverse=True)
        x, width = EDGE + 62, self.wide - 62 - 40
        for row in changes[:MOST_SKILLS]:
            means = [parts[f"{moment}{row.figure.part}"].figure.value for moment in (START, END)]
            begin, end = (x + width * (float(value or 1) - 1) / 4 for value in means)
            self.words_at(EDGE, y, 60, row.figure.label, 8.5)
            middle = y + 2.2
            self.set_draw_color(*ACCENT)
            self.set_line_width(0.5)
            self.line(begin, middle, end, middle)
            self.set_fill_color(255, 255, 255)
            self.circle(begin, middle, 1.1, style="DF")
            self.set_fill_color(*FILL)
            self.circle(end, middle, 1.1, style="DF")
            change = f"{row.words} ({row.interval})" if row.interval else row.words
            self.words_at(x + width + 3, y, 38, change, 8.5)
            y += 6
        if (left := len(changes) - MOST_SKILLS) and left > 0:
            words = ngettext("%(n)d more stands on the page", "%(n)d more stand on the page", left)
            y = self.words_at(EDGE, y, self.wide, words % {"n": left}, 7.5, QUIET)
        if changes:
            legend = _("Open: at the start. Filled: at the end. Rated by self, from 1 to 5.")
            y = self.words_at(EDGE, y + 0.5, self.wide, legend, 7.5, QUIET)
        return y

    def together(self, entries: Sequence[FigureText], y: float) -> float:
        """List all other figures in two columns."""
        self.rule(y - GAP / 2)
        half, width = -(-len(entries) // 2), self.wide / 2 - 3
        room = (self.h - EDGE - 12 - y) / max(1, half)
        step = min(7.0, room)
        for place, entry in enumerate(entries):
            x = EDGE + (place // half) * (width + 6)
            top = y + place % half * step
            self.words_at(x, top, width * 0.52, entry.title, 8)
            said = f"{entry.words} · {entry.counts}" if entry.counts else entry.words
            colour = QUIET if entry.quiet else INK
            self.words_at(x + width * 0.52, top, width * 0.48, said, 7.5, colour, align=Align.R)
        return y + half * step

    def foot(self, threshold: int) -> None:
        words = ngettext(
            "Figures about fewer than %(k)d person are hidden.",
            "Figures about fewer than %(k)d people are hidden, and so are figures that would "
            "reveal them.",
            threshold,
        ) % {"k": threshold}
        self.words_at(EDGE, self.h - EDGE - 6, self.wide, words, 7.5, QUIET)
