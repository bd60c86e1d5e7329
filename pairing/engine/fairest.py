"""How high the lowest score can be while as many people as possible have a partner."""

from dataclasses import dataclass

import numpy as np

from pairing.engine.assign import Solved, solve
from pairing.engine.board import ALONE, COVERAGE, Partners, coverage_from, lowest_score
from pairing.engine.flow import Search, solve_on_graph


@dataclass(frozen=True)
class Floor:
    """The highest floor, and why: all it must cover, and that one point more covers less.

    proved: both are. If nobody can be covered, nothing need be refused.
    """

    points: int
    covered: Solved
    refused: Solved | None
    rounds: int

    @property
    def proved(self) -> bool:
        if not self.covered.value:
            return True
        above = self.refused
        return self.covered.exact and above is not None and above.bound < self.covered.value


def highest_floor(search: Search) -> Floor:
    """Return the highest floor that leaves nobody out who could have a partner.

    Coverage falls as the floor rises. The few pairs of the graph show where it should fall,
    and a solve over all pairs just above says whether it does; if not, that solve has added
    the pairs that the graph had missed.
    """
    board = search.board
    covered = solve(search, COVERAGE)
    if not covered.value:
        return Floor(0, covered, None, covered.rounds)
    rounds, low = covered.rounds, lowest_score(board, covered.partner) or 0
    refused: Solved | None = None
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
    return Floor(low, covered, refused, rounds)


def _floor_on_graph(search: Search, covered: Solved, low: int) -> tuple[int, Partners]:
    """Return the highest floor of the graph, and a matching that keeps it or a lower one."""
    board, graph = search.board, search.graph
    sure = covered.partner
    steps = np.unique(graph.points[graph.points >= low])
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
