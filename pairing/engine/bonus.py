"""Points for chosen pairs, on top of the criteria: a coordinator's wish, a participant's.

A bonus never lifts a pair above FULL_POINTS, so a score stays what it is shown as, 0 to
100. Bonuses are added one by one, in the order of the problem's.
"""

from collections.abc import Sequence

from pairing.engine.shapes import FULL_POINTS, Bonus


def bonus_points(bonuses: Sequence[Bonus], i: int, j: int, total: int) -> tuple[int, ...]:
    """Return what each bonus gives a pair that has `total` points from the criteria."""
    parts = []
    for bonus in bonuses:
        part = min(bonus.pairs.get((i, j), 0), FULL_POINTS - total)
        parts.append(part)
        total += part
    return tuple(parts)
