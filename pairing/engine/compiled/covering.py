"""What circles could be worth at most.

For few people everything is tried: `fill` weighs every circle, `split` every division into them.
For more, prices on people (`circles.bound`) make a division worth at most all prices plus what the
best circle of each size is worth beyond its people's prices; `best_beyond` finds that by branch
and bound, and where it ends early it says too much, never too little.
"""

import numpy as np

from pairing.engine.compiled.exchanges import (
    Seats,
    Traits,
    bits_in,
    common,
    gain_of_joining,
    gain_of_swap,
    move,
    swap,
)
from pairing.engine.compiled.passes import Ints, compiled, inlined

NEVER = -(np.int64(1) << 60)


@inlined
def worth_of_none(pool: Traits) -> int:
    return int(pool.common[-1]) if pool.common.size else 0


@compiled
def fill(pool: Traits, seats: Seats, people: Ints, size: int, blocks: Ints, values: Ints) -> None:
    """Put the worth of every circle of this size into `values`, by its people as bits.

    seats: one empty circle.  blocks: people who stay together, as bits: no circle parts them.
    """
    bench, n = seats.sizes.size - 1, people.size
    at, worth = np.zeros(size, np.int64), np.zeros(size, np.int64)
    worth[0] = worth_of_none(pool)
    depth = mask = 0
    while depth >= 0:
        k = at[depth]
        if k > n - (size - depth):
            depth -= 1
            if depth >= 0:
                move(pool, seats, people[at[depth] - 1], bench)
                mask ^= 1 << (at[depth] - 1)
            continue
        at[depth] = k + 1
        value = worth[depth] + gain_of_joining(pool, seats, people[k], 0)
        if depth < size - 1:
            move(pool, seats, people[k], 0)
            mask ^= 1 << k
            depth += 1
            at[depth], worth[depth] = k + 1, value
            continue
        circle = mask | (1 << k)
        for block in blocks:
            if circle & block != 0 and circle & block != block:
                value = NEVER
        values[circle] = value


@compiled
def split(n: int, size: int, small: int, big: int, values: Ints, best: Ints, chosen: Ints) -> None:
    """Find the best division of everybody into `small` circles of this size, `big` of one more.

    best, chosen: by the number of big circles and the people divided, as bits: what they are
    worth, and the circle of the lowest of them.
    """
    everybody = (1 << n) - 1
    best[:] = NEVER
    best[0, 0] = 0
    bits, at = np.zeros(n, np.int64), np.zeros(size + 1, np.int64)
    for people in range(1, everybody + 1):
        if people & 1 and people != everybody:
            continue  # the first circle is that of the first person
        count = bits_in(np.uint64(people))
        place = 0
        for k in range(n):
            if people >> k & 1:
                bits[place] = k
                place += 1
        for more in range(big + 1):
            rest = count - more * (size + 1)
            if rest < 0 or rest % size or rest // size > small:
                continue
            for extra in range(2):
                if (extra and not more) or (not extra and not rest):
                    continue
                _split_one(people, bits, count, size + extra, extra, more, values, best, chosen, at)


@inlined
def _split_one(
    people: int,
    bits: Ints,
    count: int,
    size: int,
    extra: int,
    more: int,
    values: Ints,
    best: Ints,
    chosen: Ints,
    at: Ints,
) -> None:
    """Try every circle of this size in which the lowest of these people sits."""
    for d in range(size - 1):
        at[d] = d + 1
    while True:
        circle = 1 << bits[0]
        for d in range(size - 1):
            circle |= 1 << bits[at[d]]
        if values[circle] > NEVER and best[more - extra, people ^ circle] > NEVER:
            total = values[circle] + best[more - extra, people ^ circle]
            if total > best[more, people]:
                best[more, people] = total
                chosen[more, people] = circle
        d = size - 2
        while d >= 0 and at[d] == count - (size - 1 - d):
            d -= 1
        if d < 0:
            return
        at[d] += 1
        for later in range(d + 1, size - 1):
            at[later] = at[later - 1] + 1


@compiled
def worth_of_one(pool: Traits, seats: Seats, people: Ints) -> int:
    """Return what one circle of these people is worth.  seats: one empty circle; so it stays."""
    bench, worth = seats.sizes.size - 1, worth_of_none(pool)
    for i in people:
        worth += gain_of_joining(pool, seats, i, 0)
        move(pool, seats, i, 0)
    for i in people:
        move(pool, seats, i, bench)
    return worth


@compiled
def improve_all(pool: Traits, seats: Seats, circles: Ints, people: Ints, prices: Ints) -> Ints:
    """Exchange the people of each circle for others while it is worth more beyond prices.

    Return what that has gained each.  circles: circle × place, changed in place.  seats: one
    empty circle; so it stays.
    """
    bench, gained = seats.sizes.size - 1, np.zeros(circles.shape[0], np.int64)
    for which in range(circles.shape[0]):
        for i in circles[which]:
            move(pool, seats, i, 0)
        gained[which] = _improve_one(pool, seats, people, prices)
        circles[which] = seats.members[0, : circles.shape[1]]
        for i in circles[which]:
            move(pool, seats, i, bench)
    return gained


@inlined
def _improve_one(pool: Traits, seats: Seats, people: Ints, prices: Ints) -> int:
    improved, gained = True, 0
    while improved:
        improved = False
        for place in range(seats.sizes[0]):
            for j in people:
                i = seats.members[0, place]
                if seats.circle_of[j] == 0:
                    continue
                gain = gain_of_swap(pool, seats, i, j) + prices[i] - prices[j]
                if gain > 0:
                    swap(pool, seats, i, j)
                    gained += gain
                    improved = True
    return gained


@compiled
def best_beyond(
    pool: Traits,
    seats: Seats,
    people: Ints,
    prices: Ints,
    pairs: Ints,
    size: int,
    least: int,
    most_nodes: int,
    found: Ints,
) -> int:
    """Return what no circle of this size is worth beyond its people's prices, at least `least`.

    seats: one empty circle.  people: who may sit there, those worth most first.  pairs: what a
    person can have with those who come later, at most, each pair half.  After `most_nodes` circles
    are not looked into any more, but counted as what they could be at most.  found: the best
    circle, if there is one above `least`.
    """
    bench, n, best = seats.sizes.size - 1, people.size, least
    at, worth, hope = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64)
    ends = np.zeros((size, n), np.int64)
    holds = _holds(pool, people)
    hopes = np.zeros((size, n), np.int64)  # what each could bring, whoever else will come
    hopes[0] = holds.sum(axis=0) - prices[people]
    worth[0] = hope[0] = worth_of_none(pool)
    depth, is_new, nodes = 0, True, 0
    while depth >= 0:
        if is_new:
            _look_ahead(hopes[depth], pairs, people, at[depth], size - depth, ends[depth])
            is_new = False
        k = at[depth]
        if k > n - (size - depth):
            depth -= 1
            if depth >= 0:
                move(pool, seats, people[at[depth] - 1], bench)
            continue
        at[depth] = k + 1
        most = hope[depth] + ends[depth, k]
        if most <= best:
            continue
        i = people[k]
        value = worth[depth] + gain_of_joining(pool, seats, i, 0) - prices[i]
        if depth == size - 1:
            if value > best:
                best = value
                found[: size - 1] = seats.members[0, : size - 1]
                found[size - 1] = i
        elif nodes == most_nodes:
            best = most
        else:
            nodes += 1
            hope[depth + 1] = hope[depth] + hopes[depth, k]
            if pool.common.size:
                change = common(pool, seats, 0, -1, i) - common(pool, seats, 0, -1, -1)
                hope[depth + 1] += change
            _hope_less(pool, seats, i, people, holds, hopes[depth], hopes[depth + 1], k + 1)
            worth[depth + 1] = value
            move(pool, seats, i, 0)
            depth += 1
            at[depth], is_new = k + 1, True
    return best


@inlined
def _holds(pool: Traits, people: Ints) -> Ints:
    """Return feature × place: what its first holder brings at most, where they hold it."""
    holds = np.zeros((pool.first.size, people.size), np.int64)
    for place in range(people.size):
        i = people[place]
        for at in range(pool.starts[i], pool.starts[i + 1]):
            feature = pool.features[at]
            holds[feature, place] = pool.first[feature] + pool.second[feature]
    return holds


@inlined
def _hope_less(
    pool: Traits,
    seats: Seats,
    i: int,
    people: Ints,
    holds: Ints,
    before: Ints,
    after: Ints,
    first: int,
) -> None:
    """Put into `after` what those from `first` on can still bring once person i is there."""
    after[first:] = before[first:]
    for at in range(pool.starts[i], pool.starts[i + 1]):
        feature = pool.features[at]
        if seats.counts[0, feature] == 0:
            for place in range(first, people.size):
                after[place] -= holds[feature, place]
    if pool.between.size:
        for place in range(first, people.size):
            after[place] += pool.between[i, people[place]]


@compiled
def _look_ahead(
    hopes: Ints, pairs: Ints, people: Ints, first: int, seats_left: int, ends: Ints
) -> None:
    """Put into `ends` what a circle could gain by person k and the best of those after them."""
    others = np.full(seats_left, NEVER, np.int64)  # the best of those behind, best first
    count = total = 0
    for back in range(people.size - first):
        k = people.size - 1 - back
        hope = hopes[k]
        if seats_left > 1:
            hope += pairs[people[k]]
        ends[k] = hope + total
        if seats_left == 1:
            continue
        place = min(count, seats_left - 1)
        if count >= seats_left - 1:
            if hope <= others[seats_left - 2]:
                continue
            total -= others[seats_left - 2]
            place = seats_left - 2
        else:
            count += 1
        while place > 0 and others[place - 1] < hope:
            others[place] = others[place - 1]
            place -= 1
        others[place] = hope
        total += hope
