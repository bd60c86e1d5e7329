"""Large boards: the same passes and the same assignment, by compiled loops on every core.

The features of a seeker are few (what they seek, their grade, their city), so a seeker's
points are a sum of a few rows of the offerers' table; only terms with many features each
(free hours, texts) need a matrix product. Threads take blocks of seekers; BLAS must then
be held to one thread of its own (OPENBLAS_NUM_THREADS=1).
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from pairing.engine.board import ALONE, Aim, Board, Gains, Partners
from pairing.engine.compiled import moves, passes
from pairing.engine.compiled.passes import Floats, Shorts, Tables
from pairing.engine.mincost import Graph
from pairing.engine.rules import ForbiddenPairs, Mask, NothingShared, SameCode
from pairing.engine.score import Term, from_table
from pairing.engine.shapes import Progress, no_progress
from pairing.engine.sparse import EVERYBODY, Index, Ints, Sparse, joined

Outcome = TypeVar("Outcome")

BLOCK_ROWS = 256
MANY_FEATURES = 32  # a seeker on average: from here a matrix product is quicker
BANNED = -(1 << 22)  # points that no bonus outweighs; float32 still holds the sum exactly
CLOSED = 1 << 58  # the price of who takes nobody
FULL_HOUSE = float(1 << 23)


@dataclass(frozen=True)
class _Layout:
    """A board, or some of its offerers, as the compiled loops read it.

    tables: terms of few features each, bans, and points of few pairs. dense: terms that
    need a matrix product for each block. columns: which offerers.
    """

    tables: Tables
    dense: tuple[Term, ...]
    columns: Index

    def dense_points(self, rows: Ints) -> Floats:
        """Return the part of these seekers' points that needs a matrix product."""
        points = np.zeros((rows.size, len(self.tables.codes_j) if self.dense else 0), np.float32)
        for term in self.dense:
            points += term.worth[rows] @ term.has[self.columns].T
            if term.table is not None:
                points += from_table(term, rows, self.columns)
        return points

    def only(self, columns: Ints) -> "_Layout":
        tables = self.tables
        place = np.full(len(tables.codes_j), ALONE, np.int32)
        place[columns] = np.arange(columns.size, dtype=np.int32)
        few = tables._replace(
            has=np.ascontiguousarray(tables.has[:, columns]),
            extra_columns=place[tables.extra_columns],
            words_j=tables.words_j[columns],
            codes_j=tables.codes_j[columns],
        )
        return _Layout(few, self.dense, columns)


def sweep_compiled(
    board: Board,
    aim: Aim,
    own: Ints,
    prices: Ints,
    most: int,
    progress: Progress,
    changed: tuple[Mask, Mask] | None,
) -> Gains:
    """As `board.sweep`; where little has changed, only that is looked at."""
    layout = _layout(board)
    asks = np.where(board.places > 0, prices, CLOSED)
    seekers = np.flatnonzero(board.seeking)
    if changed is None:
        return _sweep(layout, aim, own, asks, most, progress, seekers)
    rows, columns = changed
    one = _sweep(layout, aim, own, asks, most, progress, np.flatnonzero(board.seeking & rows))
    few = np.flatnonzero(columns)
    if not few.size:
        return one
    rest = np.flatnonzero(board.seeking & ~rows)
    two = _sweep(layout.only(few), aim, own, asks[few], most, progress, rest)
    parts = [
        (one.rows, one.columns, one.points),
        (two.rows, few[two.columns], two.points),
    ]
    return Gains(np.maximum(one.excess, two.excess), *joined(parts))


def _sweep(
    layout: _Layout, aim: Aim, own: Ints, asks: Ints, most: int, progress: Progress, rows: Ints
) -> Gains:
    m = asks.size
    excess = np.zeros(own.size, np.int64)
    few = min(most, m)
    open_ = asks[asks < CLOSED]
    centre = int(np.median(open_)) if open_.size else 0

    def look(some: Ints) -> tuple[Ints, Ints, Ints]:
        more = np.empty(some.size, np.int64)
        columns = np.empty((some.size, few), np.int32)
        points = np.empty((some.size, few), np.int32)
        passes.gain_most(
            layout.tables, some, layout.dense_points(some), aim.scale, aim.bonus,
            max(aim.floor, 0), own[some], asks, centre, more, columns, points,
        )  # fmt: skip
        excess[some] = more
        there = columns >= 0
        gaining = np.repeat(some, few).reshape(columns.shape)[there]
        return gaining, columns[there].astype(np.int64), points[there].astype(np.int64)

    gaining = _in_threads(look, rows, progress)
    return Gains(excess, *joined(gaining))


def count_wanting(board: Board, own: Ints, worst: Ints, progress: Progress) -> int:
    """Return how many allowed pairs score above what both sides have now."""
    layout = _layout(board)
    theirs = np.where(board.places > 0, np.minimum(worst, FULL_HOUSE), FULL_HOUSE)
    theirs, ours = theirs.astype(np.float32), own.astype(np.float32)

    def count(some: Ints) -> int:
        dense = layout.dense_points(some)
        return passes.count_wanting(layout.tables, some, dense, ours[some], theirs)

    return sum(_in_threads(count, np.flatnonzero(board.seeking), progress))


def count_better_compiled(
    board: Board, seekers: Ints, offerers: Ints, totals: Ints
) -> tuple[Ints, Ints]:
    """As `explain.count_better`: every pair of the board is looked at once."""
    n, m = board.shape
    layout = _layout(board)
    own = np.full(n, FULL_HOUSE, np.float32)
    own[seekers] = totals
    by_offerer = np.argsort(offerers, kind="stable")
    starts = np.searchsorted(offerers[by_offerer], np.arange(m + 1))
    open_ = board.places > 0

    def count(some: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        mine, theirs = np.zeros((2, some.size), np.int64), np.zeros(m, np.int64)
        above = np.zeros(seekers.size, np.int64)
        passes.count_better(
            layout.tables, some, layout.dense_points(some), own[some], open_, starts,
            totals[by_offerer].astype(np.float32), mine, theirs, above,
        )  # fmt: skip
        return some, mine, theirs, above

    by_seeker = np.zeros((2, n), np.int64)
    of_offerer, above = np.zeros(m, np.int64), np.zeros(seekers.size, np.int64)
    for some, mine, theirs, more in _in_threads(count, np.flatnonzero(board.seeking), no_progress):
        by_seeker[:, some] = mine
        of_offerer += theirs
        above += more
    better, of = np.zeros((2, seekers.size), np.int64), np.zeros((2, seekers.size), np.int64)
    better[0], of[0] = by_seeker[:, seekers]
    better[1, by_offerer], of[1] = above, of_offerer[offerers]
    return better, of


def reassign(
    board: Board, aim: Aim, graph: Graph, order: Ints, partner: Partners, prices: Ints
) -> tuple[Partners, Ints]:
    """Return the best matching on the graph and its prices, going on from any of each.

    Seekers come in that order, which decides between equal matchings.
    """
    matching, asks = partner.astype(np.int32), prices.copy()
    edges = moves.Edges(graph.starts, graph.columns, graph.worth(aim))
    places = board.places.astype(np.int32)
    moves.reassign(edges, places, aim.first_gain(board), order, asks, matching)
    return matching.astype(np.int64), asks


def _in_threads(work: Callable[[Ints], Outcome], rows: Ints, progress: Progress) -> list[Outcome]:
    """Return the work of all blocks of rows; a progress that raises ends it after those begun."""
    blocks = [rows[start : start + BLOCK_ROWS] for start in range(0, rows.size, BLOCK_ROWS)]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    answers = []
    with ThreadPoolExecutor(cores or 1) as threads:
        waiting = [threads.submit(work, block) for block in blocks]
        try:
            for done, block in enumerate(waiting):
                progress(done, len(blocks), "comparing all pairs")
                answers.append(block.result())
        except BaseException:
            threads.shutdown(wait=True, cancel_futures=True)
            raise
    return answers


_layouts: "WeakKeyDictionary[Board, _Layout]" = WeakKeyDictionary()


def _layout(board: Board) -> _Layout:
    """Return the board's sheet, made once; which pairs are off at present is always read anew."""
    if board not in _layouts:
        _layouts[board] = _make_layout(board)
    starts, columns, extra = _extra(board)
    layout = _layouts[board]
    tables = layout.tables._replace(extra_starts=starts, extra_columns=columns, extra=extra)
    return replace(layout, tables=tables)


def _make_layout(board: Board) -> _Layout:
    n, m = board.shape
    few = [term for term in board.scorer.terms if not _is_dense(term)]
    dense = tuple(term for term in board.scorer.terms if _is_dense(term))
    shared = [ban for ban in board.bans if isinstance(ban, NothingShared)]
    same = [ban for ban in board.bans if isinstance(ban, SameCode)]
    tables = Tables(
        *_features(few, n, m),
        *_extra(board),
        _side_by_side([ban.seekers for ban in shared], n, np.uint64),
        _side_by_side([ban.offerers for ban in shared], m, np.uint64),
        np.cumsum([ban.seekers.shape[1] for ban in shared], dtype=np.int64),
        _side_by_side([ban.seekers[:, None] for ban in same], n, np.int32),
        _side_by_side([ban.offerers[:, None] for ban in same], m, np.int32),
    )
    return _Layout(tables, dense, EVERYBODY)


def _side_by_side(parts: list[Any], people: int, kind: Any) -> Any:
    return np.concatenate([np.zeros((people, 0), kind), *parts], axis=1).astype(kind)


def _is_dense(term: Term) -> bool:
    used = int(np.count_nonzero(term.worth))
    return term.table is not None or used > MANY_FEATURES * len(term.worth)


def _features(terms: list[Term], n: int, m: int) -> tuple[Ints, Shorts, Floats, Floats]:
    """Return what counts for each seeker, one after the other, and features × offerers."""
    rows, features, worth, has = [], [], [], []
    before = 0
    for term in terms:
        used = np.flatnonzero(term.worth.any(axis=0) & term.has.any(axis=0))
        small = term.worth[:, used]
        at, feature = np.nonzero(small)
        rows.append(at)
        features.append(feature + before)
        worth.append(small[at, feature])
        has.append(term.has[:, used].T)
        before += used.size
    row = np.concatenate([np.zeros(0, np.int64), *rows])
    order = np.argsort(row, kind="stable")
    return (
        np.searchsorted(row[order], np.arange(n + 1)),
        np.concatenate([np.zeros(0, np.int64), *features])[order].astype(np.int32),
        np.concatenate([np.zeros(0, np.float32), *worth])[order],
        np.concatenate([np.zeros((0, m), np.float32), *has]).astype(np.float32),
    )


def _extra(board: Board) -> tuple[Ints, Shorts, Floats]:
    """Return points of few pairs: bonuses, and far too few for what is forbidden."""
    n, m = board.shape
    parts = [(board.scorer.extra.rows, board.scorer.extra.columns, board.scorer.extra.values)]
    banned = [ban.pairs for ban in board.bans if isinstance(ban, ForbiddenPairs)]
    banned.append(Sparse.of(board.off, 1, n, m))
    parts += [(pairs.rows, pairs.columns, np.full(len(pairs), BANNED)) for pairs in banned]
    extra = Sparse.from_arrays(*joined(parts), n, m)
    amounts = np.maximum(extra.values, BANNED).astype(np.float32)
    return extra.starts, extra.columns.astype(np.int32), amounts
