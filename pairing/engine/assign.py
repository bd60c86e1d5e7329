"""Exact assignment: the flow, and branching where two people would hold both parts.

Nobody may be both mentor and mentee of the same partner, and a flow cannot say so.
Where its answer does that, the problem splits in two: without the one pair, without the
other. Usually nothing splits. In a pool where everybody stands on both sides this is a
cycle cover without 2-cycles, which is NP-hard: after MOST_SOLVES the best matching found
is returned with the bound that is proved, and `exact` says no.
"""

import heapq
from dataclasses import dataclass

import numpy as np

from pairing.engine.board import Aim, Partners, PathOfPairs
from pairing.engine.flow import Flow, Search, Start, solve_flow
from pairing.engine.shapes import Leaf

MOST_SOLVES = 400


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
