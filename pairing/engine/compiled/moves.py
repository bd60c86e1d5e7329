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


class _State(NamedTuple):
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


class _Search(NamedTuple):
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
def asks(state: _State, j: int) -> int:
    """Return the price at which an offerer with a place left takes one more seeker."""
    return 0 if state.load[j] else -state.first_gain[j]


@inlined
def lets_go(state: _State, j: int) -> int:
    """Return the price at which an offerer gives one of their seekers up."""
    return 0 if state.load[j] > 1 else -state.first_gain[j]


@inlined
def seat(state: _State, i: int, j: int) -> None:
    state.partner[i] = j
    state.load[j] += 1
    state.after[i], state.before[i] = state.head[j], NOBODY
    if state.head[j] >= 0:
        state.before[state.head[j]] = i
    state.head[j] = i


@inlined
def unseat(state: _State, i: int) -> None:
    j, before, after = state.partner[i], state.before[i], state.after[i]
    if before >= 0:
        state.after[before] = after
    else:
        state.head[j] = after
    if after >= 0:
        state.before[after] = before
    state.load[j] -= 1
    state.partner[i] = NOBODY


@inlined
def push(search: _Search, key: int, item: int) -> None:
    """Put an offerer on the heap of those reached, by cost."""
    keys, items, at = search.keys, search.items, search.used[HEAP]
    search.used[HEAP] += 1
    while at > 0 and keys[(at - 1) >> 1] > key:
        keys[at], items[at] = keys[(at - 1) >> 1], items[(at - 1) >> 1]
        at = (at - 1) >> 1
    keys[at], items[at] = key, item


@inlined
def drop_first(search: _Search) -> None:
    search.used[HEAP] -= 1
    keys, items, size = search.keys, search.items, search.used[HEAP]
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
def nearest(search: _Search) -> int:
    """Make the nearest offerer final and return them; NOBODY if none is nearer than the end."""
    while search.used[HEAP]:
        cost, j = search.keys[0], int(search.items[0])
        if cost >= search.end[COST]:
            break
        drop_first(search)
        if not search.final[j] and cost <= search.reached[j]:
            search.final[j] = 1
            return j
    return NOBODY


@inlined
def set_out(search: _Search, cost: int, j: int, i: int) -> None:
    """Begin a search with an end that is there already."""
    search.end[COST], search.end[OFFERER], search.end[SEEKER] = cost, j, i
    search.used[:] = 0


@inlined
def reach(search: _Search, cost: int, j: int, i: int, behind: int) -> None:
    if search.reached[j] == NEVER:
        search.seen[search.used[SEEN]] = j
        search.used[SEEN] += 1
    search.reached[j], search.through[j], search.behind[j] = cost, i, behind


@inlined
def forget(search: _Search) -> None:
    """Undo what one search has reached, at the cost of what it reached and no more."""
    for at in range(search.used[SEEN]):
        search.reached[search.seen[at]], search.final[search.seen[at]] = NEVER, 0


@compiled
def keep_content(edges: Edges, order: Ints, state: _State) -> None:
    """Let every seeker gain the most at these prices; keep or give partners where that fits."""
    for j in range(state.places.size):
        state.prices[j] = max(state.prices[j], -state.first_gain[j])
    for again in range(2):  # first who has a partner, then who may have one
        for i in order:
            now = state.partner[i]
            if again:
                if now >= 0 or state.gain[i] == 0:
                    continue
            else:
                for e in range(edges.starts[i], edges.starts[i + 1]):
                    state.gain[i] = max(
                        state.gain[i], edges.worth[e] - state.prices[edges.others[e]]
                    )
                state.partner[i] = NOBODY
            for e in range(edges.starts[i], edges.starts[i + 1]):
                j = edges.others[e]
                fits = edges.worth[e] - state.prices[j] == state.gain[i]
                if fits and (again or j == now) and takes(state, j):
                    seat(state, i, j)
                    break


@inlined
def takes(state: _State, j: int) -> bool:
    return bool(state.load[j] < state.places[j] and state.prices[j] >= asks(state, j))


@inlined
def look_for_place(i: int, cost: int, edges: Edges, state: _State, search: _Search) -> None:
    """Look on from seeker i, who would lose their offerer at this cost."""
    at = search.used[MOVED]
    search.moved[at], search.moved_at[at] = i, cost
    search.used[MOVED] += 1
    cost += state.gain[i]
    if cost < search.end[COST]:
        search.end[COST], search.end[OFFERER], search.end[SEEKER] = cost, NOBODY, i
    for e in range(edges.starts[i], edges.starts[i + 1]):
        j = edges.others[e]
        there = cost + state.prices[j] - edges.worth[e]
        if there >= search.end[COST] or there >= search.reached[j]:
            continue
        reach(search, there, j, i, NOBODY)
        if state.load[j] < state.places[j]:
            taken = there + max(0, asks(state, j) - state.prices[j])
            if taken < search.end[COST]:
                search.end[COST], search.end[OFFERER], search.end[SEEKER] = taken, j, NOBODY
        if there < search.end[COST]:
            push(search, there, j)


@compiled
def place_seeker(start: int, edges: Edges, state: _State, search: _Search) -> None:
    """Find the cheapest chain of moves that gives a seeker a place or leaves one alone; make it."""
    set_out(search, state.gain[start], NOBODY, start)
    look_for_place(start, 0, edges, state, search)
    held_by = nearest(search)
    while held_by >= 0:
        i = state.head[held_by]
        while i >= 0:
            look_for_place(i, search.reached[held_by], edges, state, search)
            i = state.after[i]
        held_by = nearest(search)
    cost, j, alone = search.end[COST], search.end[OFFERER], search.end[SEEKER]
    for at in range(search.used[MOVED]):
        state.gain[search.moved[at]] -= max(0, cost - search.moved_at[at])
    for at in range(search.used[SEEN]):
        other = search.seen[at]
        if search.final[other]:
            state.prices[other] += max(0, cost - search.reached[other])
    if j < 0 and alone != start:
        j = state.partner[alone]
        unseat(state, alone)
    while j >= 0:
        i = search.through[j]
        old = state.partner[i]
        if old >= 0:
            unseat(state, i)
        seat(state, i, j)
        j = old
    forget(search)


@inlined
def look_for_seeker(to: int, cost: int, edges: Edges, state: _State, search: _Search) -> None:
    """Look on from an offerer who would have a place left at this cost."""
    cost += state.prices[to]
    for e in range(edges.starts[to], edges.starts[to + 1]):
        i = edges.others[e]
        j = state.partner[i]
        there = cost + state.gain[i] - edges.worth[e]
        if j == to or there >= search.end[COST]:
            continue
        if j < 0:
            search.end[COST], search.end[OFFERER], search.end[SEEKER] = there, to, i
        elif there < search.reached[j]:
            reach(search, there, j, i, to)
            push(search, there, j)


@compiled
def fill_place(start: int, edges: Edges, state: _State, search: _Search) -> None:
    """Find the cheapest chain of moves that fills a place asked too much for, or ask less."""
    set_out(search, state.prices[start] - asks(state, start), start, NOBODY)
    reach(search, 0, start, NOBODY, NOBODY)
    search.final[start] = 1
    look_for_seeker(start, 0, edges, state, search)
    to = nearest(search)
    while to >= 0:
        given_up = search.reached[to] + state.prices[to] - lets_go(state, to)
        if given_up < search.end[COST]:
            search.end[COST], search.end[OFFERER], search.end[SEEKER] = given_up, to, NOBODY
        look_for_seeker(to, search.reached[to], edges, state, search)
        to = nearest(search)
    cost, j, drawn = search.end[COST], search.end[OFFERER], search.end[SEEKER]
    for at in range(search.used[SEEN]):
        other = search.seen[at]
        less = max(0, cost - search.reached[other])
        state.prices[other] -= less
        i = state.head[other] if less else NOBODY
        while i >= 0:
            state.gain[i] += less
            i = state.after[i]
    if drawn >= 0:
        seat(state, drawn, j)
    while j != start:
        i, to = search.through[j], search.behind[j]
        unseat(state, i)
        seat(state, i, to)
        j = to
    forget(search)


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
def reassign(
    edges: Edges, places: Shorts, first_gain: Ints, order: Ints, prices: Ints, partner: Shorts
) -> None:
    """Make any matching and prices optimal on these pairs, changing both; seekers come in `order`.

    First whoever is content stays. Then each seeker without a partner looks for the cheapest
    chain of moves that ends at a place left or with somebody alone, by Dijkstra's algorithm
    on what moves cost beyond the prices. Last, each offerer with a place left and too high
    a price looks for the cheapest chain that fills it, or asks less. Afterwards no pair is
    worth more than gain + price, and every pair of the matching exactly that.
    """
    n, m = partner.size, places.size
    state = _State(
        places, first_gain, prices, np.zeros(n, np.int64), partner, np.zeros(m, np.int32),
        np.full(m, NOBODY, np.int32), np.full(n, NOBODY, np.int32), np.full(n, NOBODY, np.int32),
    )  # fmt: skip
    heap = edges.others.size + 64
    search = _Search(
        np.full(m, NEVER, np.int64), np.full(m, NOBODY, np.int32), np.full(m, NOBODY, np.int32),
        np.zeros(m, np.uint8), np.empty(m, np.int32), np.empty(n + 1, np.int32),
        np.empty(n + 1, np.int64), np.empty(heap, np.int64), np.empty(heap, np.int32),
        np.zeros(3, np.int64), np.zeros(3, np.int64),
    )  # fmt: skip
    keep_content(edges, order, state)
    for i in order:
        if partner[i] < 0 and state.gain[i] > 0:
            place_seeker(i, edges, state, search)
    turned = by_offerer(edges, m)
    for j in range(m):
        while state.load[j] < places[j] and prices[j] > asks(state, j):
            fill_place(j, turned, state, search)
