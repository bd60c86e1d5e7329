"""Small cells: what is about fewer than k people is hidden, and so is what would give it away.

Pure: figures in, figures out.  Source: docs/adr/0009-figures-defined-once.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.common.statistics import hidden_cells
from metrics.definitions.shapes import Figure


def too_few(figure: Figure, k: int) -> bool:
    """Say whether somebody, but fewer than k people, stand behind it."""
    return figure.n is not None and 0 < figure.n < k


def shown_whole(figures: Sequence[Figure], k: int) -> list[Figure]:
    """Hide each figure about fewer than k people: for figures that do not add up to another."""
    return [figure.hidden() if too_few(figure, k) else figure for figure in figures]


def breakdown(cells: Sequence[Figure], k: int, *, disjoint: bool) -> list[Figure]:
    """Hide small cells of a breakdown whose total is known, and those they follow from.

    What is hidden together is known as a remainder (total less what is shown), so it must be
    about k people or more and about more than one cell.  `disjoint`: nobody is in two cells,
    so the people of a remainder are the sum of its cells; otherwise one hidden cell must reach
    k by itself.  If no shown cell is left to hide, the total itself is about too few people.
    """
    hidden = hidden_cells([cell.n for cell in cells], k, disjoint=disjoint)
    return [cell.hidden() if place in hidden else cell for place, cell in enumerate(cells)]
