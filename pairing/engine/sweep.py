"""One pass over all pairs of a board, which finds for each seeker the pairs that gain most.

It is all that ever looks at every pair: it makes the first lists (by score), and later the
proof (at prices). Small boards go through numpy here, large ones through `large.py`.
"""

import importlib.util

import numpy as np

from pairing.engine.board import NOT_ALLOWED, TABLE_UP_TO, Aim, Board, Swept
from pairing.engine.rules import Listed, Mask, NothingShared, SameCode
from pairing.engine.shapes import Progress
from pairing.engine.sparse import Ints, joined

BLOCK_ROWS = 256
BY_SCORE = Aim(scale=1, bonus=0, first=0)


def sweep(
    board: Board,
    aim: Aim,
    own: Ints,
    prices: Ints,
    most: int,
    progress: Progress,
    changed: tuple[Mask, Mask] | None = None,
) -> Swept:
    """Return for each seeker how much a pair could gain above `own`, and by which `most` pairs.

    A pair gains scale × points + bonus − the offerer's price. `changed`, if given, names the
    seekers and the offerers of whom one must be in a pair for it to gain anything.
    """
    if is_large(board):
        from pairing.engine.large import sweep_compiled  # the compiler is loaded only here

        return sweep_compiled(board, aim, own, prices, most, progress, changed)
    n, m = board.shape
    few = min(most, m)
    excess = np.zeros(n, np.int64)
    parts = []
    for start, scores in board.blocks(BLOCK_ROWS):
        progress(start, n, "comparing all pairs")
        rows = slice(start, start + len(scores))
        gain = aim.scale * scores.astype(np.int64) + (aim.bonus - prices)
        gain -= own[rows, None]
        gain[scores < max(aim.floor, NOT_ALLOWED + 1)] = 0
        excess[rows] = np.maximum(gain.max(axis=1), 0)
        if few:
            best = np.argpartition(gain, m - few, axis=1)[:, m - few :]
            at, place = np.nonzero(np.take_along_axis(gain, best, axis=1) > 0)
            columns = best[at, place]
            parts.append((at + start, columns, scores[at, columns].astype(np.int64)))
    return Swept(excess, *joined(parts))


def is_large(board: Board) -> bool:
    """Say whether compiled loops are worth loading, and can be: they know three forms of ban."""
    known = all(isinstance(ban, NothingShared | SameCode | Listed) for ban in board.bans)
    return board.size > TABLE_UP_TO and known and importlib.util.find_spec("numba") is not None
