"""How near the matching came to each person's own first choice."""

from dataclasses import dataclass

import numpy as np

from pairing.engine.blocks import scores_between
from pairing.engine.rules import bans_of
from pairing.engine.shapes import Matching, Problem
from pairing.engine.sparse import EVERYBODY

BLOCK_ROWS = 512
MOST_CELLS = 30_000_000  # pairs; beyond it the answer would take longer than the matching


@dataclass(frozen=True)
class Choice:
    """rank: 1 + how many allowed partners would score higher; of: allowed partners in all."""

    rank: int
    of: int


def own_choices(problem: Problem, matching: Matching) -> list[tuple[Choice, Choice]] | None:
    """Return for each pair, in order, which choice the offerer is to the seeker, and back.

    Allowed is whom no rule and no empty capacity forbids; that others took them counts for
    nothing, as it is the wish before anybody chose. None where there are too many pairs.
    """
    n, m = len(problem.seekers), len(problem.offerers)
    if n * m > MOST_CELLS:
        return None
    bans = list(bans_of(problem).values())
    takes = np.array(problem.offerers.places()) > 0
    seeks = np.array(problem.seekers.places()) > 0
    mine = np.array([(p.seeker, p.offerer, p.total) for p in matching.pairs], np.int64)
    seekers, offerers, totals = mine.reshape(-1, 3).T
    better, of = np.zeros((2, len(seekers)), np.int64), np.zeros((2, len(seekers)), np.int64)
    for start in range(0, n, BLOCK_ROWS):
        rows = np.arange(start, min(start + BLOCK_ROWS, n))
        scores = scores_between(problem, rows.tolist(), range(m))
        allowed = ~np.logical_or.reduce([ban.mask(rows, EVERYBODY) for ban in bans])
        allowed &= takes[None, :] & seeks[rows][:, None]
        here = np.flatnonzero((seekers >= start) & (seekers < start + BLOCK_ROWS))
        own = allowed[seekers[here] - start]
        of[0, here] = own.sum(axis=1)
        better[0, here] = (own & (scores[seekers[here] - start] > totals[here, None])).sum(axis=1)
        theirs = allowed[:, offerers]
        of[1] += theirs.sum(axis=0)
        better[1] += (theirs & (scores[:, offerers] > totals)).sum(axis=0)
    return [
        (Choice(int(better[0, k]) + 1, int(of[0, k])), Choice(int(better[1, k]) + 1, int(of[1, k])))
        for k in range(len(seekers))
    ]
