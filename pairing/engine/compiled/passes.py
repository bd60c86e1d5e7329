"""Passes over all pairs of a board, how functions are compiled, and the arrays they take."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Shorts = NDArray[np.int32]
Floats = NDArray[np.float32]
Words = NDArray[np.uint64]
Flags = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Function = TypeVar("Function", bound=Callable[..., object])

NOBODY = -1
CHUNK = 2048  # offerers whose scores are summed at once: 8 kB, in the nearest cache
STRIDE = 64  # offerers that are passed over together if the best of them is not good enough


def compiled(function: Function) -> Function:
    """Return the function compiled, and kept on disk if there is anywhere to keep it."""
    try:
        return cast(Function, numba.njit(nogil=True, fastmath=True, cache=True)(function))
    except RuntimeError:  # nowhere to write: compile again in each process
        return cast(Function, numba.njit(nogil=True, fastmath=True)(function))


def inlined(function: Function) -> Function:
    """Return the function as a part of those that call it: a call would copy its many arrays."""
    return cast(Function, numba.njit(nogil=True, fastmath=True, forceinline=True)(function))


class Tables(NamedTuple):
    """A board as the passes read it; see `large.Sheet`.

    What counts for seeker i is `worth` of `features`, and extra points of few pairs are
    `extra` at `extra_columns`, each at its starts[i]:starts[i + 1]. has: features × offerers.
    Two may be a pair if they share a bit of every group of words (that end at `ends`) and
    differ in every code.
    """

    starts: Ints
    features: Shorts
    worth: Floats
    has: Floats
    extra_starts: Ints
    extra_columns: Shorts
    extra: Floats
    words_i: Words
    words_j: Words
    ends: Ints
    codes_i: Shorts
    codes_j: Shorts


@inlined
def add_up(tables: Tables, i: int, first: int, dense: Floats, points: Floats) -> None:
    """Put the points of seeker i with the offerers from `first` on into `points`.

    dense: what the seeker has with each offerer already, or nothing at all.
    """
    if dense.size:
        points[:] = dense[first : first + points.size]
    else:
        points[:] = 0
    for e in range(tables.starts[i], tables.starts[i + 1]):
        weight = tables.worth[e]
        having = tables.has[tables.features[e], first : first + points.size]
        for x in range(points.size):
            points[x] += weight * having[x]
    for e in range(tables.extra_starts[i], tables.extra_starts[i + 1]):
        x = tables.extra_columns[e] - first
        if 0 <= x < points.size:
            points[x] += tables.extra[e]


@inlined
def allowed(tables: Tables, i: int, j: int) -> bool:
    """Say whether the rules let two be a pair."""
    for rule in range(tables.codes_i.shape[1]):
        if tables.codes_i[i, rule] == tables.codes_j[j, rule]:
            return False
    word = 0
    for end in tables.ends:
        shared = False
        while word < end:
            if tables.words_i[i, word] & tables.words_j[j, word]:
                shared = True
            word += 1
        if not shared:
            return False
    return True


@inlined
def take_out(tables: Tables, i: int, first: int, points: Floats) -> None:
    """Put NOBODY in place of points of seeker i where the rules forbid a pair.

    As `allowed`, for many at once: each look at a table by name counts a reference.
    """
    codes, words = tables.codes_j, tables.words_j
    mine = tables.words_i[i]
    for rule in range(codes.shape[1]):
        code = tables.codes_i[i, rule]
        for x in range(points.size):
            if codes[first + x, rule] == code:
                points[x] = NOBODY
    begin = 0
    for end in tables.ends:
        for x in range(points.size):
            shared = np.uint64(0)
            for word in range(begin, end):
                shared |= mine[word] & words[first + x, word]
            if not shared:
                points[x] = NOBODY
        begin = end


@inlined
def keep_best(
    keys: Ints, columns: Shorts, points: Shorts, size: int, key: int, j: int, s: int
) -> int:
    """Put a pair into a heap whose first is the worst, and return its size; a full one drops it."""
    full = keys.size
    if size < full:
        at = size
        size += 1
        while at > 0 and keys[(at - 1) >> 1] > key:
            above = (at - 1) >> 1
            keys[at], columns[at], points[at] = keys[above], columns[above], points[above]
            at = above
    else:
        at = 0
        while True:
            below = 2 * at + 1
            if below >= full:
                break
            if below + 1 < full and keys[below + 1] < keys[below]:
                below += 1
            if keys[below] >= key:
                break
            keys[at], columns[at], points[at] = keys[below], columns[below], points[below]
            at = below
    keys[at], columns[at], points[at] = key, j, s
    return size


@inlined
def surely_below(gain: int, scale: int) -> np.float32:
    """Return a number that float32 cannot reach, however it rounds, with less than `gain`."""
    size = scale * (1 << 18) + abs(gain)
    return np.float32(gain) - np.float32(0.5 if size < 1 << 22 else size / (1 << 20))


@compiled
def gain_most(
    tables: Tables,
    rows: Ints,
    dense: Floats,
    scale: int,
    bonus: int,
    floor: int,
    own: Ints,
    prices: Ints,
    centre: int,
    excess: Ints,
    best_columns: Shorts,
    best_points: Shorts,
) -> None:
    """For each of `rows`: how much more a pair would gain than `own`, and the pairs that gain most.

    A pair gains scale × points + bonus − price. `best_columns` has room for as many pairs
    a row as it is wide, all with a gain above `own`; the rest is NOBODY. Prices less
    `centre` are small numbers as far as possible: float32 then picks few pairs in vain.
    """
    m, room = tables.has.shape[1], best_columns.shape[1]
    chunk, keys = np.empty(CHUNK, np.float32), np.empty(room, np.int64)
    times, near = np.float32(scale), (prices - centre).astype(np.float32)
    for at in range(rows.size):
        i, size, most, limit = rows[at], 0, np.int64(0), np.int64(0)
        wanted = own[at] - bonus + centre
        least = surely_below(wanted, scale)
        for first in range(0, m, STRIDE):
            if first % CHUNK == 0:
                there = chunk[: min(CHUNK, m - first)]
                add_up(tables, i, first, dense[at], there)
            points = there[first % CHUNK : first % CHUNK + STRIDE]
            prices_here = near[first : first + points.size]
            best = np.float32(-1e30)
            for x in range(points.size):
                best = max(best, times * points[x] - prices_here[x])
            if best <= least:
                continue
            for x in range(points.size):
                if points[x] < floor or times * points[x] - prices_here[x] <= least:
                    continue
                j = first + x
                gain = scale * np.int64(points[x]) + bonus - prices[j] - own[at]
                if gain <= limit or not allowed(tables, i, j):
                    continue
                most = max(most, gain)
                if room:
                    score = int(points[x])
                    size = keep_best(keys, best_columns[at], best_points[at], size, gain, j, score)
                limit = most if not room else keys[0] if size == room else np.int64(0)
                least = surely_below(wanted + limit, scale)
        excess[at] = most
        best_columns[at, size:] = NOBODY


@compiled
def count_wanting(tables: Tables, rows: Ints, dense: Floats, own: Floats, worst: Floats) -> int:
    """Return how many pairs of `rows` score above what both sides have now."""
    m = tables.has.shape[1]
    chunk = np.empty(CHUNK, np.float32)
    count = 0
    for at in range(rows.size):
        for first in range(0, m, STRIDE):
            if first % CHUNK == 0:
                there = chunk[: min(CHUNK, m - first)]
                add_up(tables, rows[at], first, dense[at], there)
            points = there[first % CHUNK : first % CHUNK + STRIDE]
            theirs = worst[first : first + points.size]
            more = np.float32(-1e30)
            for x in range(points.size):
                more = max(more, points[x] - max(own[at], theirs[x]))
            if more <= 0:
                continue
            for x in range(points.size):
                if points[x] > own[at] and points[x] > theirs[x]:
                    count += allowed(tables, rows[at], first + x)
    return count


@compiled
def count_better(
    tables: Tables,
    rows: Ints,
    dense: Floats,
    own: Floats,
    open_: Mask,
    starts: Ints,
    totals: Floats,
    mine: Ints,
    theirs: Ints,
    above: Ints,
) -> None:
    """Count whom `rows` may have, and who of them scores above `own`; the same by offerer.

    mine: above and allowed, by row. theirs: allowed, by offerer. above: by pair, those of an
    offerer j at starts[j]:starts[j + 1] with the points `totals`.
    """
    m = tables.has.shape[1]
    chunk = np.empty(CHUNK, np.float32)
    for at in range(rows.size):
        for first in range(0, m, CHUNK):
            there = chunk[: min(CHUNK, m - first)]
            add_up(tables, rows[at], first, dense[at], there)
            take_out(tables, rows[at], first, there)
            for x in range(there.size):
                j = first + x
                if there[x] < 0 or not open_[j]:
                    continue
                mine[1, at] += 1
                mine[0, at] += there[x] > own[at]
                theirs[j] += 1
                for k in range(starts[j], starts[j + 1]):
                    above[k] += there[x] > totals[k]
