"""Exact assignment: a flow with prices that prove it, and branching.

Nobody may be both mentor and mentee of the same partner, and a flow cannot say so.
Where its answer does that, the problem splits in two: without the one pair, without the
other. Usually nothing splits. In a pool where everybody stands on both sides this is a
cycle cover without 2-cycles, which is NP-hard: after MOST_SOLVES the best matching found
is returned with the bound that is proved, and `exact` says no.

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

import heapq
from dataclasses import dataclass, field

import numpy as np

from pairing.engine.board import ALONE, BY_SCORE, Aim, Board, Partners, PathOfPairs, is_large, sweep
from pairing.engine.mincost import Graph, Order, min_cost_flow, prices_of
from pairing.engine.shapes import Leaf, Progress
from pairing.engine.sparse import Ints

ALL_PAIRS_UP_TO = 100_000  # smaller boards go into one flow whole
BEST_PER_SEEKER = 24
ADDED_PER_SEEKER = 16
MOST_SOLVES = 400

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
    if not is_large(board):
        partner = min_cost_flow(board, aim, search.order, graph)
        return partner, prices_of(board, aim, graph, partner)
    from pairing.engine.large import reassign  # the compiler is loaded only where it pays

    if start is None:
        # Two sides that share what a pair is worth evenly are near the end already.
        prices = np.zeros(board.shape[1], np.int64)
        np.maximum.at(prices, graph.columns, graph.worth(aim))
        start = np.full(board.shape[0], ALONE, np.int64), prices // 2
    return reassign(board, aim, graph, search.order.seekers, *start)


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


@dataclass(frozen=True)
class Assignment:
    """The best matching found, its value, a bound on all, and the bounds of all branches.

    root: partners and prices before any branch, from which the next solve may go on.
    """

    partner: Partners
    value: int
    bound: int
    leaves: tuple[Leaf, ...]
    rounds: int
    root: Start

    @property
    def exact(self) -> bool:
        return self.value == self.bound


def solve(search: Search, aim: Aim, start: Start | None = None) -> Assignment:
    """Return a matching of greatest value in which nobody holds both parts towards another."""
    board = search.board
    root = solve_flow(search, aim, start)
    rounds = root.rounds
    best, best_value, extra = _dive(search, aim, root)
    rounds += extra
    # Branches by their bound, highest first; the counter decides between equals.
    heap: list[tuple[int, int, PathOfPairs, Flow]] = [(-root.value, 0, (), root)]
    count = 1
    while -heap[0][0] > best_value and count < MOST_SOLVES:
        _, _, path, flow = heapq.heappop(heap)
        for pair in board.double_parts(flow.partner)[0]:
            branch = (*path, pair)
            with board.without(branch):
                flow_there = solve_flow(search, aim)
            rounds += flow_there.rounds
            count += 1
            heapq.heappush(heap, (-flow_there.value, count, branch, flow_there))
            if flow_there.value > best_value and not board.double_parts(flow_there.partner):
                best, best_value = flow_there.partner, flow_there.value
    leaves = tuple(
        Leaf(path, tuple(flow.prices.tolist()))
        for _, _, path, flow in sorted(heap, key=lambda entry: entry[2])
    )
    bound = max(best_value, -heap[0][0])
    return Assignment(best, best_value, bound, leaves, rounds, (root.partner, root.prices))


def _dive(search: Search, aim: Aim, flow: Flow) -> tuple[Partners, int, int]:
    """Give up the weaker pair of every double part until none is left: a first good answer."""
    board = search.board
    given_up: PathOfPairs = ()
    rounds = 0
    while doubles := board.double_parts(flow.partner):
        pairs = np.array(doubles).reshape(-1, 2)
        points = board.points(pairs[:, 0], pairs[:, 1]).reshape(-1, 2)
        given_up += tuple(both[k] for both, k in zip(doubles, points.argmin(axis=1), strict=True))
        with board.without(given_up):
            flow = solve_flow(search, aim)
        rounds += flow.rounds
    return flow.partner, flow.value, rounds
