"""What the solver sees of a problem: scores, places, and who is whose mirror image."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairing.engine.rules import EVERYBODY, bans_of
from pairing.engine.score import Scores, total_points
from pairing.engine.shapes import Problem, Progress

Ints = NDArray[np.int64]
Partners = NDArray[np.int64]  # offerer per seeker, ALONE for nobody
PathOfPairs = tuple[tuple[int, int], ...]

NOT_ALLOWED = -1
ALONE = -1


@dataclass(frozen=True)
class Board:
    """The problem as numbers.

    scores: points by seeker and offerer, incumbents with their bonus, NOT_ALLOWED where a
    rule, a forbidden pair, a lock or a capacity of 0 says no. points: without those noes.
    places: what each offerer has left after locks. held: offerers with a locked partner.
    locked: partner of each seeker by lock. as_offerer / as_seeker: the same person on
    the other side, or ALONE.
    """

    scores: Scores
    points: Scores
    places: Ints
    held: NDArray[np.bool_]
    locked: Partners
    as_offerer: Ints
    as_seeker: Ints

    def mirror(self, i: int, j: int) -> tuple[int, int] | None:
        """Return the pair of the same two people with their parts exchanged."""
        a, b = int(self.as_seeker[j]), int(self.as_offerer[i])
        return None if a == ALONE or b == ALONE else (a, b)

    def double_parts(self, partner: Partners) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Return pairs of pairs in which two people hold both parts towards each other."""
        found = []
        for i in np.flatnonzero((partner != ALONE) & (self.as_offerer != ALONE)):
            pair = (int(i), int(partner[i]))
            other = self.mirror(*pair)
            if other is not None and pair < other and partner[other[0]] == other[1]:
                found.append((pair, other))
        return found

    @contextmanager
    def without(self, pairs: PathOfPairs) -> Iterator[None]:
        """Take pairs off the board while the block runs."""
        kept = [self.scores[pair] for pair in pairs]
        try:
            for pair in pairs:
                self.scores[pair] = NOT_ALLOWED
            yield
        finally:
            for pair, score in zip(pairs, kept, strict=True):
                self.scores[pair] = score


@dataclass(frozen=True)
class Aim:
    """What a solution is worth: scale × points + bonus a pair + first an offerer with anybody.

    Pairs below `floor` do not exist; locked pairs always do.
    """

    scale: int
    bonus: int
    first: int
    floor: int = 0

    def value(self, board: Board, partner: Partners) -> int:
        """Return what the free pairs of `partner` (locks left out) are worth."""
        rows = np.flatnonzero(partner != ALONE)
        total = int(board.points[rows, partner[rows]].sum(dtype=np.int64))
        new = np.unique(partner[rows])
        return (
            self.scale * total
            + self.bonus * rows.size
            + self.first * int(np.count_nonzero(~board.held[new]))
        )


def build_board(problem: Problem, progress: Progress) -> Board:
    """Score every pair and apply rules, locks, capacities and forbidden pairs."""
    points = total_points(problem, progress)
    for pair in problem.incumbent:
        points[pair] += problem.staying_points()
    allowed = np.ones(points.shape, bool)
    for ban in bans_of(problem).values():
        allowed &= ~ban.mask(EVERYBODY, EVERYBODY)
    as_offerer = _find(problem.seekers.identities(), problem.offerers.identities())
    as_seeker = _find(problem.offerers.identities(), problem.seekers.identities())
    places = np.array(problem.offerers.places(), np.int64)
    np.minimum(places, len(problem.seekers), out=places)  # keeps the arithmetic small
    locked = np.full(len(problem.seekers), ALONE, np.int64)
    held = np.zeros(len(problem.offerers), bool)
    for i, j in problem.locked:
        locked[i] = j
        held[j] = True
        places[j] -= 1
        if as_seeker[j] != ALONE and as_offerer[i] != ALONE:
            allowed[as_seeker[j], as_offerer[i]] = False
    allowed[locked != ALONE] = False
    allowed[np.array(problem.seekers.places(), np.int64) == 0] = False
    allowed[:, places == 0] = False
    scores = np.where(allowed, points, np.int32(NOT_ALLOWED))
    return Board(scores, points, places, held, locked, as_offerer, as_seeker)


def _find(wanted: Sequence[str], among: Sequence[str]) -> Ints:
    place = {identity: index for index, identity in enumerate(among)}
    return np.array([place.get(identity, ALONE) for identity in wanted], np.int64)
