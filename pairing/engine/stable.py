"""Matchings in which no two people would both rather have each other."""

import heapq

import numpy as np

from pairing.engine.board import ALONE, BY_SCORE, NOT_ALLOWED, Board, Partners, is_large
from pairing.engine.flow import Search
from pairing.engine.shapes import Progress
from pairing.engine.sparse import Ints

MORE_AT_ONCE = 64  # offerers that are looked up when a seeker's list is used up
NEVER = 1 << 40


class _OpenPairs:
    """Each seeker's open pairs from the best down: first those of the lists, then what is left.

    When a seeker's list is used up, the best are looked up among offerers with a place
    left; whoever has none will never have one again.
    """

    def __init__(self, search: Search, left: Ints, partner: Partners) -> None:
        self.board, self.left, self.partner = search.board, left, partner
        self.rank = search.order.offerers
        graph = search.lists.for_aim(search.board, BY_SCORE)
        rows, points = graph.rows, graph.points.astype(np.int64)
        best_first = np.lexsort((self.rank[graph.columns], -points, rows))
        self.next, self.end = graph.starts[:-1].copy(), graph.starts[1:]
        self.columns, self.points = graph.columns[best_first], points[best_first]
        self.more: dict[int, list[tuple[int, int]]] = {}

    def take(self, i: int) -> tuple[int, int] | None:
        """Return points and offerer of the best pair not yet taken; None if there is none."""
        at = self.next[i]
        if at < self.end[i]:
            self.next[i] = at + 1
            return int(self.points[at]), int(self.columns[at])
        if not self.more.get(i):
            self.more[i] = self._look_up(i)
        return self.more[i].pop() if self.more[i] else None

    def _look_up(self, i: int) -> list[tuple[int, int]]:
        open_ = np.flatnonzero(self.left > 0)
        scores = self.board.block(np.array([i]), open_)[0]
        order = np.lexsort((-self.rank[open_], scores))
        order = order[scores[order] > NOT_ALLOWED][-MORE_AT_ONCE:]
        pairs = zip(scores[order].astype(int).tolist(), open_[order].tolist(), strict=True)
        return [(s, j) for s, j in pairs if not _stands(self.partner, self.board.mirror(i, j))]


def stable_partners(search: Search) -> Partners:
    """Take allowed pairs from the highest score down while both have a place."""
    board, order = search.board, search.order
    partner = np.full(len(board.locked), ALONE, np.int64)
    left = board.places.copy()
    open_pairs, queue = _OpenPairs(search, left, partner), []
    for i in np.flatnonzero(board.seeking).tolist():
        best = open_pairs.take(i)
        if best is not None:
            queue.append((-best[0], int(order.seekers[i]), i, best[1]))
    heapq.heapify(queue)
    steps = 0
    while queue and left.any():
        _, rank, i, j = queue[0]
        steps += 1
        if steps % 4096 == 0:
            search.progress(len(partner) - len(queue), len(partner), "accepting")
        if left[j] and not _stands(partner, board.mirror(i, j)):
            partner[i] = j
            left[j] -= 1
            heapq.heappop(queue)
            continue
        best = open_pairs.take(i)
        if best is None:
            heapq.heappop(queue)
        else:
            heapq.heapreplace(queue, (-best[0], rank, i, best[1]))
    return partner


def _stands(partner: Partners, pair: tuple[int, int] | None) -> bool:
    return pair is not None and bool(partner[pair[0]] == pair[1])


def blocking_pairs(board: Board, partner: Partners, progress: Progress) -> int:
    """Return how many allowed pairs would both rather have each other.

    A seeker would if the score is above that of their partner; an offerer, if above the
    lowest of theirs or if they have a place left. A pair that would put two people in
    both parts towards each other is not allowed while its mirror stands.
    """
    n, m = board.shape
    own = np.full(n, NOT_ALLOWED, np.int64)
    rows = np.flatnonzero(partner != ALONE)
    own[rows] = board.points(rows, partner[rows])
    load = np.bincount(partner[rows], minlength=m)
    worst = np.full(m, NEVER)
    np.minimum.at(worst, partner[rows], own[rows])
    worst[load < board.places] = NOT_ALLOWED
    with board.without(board.mirrors(partner)):
        if is_large(board):
            from pairing.engine.large import count_wanting  # loads the compiler

            return count_wanting(board, own, worst, progress)
        count = 0
        for start, scores in board.blocks():
            higher = scores > own[start : start + len(scores), None]
            count += int(np.count_nonzero(higher & (scores > worst)))
    return count
