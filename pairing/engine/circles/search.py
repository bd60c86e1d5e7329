"""The search for circles: a greedy start, annealed exchanges, then exchanges until none gains.

Source: Kirkpatrick et al. 1983 for annealing; figures in docs/adr/0019-peers-by-odd-set-prices.md.
"""

from collections.abc import Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

from pairing.engine.circles.seating import ALL_WEEK, Worth
from pairing.engine.compiled import exchanges
from pairing.engine.compiled.exchanges import Seats, Traits
from pairing.engine.shapes import Progress
from pairing.engine.sparse import Ints

TRIALS_PER_PERSON = 800
FEWEST_TRIALS, MOST_TRIALS = 40_000, 4_000_000
TRIALS_IN_ALL = 320_000  # over all starts: a small pool is begun several times
MOST_STARTS = 4
MOST_PASSES = 8  # of exchanges that gain, each over all pairs of people
HOTTEST, COLDEST = 0.5, 0.03  # of the usual change, and of the hottest
AT_ONCE = 20_000  # trials between two looks at whether to stop
AT_BENCH = 1 << 30  # how often each feature is on the bench: coming and going costs nothing there

Blocks = Sequence[Sequence[int]]


def pool_of(worth: Worth) -> Traits:
    """Return what people bring as arrays."""
    second = np.array(list(worth.alone) or [0] * len(worth.worth), np.int64)
    people = len(worth.features)
    starts = np.cumsum([0, *map(len, worth.features)], dtype=np.int64)
    flat = [feature for features in worth.features for feature in sorted(features)]
    return Traits(
        starts,
        np.array(flat, np.int32),
        np.array(worth.worth, np.int64) - second,
        second,
        np.array(worth.levels, np.int64).reshape(len(worth.levels), people),
        np.array(worth.level_worth, np.int64),
        _between(worth),
        _weeks(worth),
        np.array(worth.common, np.int64),
    )


def _between(worth: Worth) -> Ints:
    """Return what each two people in one circle are worth; nothing at all if none is."""
    people = len(worth.features)
    if not any(worth.apart) and not any(worth.met):
        return worth.between
    between = worth.between.copy() if worth.between.size else np.zeros((people, people), np.int64)
    for masks, cost in ((worth.apart, worth.conflict), (worth.met, worth.again)):
        for i, mask in enumerate(masks):
            if mask:
                between[i] -= cost * _as_flags(mask, people)
    return between


def _as_flags(mask: int, people: int) -> Ints:
    octets = np.frombuffer(mask.to_bytes(-(-people // 8), "little"), np.uint8)
    return np.unpackbits(octets, count=people, bitorder="little").astype(np.int64)


def _weeks(worth: Worth) -> NDArray[np.uint64]:
    """Return everybody's free slots as words, with all bits set where they are not known."""
    if not worth.common:
        return np.zeros((len(worth.features), 0), np.uint64)
    known = [mask for mask in worth.free if mask != ALL_WEEK]
    bits = max([mask.bit_length() for mask in known] + [len(worth.common)])
    words = -(-bits // 64)
    everything = (1 << 64 * words) - 1
    raw = b"".join((mask & everything).to_bytes(8 * words, "little") for mask in worth.free)
    return np.frombuffer(raw, "<u8").reshape(-1, words).astype(np.uint64)


def empty_seats(pool: Traits, circles: int, width: int) -> Seats:
    """Return so many circles for up to `width` people each, and everybody on the bench."""
    people, features = pool.starts.size - 1, pool.first.size
    counts = np.zeros((circles + 1, features), np.int32)
    counts[circles] = AT_BENCH
    return Seats(
        np.full(people, circles, np.int32),
        np.zeros(people, np.int32),
        np.zeros((circles + 1, width + 1), np.int32),
        np.zeros(circles + 1, np.int32),
        counts,
        np.zeros((circles + 1, pool.level_worth.size), np.int64),
    )


def trials_for(people: int) -> int:
    """Return how many exchanges are tried from one start."""
    return min(MOST_TRIALS, max(FEWEST_TRIALS, TRIALS_PER_PERSON * people))


def starts_for(people: int) -> int:
    """Return how often to begin: in small pools an exchange of two is often too small a step."""
    return max(1, min(MOST_STARTS, TRIALS_IN_ALL // trials_for(people)))


def seat_greedily(
    pool: Traits,
    blocks: Blocks,
    plan: Sequence[int],
    sizes: Sequence[int],
    apart: Sequence[int],
    random: Random,
) -> Seats:
    """Seat blocks where the plan says, then the others, most constrained first, where best."""
    seats = empty_seats(pool, len(sizes), max(sizes))
    for block, circle in zip((block for block in blocks if len(block) > 1), plan, strict=True):
        for i in block:
            exchanges.move(pool, seats, i, circle)
    singles = [block[0] for block in blocks if len(block) == 1]
    random.shuffle(singles)
    singles.sort(key=lambda i: -apart[i].bit_count())
    order, room = np.array(singles, np.int64), np.array(sizes, np.int32)
    exchanges.seat_where_best(pool, seats, order, room)
    return seats


def improve(
    pool: Traits, seats: Seats, blocks: Blocks, steep: int, random: Random, progress: Progress
) -> int:
    """Anneal, then exchange until no exchange of two people gains; return the passes made."""
    singles = np.array([block[0] for block in blocks if len(block) == 1], np.int64)
    groups = [block for block in blocks if len(block) > 1]
    ends = np.cumsum([len(block) for block in groups], dtype=np.int64)
    together = np.array([i for block in groups for i in block], np.int64)
    trials = trials_for(seats.circle_of.size)
    hot = 1.0
    if singles.size:
        hot = exchanges.usual_change(pool, seats, singles, steep, random.getrandbits(31))
    for first in range(0, trials, AT_ONCE):
        progress(first, 2 * trials, "exchanging")
        at = np.arange(first, min(first + AT_ONCE, trials))
        heats = hot * HOTTEST * COLDEST ** (at / trials)
        exchanges.anneal(pool, seats, singles, ends, together, heats, random.getrandbits(31))
    passes, gained = 0, 1
    while gained and passes < MOST_PASSES:
        gained, passes = 0, passes + 1
        for first in range(0, singles.size, 256):
            progress(trials + first, 2 * trials, "settling")
            last = min(first + 256, singles.size)
            gained += exchanges.settle(pool, seats, singles, first, last)
    return 1 + passes
