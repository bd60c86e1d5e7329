"""Which of their own possible partners each of a pool of peers was given."""

from collections.abc import Sequence

import numpy as np

from pairing.engine.explain import Rank, ranks
from pairing.engine.peers.shapes import PeersProblem, build_table
from pairing.engine.shapes import FULL_POINTS, no_progress


def places_of(problem: PeersProblem, groups: Sequence[Sequence[int]]) -> dict[int, list[Rank]]:
    """Return for each person of these pairs and trios which choice the others are, best first.

    Possible is whom no rule forbids either way, locked to somebody or not; that others took them
    counts for nothing.  Who has been a partner before comes after all who have not, as in a run.
    """
    table = build_table(problem, no_progress)
    worth, possible = table.points.astype(np.int64), table.allowed
    np.fill_diagonal(possible, False)
    worth[problem.has_met()] -= 2 * FULL_POINTS
    return {
        i: ranks(worth[i], possible[i], [j for j in group if j != i])
        for group in groups
        for i in group
    }
