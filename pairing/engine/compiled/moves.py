"""The best assignment on the pairs of a graph, by shortest chains of moves."""

from typing import NamedTuple

import numpy as np

from pairing.engine.compiled.passes import NOBODY, Flags, Ints, Shorts, compiled, inlined

NEVER = np.int64(1) << 60


class Edges(NamedTuple):
    """Pairs by one side: those of person k are at starts[k]:starts[k + 1]."""

    starts: Ints
    others: Shorts
    worth: Ints


class Desk(NamedTuple):
    """A matching and its prices while they are worked on.

    gain: what each seeker gains, the best of worth − price, or 0 alone. The seekers of an
    offerer are a chain: from head[j] on by `after` (and back by `before`).
    """

    places: Shorts
    first_gain: Ints
    prices: Ints
    gain: Ints
    partner: Shorts
    load: Shorts
    head: Shorts
    after: Shorts
    before: Shorts


class Trail(NamedTuple):
    """What one search has reached.

    reached: how much it costs beyond the prices to come to an offerer; through which
    seeker, and (searching for a seeker) behind which offerer; final once it can fall no
    more. seen: offerers reached; moved, moved_at: seekers looked at, and at which cost.
    keys, items: the heap of offerers. used: how many are seen, moved, in the heap.
    end: the cheapest end so far, as its cost, offerer and seeker.
    """

    reached: Ints
    through: Shorts
    behind: Shorts
    final: Flags
    seen: Shorts
    moved: Shorts
    moved_at: Ints
    keys: Ints
    items: Shorts
    used: Ints
    end: Ints


SEEN, MOVED, HEAP = 0, 1, 2
COST, OFFERER, SEEKER = 0, 1, 2


@inlined
def asks(desk: Desk, j: int) -> int:
    """Return the price at which an offerer with a place left takes one more seeker."""
    return 0 if desk.load[j] else -desk.first_gain[j]


@inlined
def lets_go(desk: Desk, j: int) -> int:
    """Return the price at which an offerer gives one of their seekers up."""
    return 0 if desk.load[j] > 1 else -desk.first_gain[j]


@inlined
def seat(desk: Desk, i: int, j: int) -> None:
    desk.partner[i] = j
    desk.load[j] += 1
    desk.after[i], desk.before[i] = desk.head[j], NOBODY
    if desk.head[j] >= 0:
        desk.before[desk.head[j]] = i
    desk.head[j] = i


@inlined
def unseat(desk: Desk, i: int) -> None:
    j, before, after = desk.partner[i], desk.before[i], desk.after[i]
    if before >= 0:
        desk.after[before] = after
    else:
        desk.head[j] = after
    if after >= 0:
        desk.before[after] = before
    desk.load[j] -= 1
    desk.partner[i] = NOBODY


@inlined
def push(trail: Trail, key: int, item: int) -> None:
    keys, items, at = trail.keys, trail.items, trail.used[HEAP]
    trail.used[HEAP] += 1
    while at > 0 and keys[(at - 1) >> 1] > key:
        keys[at], items[at] = keys[(at - 1) >> 1], items[(at - 1) >> 1]
        at = (at - 1) >> 1
    keys[at], items[at] = key, item


@inlined
def drop_first(trail: Trail) -> None:
    trail.used[HEAP] -= 1
    keys, items, size = trail.keys, trail.items, trail.used[HEAP]
    key, item = keys[size], items[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[at], items[at] = keys[below], items[below]
        at = below
    keys[at], items[at] = key, item


@inlined
def nearest(trail: Trail) -> int:
    """Make the nearest offerer final and return them; NOBODY if none is nearer than the end."""
    while trail.used[HEAP]:
        cost, j = trail.keys[0], int(trail.items[0])
        if cost >= trail.end[COST]:
            break
        drop_first(trail)
        if not trail.final[j] and cost <= trail.reached[j]:
            trail.final[j] = 1
            return j
    return NOBODY


@inlined
def set_out(trail: Trail, cost: int, j: int, i: int) -> None:
    """Begin a search with an end that is there already."""
    trail.end[COST], trail.end[OFFERER], trail.end[SEEKER] = cost, j, i
    trail.used[:] = 0


@inlined
def reach(trail: Trail, cost: int, j: int, i: int, behind: int) -> None:
    if trail.reached[j] == NEVER:
        trail.seen[trail.used[SEEN]] = j
        trail.used[SEEN] += 1
    trail.reached[j], trail.through[j], trail.behind[j] = cost, i, behind


@inlined
def forget(trail: Trail) -> None:
    for at in range(trail.used[SEEN]):
        trail.reached[trail.seen[at]], trail.final[trail.seen[at]] = NEVER, 0


@compiled
def keep_content(edges: Edges, desk: Desk) -> None:
    """Let every seeker gain the most at these prices; keep or give partners where that fits."""
    for j in range(desk.places.size):
        desk.prices[j] = max(desk.prices[j], -desk.first_gain[j])
    for again in range(2):  # first who has a partner, then who may have one
        for i in range(desk.partner.size):
            now = desk.partner[i]
            if again:
                if now >= 0 or desk.gain[i] == 0:
                    continue
            else:
                for e in range(edges.starts[i], edges.starts[i + 1]):
                    desk.gain[i] = max(desk.gain[i], edges.worth[e] - desk.prices[edges.others[e]])
                desk.partner[i] = NOBODY
            for e in range(edges.starts[i], edges.starts[i + 1]):
                j = edges.others[e]
                fits = edges.worth[e] - desk.prices[j] == desk.gain[i]
                if fits and (again or j == now) and takes(desk, j):
                    seat(desk, i, j)
                    break


@inlined
def takes(desk: Desk, j: int) -> bool:
    return bool(desk.load[j] < desk.places[j] and desk.prices[j] >= asks(desk, j))


@inlined
def look_for_place(i: int, cost: int, edges: Edges, desk: Desk, trail: Trail) -> None:
    """Look on from seeker i, who would lose their offerer at this cost."""
    at = trail.used[MOVED]
    trail.moved[at], trail.moved_at[at] = i, cost
    trail.used[MOVED] += 1
    cost += desk.gain[i]
    if cost < trail.end[COST]:
        trail.end[COST], trail.end[OFFERER], trail.end[SEEKER] = cost, NOBODY, i
    for e in range(edges.starts[i], edges.starts[i + 1]):
        j = edges.others[e]
        there = cost + desk.prices[j] - edges.worth[e]
        if there >= trail.end[COST] or there >= trail.reached[j]:
            continue
        reach(trail, there, j, i, NOBODY)
        if desk.load[j] < desk.places[j]:
            taken = there + max(0, asks(desk, j) - desk.prices[j])
            if taken < trail.end[COST]:
                trail.end[COST], trail.end[OFFERER], trail.end[SEEKER] = taken, j, NOBODY
        if there < trail.end[COST]:
            push(trail, there, j)


@compiled
def place_seeker(start: int, edges: Edges, desk: Desk, trail: Trail) -> None:
    """Find the cheapest chain of moves that gives a seeker a place or leaves one alone; make it."""
    set_out(trail, desk.gain[start], NOBODY, start)
    look_for_place(start, 0, edges, desk, trail)
    held_by = nearest(trail)
    while held_by >= 0:
        i = desk.head[held_by]
        while i >= 0:
            look_for_place(i, trail.reached[held_by], edges, desk, trail)
            i = desk.after[i]
        held_by = nearest(trail)
    cost, j, alone = trail.end[COST], trail.end[OFFERER], trail.end[SEEKER]
    for at in range(trail.used[MOVED]):
        desk.gain[trail.moved[at]] -= max(0, cost - trail.moved_at[at])
    for at in range(trail.used[SEEN]):
        other = trail.seen[at]
        if trail.final[other]:
            desk.prices[other] += max(0, cost - trail.reached[other])
    if j < 0 and alone != start:
        j = desk.partner[alone]
        unseat(desk, alone)
    while j >= 0:
        i = trail.through[j]
        old = desk.partner[i]
        if old >= 0:
            unseat(desk, i)
        seat(desk, i, j)
        j = old
    forget(trail)


@inlined
def look_for_seeker(to: int, cost: int, edges: Edges, desk: Desk, trail: Trail) -> None:
    """Look on from an offerer who would have a place left at this cost."""
    cost += desk.prices[to]
    for e in range(edges.starts[to], edges.starts[to + 1]):
        i = edges.others[e]
        j = desk.partner[i]
        there = cost + desk.gain[i] - edges.worth[e]
        if j == to or there >= trail.end[COST]:
            continue
        if j < 0:
            trail.end[COST], trail.end[OFFERER], trail.end[SEEKER] = there, to, i
        elif there < trail.reached[j]:
            reach(trail, there, j, i, to)
            push(trail, there, j)


@compiled
def fill_place(start: int, edges: Edges, desk: Desk, trail: Trail) -> None:
    """Find the cheapest chain of moves that fills a place asked too much for, or ask less."""
    set_out(trail, desk.prices[start] - asks(desk, start), start, NOBODY)
    reach(trail, 0, start, NOBODY, NOBODY)
    trail.final[start] = 1
    look_for_seeker(start, 0, edges, desk, trail)
    to = nearest(trail)
    while to >= 0:
        given_up = trail.reached[to] + desk.prices[to] - lets_go(desk, to)
        if given_up < trail.end[COST]:
            trail.end[COST], trail.end[OFFERER], trail.end[SEEKER] = given_up, to, NOBODY
        look_for_seeker(to, trail.reached[to], edges, desk, trail)
        to = nearest(trail)
    cost, j, drawn = trail.end[COST], trail.end[OFFERER], trail.end[SEEKER]
    for at in range(trail.used[SEEN]):
        other = trail.seen[at]
        less = max(0, cost - trail.reached[other])
        desk.prices[other] -= less
        i = desk.head[other] if less else NOBODY
        while i >= 0:
            desk.gain[i] += less
            i = desk.after[i]
    if drawn >= 0:
        seat(desk, drawn, j)
    while j != start:
        i, to = trail.through[j], trail.behind[j]
        unseat(desk, i)
        seat(desk, i, to)
        j = to
    forget(trail)


@compiled
def by_offerer(edges: Edges, m: int) -> Edges:
    """Return the pairs by their other side."""
    starts = np.zeros(m + 1, np.int64)
    for j in edges.others:
        starts[j + 1] += 1
    starts = np.cumsum(starts)
    place = starts[:-1].copy()
    seekers = np.empty(edges.others.size, np.int32)
    worth = np.empty(edges.others.size, np.int64)
    for i in range(edges.starts.size - 1):
        for e in range(edges.starts[i], edges.starts[i + 1]):
            at = place[edges.others[e]]
            seekers[at], worth[at] = i, edges.worth[e]
            place[edges.others[e]] += 1
    return Edges(starts, seekers, worth)


@compiled
def reassign(edges: Edges, places: Shorts, first_gain: Ints, prices: Ints, partner: Shorts) -> None:
    """Make any matching and prices optimal on these pairs, changing both.

    First whoever is content stays. Then each seeker without a partner looks for the cheapest
    chain of moves that ends at a place left or with somebody alone, by Dijkstra's algorithm
    on what moves cost beyond the prices. Last, each offerer with a place left and too high
    a price looks for the cheapest chain that fills it, or asks less. Afterwards no pair is
    worth more than gain + price, and every pair of the matching exactly that.
    """
    n, m = partner.size, places.size
    desk = Desk(
        places, first_gain, prices, np.zeros(n, np.int64), partner, np.zeros(m, np.int32),
        np.full(m, NOBODY, np.int32), np.full(n, NOBODY, np.int32), np.full(n, NOBODY, np.int32),
    )  # fmt: skip
    heap = edges.others.size + 64
    trail = Trail(
        np.full(m, NEVER, np.int64), np.full(m, NOBODY, np.int32), np.full(m, NOBODY, np.int32),
        np.zeros(m, np.uint8), np.empty(m, np.int32), np.empty(n + 1, np.int32),
        np.empty(n + 1, np.int64), np.empty(heap, np.int64), np.empty(heap, np.int32),
        np.zeros(3, np.int64), np.zeros(3, np.int64),
    )  # fmt: skip
    keep_content(edges, desk)
    for i in range(n):
        if partner[i] < 0 and desk.gain[i] > 0:
            place_seeker(i, edges, desk, trail)
    turned = by_offerer(edges, m)
    for j in range(m):
        while desk.load[j] < places[j] and prices[j] > asks(desk, j):
            fill_place(j, turned, desk, trail)
