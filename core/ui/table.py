"""The round table: where seats, tokens, ring and labels stand.

Pure geometry on a square of 330 units whose origin is the middle; the templates only print it.
Lengths are in those units, angles in degrees clockwise from three o'clock, as SVG turns.
Source: docs/adr/0006-server-drawn-svg.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.utils.translation import pgettext as _p

from core.ui.icons import icon_for_role

SeatState = Literal["", "lead", "next", "away"]

SEAT_DISTANCE: Final = 124.0
RING_RADIUS: Final = 90.0
LABEL_DISTANCE: Final = 168.0
BACK_HALF_ANGLE: Final = 52.0
ARC_GAP: Final = 2.5
ICON_SIZE: Final = 18.0
MANY: Final = 10  # people, from which seats and tokens are drawn smaller

ROLE_NAMES: Final = {
    "facilitator": gettext_lazy("facilitator"),
    "timekeeper": gettext_lazy("timekeeper"),
    "note_taker": gettext_lazy("note-taker"),
    "voice_watcher": gettext_lazy("voice-watcher"),
}


@dataclass(frozen=True)
class SeatView:
    """One person at the table.

    `tokens` are the keys of the meeting roles held next; `turns_due` and `turns_held` count
    this person's turns to lead in the season.
    """

    initials: str
    name: str
    state: SeatState = ""
    tokens: tuple[str, ...] = ()
    turns_due: int = 0
    turns_held: int = 0


@dataclass(frozen=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True)
class _SeatMark:
    """A seat as drawn: its centre, its radius and the path of the chair's back around it."""

    at: Point
    radius: float
    back: str
    initials: str
    css: str
    small: bool


@dataclass(frozen=True)
class Arc:
    path: str
    held: bool


@dataclass(frozen=True)
class _TokenMark:
    at: Point
    radius: float
    role: str
    icon: str
    icon_at: Point
    first: bool


@dataclass(frozen=True)
class _LabelMark:
    at: Point
    anchor: Literal["start", "middle", "end"]
    name: str
    role: str


@dataclass(frozen=True)
class TableDrawing:
    """A table ready to print, with the sentence that says the same to a screen reader."""

    seats: tuple[_SeatMark, ...]
    ring: tuple[Arc, ...]
    tokens: tuple[_TokenMark, ...]
    labels: tuple[_LabelMark, ...]
    centre: str
    under: str
    timer_left: float | None
    sentence: str


@dataclass(frozen=True)
class _MiniSeat:
    at: Point
    leads: bool


@dataclass(frozen=True)
class MiniDrawing:
    """The table in a line of text: a top and one dot a seat, on a square of 40 units."""

    seats: tuple[_MiniSeat, ...]
    radius: float


def seat_angle(index: int, count: int) -> float:
    """Return where seat `index` of `count` stands, in degrees; a pair sits left and right."""
    if count == 2:
        return 180.0 + 180.0 * index
    return -90.0 + 360.0 * index / count


def polar(radius: float, angle: float) -> Point:
    turn = math.radians(angle)
    # Adding zero turns -0.0 into 0.0, which prints shorter and compares the same everywhere.
    return Point(round(radius * math.cos(turn), 2) + 0.0, round(radius * math.sin(turn), 2) + 0.0)


def number(value: float) -> str:
    """Write a coordinate as short as it goes, always with a point, whatever the language."""
    return f"{round(value, 2):.2f}".rstrip("0").rstrip(".")


def arc_path(radius: float, start: float, end: float) -> str:
    """Return the path of an arc around the origin, clockwise from `start` to `end` degrees."""
    a, b = polar(radius, start), polar(radius, end)
    r, large = number(radius), int(end - start > 180)
    return f"M{number(a.x)} {number(a.y)}A{r} {r} 0 {large} 1 {number(b.x)} {number(b.y)}"


def round_table(
    seats: Sequence[SeatView],
    *,
    title: str = "",
    centre: str = "",
    under: str = "",
    timer_left: float | None = None,
    role_names: Mapping[str, str] | None = None,
    sentence: str = "",
) -> TableDrawing:
    """Return the drawing of a table with these people in this order.

    `timer_left` (percent, 0 to 100) makes the ring a clock instead of the turns to lead.
    `role_names` says what an organisation calls its roles; `sentence` replaces the one we make.
    """
    names: dict[str, str] = {key: str(name) for key, name in ROLE_NAMES.items()}
    names.update(role_names or {})
    turning = timer_left is None
    return TableDrawing(
        seats=tuple(_seat(view, i, len(seats)) for i, view in enumerate(seats)),
        ring=tuple(_ring(seats)) if turning else (),
        tokens=tuple(_tokens(seats)),
        labels=tuple(_label(view, i, len(seats), names) for i, view in enumerate(seats)),
        centre=centre,
        under=under,
        timer_left=None if timer_left is None else round(min(100.0, max(0.0, timer_left)), 2),
        sentence=sentence or _sentence(seats, title, names, say_turns=turning),
    )


def mini_table(count: int, leader: int | None = None) -> MiniDrawing:
    return MiniDrawing(
        seats=tuple(
            _MiniSeat(at=_mini_at(seat_angle(i, count)), leads=i == leader) for i in range(count)
        ),
        radius=3.6 if count < MANY else 3.0,
    )


def _mini_at(angle: float) -> Point:
    at = polar(15.5, angle)
    return Point(round(20 + at.x, 2), round(20 + at.y, 2))


def _sizes(count: int) -> tuple[float, float]:
    """Radius of a seat and of its back: what the notes say up to twelve, then what fits."""
    if count < MANY:
        return 25.0, 32.0
    if count <= 12:
        return 21.0, 27.0
    seat = round(SEAT_DISTANCE * math.sin(math.pi / count) * 0.66, 2)
    return seat, round(seat * 1.25, 2)


def _seat(view: SeatView, index: int, count: int) -> _SeatMark:
    angle = seat_angle(index, count)
    radius, back = _sizes(count)
    return _SeatMark(
        at=polar(SEAT_DISTANCE, angle),
        radius=radius,
        back=arc_path(back, angle - BACK_HALF_ANGLE, angle + BACK_HALF_ANGLE),
        initials=view.initials,
        css=f"t-{view.state}" if view.state else "",
        small=count >= MANY,
    )


def _ring(seats: Sequence[SeatView]) -> Iterable[Arc]:
    count = len(seats)
    gap = 9.0 if count < 9 else 6.0
    for index, view in enumerate(seats):
        # Somebody who stood in led more often than was due: every turn held is shown.
        turns = max(view.turns_due, view.turns_held)
        if not turns:
            continue
        share = 360.0 / count - gap
        start = seat_angle(index, count) - share / 2
        length = (share - ARC_GAP * (turns - 1)) / turns
        for turn in range(turns):
            begin = start + turn * (length + ARC_GAP)
            path = arc_path(RING_RADIUS, begin, begin + length)
            yield Arc(path=path, held=turn < view.turns_held)


def _tokens(seats: Sequence[SeatView]) -> Iterable[_TokenMark]:
    many = len(seats) >= MANY
    radius, distance, apart = (13.0, 60.0, 26.0) if many else (15.0, 56.0, 32.0)
    for index, view in enumerate(seats):
        middle = (len(view.tokens) - 1) / 2
        for place, role in enumerate(view.tokens):
            at = polar(distance, seat_angle(index, len(seats)) + (place - middle) * apart)
            corner = Point(round(at.x - ICON_SIZE / 2, 2), round(at.y - ICON_SIZE / 2, 2))
            yield _TokenMark(
                at=at,
                radius=radius,
                role=role,
                icon=icon_for_role(role),
                icon_at=corner,
                first=role == "facilitator",
            )


def _label(view: SeatView, index: int, count: int, names: Mapping[str, str]) -> _LabelMark:
    angle = seat_angle(index, count)
    at = polar(LABEL_DISTANCE, angle)
    # The name stands on a line of its own above the role: at the top both must end before the
    # chair, at the bottom begin after it. With few people a name at the side would run out of
    # the page, and there is room for it over the seat.
    anchor: Literal["start", "middle", "end"] = "start" if at.x > 0 else "end"
    if abs(at.x) < 1:
        at, anchor = Point(0.0, -184.0 if at.y < 0 else 182.0), "middle"
    elif count <= 4 and abs(at.y) < 1:
        at, anchor = Point(math.copysign(SEAT_DISTANCE, at.x), -54.0), "middle"
    given_name = view.name.split(" ")[0]
    return _LabelMark(at=at, anchor=anchor, name=given_name, role=_roles(view, names))


def _roles(view: SeatView, names: Mapping[str, str]) -> str:
    return ", ".join(names.get(role, role.replace("_", " ")) for role in view.tokens)


def _sentence(
    seats: Sequence[SeatView], title: str, names: Mapping[str, str], *, say_turns: bool
) -> str:
    parts = [
        ngettext("%(n)d seat", "%(n)d seats", len(seats)) % {"n": len(seats)}
        if not title
        else ngettext("%(title)s, %(n)d seat", "%(title)s, %(n)d seats", len(seats))
        % {"title": title, "n": len(seats)}
    ]
    for view in seats:
        roles = _roles(view, names)
        if roles:
            parts.append(_("%(name)s: %(roles)s") % {"name": view.name, "roles": roles})
        elif view.state == "lead":
            parts.append(_("%(name)s leads") % {"name": view.name})
        elif view.state == "next":
            parts.append(_("%(name)s is next") % {"name": view.name})
        if view.state == "away":
            parts.append(_("%(name)s is away") % {"name": view.name})
    due = sum(max(view.turns_due, view.turns_held) for view in seats)
    if say_turns and due:
        held = sum(view.turns_held for view in seats)
        parts.append(
            _("%(held)d of %(due)d turns to lead have been taken") % {"held": held, "due": due}
        )
    return _p("end of a sentence", ". ").join(parts) + "."


def initials(name: str) -> str:
    """Return one or two capital letters for a name: its first word's and its last word's.

    A name without letters gives a single "?", so that a seat is never blank.
    """
    words = [word for word in name.split() if word[0].isalpha()]
    if not words:
        return "?"
    letters = words[0][0] if len(words) == 1 else words[0][0] + words[-1][0]
    return letters.upper()
