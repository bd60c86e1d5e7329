"""Drawings of what a group has answered: a bar of shares, dots, and the rounds of a count.

Positions along the width are percentages and heights are pixels, as in charts.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.ui.table import number

DOT: Final = 14
ROW: Final = 30


@dataclass(frozen=True)
class Share:
    """One stretch of the bar: how many gave that answer; `tone` 1 (for) to 8 (against)."""

    label: str
    count: int
    tone: int
    x: str
    width: str
    middle: str


def share_bar(parts: Sequence[tuple[str, int, int]]) -> tuple[Share, ...]:
    """Return the stretches of (label, count, tone) side by side; none for a count of 0."""
    whole = sum(count for _label, count, _tone in parts)
    shares, left = [], 0.0
    for label, count, tone in parts:
        if not count:
            continue
        wide = 100 * count / whole
        shares.append(
            Share(label, count, tone, number(left), number(wide), number(left + wide / 2))
        )
        left += wide
    return tuple(shares)


@dataclass(frozen=True)
class DotRow:
    """The dots one option was given: their centres in pixels from the left."""

    label: str
    count: int
    dots: tuple[int, ...]
    won: bool


def dot_rows(options: Sequence[tuple[str, int]], *, winner: int | None) -> tuple[DotRow, ...]:
    """Return a row of dots for each option, the most first, ties in their order."""
    order = sorted(range(len(options)), key=lambda place: (-options[place][1], place))
    return tuple(
        DotRow(
            label=options[place][0],
            count=options[place][1],
            dots=tuple(DOT // 2 + DOT * n for n in range(options[place][1])),
            won=place == winner,
        )
        for place in order
    )


@dataclass(frozen=True)
class _RoundBar:
    """One option in one round: its votes (None: it went out before), and whether it goes out."""

    label: str
    votes: int | None
    width: str
    out: bool
    won: bool


@dataclass(frozen=True)
class RoundDrawing:
    number: int
    bars: tuple[_RoundBar, ...]


def rounds(
    options: Sequence[str],
    counted: Sequence[tuple[Sequence[int | None], int | None]],
    *,
    winner: int | None,
) -> tuple[RoundDrawing, ...]:
    """Return the rounds of a ranked count: (votes by option, who goes out) for each."""
    drawn = []
    for place, (votes, out) in enumerate(counted, 1):
        whole = sum(n or 0 for n in votes)
        last = place == len(counted)
        bars = tuple(
            _RoundBar(
                label=options[option],
                votes=n,
                width=number(100 * n / whole) if n and whole else "0",
                out=option == out,
                won=last and option == winner,
            )
            for option, n in enumerate(votes)
            if n is not None
        )
        drawn.append(RoundDrawing(place, bars))
    return tuple(drawn)
