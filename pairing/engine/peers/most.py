"""As many pairs as there can be, and why there cannot be more.

Edmonds' search (1965) from everybody who has nobody: either it finds somebody more to pair, or
it ends in the decomposition of Gallai and Edmonds.  Those it reaches on even steps hang together
in odd sets whose members want nobody but each other and a few `wanted` people outside; there are
more such sets than wanted people, and nobody can be in two pairs.  The rest pair up among
themselves.  So 1 for each wanted person, 1 for each odd set and ½ for each of the rest are
prices that no pair undercuts, and they add up to the number of pairs found.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from pairing.engine.peers.shapes import ALONE, GRAIN, Prices
from pairing.engine.shapes import Progress
from pairing.engine.sparse import Ints

Mask = NDArray[np.bool_]


def pair_most(possible: Mask, mate: Ints, progress: Progress) -> tuple[Ints, Prices]:
    """Return a pairing with as many pairs as there can be, and prices that bound their number.

    `mate` is any pairing to begin with; it is not changed.
    """
    search = _searched(possible, mate, progress)
    return search.mate, search.prices()


def who_can_remain(possible: Mask, mate: Ints, progress: Progress) -> Mask:
    """Return who has nobody in some pairing with as many pairs as there can be.

    They are those whom the last searches reach on even steps (Gallai and Edmonds).
    """
    search = _searched(possible, mate, progress)
    can_remain: Mask = search.even | (search.mate == ALONE)
    return can_remain


def _searched(possible: Mask, mate: Ints, progress: Progress) -> "_Search":
    search = _Search(possible, mate.copy())
    exposed = np.flatnonzero((search.mate == ALONE) & possible.any(axis=1))
    for done, root in enumerate(exposed.tolist()):
        progress(done, len(exposed), "pairing")
        if search.mate[root] == ALONE:
            search.grow(root)
    return search


class _Search:
    """Alternating trees; those that found nobody stay as they are and are not entered again."""

    def __init__(self, possible: Mask, mate: Ints) -> None:
        n = len(mate)
        self.possible, self.mate = possible, mate
        self.even = np.zeros(n, bool)  # reached on an even step, in the trees that stay
        self.odd = np.zeros(n, bool)  # reached on an odd step only, in the trees that stay
        self.open = np.ones(n, bool)  # in no tree that stays
        self.base = np.arange(n)
        self.parent = np.full(n, ALONE, np.int64)
        self.reached = np.zeros(n, bool)

    def grow(self, root: int) -> None:
        """Pair the root with one more search; if there is no way, keep the tree as the reason."""
        n = len(self.mate)
        self.base = np.arange(n)
        self.parent = np.full(n, ALONE, np.int64)
        self.reached = np.zeros(n, bool)
        self.reached[root] = True
        queue = deque([root])
        while queue:
            i = queue.popleft()
            for j in np.flatnonzero(self.possible[i] & self.open).tolist():
                if self.base[i] == self.base[j] or self.mate[i] == j:
                    continue
                if j == root or (self.mate[j] != ALONE and self.parent[self.mate[j]] != ALONE):
                    queue.extend(self._contract(i, j))
                elif self.parent[j] == ALONE:
                    self.parent[j] = i
                    if self.mate[j] == ALONE:
                        self._augment(j)
                        return
                    self.reached[self.mate[j]] = True
                    queue.append(int(self.mate[j]))
        inner = (self.parent != ALONE) & ~self.reached
        self.even |= self.reached
        self.odd |= inner
        self.open &= ~(self.reached | inner)

    def prices(self) -> Prices:
        """Return 1 for each wanted person and each odd set, ½ for each of the rest."""
        person = np.where(self.odd, GRAIN, 0)
        person[self.open & (self.mate != ALONE)] = GRAIN // 2
        sets, left = [], self.even.copy()
        while left.any():
            members = np.zeros(len(left), bool)
            members[np.flatnonzero(left)[0]] = True
            while True:
                more = left & (self.possible[members].any(axis=0) | members)
                if (more == members).all():
                    break
                members = more
            left &= ~members
            if members.sum() > 1:
                sets.append((frozenset(np.flatnonzero(members).tolist()), GRAIN))
        return Prices(tuple(person.tolist()), tuple(sets))

    def _augment(self, j: int) -> None:
        while j != ALONE:
            i = int(self.parent[j])
            after = int(self.mate[i])
            self.mate[i], self.mate[j] = j, i
            j = after

    def _contract(self, i: int, j: int) -> list[int]:
        """Make one of the odd circle that i and j close; return who is reached by it anew."""
        top = self._common(i, j)
        blossom = np.zeros(len(self.mate), bool)
        self._mark(i, j, top, blossom)
        self._mark(j, i, top, blossom)
        inside = blossom[self.base]
        self.base[inside] = top
        new = inside & ~self.reached
        self.reached |= inside
        return np.flatnonzero(new).tolist()

    def _common(self, i: int, j: int) -> int:
        above = set()
        while True:
            i = int(self.base[i])
            above.add(i)
            if self.mate[i] == ALONE:
                break
            i = int(self.parent[self.mate[i]])
        while True:
            j = int(self.base[j])
            if j in above:
                return j
            j = int(self.parent[self.mate[j]])

    def _mark(self, i: int, child: int, top: int, blossom: Mask) -> None:
        while self.base[i] != top:
            blossom[self.base[i]] = blossom[self.base[self.mate[i]]] = True
            self.parent[i] = child
            child = int(self.mate[i])
            i = int(self.parent[self.mate[i]])
