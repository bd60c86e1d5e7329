"""What each policy claims, and how it is computed and proved.

best_total
    No allowed matching has more points; among equals, none has more pairs.
    Proof: prices whose bound equals it.

nobody_left_out
    As many people as possible have a partner, then as many points as possible. People
    are seekers with an offerer plus offerers with at least one seeker. The two never
    compete: by Mendelsohn and Dulmage (1958) one matching reaches both the most seekers
    and the most offerers. (Only the two-parts rule can make them compete; then their
    sum counts.) Proof: one bound on coverage and points together, each person being
    worth more than all points there can be.

fairest_worst_case
    As many people as possible have a partner; then the lowest score of any pair that is
    not locked is as high as possible; then as many points as possible. Proof: a bound on
    coverage, a bound that says coverage falls if the floor rises by one point, and a
    bound on points above the floor.

stable
    No two allowed people would both rather have each other than what they have (equal
    scores are no reason to change; locked partners stay). Scores are the same from both
    sides, so deferred acceptance is taking pairs from the highest score down. Proof: the
    count of blocking pairs over all pairs is 0. `bound` is the best total of any
    matching, so that the gap is what stability costs.
"""

from dataclasses import dataclass

import numpy as np

from pairing.engine.assign import Solved, proved_bound, solve
from pairing.engine.board import ALONE, NOT_ALLOWED, Aim, Board, Partners
from pairing.engine.flow import Order
from pairing.engine.shapes import FULL_POINTS, Policy, Progress, Proof

COVERAGE = Aim(scale=0, bonus=1, first=1)


@dataclass(frozen=True)
class Choice:
    """The free people's partners (locks left out), and the proof of the policy's claim."""

    partner: Partners
    proof: Proof
    rounds: int


def choose(board: Board, policy: Policy, order: Order, progress: Progress) -> Choice:
    """Return the matching that the policy asks for."""
    if policy is Policy.STABLE:
        optimum = solve(board, best_total(board), order, progress)
        return Choice(_stable(board, order, progress), Proof(optimum.leaves), optimum.rounds + 1)
    if policy is Policy.BEST_TOTAL:
        best = solve(board, best_total(board), order, progress)
        return Choice(best.partner, Proof(best.leaves), best.rounds)
    if policy is Policy.NOBODY_LEFT_OUT:
        most = solve(board, people_first(board), order, progress)
        return Choice(most.partner, Proof(most.leaves), most.rounds)
    return _fairest(board, order, progress)


def best_total(board: Board) -> Aim:
    """Points first; the one left after scaling decides between equals by number of pairs."""
    return Aim(scale=len(board.locked) + 1, bonus=1, first=0)


def people_first(board: Board, floor: int = 0) -> Aim:
    """One more person outweighs all points that any matching could have."""
    person = _most_pairs(board) * FULL_POINTS + 1
    return Aim(scale=1, bonus=person, first=person, floor=floor)


def bound_on_points(board: Board, policy: Policy, partner: Partners, proof: Proof) -> int | None:
    """Return the most points by the proof, locks left out; None if the proof has a hole."""
    floor = lowest_score(board, partner) if policy is Policy.FAIREST_WORST_CASE else None
    if policy in {Policy.BEST_TOTAL, Policy.STABLE}:
        aim = best_total(board)
        bound = proved_bound(board, aim, proof.total)
        return None if bound is None else bound // aim.scale
    aim = people_first(board, floor or 0)
    bound = proved_bound(board, aim, proof.total)
    return None if bound is None else bound - aim.bonus * COVERAGE.value(board, partner)


def claim_is_proved(board: Board, policy: Policy, partner: Partners, proof: Proof) -> bool:
    """Say whether the proof shows everything the policy claims about `partner`."""
    if policy is Policy.STABLE:
        return blocking_pairs(board, partner) == 0
    if policy is Policy.BEST_TOTAL:
        aim = best_total(board)
        return proved_bound(board, aim, proof.total) == aim.value(board, partner)
    floor = lowest_score(board, partner) or 0
    aim = people_first(board, floor if policy is Policy.FAIREST_WORST_CASE else 0)
    if proved_bound(board, aim, proof.total) != aim.value(board, partner):
        return False
    if policy is Policy.NOBODY_LEFT_OUT:
        return True
    covered = COVERAGE.value(board, partner)
    if proved_bound(board, COVERAGE, proof.coverage) != covered:
        return False
    if not covered:
        return True
    higher = proved_bound(board, _coverage_from(floor + 1), proof.floor)
    return higher is not None and higher < covered


def lowest_score(board: Board, partner: Partners) -> int | None:
    """Return the fewest points of any pair that is not locked."""
    rows = np.flatnonzero(partner != ALONE)
    return int(board.points[rows, partner[rows]].min()) if rows.size else None


def blocking_pairs(board: Board, partner: Partners) -> int:
    """Return how many allowed pairs would both rather have each other.

    A seeker would if the score is above that of their partner; an offerer, if above the
    lowest of theirs or if they have a place left. A pair that would put two people in
    both parts towards each other is not allowed while its mirror stands.
    """
    n, m = board.scores.shape
    if not n or not m:
        return 0
    own = np.full(n, NOT_ALLOWED, np.int64)
    rows = np.flatnonzero(partner != ALONE)
    own[rows] = board.points[rows, partner[rows]]
    load = np.bincount(partner[rows], minlength=m)
    worst = np.full(m, np.iinfo(np.int64).max)
    np.minimum.at(worst, partner[rows], own[rows])
    worst[load < board.places] = NOT_ALLOWED
    mirrored = np.zeros((n, m), bool)
    for i in rows:
        mirror = board.mirror(int(i), int(partner[i]))
        if mirror is not None:
            mirrored[mirror] = True
    wants = (board.scores > own[:, None]) & (board.scores > worst[None, :]) & ~mirrored
    return int(np.count_nonzero(wants))


def _coverage_from(floor: int) -> Aim:
    return Aim(COVERAGE.scale, COVERAGE.bonus, COVERAGE.first, floor)


def _most_pairs(board: Board) -> int:
    return int(min(board.scores.shape[0], board.places.sum()))


def _fairest(board: Board, order: Order, progress: Progress) -> Choice:
    everybody = solve(board, COVERAGE, order, progress)
    rounds = everybody.rounds
    steps = np.unique(board.scores)
    steps = steps[steps != NOT_ALLOWED]
    # Coverage falls as the floor rises; find the last step that keeps all of it.
    low, high = 0, len(steps) - 1
    refused: Solved | None = None
    while everybody.value and low < high:
        middle = (low + high + 1) // 2
        progress(len(steps) - (high - low), len(steps), "raising the floor")
        above = solve(board, _coverage_from(int(steps[middle])), order, progress)
        rounds += above.rounds
        if above.value == everybody.value:
            low = middle
        else:
            high, refused = middle - 1, above
    floor = int(steps[low]) if everybody.value else 0
    best = solve(board, people_first(board, floor), order, progress)
    rounds += best.rounds
    if everybody.value and refused is None:  # nothing scores higher: prove that too
        refused = solve(board, _coverage_from(floor + 1), order, progress)
    proof = Proof(best.leaves, everybody.leaves, refused.leaves if refused else ())
    return Choice(best.partner, proof, rounds)


def _stable(board: Board, order: Order, progress: Progress) -> Partners:
    """Take allowed pairs from the highest score down while both have a place."""
    n, _m = board.scores.shape
    partner = np.full(n, ALONE, np.int64)
    left = board.places.copy()
    rows, columns = np.nonzero(board.scores != NOT_ALLOWED)
    ranked = np.lexsort(
        (order.offerers[columns], order.seekers[rows], -board.scores[rows, columns])
    )
    wanted, step = min(n, int(left.sum())), 65_536
    for start in range(0, len(ranked), step):
        progress(start, len(ranked), "accepting")
        part = ranked[start : start + step]
        for i, j in zip(rows[part].tolist(), columns[part].tolist(), strict=True):
            if partner[i] != ALONE or not left[j]:
                continue
            mirror = board.mirror(i, j)
            if mirror is not None and partner[mirror[0]] == mirror[1]:
                continue
            partner[i] = j
            left[j] -= 1
            wanted -= 1
        if not wanted:
            break
    return partner
