"""The best pairing and the prices that prove it: fractions first, then odd sets.

If pairs could be halved, this were an assignment of everybody to everybody: the engine of two sides
solves that, and half of the sum of both its prices fits every pair. What it halves are odd circles;
the rest are pairs already. From there `blossoms` goes on, with one tree for each circle, on the
pairs that come nearest to their prices. Then all pairs are held against the prices; those that
break them join in, and the trees grow once more. The prices of people and odd sets are the proof
(Edmonds 1965): the matching polytope is "nobody twice" and "2k + 1 people hold at most k pairs".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairing.engine.peers.most import pair_most
from pairing.engine.peers.shapes import ALONE, GRAIN, Prices
from pairing.engine.score import Scores
from pairing.engine.shapes import Progress
from pairing.engine.sparse import Ints, each_once

Mask = NDArray[np.bool_]
Shorts = NDArray[np.int32]

PARTNERS = 16  # pairs of each person that are looked at at the start, and that may join in a round


@dataclass(frozen=True)
class Pairing:
    """Who has whom (ALONE for nobody), what it is worth, the prices, and the rounds it took."""

    mate: Ints
    value: int
    prices: Prices
    rounds: int


def best_pairs(worth: Scores, possible: Mask, progress: Progress, *, most: bool = False) -> Pairing:
    """Return the pairing of greatest worth among the possible pairs, with prices that prove it.

    worth: people × people, symmetric, from 0. most: as many pairs as there can be come first.
    """
    n = len(worth)
    if not possible.any():
        nothing = Prices((0,) * n, pair=-GRAIN * most)  # no pair at all: one would be below 0
        return Pairing(np.full(n, ALONE, np.int64), 0, nothing, 0)
    table = np.where(possible, worth, np.int32(-1))
    # a pair more outweighs everything that pairs can be worth
    extra = (n // 2 * int(table.max()) + 1) * most
    start = _halved(table, extra, progress)
    return _whole(table, extra, start, progress)


@dataclass(frozen=True)
class _Start:
    """The best pairs where pairs may be halved, without its odd circles, and prices for all pairs.

    pairs: who may be looked at, as keys of ordered pairs: those that come nearest to their prices.
    """

    mate: Ints
    prices: Ints
    pairs: Ints
    rounds: int


def _halved(table: Scores, extra: int, progress: Progress) -> _Start:
    # the compiler is loaded only where peers are paired
    from pairing.engine.compiled import blossoms, moves

    n = len(table)
    alone = np.full(n, ALONE, np.int64)
    columns = np.empty((n, min(PARTNERS, n - 1)), np.int32)
    blossoms.closest_pairs(table, extra, blossoms.make_sets(alone, np.zeros(n, np.int64)), columns)
    keys = _keys(columns)
    best = table.max(axis=1).astype(np.int64)
    partner, asks = alone.astype(np.int32), np.where(best < 0, 0, (best + extra) // 2)
    ones, nothing = np.ones(n, np.int32), np.zeros(n, np.int64)
    rounds = 0
    while True:
        rounds += 1
        progress(rounds, rounds + 1, "pairing")
        rows, others = np.divmod(keys, n)
        edges = moves.Edges(
            np.searchsorted(rows, np.arange(n + 1)),
            others.astype(np.int32),
            table[rows, others].astype(np.int64) + extra,
        )
        moves.reassign(edges, ones, nothing, np.arange(n), asks, partner)
        gains = np.zeros(n, np.int64)
        np.maximum.at(gains, rows, edges.worth - asks[others])
        prices = gains + asks
        broken = blossoms.closest_pairs(table, extra, blossoms.make_sets(alone, prices), columns)
        if not broken.any():
            break
        keys = _with_more(keys, columns, broken)
    there = np.flatnonzero(partner != ALONE)
    held = np.concatenate([there * n + partner[there], partner[there] * n + there])
    keys = each_once(np.concatenate([_keys(columns), held]))
    return _Start(_without_circles(partner), prices, keys, rounds)


def _keys(columns: Shorts, rows: Ints | None = None, n: int = 0) -> Ints:
    """Return the pairs of rows with their columns both ways, each once, as row × n + column."""
    if rows is None:
        rows, n = np.arange(len(columns)), len(columns)
    there = columns >= 0
    i = np.repeat(rows, there.sum(axis=1))
    j = columns[there].astype(np.int64)
    return each_once(np.concatenate([i * n + j, j * n + i]))


def _with_more(keys: Ints, columns: Shorts, broken: Ints) -> Ints:
    """Return the pairs looked at with those that break the prices; there are such, or we erred.

    Without that a mistake in the prices would be looked for without end.
    """
    some = np.flatnonzero(broken > 0)
    more = each_once(np.concatenate([keys, _keys(columns[some], some, len(columns))]))
    assert len(more) > len(keys), "pairs that were looked at break their own prices"
    return more


def _without_circles(partner: Shorts) -> Ints:
    """Return pairs along the ways from one to whom they have; of an odd circle, one rests."""
    onward, mate = partner.tolist(), np.full(len(partner), ALONE, np.int64)
    starts = sorted(set(range(len(onward))) - set(onward))  # ways that end first, then circles
    seen = [False] * len(onward)
    for start in (*starts, *range(len(onward))):
        way, i = [], start
        while i != ALONE and not seen[i]:
            seen[i] = True
            way.append(i)
            i = onward[i]
        for one, other in zip(way[::2], way[1::2], strict=False):
            mate[one], mate[other] = other, one
    return mate


def _whole(table: Scores, extra: int, start: _Start, progress: Progress) -> Pairing:
    from pairing.engine.compiled import blossoms

    n, keys, rounds = len(table), start.pairs, start.rounds
    columns = np.empty((n, min(PARTNERS, n - 1)), np.int32)
    while True:
        rounds += 1
        progress(rounds, rounds + 1, "pairing")
        rows, others = np.divmod(keys, n)
        pairs = blossoms.Pairs(
            np.searchsorted(rows, np.arange(n + 1)),
            others,
            2 * (table[rows, others].astype(np.int64) + extra),
        )
        sets = blossoms.make_sets(start.mate, start.prices)
        blossoms.pair_all(pairs, sets)
        broken = blossoms.closest_pairs(table, extra, sets, columns)
        if not broken.any():
            break
        keys = _with_more(keys, columns, broken)
    held = [
        (frozenset(sets.members[: blossoms.people_of(sets, which)].tolist()), int(price))
        for which, price in enumerate(sets.price[n:].tolist(), n)
        if price and sets.first[which] != ALONE
    ]
    prices = Prices(
        tuple((sets.price[:n] * (GRAIN // 2)).tolist()),
        tuple((members, price * (GRAIN // 2)) for members, price in held),
        -extra * GRAIN,
    )
    value, count = worth_of(table, sets.mate), count_pairs(sets.mate)
    bound = bound_of(prices, count)
    assert bound == value, f"the bound is {bound}, the pairs are worth {value}"
    return Pairing(sets.mate, value, prices, rounds)


def worth_of(worth: Scores, mate: Ints) -> int:
    """Return what the pairs are worth together."""
    rows = np.flatnonzero(mate > np.arange(len(mate)))
    return int(worth[rows, mate[rows]].sum())


def pairs_of(mate: Ints) -> list[tuple[int, int]]:
    """Return the pairs of a pairing, each once, the lower number first."""
    rows = np.flatnonzero(mate > np.arange(len(mate)))
    return [(int(i), int(mate[i])) for i in rows]


def count_pairs(mate: Ints) -> int:
    """Return how many pairs a pairing has; `mate` names each person's partner."""
    return int(np.count_nonzero(mate != ALONE)) // 2


def bound_of(prices: Prices, pairs: int | None, repeats: int = 0) -> int:
    """Return the most that prices allow any pairing of so many pairs and repeats to be worth."""
    grains = sum(prices.person) + prices.again * repeats
    grains += sum(len(members) // 2 * price for members, price in prices.sets)
    if pairs is not None:
        grains += prices.pair * pairs
    return grains // GRAIN


def most_pairs(possible: Mask, mate: Ints, progress: Progress) -> Pairing:
    """Return a pairing with as many pairs as there can be, each worth 1, with prices for it.

    `mate` is any pairing to begin with.
    """
    mate, prices = pair_most(possible, mate, progress)
    return Pairing(mate, count_pairs(mate), prices, 1)
