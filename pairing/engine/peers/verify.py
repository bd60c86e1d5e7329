"""Check pairs of peers without believing them: every sum, and the prices against every pair.

For tests and the bench; the product never calls it.
"""

import numpy as np

from pairing.engine.peers.pair import MILLION, Pool
from pairing.engine.peers.prices import Mask, bound_of, undervalued
from pairing.engine.peers.shapes import (
    NOT_ALLOWED,
    PairPoints,
    PeerPairs,
    PeersProblem,
    Prices,
    build_table,
    check_peers,
)
from pairing.engine.shapes import Policy, ProofFailed, no_progress
from pairing.engine.sparse import Ints


def verify_pairs(problem: PeersProblem, answer: PeerPairs) -> None:
    """Recompute what an answer says about itself from the problem alone.

    Raises ProofFailed naming the first thing that does not hold.  It solves nothing: the
    prices are either good enough or not.
    """
    check_peers(problem)
    table = build_table(problem, no_progress)
    locked = {frozenset(pair) for pair in problem.locked}
    pairs = _check_groups(problem, table, answer)
    free = [pair for pair in pairs if pair not in locked]
    _require(locked <= set(pairs), "a locked pair is missing")
    total = sum(int(table.points[tuple(pair)]) for pair in pairs)
    _require(answer.objective == total, f"the pairs come to {total}")
    floor = min((int(table.points[tuple(pair)]) for pair in free), default=None)
    _require(answer.floor == floor, f"the weakest pair has {floor}")
    _require(answer.bound >= answer.objective, "the bound is below the objective")
    gap = answer.bound - answer.objective
    _require(
        answer.gap_ppm == (-(-gap * MILLION // answer.bound) if gap else 0), "the gap is another"
    )
    if answer.proved:
        in_locks = sum(int(table.points[tuple(pair)]) for pair in locked)
        _check_claim(problem, table, answer, len(free), total - in_locks)


def _check_groups(
    problem: PeersProblem, table: PairPoints, answer: PeerPairs
) -> list[frozenset[int]]:
    """Return the pairs under the groups, having checked who sits where."""
    names = problem.people.names
    seated = [i for group in answer.groups for i in group]
    away = [left.index for left in answer.left_over]
    _require(sorted(seated + away) == list(range(len(names))), "not everybody is named once")
    pairs = []
    for group, points in zip(answer.groups, answer.points, strict=True):
        who = ", ".join(names[i] for i in group)
        for i in group:
            for j in group:
                _require(i == j or bool(table.allowed[i, j]), f"{who}: a rule is broken")
        two = frozenset(group) - answer.joined
        _require(len(two) == 2 and len(group) <= 3, f"{who}: no pair, and no trio")
        between = [int(table.points[i, j]) for i in group for j in group if i < j]
        _require(points == sum(between) // len(between), f"{who}: {points} points are not theirs")
        pairs.append(two)
    return pairs


def _check_claim(
    problem: PeersProblem, table: PairPoints, answer: PeerPairs, pairs: int, total: int
) -> None:
    """Check that the prices prove what the policy claims; pairs and total leave locks out."""
    if answer.policy is Policy.STABLE:
        _require(answer.blocking_pairs == 0, "two would rather have each other")
        return
    pool = _pool(problem, table)
    prices, ones = answer.proof, np.ones_like(pool.worth)
    if answer.policy is Policy.BEST_TOTAL:
        top = _bound(prices.total, pool.worth, pool.possible, None)
        _require(top == total, "the prices do not prove the total")
        return
    pairs += answer.third is not None
    floor = answer.floor if answer.policy is Policy.FAIREST_WORST_CASE else 0
    top = _bound(prices.total, pool.worth, pool.from_floor(floor or 0), pairs)
    _require(top == total, "the prices do not prove the total")
    most = _bound(prices.coverage, ones, pool.possible, None)
    _require(most == pairs, "the prices do not prove that there are no more pairs")
    if answer.policy is Policy.FAIREST_WORST_CASE and floor is not None:
        fewer = _bound(prices.floor, ones, pool.from_floor(floor + 1), None)
        _require(fewer < pairs, "the prices do not prove that the weakest cannot be stronger")


def _pool(problem: PeersProblem, table: PairPoints) -> Pool:
    """Return everybody in their own order, with a last row for nobody where the number is odd."""
    pool = Pool.of(problem, table, seed=0)
    people = len(table)
    number = [*pool.order.tolist(), *([people] if pool.nobody else [])]
    worth = np.full((people + pool.nobody, people + pool.nobody), NOT_ALLOWED, np.int64)
    worth[np.ix_(number, number)] = pool.worth
    return Pool(np.arange(people), worth, worth > NOT_ALLOWED, worth > NOT_ALLOWED, pool.nobody)


def _bound(prices: Prices | None, worth: Ints, possible: Mask, pairs: int | None) -> int:
    """Return what the prices bound, having held them against every possible pair."""
    if prices is None:
        raise ProofFailed("there are no prices")
    negative = min((*prices.person, *(price for _members, price in prices.sets)), default=0)
    _require(negative >= 0, "a price is below 0")
    _require(
        len(prices.person) == len(worth)
        and undervalued(prices, worth, possible).max(initial=0) <= 0,
        "a pair is worth more than its prices",
    )
    return bound_of(prices, pairs)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ProofFailed(otherwise)
