"""Circles as they sit, weighed as `form_circles` weighs those it makes."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pairing.engine.circles.seating import Seating
from pairing.engine.circles.shapes import CirclesProblem
from pairing.engine.circles.worth import balance_of, objective_of, worth_of
from pairing.engine.shapes import Explanation


def weigh(
    problem: CirclesProblem,
    groups: Sequence[Sequence[int]],
    masks: Mapping[str, NDArray[np.bool_]],
) -> tuple[int, tuple[tuple[Explanation, ...], ...]]:
    """Return what a division into these circles is worth, and each circle's part per column.

    groups: people's numbers; who is in none of them takes no part.  masks: `masks_of(problem)`.
    """
    taking_part = sorted(i for group in groups for i in group)
    parts, worth = worth_of(problem, taking_part, [len(group) for group in groups], masks)
    seating = Seating(worth, len(groups))
    for circle, group in enumerate(groups):
        for i in group:
            seating.move(i, circle)
    balance = tuple(balance_of(problem, seating, parts, g) for g in range(len(groups)))
    return objective_of(seating, parts), balance
