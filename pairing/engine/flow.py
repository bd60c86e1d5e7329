"""One exact matching without the two-parts rule, and prices that prove it.

A min-cost flow on the best few pairs of each seeker gives a matching; each offerer gets a
price. Any prices bound every matching from above (weak duality):

    Σ_i max(0, max_j w_ij − price_j)
    + Σ_j [max(0, first_j + price_j) + (places_j − 1)·max(0, price_j)]

where w is what a pair is worth and first_j what an offerer's first partner adds. The
bound is taken over all pairs; pairs that break it join the graph, until the bound equals
the matching. Sources: LP duality for transportation problems; Cherkassky & Goldberg
1997 for the solver behind OR-tools; Jonker & Volgenant 1987 for going on from prices
by shortest chains of moves.
"""

from dataclasses import dataclass, field

import numpy as np

from pairing.engine.board import BY_SCORE, Aim, Board, Partners, is_large, sweep
from pairing.engine.mincost import Graph, Order, min_cost_flow, prices_of
from pairing.engine.shapes import Progress
from pairing.engine.sparse import Ints

ALL_PAIRS_UP_TO = 100_000  # smaller boards go into one flow whole
BEST_PER_SEEKER = 24
ADDED_PER_SEEKER = 16

Start = tuple[Partners, Ints]  # partners and prices to go on from


@dataclass(frozen=True)
class Flow:
    """A matching of the free people, its value, and prices whose bound equals the value."""

    partner: Partners
    value: int
    prices: Ints
    rounds: int


@dataclass
class Search:
    """What the solves of one run share: the board and who is told.

    lists: the best pairs of each seeker. graph: those, and what solves have found missing.
    """

    board: Board
    order: Order
    progress: Progress
    lists: Graph = field(init=False)
    graph: Graph = field(init=False)

    def __post_init__(self) -> None:
        n, m = self.board.shape
        most = m if self.board.size <= ALL_PAIRS_UP_TO else BEST_PER_SEEKER
        nothing, free = np.full(n, -1), np.zeros(m, np.int64)
        best = sweep(self.board, BY_SCORE, nothing, free, most, self.progress)
        self.lists = self.graph = Graph.of(self.board, best.rows, best.columns, best.points)


def solve_flow(search: Search, aim: Aim, start: Start | None = None) -> Flow:
    """Return a matching of greatest value and prices that prove it over all pairs.

    From partners and prices that were nearly right, large boards get there sooner.
    """
    board, progress = search.board, search.progress
    rounds = 0
    graph = search.graph.for_aim(board, aim)
    partner, prices = solve_on_graph(search, aim, graph, start)
    bounding: tuple[Ints, Ints] | None = None  # gains and prices that no pair breaks
    while True:
        rounds += 1
        gains = graph.gains(aim, prices)
        changed = None
        if bounding is not None:
            changed = gains < bounding[0], prices < bounding[1]
        swept = sweep(board, aim, gains, prices, ADDED_PER_SEEKER, progress, changed)
        bounding = gains + swept.excess, prices
        if not swept.excess.any():
            break
        known = len(search.graph.columns)
        search.graph = search.graph.and_also(board, swept.rows, swept.columns, swept.points)
        if len(search.graph.columns) == known:  # our mistake: the graph's own prices break it
            raise RuntimeError("Pairs of the graph break its own prices.")
        graph = search.graph.for_aim(board, aim)
        progress(rounds, rounds + 1, "solving")
        partner, prices = solve_on_graph(search, aim, graph, (partner, prices))
    value = aim.value(board, partner)
    bound = int(gains.sum()) + asked_by_offerers(board, aim, prices)
    if bound != value:
        raise RuntimeError(f"The bound is {bound}, the matching {value}.")
    return Flow(partner, value, prices, rounds)


def solve_on_graph(
    search: Search, aim: Aim, graph: Graph, start: Start | None = None
) -> tuple[Partners, Ints]:
    """Return the best matching on these pairs and its prices, going on from `start` if it can."""
    board = search.board
    if start is None or not is_large(board):
        partner = min_cost_flow(board, aim, search.order, graph)
        return partner, prices_of(board, aim, graph, partner)
    from pairing.engine.large import reassign  # the compiler is loaded only where it pays

    return reassign(board, aim, graph, *start)


def asked_by_offerers(board: Board, aim: Aim, prices: Ints) -> int:
    """Return what the offerers' places are worth at these prices."""
    open_ = board.places > 0
    first = np.maximum(aim.first_gain(board) + prices, 0)
    more = (board.places - 1) * np.maximum(prices, 0)
    return int((first + more)[open_].sum())


def bound_of(board: Board, aim: Aim, prices: Ints, partner: Partners, progress: Progress) -> int:
    """Return what no matching on this board can exceed, by these prices.

    `partner` only saves time: what a seeker gains already need not be found again.
    """
    gains = np.zeros(len(partner), np.int64)
    there = np.array([i for i, j in enumerate(partner) if j >= 0 and (i, j) not in board.off], int)
    points = board.points(there, partner[there])
    there, points = there[points >= aim.floor], points[points >= aim.floor]
    worth = aim.scale * points + aim.bonus
    gains[there] = np.maximum(worth - prices[partner[there]], 0)
    swept = sweep(board, aim, gains, prices, 0, progress)
    return int((gains + swept.excess).sum()) + asked_by_offerers(board, aim, prices)
