"""As many pairs as there can be, of these as few that have met as can be, and of these the best.

Three aims in a row are one sum of whole numbers.  Where nobody loses a partner by it, pairs that
have met are not looked at, and so dear in the prices that these hold for them too.  Where some
must meet again, a pair that has not met counts more than the points of all pairs together; the
prices of that sum, with what a repeat counts less, prove both that there are no fewer repeats and
that no pairing of as few has more points (`Prices.again`).
"""

from dataclasses import dataclass, replace

import numpy as np

from pairing.engine.peers.prices import (
    Mask,
    Pairing,
    best_pairs,
    count_pairs,
    most_pairs,
    pairs_of,
    worth_of,
)
from pairing.engine.peers.shapes import GRAIN
from pairing.engine.score import Scores
from pairing.engine.shapes import EngineError, Progress
from pairing.engine.sparse import Ints

LARGEST = int(np.iinfo(np.int32).max)  # what the worth of a pair may be: tables hold 32 bits


@dataclass(frozen=True)
class Repeats:
    """What pairs that have met count in a pool.

    met: possible pairs that have met.  fewest: how many there must be, of as many pairs as there
    can be.  cost: points that one of them counts less, more than all points that all can have;
    0 where there must be none, and they are left out.
    """

    met: Mask
    fewest: int = 0
    cost: int = 0

    @property
    def counted(self) -> bool:
        """Say whether any two who could be a pair have met."""
        return bool(self.met.any())

    def in_pairs(self, mate: Ints) -> int:
        """Return how many pairs of a pairing have met."""
        return sum(bool(self.met[i, j]) for i, j in pairs_of(mate))

    def best_pairs(self, worth: Scores, possible: Mask, progress: Progress) -> Pairing:
        """Return the pairing of most pairs, then fewest repeats, then greatest worth, proved."""
        if not self.cost:
            best = best_pairs(worth, possible & ~self.met, progress, most=True)
            if not self.counted:
                return best
            too_dear = int(worth.max()) * GRAIN - best.prices.pair
            return replace(best, prices=replace(best.prices, again=max(0, too_dear)))
        sum_of_aims = np.where(possible & ~self.met, worth + np.int32(self.cost), worth)
        best = best_pairs(sum_of_aims, possible, progress, most=True)
        pair = best.prices.pair - self.cost * GRAIN
        prices = replace(best.prices, pair=pair, again=self.cost * GRAIN)
        return replace(best, value=worth_of(worth, best.mate), prices=prices)

    def most_pairs(self, possible: Mask, mate: Ints, progress: Progress) -> Pairing:
        """Return a pairing of most pairs, then fewest repeats: each pair is worth 1, a repeat 0.

        mate: any pairing of possible pairs to begin with; of repeats only where some must be.
        """
        if not self.counted:
            return most_pairs(possible, mate, progress)
        if not self.cost:
            most = most_pairs(possible & ~self.met, mate, progress)
        else:
            ones = (possible & ~self.met).astype(np.int32)
            most = best_pairs(ones, possible, progress, most=True)
        return replace(most, prices=replace(most.prices, again=GRAIN))

    def is_reached(self, mate: Ints, pairs: int) -> bool:
        """Say whether a pairing has so many pairs and no more repeats than there must be."""
        return count_pairs(mate) == pairs and self.in_pairs(mate) <= self.fewest


def pair_anew(
    worth: Scores, possible: Mask, met: Mask, progress: Progress
) -> tuple[Repeats, Pairing, Pairing]:
    """Return what repeats count, the best pairs of all three aims, and the proof of the first.

    worth, possible, met: people × people, symmetric.  Raises EngineError where the sum of aims
    is larger than a table holds, at some ten thousands of people.
    """
    repeats = Repeats(met & possible)
    best = repeats.best_pairs(worth, possible, progress)
    coverage = most_pairs(possible, best.mate, progress)
    if coverage.value == count_pairs(best.mate):
        return repeats, best, coverage
    most = int(worth.max())
    repeats = replace(repeats, cost=coverage.value * most + 1)
    if repeats.cost + most > LARGEST:
        raise EngineError(
            "Somebody must meet a partner again, and for so many people at once it cannot be said "
            "how few of them need to."
        )
    best = repeats.best_pairs(worth, possible, progress)
    return replace(repeats, fewest=repeats.in_pairs(best.mate)), best, coverage
