"""Numbers for few pairs among very many: kept by seeker, found for any block."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Whole = TypeVar("Whole", np.int32, np.int64)
Index = slice | Ints

EVERYBODY = slice(None)


@dataclass(frozen=True)
class Sparse:
    """Those of seeker i are at `starts[i]:starts[i + 1]` in `columns` (sorted) and `values`."""

    starts: Ints
    columns: Ints
    values: Ints
    width: int

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]], value: int, n: int, m: int) -> "Sparse":
        """Return the same value at each of these pairs of n seekers and m offerers."""
        keys = each_once(np.array([i * m + j for i, j in pairs], np.int64))
        rows, columns = np.divmod(keys, max(m, 1))
        return cls.from_arrays(rows, columns, np.full(keys.size, value), n, m)

    @classmethod
    def from_arrays(cls, rows: Ints, columns: Ints, values: Ints, n: int, m: int) -> "Sparse":
        """Return these values; where a pair stands twice, their sum."""
        keys, back = np.unique(rows * max(m, 1) + columns, return_inverse=True)
        sums = np.zeros(keys.size, np.int64)
        np.add.at(sums, back, values)
        rows, columns = np.divmod(keys, max(m, 1))
        return cls(np.searchsorted(rows, np.arange(n + 1)), columns, sums, m)

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def rows(self) -> Ints:
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def find(self, rows: Index, columns: Index = EVERYBODY) -> tuple[Ints, Ints, Ints]:
        """Return what lies in a block, as places in its rows and columns, and the values."""
        first, sizes = self.starts[:-1][rows], np.diff(self.starts)[rows]
        ends = np.cumsum(sizes)
        where = np.arange(ends[-1] if sizes.size else 0) + np.repeat(first - ends + sizes, sizes)
        in_rows = np.repeat(np.arange(sizes.size), sizes)
        place = np.full(self.width, -1)
        place[columns] = np.arange(place[columns].size)
        in_columns = place[self.columns[where]]
        inside = in_columns >= 0
        return in_rows[inside], in_columns[inside], self.values[where][inside]

    def at(self, rows: Ints, columns: Ints) -> Ints:
        """Return the value of each of these pairs, 0 for those that have none."""
        if not len(self):
            return np.zeros(rows.size, np.int64)
        keys, wanted = self.rows * self.width + self.columns, rows * self.width + columns
        place = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
        return np.where(keys[place] == wanted, self.values[place], 0)


def joined(parts: Sequence[tuple[Ints, Ints, Ints]]) -> tuple[Ints, Ints, Ints]:
    """Return seekers, offerers and points of all parts as one of each."""
    nothing = np.zeros(0, np.int64)
    rows, columns, points = (
        np.concatenate([nothing, *(part[k] for part in parts)]) for k in range(3)
    )
    return rows, columns, points


def each_once(numbers: NDArray[Whole]) -> NDArray[Whole]:
    """Return the different ones of whole numbers from 0, in order.

    `np.unique` hashes first, which takes two to thirty times as long.
    """
    ordered = np.sort(numbers)
    new = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]
