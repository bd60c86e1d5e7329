"""A chart as a picture, for slides and letters: the geometry of `charts` once more, in dots.

The page's drawing follows its theme and its width; a picture has one of each: ink on white.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from io import BytesIO

import fontpkg
from PIL import Image, ImageDraw, ImageFont

from core.ui import charts

WIDTH, EDGE, DOTS = 1200, 40, 2  # dots; an unit of a chart is two of them
INNER = WIDTH - 2 * EDGE
INK, QUIET, RULE, EDGE_LINE = "#211d18", "#5d554a", "#e3ddd2", "#857b6d"
ACCENT, BAND = "#0d585c", "#cfdede"
HEAT = ("#f4f0e8", "#cadada", "#7ba4a6", "#206467")
TITLE, TEXT = 34, 24
ROW = 72  # of a funnel or a dumbbell
LABELS = 360  # how much of the width their labels have

Drawing = (
    charts.BarsDrawing
    | charts.CurveDrawing
    | charts.DumbbellsDrawing
    | charts.HeatDrawing
    | tuple[charts.FunnelStep, ...]
)


class _Canvas:
    """A white sheet with a finding above and its numbers of people below."""

    def __init__(self, headline: str, note: str, height: int, width: int = WIDTH) -> None:
        titles, notes = _wrapped(headline, TITLE), _wrapped(note, TEXT)
        self.top = EDGE + len(titles) * (TITLE + 12) + 20
        whole = self.top + height + len(notes) * (TEXT + 10) + EDGE
        self.image = Image.new("RGB", (width, whole), "white")
        self.pen = ImageDraw.Draw(self.image)
        for place, line in enumerate(titles):
            self.text(EDGE, EDGE + place * (TITLE + 12), line, size=TITLE, anchor="la")
        for place, line in enumerate(notes):
            y = self.top + height + 10 + place * (TEXT + 10)
            self.text(EDGE, y, line, fill=QUIET, anchor="la")

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: int = TEXT,
        fill: str = INK,
        anchor: str = "ls",
    ) -> None:
        self.pen.text((x, y), words, font=_font(size), fill=fill, anchor=anchor)

    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        if width > 0 and height > 0:
            self.pen.rectangle((x, y, x + width, y + height), fill=fill)

    def line(self, x: float, y: float, to_x: float, to_y: float, fill: str, width: int = 2) -> None:
        self.pen.line((x, y, to_x, to_y), fill=fill, width=width)

    def dot(self, x: float, y: float, radius: int, fill: str) -> None:
        self.pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill, ACCENT, 4)

    def png(self) -> bytes:
        out = BytesIO()
        self.image.save(out, "PNG", optimize=True)
        return out.getvalue()


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fontpkg.path("Noto Sans")), size)


def _wrapped(words: str, size: int) -> list[str]:
    lines: list[str] = []
    for word in words.split(" ") if words else []:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _font(size).getlength(longer) <= INNER:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def picture(headline: str, note: str, drawing: Drawing | None) -> bytes:
    """Return the chart as a PNG with its finding above and its note below; maybe these alone."""
    sheet = partial(_Canvas, headline, note)
    if isinstance(drawing, charts.BarsDrawing):
        canvas = _bars(sheet(drawing.height * DOTS), drawing)
    elif isinstance(drawing, charts.CurveDrawing):
        canvas = _curve(sheet((drawing.top + drawing.height + 28) * DOTS), drawing)
    elif isinstance(drawing, charts.DumbbellsDrawing):
        canvas = _dumbbells(sheet(ROW * (len(drawing.rows) + 1)), drawing)
    elif isinstance(drawing, charts.HeatDrawing):
        width = max(WIDTH, drawing.width * DOTS + 2 * EDGE)
        canvas = _heat(sheet(drawing.height * DOTS, width), drawing)
    elif drawing is None:
        canvas = sheet(0)
    else:
        canvas = _funnel(sheet(ROW * len(drawing)), drawing)
    return canvas.png()


def _x(percent: str | float, left: float = EDGE, width: float = INNER) -> float:
    return left + width * float(percent) / 100


def _bars(canvas: _Canvas, drawing: charts.BarsDrawing) -> _Canvas:
    top, base = canvas.top, canvas.top + drawing.base * DOTS
    for line in drawing.grid:
        y = top + float(line.y) * DOTS
        canvas.line(EDGE, y, EDGE + INNER, y, RULE)
        canvas.text(EDGE, y - 6, line.label, fill=QUIET)
    for bar in drawing.bars:
        y, middle = top + float(bar.y) * DOTS, _x(bar.middle)
        width, height = INNER * float(bar.width) / 100, float(bar.height) * DOTS
        canvas.box(_x(bar.x), y, width, height, ACCENT)
        if bar.mark:
            canvas.text(middle, base - 10, bar.mark, fill=QUIET, anchor="ms")
        elif not drawing.grid:
            canvas.text(middle, y - 10, bar.value, anchor="ms")
        canvas.text(middle, base + 34, bar.label, fill=QUIET, anchor="ms")
    canvas.line(EDGE, base, EDGE + INNER, base, EDGE_LINE)
    return canvas


def _curve(canvas: _Canvas, drawing: charts.CurveDrawing) -> _Canvas:
    _left, _top, width, span = map(float, drawing.box.split())
    top, height = canvas.top + drawing.top * DOTS, drawing.height * DOTS

    def corners(path: str) -> list[tuple[float, float]]:
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", path)]
        return [
            (EDGE + INNER * x / width, top + height * y / span)
            for x, y in zip(numbers[::2], numbers[1::2], strict=True)
        ]

    canvas.pen.polygon(corners(drawing.band), fill=BAND)
    for line in drawing.grid:
        y = canvas.top + float(line.y) * DOTS
        canvas.line(EDGE, y, EDGE + INNER, y, EDGE_LINE if line.base else RULE)
        canvas.text(EDGE, y - 8, line.label, fill=QUIET)
    canvas.pen.line(corners(drawing.line), fill=ACCENT, width=5)
    for tick in drawing.ticks:
        anchor = {"start": "ls", "middle": "ms", "end": "rs"}[tick.anchor]
        canvas.text(_x(tick.x), top + height + 40, tick.label, fill=QUIET, anchor=anchor)
    return canvas


def _funnel(canvas: _Canvas, steps: tuple[charts.FunnelStep, ...]) -> _Canvas:
    left, width = EDGE + LABELS, INNER - LABELS - 100
    for place, step in enumerate(steps):
        y = canvas.top + place * ROW
        canvas.text(EDGE, y + 38, step.label)
        canvas.box(left, y + 8, width, ROW - 24, RULE)
        canvas.box(left, y + 8, width * step.width / 100, ROW - 24, ACCENT)
        canvas.text(EDGE + INNER, y + 38, str(step.count), anchor="rs")
    return canvas


def _dumbbells(canvas: _Canvas, drawing: charts.DumbbellsDrawing) -> _Canvas:
    place_of = partial(_x, left=EDGE + LABELS, width=INNER - LABELS - 120)
    for tick in drawing.scale:
        canvas.text(place_of(tick.x), canvas.top + 40, tick.label, fill=QUIET, anchor="ms")
    for place, row in enumerate(drawing.rows):
        y = canvas.top + (place + 1) * ROW + ROW // 2
        before, after = place_of(row.before_x), place_of(row.after_x)
        canvas.text(EDGE, y + 8, row.label)
        canvas.line(place_of(0), y, place_of(100), y, RULE)
        if row.low_x and row.high_x:
            canvas.line(place_of(row.low_x), y, place_of(row.high_x), y, BAND, 14)
        canvas.line(before, y, after, y, ACCENT, 4)
        canvas.dot(before, y, 11, "white")
        canvas.dot(after, y, 13, ACCENT)
        canvas.text(EDGE + INNER, y + 8, row.change, anchor="rs")
    return canvas


def _heat(canvas: _Canvas, drawing: charts.HeatDrawing) -> _Canvas:
    for label in drawing.rows:
        y = canvas.top + label.y * DOTS
        canvas.text(EDGE + 16 * DOTS, y, label.text, fill=QUIET, anchor="rs")
    for mark in drawing.marks:
        x, y = EDGE + mark.x * DOTS, canvas.top + mark.y * DOTS
        canvas.box(x, y, 20 * DOTS, 16 * DOTS, HEAT[mark.step])
        if mark.step == 0:
            canvas.text(x + 10 * DOTS, y + 11 * DOTS, "×", fill=QUIET, anchor="ms")
    return canvas
