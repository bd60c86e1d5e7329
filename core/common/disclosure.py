"""Which cells of a breakdown are about too few people, and which would give those away."""

from __future__ import annotations

from collections.abc import Sequence


def hidden_cells(people: Sequence[int | None], k: int, *, disjoint: bool) -> set[int]:
    """Return the places of cells to hide, given how many people each is about.

    A cell about somebody, but fewer than k, is hidden.  What is hidden together is known as a
    remainder (total less what is shown), so it must be about k people or more and about more
    than one cell: where it is not, the smallest shown cell is hidden too.  `disjoint`: nobody
    is in two cells, so the people of a remainder are the sum of its cells; otherwise one hidden
    cell must reach k by itself.  None: the cell is not about people.
    """
    hidden = {place for place, n in enumerate(people) if n is not None and 0 < n < k}
    together = sum(people[place] or 0 for place in hidden)
    if hidden and not (disjoint and len(hidden) > 1 and together >= k):
        shown = [(n, place) for place, n in enumerate(people) if place not in hidden and n]
        if shown:
            hidden.add(min(shown)[1])
    return hidden
