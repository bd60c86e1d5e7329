"""One exact matching without the two-parts rule, and prices that prove it.

A min-cost flow on the best few pairs of each person gives a matching; label correcting
gives each offerer a price. Any prices bound every matching from above (weak duality):

    Σ_i max(0, max_j w_ij − price_j)
    + Σ_j [max(0, first_j + price_j) + (places_j − 1)·max(0, price_j)]

where w is what a pair is worth and first_j what an offerer's first partner adds. The
bound is taken over all pairs; pairs that break it join the flow, until the bound equals
the matching. Sources: LP duality for transportation problems; Cherkassky & Goldberg
1997 for the solver behind OR-tools.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import (
    SimpleMinCostFlow,
)

from pairing.engine.board import ALONE, Aim, Board, Ints, Partners
from pairing.engine.shapes import Progress

ALL_PAIRS_UP_TO = 100_000  # smaller boards go into one flow whole
BEST_PER_SEEKER = 48
BEST_PER_OFFERER = 8  # for offerers that are on few seekers' lists
ADDED_PER_SEEKER = 16
BLOCK_ROWS = 256


@dataclass(frozen=True)
class Flow:
    """A matching of the free people, its value, and prices whose bound equals the value."""

    partner: Partners
    value: int
    prices: Ints
    rounds: int


@dataclass(frozen=True)
class Order:
    """In which order people meet the solver: decides between equal matchings, nothing else."""

    seekers: Ints
    offerers: Ints

    @classmethod
    def shuffled(cls, board: Board, seed: int) -> "Order":
        random = np.random.default_rng(seed)
        n, m = board.scores.shape
        return cls(random.permutation(n), random.permutation(m))


def solve_flow(board: Board, aim: Aim, order: Order, progress: Progress) -> Flow:
    """Return a matching of greatest value and prices that prove it over all pairs."""
    rows, columns = _first_pairs(board, aim)
    rounds = 0
    while True:
        rounds += 1
        progress(rounds - 1, rounds, "solving")
        worth = aim.scale * board.scores[rows, columns].astype(np.int64) + aim.bonus
        partner = _min_cost_flow(board, aim, order, rows, columns, worth)
        progress(rounds - 1, rounds, "proving")
        prices = _prices(board, aim, partner, rows, columns, worth)
        value = aim.value(board, partner)
        bound, more_rows, more_columns = _price_all(board, aim, prices, ADDED_PER_SEEKER)
        if bound == value:
            return Flow(partner, value, prices, rounds)
        n = board.scores.shape[1]
        known = rows * n + columns
        keys = np.union1d(known, more_rows * n + more_columns)
        if keys.size == known.size:  # prices of the flow itself would be wrong: our mistake
            raise RuntimeError(f"The bound {bound} stays above {value} with nothing left to add.")
        rows, columns = np.divmod(keys, n)


def bound_of(board: Board, aim: Aim, prices: Ints) -> int:
    """Return what no matching on this board can exceed, by these prices."""
    return _price_all(board, aim, prices, 0)[0]


def _first_pairs(board: Board, aim: Aim) -> tuple[Ints, Ints]:
    scores, lowest = board.scores, max(aim.floor, 0)
    if scores.size <= ALL_PAIRS_UP_TO:
        return _int_pairs(scores >= lowest)
    n, m = scores.shape
    chosen = np.zeros((n, m), bool)
    few = min(BEST_PER_SEEKER, m)
    for start in range(0, n, BLOCK_ROWS):
        block = scores[start : start + BLOCK_ROWS]
        best = np.argpartition(block, m - few, axis=1)[:, m - few :]
        np.put_along_axis(chosen[start : start + BLOCK_ROWS], best, True, axis=1)
    chosen &= scores >= lowest
    rare = np.flatnonzero(chosen.sum(axis=0) < BEST_PER_OFFERER)
    few = min(BEST_PER_OFFERER, n)
    block = np.ascontiguousarray(scores[:, rare].T)
    if rare.size:
        best = np.argpartition(block, n - few, axis=1)[:, n - few :]
        enough = np.take_along_axis(block, best, axis=1) >= lowest
        chosen[best[enough], np.repeat(rare, few).reshape(best.shape)[enough]] = True
    return _int_pairs(chosen)


def _int_pairs(mask: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    rows, columns = np.nonzero(mask)
    return rows.astype(np.int64), columns.astype(np.int64)


def _min_cost_flow(
    board: Board, aim: Aim, order: Order, rows: Ints, columns: Ints, worth: Ints
) -> Partners:
    """Send each seeker to an offerer or past them all; an offerer's first partner may pay more."""
    n, m = board.scores.shape
    partner = np.full(n, ALONE, np.int64)
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
    free = np.unique(rows)
    ones, nothing = np.ones(free.size, np.int64), np.zeros(free.size, np.int64)
    add(seekers[free], np.full(free.size, end), ones, nothing)
    open_ = np.flatnonzero(board.places > 0)
    first = np.where(board.held[open_], 0, aim.first).astype(np.int64)
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


def _prices(
    board: Board, aim: Aim, partner: Partners, rows: Ints, columns: Ints, worth: Ints
) -> Ints:
    """Return the smallest prices at which nobody on these pairs wants to change.

    A seeker with j would pay for k what k is worth more than j, on top of j's price;
    raised until it holds everywhere. It ends because the matching is optimal, so no
    circle of changes gains.
    """
    n, m = board.scores.shape
    matched = partner[partner != ALONE]
    load = np.bincount(matched, minlength=m)
    # A first place that pays `first` is worth having down to a price of −first.
    prices = np.where((load >= 2) | board.held, 0, -aim.first).astype(np.int64)
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
    risen = np.unique(source)
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


def _price_all(board: Board, aim: Aim, prices: Ints, add: int) -> tuple[int, Ints, Ints]:
    """Return the bound by these prices, and each seeker's `add` pairs that raise it most."""
    n, m = board.scores.shape
    slot = np.where(board.held, 0, aim.first)
    open_ = board.places > 0
    bound = int(np.maximum(slot + prices, 0)[open_].sum())
    bound += int(((board.places - 1) * np.maximum(prices, 0))[open_].sum())
    lowest = max(aim.floor, 0)
    never = np.iinfo(np.int64).min
    few = min(add, m)
    more_rows, more_columns = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for start in range(0, n if m else 0, BLOCK_ROWS):
        block = board.scores[start : start + BLOCK_ROWS]
        gain = aim.scale * block.astype(np.int64) + aim.bonus - prices
        gain[block < lowest] = never
        bound += int(np.maximum(gain.max(axis=1), 0).sum())
        if few and n * m > ALL_PAIRS_UP_TO:
            best = np.argpartition(gain, m - few, axis=1)[:, m - few :]
            positive = np.take_along_axis(gain, best, axis=1) > 0
            rows, place = np.nonzero(positive)
            more_rows.append(rows + start)
            more_columns.append(best[rows, place])
    return bound, np.concatenate(more_rows), np.concatenate(more_columns)
