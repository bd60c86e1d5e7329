"""Circles by exchange: what a change gains, and the annealing that tries some millions of them.

What one circle is worth is a sum over its features (the first who has one brings it, the second
takes back what being the only one costs), over its levels, over each two who share it, and over
the time all are free.  So a change is priced from the people and the circles it touches.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pairing.engine.compiled.passes import Ints, Shorts, Words, compiled, inlined

Reals = NDArray[np.float64]
Marks = NDArray[np.bool_]


class Traits(NamedTuple):
    """What people bring, as `seating.Worth` says it.

    features: those of person i at starts[i]:starts[i + 1], in order. first, second: what the first
    of a circle who has a feature brings, and the second. levels: level × person. between: person
    × person, or nothing at all. free: person × words of a week; common: by slots that all share.
    """

    starts: Ints
    features: Shorts
    first: Ints
    second: Ints
    levels: Ints
    level_worth: Ints
    between: Ints
    free: Words
    common: Ints


class Seats(NamedTuple):
    """Who sits where.  The last circle is the bench: it has room for all and is worth nothing."""

    circle_of: Shorts
    place_of: Shorts
    members: Shorts  # circle × place; the bench has no list
    sizes: Shorts
    counts: Shorts  # circle × feature
    sums: Ints  # circle × level


@inlined
def bits_in(word: np.uint64) -> int:
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    for half in (8, 16, 32):
        word = word + (word >> np.uint64(half))
    return int(word & np.uint64(0x7F))


@inlined
def common(pool: Traits, seats: Seats, g: int, without: int, joining: int) -> int:
    """Return what the time a circle shares is worth, as if one had gone and one had come."""
    most, slots = pool.common.size - 1, 0
    for w in range(pool.free.shape[1]):
        shared = np.uint64(0xFFFFFFFFFFFFFFFF)
        if joining >= 0:
            shared = pool.free[joining, w]
        for place in range(seats.sizes[g]):
            m = seats.members[g, place]
            if m != without:
                shared &= pool.free[m, w]
        slots += bits_in(shared)
    return int(pool.common[min(slots, most)])


@inlined
def with_others(pool: Traits, seats: Seats, i: int, g: int, without: int) -> int:
    """Return what person i has with those of a circle, but for one of them."""
    total = 0
    for place in range(seats.sizes[g]):
        m = seats.members[g, place]
        if m != without:
            total += pool.between[i, m]
    return total


@inlined
def gone(pool: Traits, seats: Seats, feature: int, g: int) -> int:
    count = seats.counts[g, feature]
    if count == 1:
        return int(pool.first[feature])
    return int(pool.second[feature]) if count == 2 else 0


@inlined
def come(pool: Traits, seats: Seats, feature: int, g: int) -> int:
    count = seats.counts[g, feature]
    if count == 0:
        return int(pool.first[feature])
    return int(pool.second[feature]) if count == 1 else 0


@compiled
def gain_of_joining(pool: Traits, seats: Seats, i: int, g: int) -> int:
    """Return what a circle gains by person i, who sits elsewhere."""
    if g == seats.sizes.size - 1:
        return 0
    gain = 0
    for at in range(pool.starts[i], pool.starts[i + 1]):
        gain += come(pool, seats, pool.features[at], g)
    for k in range(pool.level_worth.size):
        now = seats.sums[g, k]
        gain -= pool.level_worth[k] * (abs(now + pool.levels[k, i]) - abs(now))
    if pool.between.size:
        gain += with_others(pool, seats, i, g, -1)
    if pool.common.size:
        gain += common(pool, seats, g, -1, i) - common(pool, seats, g, -1, -1)
    return gain


@compiled
def gain_of_leaving(pool: Traits, seats: Seats, i: int) -> int:
    """Return what the circle of person i gains once they are gone."""
    g = seats.circle_of[i]
    if g == seats.sizes.size - 1:
        return 0
    gain = 0
    for at in range(pool.starts[i], pool.starts[i + 1]):
        gain -= gone(pool, seats, pool.features[at], g)
    for k in range(pool.level_worth.size):
        now = seats.sums[g, k]
        gain -= pool.level_worth[k] * (abs(now - pool.levels[k, i]) - abs(now))
    if pool.between.size:
        gain -= with_others(pool, seats, i, g, i)
    if pool.common.size:
        gain += common(pool, seats, g, i, -1) - common(pool, seats, g, -1, -1)
    return gain


@compiled
def move(pool: Traits, seats: Seats, i: int, to: int) -> None:
    """Seat person i in another circle, whether or not there is a seat."""
    start, bench = seats.circle_of[i], seats.sizes.size - 1
    if start != bench:
        last = seats.members[start, seats.sizes[start] - 1]
        seats.members[start, seats.place_of[i]] = last
        seats.place_of[last] = seats.place_of[i]
        seats.sizes[start] -= 1
        for at in range(pool.starts[i], pool.starts[i + 1]):
            seats.counts[start, pool.features[at]] -= 1
        for k in range(pool.level_worth.size):
            seats.sums[start, k] -= pool.levels[k, i]
    seats.circle_of[i] = to
    if to != bench:
        seats.place_of[i] = seats.sizes[to]
        seats.members[to, seats.sizes[to]] = i
        seats.sizes[to] += 1
        for at in range(pool.starts[i], pool.starts[i + 1]):
            seats.counts[to, pool.features[at]] += 1
        for k in range(pool.level_worth.size):
            seats.sums[to, k] += pool.levels[k, i]


@compiled
def swap(pool: Traits, seats: Seats, i: int, j: int) -> None:
    """Let two people of different circles change places."""
    g, h, bench = seats.circle_of[i], seats.circle_of[j], seats.sizes.size - 1
    move(pool, seats, i, bench)
    move(pool, seats, j, g)
    move(pool, seats, i, h)


@inlined
def _gain_in_features(pool: Traits, seats: Seats, i: int, j: int, g: int, h: int) -> int:
    gain = 0
    a, b, last_a, last_b = pool.starts[i], pool.starts[j], pool.starts[i + 1], pool.starts[j + 1]
    while a < last_a or b < last_b:
        if b == last_b or (a < last_a and pool.features[a] < pool.features[b]):
            feature, start, to = pool.features[a], g, h
            a += 1
        elif a == last_a or pool.features[b] < pool.features[a]:
            feature, start, to = pool.features[b], h, g
            b += 1
        else:  # both have it: nothing changes
            a += 1
            b += 1
            continue
        gain -= gone(pool, seats, feature, start)
        gain += come(pool, seats, feature, to)
    return gain


@inlined
def _gain_in_levels(pool: Traits, seats: Seats, i: int, j: int, g: int, h: int) -> int:
    bench, gain = seats.sizes.size - 1, 0
    for k in range(pool.level_worth.size):
        more, change = pool.levels[k, j] - pool.levels[k, i], 0
        if g != bench:
            change += abs(seats.sums[g, k] + more) - abs(seats.sums[g, k])
        if h != bench:
            change += abs(seats.sums[h, k] - more) - abs(seats.sums[h, k])
        gain -= pool.level_worth[k] * change
    return gain


@compiled
def gain_of_swap(pool: Traits, seats: Seats, i: int, j: int) -> int:
    """Return what exchanging two people of different circles would add."""
    g, h, bench = seats.circle_of[i], seats.circle_of[j], seats.sizes.size - 1
    gain = _gain_in_features(pool, seats, i, j, g, h)
    gain += _gain_in_levels(pool, seats, i, j, g, h)
    if pool.between.size:
        gain += with_others(pool, seats, j, g, i) - with_others(pool, seats, i, g, i)
        gain += with_others(pool, seats, i, h, j) - with_others(pool, seats, j, h, j)
    if pool.common.size:
        if g != bench:
            gain += common(pool, seats, g, i, j) - common(pool, seats, g, -1, -1)
        if h != bench:
            gain += common(pool, seats, h, j, i) - common(pool, seats, h, -1, -1)
    return gain


@compiled
def seat_where_best(pool: Traits, seats: Seats, order: Ints, room: Shorts) -> None:
    """Seat people in this order, each in the circle with a seat that gains most."""
    bench = seats.sizes.size - 1
    for i in order:
        best, chosen = 0, bench
        for g in range(bench):
            if seats.sizes[g] < room[g]:
                gain = gain_of_joining(pool, seats, i, g)
                if chosen == bench or gain > best:
                    best, chosen = gain, g
        if chosen != bench:
            move(pool, seats, i, chosen)


@inlined
def is_accepted(gain: int, heat: float) -> bool:
    return gain > 0 or np.random.random() < math.exp(max(gain / heat, -700.0))


@compiled
def usual_change(pool: Traits, seats: Seats, singles: Ints, steep: int, seed: int) -> float:
    """Return what an exchange changes on average, but for those that break a rule or mend it."""
    np.random.seed(seed)
    total, count = 0.0, 0
    for _ in range(200):
        i = singles[np.random.randint(singles.size)]
        j = singles[np.random.randint(singles.size)]
        if seats.circle_of[i] != seats.circle_of[j]:
            gain = abs(gain_of_swap(pool, seats, i, j))
            if 0 < gain < steep:
                total += gain
                count += 1
    return total / count if count else 1.0


@compiled
def anneal(
    pool: Traits, seats: Seats, singles: Ints, ends: Ints, blocks: Ints, heats: Reals, seed: int
) -> int:
    """Try as many changes as there are heats; return what all of them have gained.

    singles: who may be exchanged alone. blocks: people who stay together, each block up to its
    end.
    """
    np.random.seed(seed)
    bench = seats.sizes.size - 1
    fewest, most = seats.sizes[:bench].min(), seats.sizes[:bench].max()
    is_single = np.zeros(seats.circle_of.size, np.bool_)
    is_single[singles] = True
    gained = 0
    for trial in range(heats.size):
        heat = heats[trial]
        if trial % 16 == 0 and ends.size:
            gained += _move_block(pool, seats, ends, blocks, is_single, heat)
        if not singles.size:
            continue
        i = singles[np.random.randint(singles.size)]
        if trial % 16 == 0 and fewest < most:
            gained += _even_out(pool, seats, i, fewest, most, heat)
        j = singles[np.random.randint(singles.size)]
        if seats.circle_of[i] == seats.circle_of[j]:
            continue
        gain = gain_of_swap(pool, seats, i, j)
        if gain and is_accepted(gain, heat):
            swap(pool, seats, i, j)
            gained += gain
    return gained


@compiled
def _even_out(pool: Traits, seats: Seats, i: int, fewest: int, most: int, heat: float) -> int:
    """Let one person of a larger circle join a smaller one: which circles are larger is open."""
    bench, g = seats.sizes.size - 1, seats.circle_of[i]
    h = np.random.randint(bench)
    if g in (h, bench) or seats.sizes[g] != most or seats.sizes[h] != fewest:
        return 0
    gain = gain_of_leaving(pool, seats, i) + gain_of_joining(pool, seats, i, h)
    if not is_accepted(gain, heat):
        return 0
    move(pool, seats, i, h)
    return gain


@compiled
def _move_block(
    pool: Traits, seats: Seats, ends: Ints, blocks: Ints, is_single: Marks, heat: float
) -> int:
    """Exchange people who stay together with as many single people of another circle."""
    bench, which = seats.sizes.size - 1, np.random.randint(ends.size)
    block = blocks[ends[which - 1] if which else 0 : ends[which]]
    h = np.random.randint(bench)
    if seats.circle_of[block[0]] == h:
        return 0
    others = np.empty(block.size, np.int64)
    count = seen = 0
    for place in range(seats.sizes[h]):  # any as many of them, each with the same chance
        m = seats.members[h, place]
        if is_single[m]:
            seen += 1
            if count < block.size:
                others[count] = m
                count += 1
            else:
                at = np.random.randint(seen)
                if at < block.size:
                    others[at] = m
    if count < block.size:
        return 0
    gain = 0
    for k in range(block.size):
        gain += gain_of_swap(pool, seats, block[k], others[k])
        swap(pool, seats, block[k], others[k])
    if is_accepted(gain, heat):
        return gain
    for k in range(block.size):
        swap(pool, seats, block[k], others[k])
    return 0


@compiled
def settle(pool: Traits, seats: Seats, singles: Ints, first: int, last: int) -> int:
    """Exchange singles number first to last with those before them wherever that gains."""
    gained = 0
    for place in range(first, last):
        i = singles[place]
        for k in range(place):
            j = singles[k]
            if seats.circle_of[i] != seats.circle_of[j]:
                gain = gain_of_swap(pool, seats, i, j)
                if gain > 0:
                    swap(pool, seats, i, j)
                    gained += gain
    return gained
