"""Check matchings without believing them: scores, rules, sums, and the prices against every pair.

Nothing is solved here: the prices of a proof are either good enough or not.
"""

import numpy as np

from pairing.engine.board import (
    ALONE,
    COVERAGE,
    Aim,
    Board,
    Partners,
    PathOfPairs,
    best_total,
    build_board,
    coverage_from,
    lowest_score,
    people_first,
)
from pairing.engine.flow import bound_of as bound_by_prices
from pairing.engine.matching import describe
from pairing.engine.peers.pair import Pool
from pairing.engine.peers.prices import Mask, bound_of
from pairing.engine.peers.shapes import (
    GRAIN,
    NOT_ALLOWED,
    PairPoints,
    PeerPairs,
    PeersProblem,
    Prices,
    build_table,
    check_peers,
)
from pairing.engine.policies import Solution
from pairing.engine.rules import bans_of
from pairing.engine.score import Scores
from pairing.engine.shapes import Leaf, Matching, Policy, Problem, Proof, no_progress
from pairing.engine.sparse import Ints
from pairing.engine.stable import blocking_pairs
from pairing.engine.validate import check_problem


class ProofFailed(AssertionError):
    """A matching does not keep what it claims; the message says which claim."""


def verify(problem: Problem, matching: Matching) -> None:
    """Recompute everything a matching says about itself from the problem alone.

    Scores, rules, locks, parts, sums, the bound from the prices and the policy's claim.
    Raises ProofFailed naming the first thing that does not hold. It solves nothing: the
    prices in the proof are either good enough or not.
    """
    check_problem(problem)
    board = build_board(problem, no_progress)
    partner = _partners(problem, board, matching)
    _require(not board.double_parts(partner), "two people hold both parts to each other")
    free = np.where(board.locked == ALONE, partner, ALONE)
    policy, proof = matching.policy, matching.proof
    bound = bound_on_points(board, policy, free, proof)
    _require(bound is not None, "the prices do not cover every matching")
    proved = claim_is_proved(board, policy, free, proof)
    solution = Solution(free, proof, matching.rounds, bound or 0, proved)
    expected = describe(problem, board, policy, solution, 0.0, no_progress)
    for name in ("pairs", "objective", "bound", "gap_ppm", "people", "floor"):
        _require(
            getattr(matching, name) == getattr(expected, name),
            f"{name} is {getattr(matching, name)}, recomputed {getattr(expected, name)}",
        )
    _require(matching.blocking_pairs == expected.blocking_pairs, "blocking pairs are miscounted")
    _require(matching.left_over == expected.left_over, "the left-over list is another")
    _require(matching.proved == expected.proved, "it does not prove what it says it proves")
    _require(matching.bound >= matching.objective, "the bound is below the objective")


def _partners(problem: Problem, board: Board, matching: Matching) -> Partners:
    """Return who has whom, having checked each pair on its own."""
    n, m = board.shape
    partner = np.full(n, ALONE, np.int64)
    bans = bans_of(problem)
    for pair in matching.pairs:
        i, j = pair.seeker, pair.offerer
        _require(0 <= i < n and 0 <= j < m, f"pair ({i}, {j}) points at nobody")
        names = f"{problem.seekers.names[i]} with {problem.offerers.names[j]}"
        _require(partner[i] == ALONE, f"{names}: this seeker stands in two pairs")
        row, column = np.array([i]), np.array([j])
        broken = [key for key, ban in bans.items() if ban.at(row, column)[0]]
        _require(not broken, f"{names} breaks {', '.join(broken)}")
        _require(problem.seekers.places()[i] > 0, f"{names}: this seeker takes nobody")
        partner[i] = j
    load = np.bincount(partner[partner != ALONE], minlength=m)
    for name, has, places in zip(
        problem.offerers.names, load.tolist(), problem.offerers.places(), strict=True
    ):
        _require(has <= places, f"{name} has more partners than places")
    for i, j in problem.locked:
        _require(partner[i] == j, f"{problem.seekers.names[i]} lost the locked partner")
    return partner


def bound_on_points(board: Board, policy: Policy, partner: Partners, proof: Proof) -> int | None:
    """Return the most points by the proof, locks left out; None if the proof has a hole."""
    floor = lowest_score(board, partner) if policy is Policy.FAIREST_WORST_CASE else None
    if policy in {Policy.BEST_TOTAL, Policy.STABLE}:
        aim = best_total(board)
        bound = proved_bound(board, aim, proof.total, partner)
        return None if bound is None else bound // aim.scale
    aim = people_first(board, floor or 0)
    bound = proved_bound(board, aim, proof.total, partner)
    return None if bound is None else bound - aim.bonus * COVERAGE.value(board, partner)


def claim_is_proved(board: Board, policy: Policy, partner: Partners, proof: Proof) -> bool:
    """Say whether the proof shows everything the policy claims about `partner`."""
    if policy is Policy.STABLE:
        return blocking_pairs(board, partner, no_progress) == 0
    if policy is Policy.BEST_TOTAL:
        aim = best_total(board)
        return proved_bound(board, aim, proof.total, partner) == aim.value(board, partner)
    floor = lowest_score(board, partner) or 0
    aim = people_first(board, floor if policy is Policy.FAIREST_WORST_CASE else 0)
    if proved_bound(board, aim, proof.total, partner) != aim.value(board, partner):
        return False
    if policy is Policy.NOBODY_LEFT_OUT:
        return True
    covered = COVERAGE.value(board, partner)
    if proved_bound(board, COVERAGE, proof.coverage, partner) != covered:
        return False
    if not covered:
        return True
    higher = proved_bound(board, coverage_from(floor + 1), proof.floor, partner)
    return higher is not None and higher < covered


def proved_bound(board: Board, aim: Aim, leaves: tuple[Leaf, ...], partner: Partners) -> int | None:
    """Return the bound that the leaves prove, or None if they do not cover every matching.

    They do if the empty path splits, again and again, into two paths that differ in one
    pair and its mirror: no matching holds both, so it lies below one of the two.
    """
    paths = {leaf.path for leaf in leaves}
    if len(paths) != len(leaves) or not _covers(board, paths, ()):
        return None
    bounds = []
    for leaf in leaves:
        if len(leaf.prices) != len(board.places):
            return None
        with board.without(leaf.path):
            prices = np.array(leaf.prices, np.int64)
            bounds.append(bound_by_prices(board, aim, prices, partner, no_progress))
    return max(bounds)


def _covers(board: Board, paths: set[PathOfPairs], path: PathOfPairs) -> bool:
    if path in paths:
        return True
    below = {other[len(path)] for other in paths if other[: len(path)] == path}
    if len(below) != 2:
        return False
    one, other = sorted(below)
    if board.mirror(*one) != other:
        return False
    return all(_covers(board, paths, (*path, pair)) for pair in (one, other))


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
        answer.gap_ppm == (-(-gap * 1_000_000 // answer.bound) if gap else 0), "the gap is another"
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
    repeats = len(answer.met_again)
    floor = answer.floor if answer.policy is Policy.FAIREST_WORST_CASE else 0
    top = _bound(prices.total, pool.worth, pool.from_floor(floor or 0), pairs, pool.met, repeats)
    _require(top == total, "the prices do not prove the total")
    if repeats:
        fewer = _bound(prices.repeats, pool.worth, pool.possible, pairs, pool.met, repeats - 1)
        _require(fewer < 0, "the prices do not prove that there are no fewer repeats")
    most = _bound(prices.coverage, ones, pool.possible, None)
    _require(most == pairs, "the prices do not prove that there are no more pairs")
    if answer.policy is Policy.FAIREST_WORST_CASE and floor is not None:
        above = pool.from_floor(floor + 1)
        fewer = _bound(prices.floor, ones, above, pairs, pool.met, repeats)
        _require(fewer < pairs, "the prices do not prove that the weakest cannot be stronger")


def _pool(problem: PeersProblem, table: PairPoints) -> Pool:
    """Return everybody in their own order, with a last row for nobody where the number is odd."""
    pool = Pool.of(problem, table, 0, no_progress)
    people = len(table)
    number = [*pool.order.tolist(), *([people] if pool.nobody else [])]
    worth = np.full((people + pool.nobody, people + pool.nobody), NOT_ALLOWED, np.int32)
    worth[np.ix_(number, number)] = pool.worth
    met = np.pad(problem.has_met(), (0, pool.nobody))
    return Pool(np.arange(people), worth, worth > NOT_ALLOWED, met, pool.nobody)


def _bound(
    prices: Prices | None,
    worth: Scores,
    possible: Mask,
    pairs: int | None,
    met: Mask | None = None,
    repeats: int = 0,
) -> int:
    """Return what the prices bound, having held them against every possible pair."""
    if prices is None:
        raise ProofFailed("there are no prices")
    negative = min((*prices.person, *(price for _members, price in prices.sets)), default=0)
    _require(negative >= 0, "a price is below 0")
    _require(
        len(prices.person) == len(worth)
        and undervalued(prices, worth, possible, met).max(initial=0) <= 0,
        "a pair is worth more than its prices",
    )
    return bound_of(prices, pairs, repeats)


def undervalued(prices: Prices, worth: Scores, possible: Mask, met: Mask | None = None) -> Ints:
    """Return by how many grains each possible pair is worth more than its prices say."""
    person = np.array(prices.person, np.int64)
    short = GRAIN * worth.astype(np.int64) - person[:, None] - person[None, :] - prices.pair
    if met is not None:
        short -= prices.again * met
    for members, price in prices.sets:
        held = np.fromiter(members, np.int64)
        short[np.ix_(held, held)] -= price
    return np.where(possible, short, 0)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ProofFailed(otherwise)
