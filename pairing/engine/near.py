"""A matching of nearly the same people: where the next one may begin."""

from dataclasses import dataclass

import numpy as np

from pairing.engine.board import ALONE, NOT_ALLOWED, Aim, Board, Partners
from pairing.engine.shapes import Leaf, Matching, Problem
from pairing.engine.sparse import Ints


@dataclass(frozen=True)
class Near:
    """Partners by seeker as they were, and prices by offerer; newcomers have neither.

    total, coverage: the prices of those parts of the proof; known: who had a price.
    """

    partner: Partners
    known: Ints
    total: Ints
    coverage: Ints

    @classmethod
    def of(cls, problem: Problem, before: Problem, matching: Matching) -> "Near":
        """Return what is still true of a matching of `before`; people are known by identity."""
        seekers = {identity: i for i, identity in enumerate(problem.seekers.identities())}
        offerers = {identity: j for j, identity in enumerate(problem.offerers.identities())}
        seekers_before = before.seekers.identities()
        offerers_before = before.offerers.identities()
        partner = np.full(len(seekers), ALONE, np.int64)
        for pair in matching.pairs:
            i = seekers.get(seekers_before[pair.seeker])
            j = offerers.get(offerers_before[pair.offerer])
            if i is not None and j is not None:
                partner[i] = j
        stayed = [
            (j, offerers[identity])
            for j, identity in enumerate(offerers_before)
            if identity in offerers
        ]
        then, now = np.array(stayed, np.int64).reshape(-1, 2).T

        def prices(leaves: tuple[Leaf, ...]) -> Ints:
            found = np.zeros(len(offerers), np.int64)
            if leaves:
                found[now] = np.array(leaves[0].prices, np.int64)[then]
            return found

        proof = matching.proof
        return cls(partner, now, prices(proof.total), prices(proof.coverage))

    def pairs(self, board: Board) -> tuple[Ints, Ints, Ints]:
        """Return the pairs that are still allowed, with their scores."""
        rows = np.flatnonzero(self.partner != ALONE)
        columns = self.partner[rows]
        scores = board.at(rows, columns)
        there = scores != NOT_ALLOWED
        return rows[there], columns[there], scores[there]

    def start(self, board: Board, aim: Aim, prices: str) -> tuple[Partners, Ints]:
        """Return partners and prices to go on from; newcomers ask what a free place asks."""
        start = -aim.first_gain(board)
        start[self.known] = getattr(self, prices)[self.known]
        return self.partner, start
