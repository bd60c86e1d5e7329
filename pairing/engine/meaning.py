"""How alike two texts are, from vectors of whole numbers: exact whatever the order of sums.

A vector of length 1 is stored times SCALE and rounded, so a product of two lies within
±SCALE² or a little more; by Cauchy and Schwarz so does every partial sum, far below 2**24.
Each side has one more number, LIFT, whose product makes all sums positive: a table says
what each sum is worth, and its first entry, for whoever wrote nothing, is worth nothing.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

WIDTH = 384  # numbers in a vector
SCALE = 256
LIFT = 264  # LIFT² is above SCALE² by more than rounding can take away
HIGHEST = 2 * LIFT * LIFT

# A cosine up to FAR is worth nothing, from NEAR on everything.  In our trial of goals said
# twice (tests/pairing/semantic) the same goal lay at 0.19–0.58, median 0.41; others had a
# median of 0.20, and nine of ten were below 0.32.
FAR, NEAR = Fraction(2, 10), Fraction(5, 10)

Vector = tuple[int, ...]


def lifted(values: Sequence[object]) -> NDArray[np.float32]:
    """Return vectors as rows, each with LIFT behind it; who wrote nothing has zeros alone."""
    rows = np.zeros((len(values), WIDTH + 1), np.float32)
    for place, value in enumerate(values):
        if isinstance(value, tuple):
            rows[place, :WIDTH] = value
            rows[place, -1] = LIFT
    return rows


def worth_of_sums(most: int) -> NDArray[np.int32]:
    """Return the points of each possible sum, `most` for two texts that mean the same."""
    sums = np.arange(HIGHEST + 1, dtype=np.int64) - LIFT * LIFT
    low, high = int(FAR * SCALE**2), int(NEAR * SCALE**2)
    reached = np.clip(sums - low, 0, high - low)
    return ((reached * most * 2 + (high - low)) // (2 * (high - low))).astype(np.int32)


def likeness(one: Vector, other: Vector) -> int:
    """Return the cosine of two vectors in percent, at least 0: what an explanation says."""
    product = sum(a * b for a, b in zip(one, other, strict=True))
    return max(0, min(100, round(Fraction(100 * product, SCALE * SCALE))))
