"""Two distributions in one chart: the one compared with behind, the one in question before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.ui.table import number

BEHIND_SHARE: Final = 0.88
BEFORE_SHARE: Final = 0.48


@dataclass(frozen=True)
class Class:
    """One class of values and how many lie in it on either side."""

    label: str
    behind: int
    before: int
    title: str


@dataclass(frozen=True)
class Column:
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
    columns: tuple[Column, ...]
    height: int
    base: int


def overlaid_bars(classes: Sequence[Class], *, height: int = 144, top: int = 12) -> OverlayDrawing:
    """Return a wide column behind a narrow one for each class, on one scale.

    Raises ValueError for a class that holds fewer than nobody.
    """
    if any(each.behind < 0 or each.before < 0 for each in classes):
        raise ValueError("a class cannot hold fewer than nobody")
    full = max((max(each.behind, each.before) for each in classes), default=0)
    slot = 100 / len(classes) if classes else 0.0
    columns = []
    for i, each in enumerate(classes):
        tall, short = (height * n / full if full else 0.0 for n in (each.behind, each.before))
        columns.append(
            Column(
                label=each.label,
                title=each.title,
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
