"""The pairs that a flow sees: few of all, and enough."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairing.engine.board import Aim, Board
from pairing.engine.sparse import Ints

Shorts = NDArray[np.int32]


@dataclass(frozen=True)
class Graph:
    """Allowed pairs by seeker, then offerer: those of i are at `starts[i]:starts[i + 1]`."""

    starts: Ints
    columns: Shorts
    points: Shorts

    @classmethod
    def of(cls, board: Board, rows: Ints, columns: Ints, points: Ints) -> "Graph":
        """Return the graph of these pairs; one may stand there twice."""
        n, m = board.shape
        keys, first = np.unique(rows * max(m, 1) + columns, return_index=True)
        starts = np.searchsorted(keys, np.arange(n + 1) * max(m, 1))
        return cls(starts, columns[first].astype(np.int32), points[first].astype(np.int32))

    @property
    def rows(self) -> Ints:
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def and_also(self, board: Board, rows: Ints, columns: Ints, points: Ints) -> "Graph":
        """Return this graph with more pairs."""
        return Graph.of(
            board,
            np.concatenate([self.rows, rows]),
            np.concatenate([self.columns, columns]),
            np.concatenate([self.points, points]),
        )

    def for_aim(self, board: Board, aim: Aim) -> "Graph":
        """Return the pairs that exist for this aim: not below its floor, not off the board."""
        there = self.points >= aim.floor
        if board.off:
            m = max(board.shape[1], 1)
            off = np.array([i * m + j for i, j in board.off], np.int64)
            there &= ~np.isin(self.rows * m + self.columns, off)
        if there.all():
            return self
        before = np.concatenate([[0], np.cumsum(there)])
        return Graph(before[self.starts], self.columns[there], self.points[there])

    def worth(self, aim: Aim) -> Ints:
        """Return what each pair is worth."""
        return aim.scale * self.points.astype(np.int64) + aim.bonus

    def gains(self, aim: Aim, prices: Ints) -> Ints:
        """Return what each seeker gains at these prices, 0 by staying alone."""
        gains = np.zeros(len(self.starts) - 1, np.int64)
        np.maximum.at(gains, self.rows, self.worth(aim) - prices[self.columns])
        return gains
