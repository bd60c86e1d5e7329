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

from pairing.engine.board import Aim, Board, Partners, PathOfPairs
from pairing.engine.flow import Flow, Order, bound_of, solve_flow
from pairing.engine.shapes import Leaf, Progress

MOST_SOLVES = 400


@dataclass(frozen=True)
class Solved:
    """The best matching found, its value, a bound on all, and the bounds of all branches."""

    partner: Partners
    value: int
    bound: int
    leaves: tuple[Leaf, ...]
    rounds: int

    @property
    def exact(self) -> bool:
        return self.value == self.bound


def solve(board: Board, aim: Aim, order: Order, progress: Progress) -> Solved:
    """Return a matching of greatest value in which nobody holds both parts towards another."""
    root = solve_flow(board, aim, order, progress)
    rounds = root.rounds
    best, best_value, extra = _dive(board, aim, order, progress, root)
    rounds += extra
    # Branches by their bound, highest first; the counter decides between equals.
    heap: list[tuple[int, int, PathOfPairs, Flow]] = [(-root.value, 0, (), root)]
    count = 1
    while -heap[0][0] > best_value and count < MOST_SOLVES:
        _, _, path, flow = heapq.heappop(heap)
        for pair in board.double_parts(flow.partner)[0]:
            branch = (*path, pair)
            with board.without(branch):
                flow_there = solve_flow(board, aim, order, progress)
            rounds += flow_there.rounds
            count += 1
            heapq.heappush(heap, (-flow_there.value, count, branch, flow_there))
            if flow_there.value > best_value and not board.double_parts(flow_there.partner):
                best, best_value = flow_there.partner, flow_there.value
    leaves = tuple(
        Leaf(path, tuple(int(price) for price in flow.prices))
        for _, _, path, flow in sorted(heap, key=lambda entry: entry[2])
    )
    return Solved(best, best_value, max(best_value, -heap[0][0]), leaves, rounds)


def proved_bound(board: Board, aim: Aim, leaves: tuple[Leaf, ...]) -> int | None:
    """Return the bound that the leaves prove, or None if they do not cover every matching.

    They do if the empty path splits, again and again, into two paths that differ in one
    pair and its mirror: no matching holds both, so it lies below one of the two.
    """
    paths = {leaf.path for leaf in leaves}
    if len(paths) != len(leaves) or not _covers(board, paths, ()):
        return None
    bounds = []
    for leaf in leaves:
        if len(leaf.prices) != len(board.places):
            return None
        with board.without(leaf.path):
            bounds.append(bound_of(board, aim, np.array(leaf.prices, np.int64)))
    return max(bounds)


def _covers(board: Board, paths: set[PathOfPairs], path: PathOfPairs) -> bool:
    if path in paths:
        return True
    below = {other[len(path)] for other in paths if other[: len(path)] == path}
    if len(below) != 2:
        return False
    one, other = sorted(below)
    if board.mirror(*one) != other:
        return False
    return all(_covers(board, paths, (*path, pair)) for pair in (one, other))


def _dive(
    board: Board, aim: Aim, order: Order, progress: Progress, flow: Flow
) -> tuple[Partners, int, int]:
    """Give up the weaker pair of every double part until none is left: a first good answer."""
    given_up: PathOfPairs = ()
    rounds = 0
    while doubles := board.double_parts(flow.partner):
        given_up += tuple(min(both, key=lambda pair: board.scores[pair]) for both in doubles)
        with board.without(given_up):
            flow = solve_flow(board, aim, order, progress)
        rounds += flow.rounds
    return flow.partner, flow.value, rounds
