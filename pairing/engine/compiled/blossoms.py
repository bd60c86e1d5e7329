"""The best pairs of one pool by trees that shrink odd circles, going on from prices.

Edmonds' algorithm (1965) with one tree at a time. Every person has a price, every odd set that was
shrunk a discount on the pairs inside it; two in different sets may be a pair where their prices
come to what the pair is worth, doubled. From somebody without a partner the tree reaches on by such
pairs; on even steps prices fall and on odd steps they rise until the next thing happens: a new pair
costs nothing more, two even sets meet (an odd circle, shrunk to one set), an odd set has used up
its discount (it is opened), or somebody's price is 0 (they may stay alone). Prices are worked out
when they are needed, from the time at which their set joined the tree, so a tree costs what it has
reached and no more. Doubled worths keep everything whole: in one tree all prices are of one parity.
Source: Galil, "Efficient algorithms for finding maximum matching in graphs" (1986).
"""

import heapq
from typing import NamedTuple

import numpy as np

from pairing.engine.compiled.passes import NOBODY, Ints, Shorts, compiled, inlined, keep_best

FREE, EVEN, ODD = 0, 1, 2
MEET, ALONE, OPEN = 0, 1, 2  # what can happen next in a tree

Event = tuple[int, int, int, int]  # when, what, and to which set or which two people


class Pairs(NamedTuple):
    """Pairs that may be: those of person i are at starts[i]:starts[i + 1]; worth is doubled."""

    starts: Ints
    others: Ints
    worth: Ints


class Sets(NamedTuple):
    """People (0 to n − 1) and odd sets of them (n to 2n − 1) while pairs are sought.

    mate, outer: by person, the partner and the outermost set. price: of a person, or the discount
    of a set, as they were at `since`. label, base: of outermost sets; base is the person whose
    partner is outside. The parts of a set are a ring: first, then by `after`; from the person
    out_of[part] to into[part] in the part after. from_, to: the pair by which an odd set was
    reached. parent: the set around. unused: numbers of sets that do not exist, as a stack whose
    height is used[0]; used[1] counts marks. clock: how far prices of this tree have moved.
    """

    mate: Ints
    outer: Ints
    price: Ints
    since: Ints
    label: Ints
    base: Ints
    parent: Ints
    first: Ints
    after: Ints
    before: Ints
    out_of: Ints
    into: Ints
    from_: Ints
    to: Ints
    mark: Ints
    unused: Ints
    used: Ints
    clock: Ints
    stack: Ints
    members: Ints


@compiled
def make_sets(mate: Ints, price: Ints) -> Sets:
    """Return a state of single people with these partners and prices."""
    n = mate.size
    prices = np.zeros(2 * n, np.int64)
    prices[:n] = price
    base = np.arange(2 * n)
    return Sets(
        mate.copy(), np.arange(n), prices, np.zeros(2 * n, np.int64), np.zeros(2 * n, np.int64),
        base, np.full(2 * n, NOBODY, np.int64), np.full(2 * n, NOBODY, np.int64),
        np.zeros(2 * n, np.int64), np.zeros(2 * n, np.int64), np.zeros(2 * n, np.int64),
        np.zeros(2 * n, np.int64), np.zeros(2 * n, np.int64), np.zeros(2 * n, np.int64),
        np.zeros(2 * n, np.int64), np.arange(2 * n - 1, n - 1, -1),
        np.array([n, 0]), np.zeros(1, np.int64), np.zeros(4 * n + 8, np.int64),
        np.zeros(n, np.int64),
    )  # fmt: skip


@compiled
def people_of(sets: Sets, which: int) -> int:
    """Put the people of a set into `members`; return how many they are."""
    n, found, height = sets.mate.size, 0, 1
    sets.stack[0] = which
    while height:
        height -= 1
        part = sets.stack[height]
        if part < n:
            sets.members[found] = part
            found += 1
            continue
        inner = sets.first[part]
        while True:
            sets.stack[height] = inner
            height += 1
            inner = sets.after[inner]
            if inner == sets.first[part]:
                break
    return found


@inlined
def price_now(sets: Sets, i: int) -> int:
    """Return a person's price at this time of the tree."""
    label = sets.label[sets.outer[i]]
    moved = sets.clock[0] - sets.since[i]
    return int(sets.price[i] - moved if label == EVEN else sets.price[i] + moved * (label == ODD))


@compiled
def settle(sets: Sets, which: int) -> None:
    """Write down the discount of an outermost set as it is now."""
    if which >= sets.mate.size:
        moved = 2 * (sets.clock[0] - sets.since[which])
        label = sets.label[which]
        sets.price[which] += moved * (label == EVEN) - moved * (label == ODD)
        sets.since[which] = sets.clock[0]


@compiled
def relabel(pairs: Pairs, sets: Sets, which: int, label: int, events: list[Event]) -> None:
    """Give an outermost set another label, and say what may happen to it from now on."""
    settle(sets, which)
    found, now = people_of(sets, which), sets.clock[0]
    for at in range(found):
        i = sets.members[at]
        sets.price[i] = price_now(sets, i)
        sets.since[i] = now
    sets.label[which] = label
    if label == ODD and which >= sets.mate.size:
        heapq.heappush(events, (now + sets.price[which] // 2, OPEN, which, 0))
    if label != ODD:
        for at in range(found):
            announce(pairs, sets, sets.members[at], events)


@compiled
def announce(pairs: Pairs, sets: Sets, i: int, events: list[Event]) -> None:
    """Say when the pairs of somebody even, or of somebody who left the tree, cost nothing more."""
    now, even = sets.clock[0], sets.label[sets.outer[i]] == EVEN
    price = price_now(sets, i)
    if even:
        heapq.heappush(events, (now + price, ALONE, i, 0))
    for e in range(pairs.starts[i], pairs.starts[i + 1]):
        j = pairs.others[e]
        other = sets.label[sets.outer[j]]
        if sets.outer[j] == sets.outer[i]:
            continue
        short = price + price_now(sets, j) - pairs.worth[e]
        if even and other == EVEN:
            heapq.heappush(events, (now + short // 2, MEET, i, j))
        elif even and other == FREE:
            heapq.heappush(events, (now + short, MEET, i, j))
        elif not even and other == EVEN:
            heapq.heappush(events, (now + short, MEET, j, i))


@compiled
def make_base(sets: Sets, which: int, person: int) -> None:
    """Exchange partners inside a set until this person is the one whose partner is outside."""
    n = sets.mate.size
    # kept apart from what `people_of` uses: pairs of (set, its new base), still to be done
    height = 2
    sets.stack[0], sets.stack[1] = which, person
    while height:
        height -= 2
        whole, i = sets.stack[height], sets.stack[height + 1]
        if whole < n:
            continue
        part = i
        while sets.parent[part] != whole:
            part = sets.parent[part]
        sets.stack[height], sets.stack[height + 1] = part, i
        height += 2
        steps, at = 0, sets.first[whole]
        while at != part:
            at, steps = sets.after[at], steps + 1
        at = part
        while at != sets.first[whole]:
            # the partner of `at` is the part beside it that the old base is farther from
            if steps % 2:
                one = sets.after[at]
                other = sets.after[one]
                a, b = sets.out_of[one], sets.into[one]
            else:
                one = sets.before[at]
                other = sets.before[one]
                a, b = sets.into[other], sets.out_of[other]
            sets.mate[a], sets.mate[b] = b, a
            sets.stack[height], sets.stack[height + 1] = one, a
            sets.stack[height + 2], sets.stack[height + 3] = other, b
            height += 4
            at = other
        sets.first[whole] = part
        sets.base[whole] = i


@compiled
def exchange(sets: Sets, i: int, partner: int) -> None:
    """Give somebody even another partner, or none, and everybody on the way to the root too."""
    while True:
        even = sets.outer[i]
        old = sets.mate[sets.base[even]]
        make_base(sets, even, i)
        sets.mate[i] = partner
        if old == NOBODY:
            return
        odd = sets.outer[old]
        above, below = sets.from_[odd], sets.to[odd]
        make_base(sets, odd, below)
        sets.mate[below] = above
        i, partner = above, below


@inlined
def set_above(sets: Sets, even: int) -> int:
    """Return the even set two steps nearer to the root; NOBODY from the root."""
    partner = sets.mate[sets.base[even]]
    return NOBODY if partner == NOBODY else sets.outer[sets.from_[sets.outer[partner]]]


@compiled
def join(sets: Sets, one: int, other: int, a: int, b: int) -> None:
    """Let one part follow another in a ring, by the pair of a and b."""
    sets.after[one], sets.before[other] = other, one
    sets.out_of[one], sets.into[one] = a, b


@compiled
def shrink(pairs: Pairs, sets: Sets, a: int, b: int, tree: list[int], events: list[Event]) -> None:
    """Make one even set of the odd circle that closes by the pair of a and b."""
    sets.used[1] += 1
    round_, top = sets.used[1], sets.outer[a]
    while top != NOBODY:
        sets.mark[top] = round_
        top = set_above(sets, top)
    top = sets.outer[b]
    while sets.mark[top] != round_:
        top = set_above(sets, top)
    sets.used[0] -= 1
    whole = sets.unused[sets.used[0]]
    join(sets, sets.outer[a], sets.outer[b], a, b)
    odd_parts = [NOBODY for _ in range(0)]
    for side in range(2):
        even = sets.outer[b] if side else sets.outer[a]
        while even != top:
            base = sets.base[even]
            odd = sets.outer[sets.mate[base]]
            above = sets.outer[sets.from_[odd]]
            odd_parts.append(odd)
            if side:
                join(sets, even, odd, base, sets.mate[base])
                join(sets, odd, above, sets.to[odd], sets.from_[odd])
            else:
                join(sets, odd, even, sets.mate[base], base)
                join(sets, above, odd, sets.from_[odd], sets.to[odd])
            even = above
    for odd in odd_parts:
        relabel(pairs, sets, odd, EVEN, events)
    sets.first[whole], sets.base[whole] = top, sets.base[top]
    sets.price[whole], sets.since[whole], sets.parent[whole] = 0, sets.clock[0], NOBODY
    part = top
    while True:
        settle(sets, part)
        sets.parent[part] = whole
        part = sets.after[part]
        if part == top:
            break
    sets.label[whole] = EVEN
    for at in range(people_of(sets, whole)):
        sets.outer[sets.members[at]] = whole
    tree.append(whole)


@compiled
def open_set(pairs: Pairs, sets: Sets, whole: int, tree: list[int], events: list[Event]) -> None:
    """Replace an odd set by its parts: those between its two ends stay in the tree."""
    a, b = sets.from_[whole], sets.to[whole]
    for at in range(people_of(sets, whole)):
        i = sets.members[at]  # written down while the set's label still says how prices move
        sets.price[i], sets.since[i] = price_now(sets, i), sets.clock[0]
    sets.label[whole] = FREE
    parts = [sets.first[whole]]
    while sets.after[parts[-1]] != parts[0]:
        parts.append(sets.after[parts[-1]])
    entry, steps = b, 0
    while sets.parent[entry] != whole:
        entry = sets.parent[entry]
    for part in parts:
        sets.parent[part], sets.label[part] = NOBODY, FREE
        sets.since[part] = sets.clock[0]
        for at in range(people_of(sets, part)):
            sets.outer[sets.members[at]] = part
    while parts[steps] != entry:
        steps += 1
    sets.from_[entry], sets.to[entry] = a, b
    on_the_way, at = [entry], entry
    while at != parts[0]:
        one = sets.after[at] if steps % 2 else sets.before[at]
        other = sets.after[one] if steps % 2 else sets.before[one]
        if steps % 2:
            sets.from_[other], sets.to[other] = sets.out_of[one], sets.into[one]
        else:
            sets.from_[other], sets.to[other] = sets.into[other], sets.out_of[other]
        on_the_way.append(one)
        on_the_way.append(other)
        at = other
    for at in range(len(on_the_way)):
        relabel(pairs, sets, on_the_way[at], EVEN if at % 2 else ODD, events)
        tree.append(on_the_way[at])
    for part in parts:
        if sets.label[part] == FREE:
            relabel(pairs, sets, part, FREE, events)
    sets.unused[sets.used[0]] = whole
    sets.used[0] += 1
    sets.first[whole] = NOBODY


@compiled
def grow(pairs: Pairs, sets: Sets, root: int) -> None:
    """Give somebody a partner, or let whoever costs least of all stay alone instead."""
    events: list[Event] = [(0, 0, 0, 0) for _ in range(0)]
    tree = [int(sets.outer[root])]
    sets.clock[0] = 0
    for at in range(sets.mate.size):
        sets.since[at] = 0
    relabel(pairs, sets, sets.outer[root], EVEN, events)
    while True:
        now, what, i, j = heapq.heappop(events)
        if what == OPEN:
            if sets.first[i] == NOBODY or sets.parent[i] != NOBODY or sets.label[i] != ODD:
                continue
            discount = sets.price[i] - 2 * (now - sets.since[i])
            if discount == 0:
                sets.clock[0] = now
                open_set(pairs, sets, i, tree, events)
            continue
        if what == ALONE:
            sets.clock[0] = now
            exchange(sets, i, NOBODY)
            break
        one, other = sets.outer[i], sets.outer[j]
        if one == other or sets.label[one] != EVEN or sets.label[other] == ODD:
            continue
        sets.clock[0] = now
        short = price_now(sets, i) + price_now(sets, j) - worth_of(pairs, i, j)
        if short > 0:  # one of the two has left the tree since, or come to it
            rest = short // 2 if sets.label[other] == EVEN else short
            heapq.heappush(events, (now + rest, MEET, i, j))
        elif sets.label[other] == EVEN:
            shrink(pairs, sets, i, j, tree, events)
        elif sets.mate[sets.base[other]] == NOBODY:
            exchange(sets, i, j)
            make_base(sets, other, j)
            sets.mate[j] = i
            break
        else:
            sets.from_[other], sets.to[other] = i, j
            relabel(pairs, sets, other, ODD, events)
            even = sets.outer[sets.mate[sets.base[other]]]
            relabel(pairs, sets, even, EVEN, events)
            tree.append(other)
            tree.append(even)
    clear(sets, tree)


@compiled
def clear(sets: Sets, tree: list[int]) -> None:
    """Write down the prices of a tree that is done, and take its labels away."""
    for which in tree:
        alive = which < sets.mate.size or sets.first[which] != NOBODY
        if not alive or sets.parent[which] != NOBODY or sets.label[which] == FREE:
            continue
        settle(sets, which)
        for at in range(people_of(sets, which)):
            i = sets.members[at]
            sets.price[i], sets.since[i] = price_now(sets, i), sets.clock[0]
        sets.label[which] = FREE


@compiled
def worth_of(pairs: Pairs, i: int, j: int) -> int:
    """Return the doubled worth of a pair that is among these; others are sorted."""
    low, high = pairs.starts[i], pairs.starts[i + 1] - 1
    while low < high:
        middle = (low + high) // 2
        if pairs.others[middle] < j:
            low = middle + 1
        else:
            high = middle
    return int(pairs.worth[low])


@compiled
def pair_all(pairs: Pairs, sets: Sets) -> int:
    """Give everybody the partner that is best for all; return how many trees it took.

    To begin with, no pair may be worth more than its two prices, and every pair of the matching
    exactly as much. Afterwards whoever is alone has a price of 0, so that the prices are the proof.
    """
    trees = 0
    for root in range(sets.mate.size):
        if sets.mate[root] == NOBODY and sets.price[root] > 0:
            grow(pairs, sets, root)
            trees += 1
    return trees


@compiled
def in_order(sets: Sets, order: Ints, begin: Ints, end: Ints) -> None:
    """Order people so that those of each set stand together, from `begin` to before `end`."""
    n, placed = sets.mate.size, 0
    begin[:] = n
    for i in range(n):
        which = sets.outer[i]
        if begin[which] < n:
            continue
        found = people_of(sets, which)
        for at in range(found):
            around = sets.members[at]
            order[placed] = around
            while around != NOBODY:
                begin[around] = min(begin[around], placed)
                end[around] = placed + 1
                around = sets.parent[around]
            placed += 1


@compiled
def closest_pairs(worth: Shorts, extra: int, sets: Sets, columns: Shorts) -> Ints:
    """Return by how much each person's worst pair breaks the prices, at most 0 where none does.

    worth: of each pair, below 0 where there is none; a pair counts `extra` more. Into `columns`
    come the pairs of each that break the prices or come nearest to it, as many as there is room.
    Equal ones are taken from the next number on, round the pool, so that where all are equal not
    everybody names the same few.
    """
    n, room = columns.shape
    keys, points = np.empty(room, np.int64), np.empty(room, np.int32)
    excess, order, steps = np.zeros(n, np.int64), np.empty(n, np.int64), np.zeros(n + 1, np.int64)
    begin, end = np.empty(2 * n, np.int64), np.empty(2 * n, np.int64)
    in_order(sets, order, begin, end)
    asks = np.empty(n, np.int64)
    for i in range(n):
        # a set takes its discount off the pairs inside it, so it adds it to what a partner asks
        asks[:] = sets.price[:n]
        outer, around, more = sets.outer[i], sets.parent[i], np.int64(0)
        while around != NOBODY:
            steps[begin[around]] += sets.price[around]
            steps[end[around]] -= sets.price[around]
            around = sets.parent[around]
        for at in range(begin[outer], end[outer]):
            more += steps[at]
            steps[at] = 0
            asks[order[at]] += more
        steps[end[outer]] = 0
        size, limit = 0, -(np.int64(1) << 62)
        for after in range(1, n):
            j = i + after - n * (i + after >= n)
            gain = 2 * (np.int64(worth[i, j]) + extra) - asks[j]
            if gain <= limit or worth[i, j] < 0:
                continue
            size = keep_best(keys, columns[i], points, size, gain, j, worth[i, j])
            limit = keys[0] if size == room else limit
        for at in range(size):
            excess[i] = max(excess[i], keys[at] - sets.price[i])
        columns[i, size:] = NOBODY
    return excess
