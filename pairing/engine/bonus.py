"""Points for chosen pairs, on top of the criteria: a coordinator's wish, a participant's.

A bonus never lifts a pair above FULL_POINTS, so a score stays what it is shown as, 0 to
100. Chosen pairs are few: they are added to a block of scores one by one, in the order
of the problem's bonuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairing.engine.shapes import FULL_POINTS, Bonus

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Chosen:
    """One bonus as columns, sorted by seeker."""

    seekers: Ints
    offerers: Ints
    points: Ints


def as_columns(bonuses: Sequence[Bonus]) -> tuple[Chosen, ...]:
    """Return the bonuses in the form that `add_bonuses` reads."""
    columns = []
    for bonus in bonuses:
        table = np.array(
            [(i, j, points) for (i, j), points in sorted(bonus.pairs.items())], np.int64
        ).reshape(-1, 3)
        columns.append(Chosen(table[:, 0], table[:, 1], table[:, 2]))
    return tuple(columns)


def add_bonuses(chosen: Sequence[Chosen], block: NDArray[np.int32], first: int) -> None:
    """Add the bonuses to scores of seekers from number `first` on, all offerers as columns."""
    for each in chosen:
        low, high = np.searchsorted(each.seekers, [first, first + len(block)])
        rows, columns = each.seekers[low:high] - first, each.offerers[low:high]
        room = FULL_POINTS - block[rows, columns]
        block[rows, columns] += np.minimum(each.points[low:high], room).astype(np.int32)


def bonus_points(bonuses: Sequence[Bonus], i: int, j: int, total: int) -> tuple[int, ...]:
    """Return what each bonus gives a pair that has `total` points from the criteria."""
    parts = []
    for bonus in bonuses:
        part = min(bonus.pairs.get((i, j), 0), FULL_POINTS - total)
        parts.append(part)
        total += part
    return tuple(parts)
