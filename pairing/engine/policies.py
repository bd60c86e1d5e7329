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

from pairing.engine.board import (
    ALONE,
    COVERAGE,
    Partners,
    best_total,
    coverage_from,
    lowest_score,
    people_first,
)
from pairing.engine.flow import Assignment, Search, solve, solve_on_graph
from pairing.engine.shapes import Policy, Proof
from pairing.engine.sparse import each_once
from pairing.engine.stable import stable_partners


@dataclass(frozen=True)
class Solution:
    """The free people's partners (locks left out), and the proof of the policy's claim.

    bound: on the points of the free pairs. proved: whether the proof shows the whole claim.
    """

    partner: Partners
    proof: Proof
    rounds: int
    bound: int
    proved: bool


def choose(search: Search, policy: Policy) -> Solution:
    """Return the matching that the policy asks for, points and bound without the locked pairs."""
    board = search.board
    if policy is Policy.STABLE:
        optimum = solve(search, best_total(board))
        partner = stable_partners(search)
        bound = optimum.bound // best_total(board).scale
        return Solution(partner, Proof(optimum.leaves), optimum.rounds + 1, bound, True)
    if policy is Policy.BEST_TOTAL:
        best = solve(search, best_total(board))
        bound = best.bound // best_total(board).scale
        return Solution(best.partner, Proof(best.leaves), best.rounds, bound, best.exact)
    if policy is Policy.NOBODY_LEFT_OUT:
        aim = people_first(board)
        most = solve(search, aim)
        bound = most.bound - aim.bonus * COVERAGE.value(board, most.partner)
        return Solution(most.partner, Proof(most.leaves), most.rounds, bound, most.exact)
    floor = highest_floor(search)
    aim = people_first(board, floor.points)
    best = solve(search, aim)
    bound = best.bound - aim.bonus * COVERAGE.value(board, best.partner)
    proof = Proof(best.leaves, floor.covered.leaves, floor.refused.leaves if floor.refused else ())
    proved = (
        best.exact and floor.proved and COVERAGE.value(board, best.partner) == floor.covered.value
    )
    return Solution(best.partner, proof, best.rounds + floor.rounds, bound, proved)


@dataclass(frozen=True)
class _Floor:
    """The highest floor, and why: all it must cover, and that one point more covers less.

    proved: both are. If nobody can be covered, nothing need be refused.
    """

    points: int
    covered: Assignment
    refused: Assignment | None
    rounds: int

    @property
    def proved(self) -> bool:
        if not self.covered.value:
            return True
        above = self.refused
        return self.covered.exact and above is not None and above.bound < self.covered.value


def highest_floor(search: Search) -> _Floor:
    """Return the highest floor that leaves nobody out who could have a partner.

    Coverage falls as the floor rises. The few pairs of the graph show where it should fall,
    and a solve over all pairs just above says whether it does; if not, that solve has added
    the pairs that the graph had missed.
    """
    board = search.board
    covered = solve(search, COVERAGE)
    if not covered.value:
        return _Floor(0, covered, None, covered.rounds)
    rounds, low = covered.rounds, lowest_score(board, covered.partner) or 0
    refused: Assignment | None = None
    while refused is None:
        guess, partner = _floor_on_graph(search, covered, low)
        low = max(low, lowest_score(board, partner) or 0)
        above = solve(search, coverage_from(max(guess, low) + 1), covered.root)
        rounds += above.rounds
        if above.value < covered.value:
            refused, high = above, max(guess, low) + 1
        else:
            low = lowest_score(board, above.partner) or 0
    # Two parts towards each other may not stand together, which the graph did not know.
    while low + 1 < high:
        above = solve(search, coverage_from((low + high) // 2), covered.root)
        rounds += above.rounds
        if above.value < covered.value:
            refused, high = above, (low + high) // 2
        else:
            low = lowest_score(board, above.partner) or 0
    return _Floor(low, covered, refused, rounds)


def _floor_on_graph(search: Search, covered: Assignment, low: int) -> tuple[int, Partners]:
    """Return the highest floor of the graph, and a matching that keeps it or a lower one."""
    board, graph = search.board, search.graph
    sure = covered.partner
    steps = each_once(graph.points[graph.points >= low])
    best = np.zeros(board.shape[0], np.int64)
    np.maximum.at(best, graph.rows, graph.points)
    seekers = np.count_nonzero(sure != ALONE)
    # So many seekers must be covered, and each needs a pair above the floor.
    most = int(np.sort(best)[-seekers])
    first, last = 0, int(np.searchsorted(steps, most, side="right")) - 1
    guess = last
    while first < last:
        search.progress(guess - first, len(steps), "raising the floor")
        aim = coverage_from(int(steps[guess]))
        partner, _prices = solve_on_graph(search, aim, graph.for_aim(board, aim), covered.root)
        if aim.value(board, partner) < covered.value:
            last = guess - 1
        else:
            first = guess
            if not board.double_parts(partner):
                sure = partner
        guess = (first + last + 1) // 2
    return int(steps[first]) if steps.size else low, sure
