"""The best matching on a graph by OR-tools' min-cost flow, and prices that prove it there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from pairing.engine.board import ALONE, Aim, Board, Partners
from pairing.engine.sparse import Ints, each_once

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
        return aim.scale * self.points.astype(np.int64) + aim.bonus

    def gains(self, aim: Aim, prices: Ints) -> Ints:
        """Return what each seeker gains at these prices, 0 by staying alone."""
        gains = np.zeros(len(self.starts) - 1, np.int64)
        np.maximum.at(gains, self.rows, self.worth(aim) - prices[self.columns])
        return gains


@dataclass(frozen=True)
class Order:
    """In which order people meet the solver: decides between equal matchings, nothing else."""

    seekers: Ints
    offerers: Ints

    @classmethod
    def shuffled(cls, board: Board, seed: int) -> "Order":
        random = np.random.default_rng(seed)
        n, m = board.shape
        return cls(random.permutation(n), random.permutation(m))


def min_cost_flow(board: Board, aim: Aim, order: Order, graph: Graph) -> Partners:
    """Send each seeker to an offerer or past them all; an offerer's first partner may pay more."""
    n, m = board.shape
    partner = np.full(n, ALONE, np.int64)
    rows, columns, worth = graph.rows, graph.columns.astype(np.int64), graph.worth(aim)
    if not rows.size:
        return partner
    seekers, offerers, end = order.seekers, n + order.offerers, n + m
    flow = SimpleMinCostFlow()

    def add(tails: Ints, heads: Ints, capacity: Ints, gain: Ints) -> NDArray[np.int32]:
        arcs: NDArray[np.int32] = flow.add_arcs_with_capacity_and_unit_cost(
            tails.astype(np.int32), heads.astype(np.int32), capacity, -gain
        )
        return arcs

    # Arcs in the solver's own order, so that the order of the lists given to us cannot matter.
    sequence = np.lexsort((offerers[columns], seekers[rows]))
    rows, columns, worth = rows[sequence], columns[sequence], worth[sequence]
    arcs = add(seekers[rows], offerers[columns], np.ones(rows.size, np.int64), worth)
    free = each_once(rows)
    ones, nothing = np.ones(free.size, np.int64), np.zeros(free.size, np.int64)
    add(seekers[free], np.full(free.size, end), ones, nothing)
    open_ = np.flatnonzero(board.places > 0)
    first = aim.first_gain(board)[open_]
    sink = np.full(open_.size, end)
    add(offerers[open_], sink, np.ones(open_.size, np.int64), first)
    add(offerers[open_], sink, board.places[open_] - 1, np.zeros(open_.size, np.int64))
    supply = np.zeros(n + m + 1, np.int64)
    supply[seekers[free]] = 1
    supply[end] = -free.size
    flow.set_nodes_supplies(np.arange(n + m + 1, dtype=np.int32), supply)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise RuntimeError(f"The min-cost flow ended with {status}.")
    used = flow.flows(arcs) > 0
    partner[rows[used]] = columns[used]
    return partner


def prices_of(board: Board, aim: Aim, graph: Graph, partner: Partners) -> Ints:
    """Return the smallest prices at which nobody on these pairs wants to change.

    A seeker with j would pay for k what k is worth more than j, on top of j's price;
    raised until it holds everywhere. It ends because the matching is optimal, so no
    circle of changes gains.
    """
    n, m = board.shape
    rows, columns, worth = graph.rows, graph.columns.astype(np.int64), graph.worth(aim)
    load = np.bincount(partner[partner != ALONE], minlength=m)
    # A first place that pays `first` is worth having down to a price of −first.
    prices = np.where(load >= 2, 0, -aim.first_gain(board))
    taken = partner[rows]
    alone = taken == ALONE
    np.maximum.at(prices, columns[alone], worth[alone])
    own = np.zeros(n, np.int64)
    mine = columns == taken
    own[rows[mine]] = worth[mine]
    # Arrange the pairs by the offerer their seeker now has, so that only seekers of
    # offerers whose price just rose are looked at again.
    by_taken = np.flatnonzero(~alone & ~mine)
    by_taken = by_taken[np.argsort(taken[by_taken], kind="stable")]
    source, target = taken[by_taken], columns[by_taken]
    more = worth[by_taken] - own[rows[by_taken]]
    starts = np.searchsorted(source, np.arange(m + 1))
    risen = each_once(source)
    for _ in range(m + 2):
        if not risen.size:
            return prices
        sizes = starts[risen + 1] - starts[risen]
        ends = np.cumsum(sizes)
        edges = np.arange(int(sizes.sum())) + np.repeat(starts[risen] - (ends - sizes), sizes)
        before = prices.copy()
        np.maximum.at(prices, target[edges], prices[source[edges]] + more[edges])
        risen = np.flatnonzero(prices > before)
    raise RuntimeError("The prices keep rising: the flow was not optimal.")
