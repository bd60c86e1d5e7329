"""Charts: numbers in, positions out; the templates only print them.

Horizontal positions are percentages of the chart's width and heights are pixels, because text
must keep its size while marks stretch; a curve lives in a box of its own units that stretches.
Source: docs/adr/0006-server-drawn-svg.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from core.common.numbers import decimal, signed, with_its_sign
from core.ui.table import number

#: Bars never fill their slot quite, so that a full week and its neighbour stay two things.
BAR_SHARE: Final = 0.88
CURVE_HEIGHT: Final = 180
CURVE_TOP: Final = 20


@dataclass(frozen=True)
class FunnelStep:
    """One step of a funnel: `width` in percent of the first, `kept` in percent of the last."""

    label: str
    count: int
    width: float
    kept: int | None


def funnel(steps: Sequence[tuple[str, int]]) -> tuple[FunnelStep, ...]:
    """Return the bars of a funnel; `kept` is None for the first step and after an empty one.

    Raises ValueError for a negative count.
    """
    if any(count < 0 for _label, count in steps):
        raise ValueError("a step of a funnel cannot hold fewer than nobody")
    first = steps[0][1] if steps else 0
    drawn = []
    before: int | None = None
    for label, count in steps:
        width = round(min(100.0, 100 * count / first), 2) if first else 0.0
        kept = round(100 * count / before) if before else None
        drawn.append(FunnelStep(label=label, count=count, width=width, kept=kept))
        before = count
    return tuple(drawn)


@dataclass(frozen=True)
class Week:
    """What happened in one week, or in one class of a histogram; `title` is read on hover.

    Without a value its place stays empty, but for a `mark` that says why.
    """

    label: str
    value: float | None
    title: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Bar:
    """One column: `x`, `width` and `middle` in percent, `y` and `height` in pixels."""

    label: str
    value: str
    title: str
    x: str
    middle: str
    width: str
    y: str
    height: str
    now: bool
    mark: str = ""


@dataclass(frozen=True)
class BarsDrawing:
    bars: tuple[Bar, ...]
    height: int
    base: int
    grid: tuple[_GridLine, ...] = ()


def weekly_bars(
    weeks: Sequence[Week],
    *,
    height: int = 144,
    top: int = 28,
    most: float | None = None,
    now: int | None = None,
    label_every: int = 1,
    scale: Sequence[tuple[float, str]] = (),
) -> BarsDrawing:
    """Return one column a week on a chart `height` pixels high, below `top` pixels of room.

    `most` is the value of a full column (the largest one, if not given); `now` is the index
    of the week that is on; only every `label_every`th column keeps its label.  `scale` are values
    at which a line is drawn, with their labels.
    """
    full = most if most is not None else max((week.value or 0 for week in weeks), default=0.0)
    slot = 100 / len(weeks) if weeks else 0.0
    width = slot * BAR_SHARE
    bars = []
    for i, week in enumerate(weeks):
        value = week.value or 0.0
        tall = height * min(1.0, max(0.0, value / full)) if full else 0.0
        written = "" if week.value is None else with_its_sign(number(week.value))
        left = slot * i + (slot - width) / 2
        bars.append(
            Bar(
                label=week.label if i % label_every == 0 else "",
                value=written,
                title=week.title or f"{week.label}: {written}",
                x=number(left),
                middle=number(slot * (i + 0.5)),
                width=number(width),
                y=number(top + height - tall),
                height=number(tall),
                now=now is not None and i == now,
                mark=week.mark,
            )
        )
    lines = [(top + height - height * value / full, label) for value, label in scale if full]
    return BarsDrawing(
        bars=tuple(bars),
        height=top + height + 28,
        base=top + height,
        grid=tuple(_GridLine(number(y), label, number(y - 4), base=False) for y, label in lines),
    )


@dataclass(frozen=True)
class StepPoint:
    """The share still there from time `at` on, with its interval; shares run from 0 to 1."""

    at: float
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class _GridLine:
    """A horizontal line at `y` pixels, its label and where that stands."""

    y: str
    label: str
    text_y: str
    base: bool


@dataclass(frozen=True)
class _Tick:
    x: str
    label: str
    anchor: Literal["start", "middle", "end"]


@dataclass(frozen=True)
class CurveDrawing:
    """A falling step curve: paths in a box of `box` units, grid and ticks around it."""

    line: str
    band: str
    box: str
    grid: tuple[_GridLine, ...]
    ticks: tuple[_Tick, ...]
    last: str
    last_y: str
    floor: int
    top: int = CURVE_TOP
    height: int = CURVE_HEIGHT


def step_curve(
    points: Sequence[StepPoint],
    *,
    until: float,
    unit: str = "",
    ticks: int = 4,
    floor: int | None = None,
    ends: float | None = None,
) -> CurveDrawing:
    """Return a Kaplan-Meier curve with its band, from 100 % at 0 to time `until`.

    The axis begins at the ten percent below the lowest interval, at most at 90, or at `floor`,
    which curves side by side share; `ends` is where this one does, if not at `until`. `unit` names
    time before the first tick ("week"). Points lie in order and not after `until`.
    Raises ValueError otherwise, and for a share outside its interval or outside 0 to 1.
    """
    if until <= 0:
        raise ValueError("a curve needs time to run")
    times = [point.at for point in points]
    if times != sorted(times) or any(not 0 <= time <= until for time in times):
        raise ValueError("points lie in order, from 0 to the end")
    if any(not 0 <= point.low <= point.share <= point.high <= 1 for point in points):
        raise ValueError("a share lies in its interval, from 0 to 1")
    if floor is None:
        floor = curve_floor(points)
    span, last = 100 - floor, until if ends is None else ends
    line = _steps([(p.at, 100 - 100 * p.share) for p in points], last)
    high = _steps([(p.at, 100 - 100 * p.high) for p in points], last)
    low = _steps([(p.at, 100 - 100 * p.low) for p in points], last)
    end = points[-1].share if points else 1.0
    above = points[-1].high if points else 1.0
    return CurveDrawing(
        line=_path(line),
        band=_path(high) + "L" + _path(low[::-1])[1:] + "Z",
        box=f"0 0 {number(until)} {span}",
        grid=tuple(_grid(floor)),
        ticks=tuple(_ticks(until, unit, ticks)),
        last=f"{round(100 * end)}",
        last_y=number(CURVE_TOP + CURVE_HEIGHT * (100 - 100 * above) / span - 6),
        floor=floor,
    )


def curve_floor(points: Iterable[StepPoint]) -> int:
    """Return where the axis of such a curve begins, in percent."""
    lowest = min((point.low for point in points), default=1.0)
    return max(0, min(90, int(lowest * 10 - 1e-9) * 10))


def _steps(points: Iterable[tuple[float, float]], until: float) -> list[tuple[float, float]]:
    corners = [(0.0, 0.0)]
    for at, fallen in points:
        corners += [(at, corners[-1][1]), (at, fallen)]
    corners.append((until, corners[-1][1]))
    return [corner for i, corner in enumerate(corners) if i == 0 or corner != corners[i - 1]]


def _path(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in corners)


def _grid(floor: int) -> Iterable[_GridLine]:
    span = 100 - floor
    step = 10 if span <= 40 else 25 if floor == 0 else 20
    shown = sorted({floor, *range(100, floor, -step)}, reverse=True)
    for percent in shown:
        y = CURVE_TOP + CURVE_HEIGHT * (100 - percent) / span
        label = "100 %" if percent == 100 else str(percent)
        yield _GridLine(y=number(y), label=label, text_y=number(y - 5), base=percent == floor)


def _ticks(until: float, unit: str, count: int) -> Iterable[_Tick]:
    for i in range(count + 1):
        time = until * i / count
        label = number(round(time, 1))
        anchor: Literal["start", "middle", "end"] = "middle"
        if i == 0:
            anchor, label = "start", f"{unit} {label}".strip()
        elif i == count:
            anchor = "end"
        yield _Tick(x=number(100 * i / count), label=label, anchor=anchor)


@dataclass(frozen=True)
class Change:
    """One competency before and after on one scale; `low` and `high` bound the change.

    `moved` is the change as it is written elsewhere, where it is not the difference of the two.
    """

    label: str
    before: Decimal | float
    after: Decimal | float
    low: Decimal | float | None = None
    high: Decimal | float | None = None
    moved: Decimal | float | None = None


@dataclass(frozen=True)
class _Dumbbell:
    label: str
    before: str
    after: str
    before_x: str
    after_x: str
    change: str
    interval: str
    low_x: str = ""
    high_x: str = ""


@dataclass(frozen=True)
class DumbbellsDrawing:
    rows: tuple[_Dumbbell, ...]
    scale: tuple[_Tick, ...]


def dumbbells(changes: Sequence[Change], *, least: float, most: float) -> DumbbellsDrawing:
    """Return before and after on a scale from `least` to `most`, whole numbers marked.

    The interval of a change is drawn around what came after, as far as the scale reaches.
    Raises ValueError for an empty scale or a value outside it.
    """
    span = most - least
    if span <= 0:
        raise ValueError("a scale runs upwards")
    if any(not least <= value <= most for c in changes for value in (c.before, c.after)):
        raise ValueError("a value lies outside the scale")

    def place(value: Decimal | float) -> str:
        return number(100 * (float(value) - least) / span)

    whole = [value for value in range(int(least), int(most) + 1) if least <= value <= most]
    return DumbbellsDrawing(
        rows=tuple(
            _Dumbbell(
                label=c.label,
                before=decimal(c.before),
                after=decimal(c.after),
                before_x=place(c.before),
                after_x=place(c.after),
                change=signed(float(c.after) - float(c.before) if c.moved is None else c.moved),
                interval=""
                if c.low is None or c.high is None
                else f"{signed(c.low)} … {signed(c.high)}",
                low_x="" if c.low is None else place(max(least, float(c.before) + float(c.low))),
                high_x="" if c.high is None else place(min(most, float(c.before) + float(c.high))),
            )
            for c in changes
        ),
        scale=tuple(_Tick(x=place(v), label=str(v), anchor="middle") for v in whole),
    )


@dataclass(frozen=True)
class HeatCell:
    """One partnership in one week: `step` 0 (not held) to 3, None where nothing was due."""

    step: int | None
    title: str


@dataclass(frozen=True)
class _HeatMark:
    x: int
    y: int
    step: int
    title: str

    @property
    def cross_x(self) -> int:
        return self.x + 6

    @property
    def cross_y(self) -> int:
        return self.y + 4


@dataclass(frozen=True)
class _HeatLabel:
    y: int
    text: str


@dataclass(frozen=True)
class HeatDrawing:
    marks: tuple[_HeatMark, ...]
    rows: tuple[_HeatLabel, ...]
    width: int
    height: int
    first: str
    last: str

    @property
    def pixels(self) -> int:
        """How wide it is drawn: forty columns fill a desk's screen, on a phone it scrolls."""
        return self.width * 5 // 4


def heat_grid(
    columns: Sequence[tuple[str, Sequence[HeatCell]]], *, row_labels: Sequence[str]
) -> HeatDrawing:
    """Return a grid with one column a partnership and one row a week, every second row named.

    Raises ValueError when a column has more cells than there are rows, or a step is not 0 to 3.
    """
    marks = []
    for i, (_name, cells) in enumerate(columns):
        if len(cells) > len(row_labels):
            raise ValueError("a column is longer than the weeks")
        for j, cell in enumerate(cells):
            if cell.step is None:
                continue
            if not 0 <= cell.step <= 3:
                raise ValueError("heat has the steps 0 to 3")
            marks.append(_HeatMark(x=26 + 22 * i, y=18 * j, step=cell.step, title=cell.title))
    return HeatDrawing(
        marks=tuple(marks),
        rows=tuple(
            _HeatLabel(y=13 + 18 * j, text=text) for j, text in enumerate(row_labels) if j % 2 == 0
        ),
        width=26 + 22 * len(columns),
        height=18 * len(row_labels) + 26,
        first=columns[0][0] if columns else "",
        last=columns[-1][0] if columns else "",
    )


def heat_step(came: int, due: int) -> int:
    """Return the step of a session: 0 nobody, then by thirds of those who were due.

    Raises ValueError when nobody was due or more came than were due.
    """
    if due <= 0 or not 0 <= came <= due:
        raise ValueError("between nobody and everybody who was due came")
    return -(-3 * came // due)


BEHIND_SHARE: Final = 0.88
BEFORE_SHARE: Final = 0.48


@dataclass(frozen=True)
class ClassCounts:
    label: str
    behind: int
    before: int
    title: str


@dataclass(frozen=True)
class _Column:
    """Both columns of a class: `x`, `width` and `middle` in percent, `y` and `height` in pixels."""

    label: str
    title: str
    middle: str
    behind_x: str
    behind_width: str
    behind_y: str
    behind_height: str
    before_x: str
    before_width: str
    before_y: str
    before_height: str


@dataclass(frozen=True)
class OverlayDrawing:
    columns: tuple[_Column, ...]
    height: int
    base: int


def overlaid_bars(
    classes: Sequence[ClassCounts], *, height: int = 144, top: int = 12
) -> OverlayDrawing:
    """Return a wide column behind a narrow one for each class, on one scale.

    Raises ValueError for a class that holds fewer than nobody.
    """
    if any(counts.behind < 0 or counts.before < 0 for counts in classes):
        raise ValueError("a class cannot hold fewer than nobody")
    full = max((max(counts.behind, counts.before) for counts in classes), default=0)
    slot = 100 / len(classes) if classes else 0.0
    columns = []
    for i, counts in enumerate(classes):
        tall, short = (height * n / full if full else 0.0 for n in (counts.behind, counts.before))
        columns.append(
            _Column(
                label=counts.label,
                title=counts.title,
                middle=number(slot * (i + 0.5)),
                behind_x=number(slot * (i + (1 - BEHIND_SHARE) / 2)),
                behind_width=number(slot * BEHIND_SHARE),
                behind_y=number(top + height - tall),
                behind_height=number(tall),
                before_x=number(slot * (i + (1 - BEFORE_SHARE) / 2)),
                before_width=number(slot * BEFORE_SHARE),
                before_y=number(top + height - short),
                before_height=number(short),
            )
        )
    return OverlayDrawing(tuple(columns), top + height + 28, top + height)
