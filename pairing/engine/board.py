"""What the solver sees of a problem: scores, places, and who is whose mirror image.

One pass over all pairs, `sweep`, is all that ever looks at every pair: it makes the first lists
(by score), and later the proof (at prices).  Small boards go through numpy here, large ones
through `large.py`.
"""

import importlib.util
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from pairing.engine.blocks import BLOCK_ROWS, Scorer
from pairing.engine.rules import Ban, ForbiddenPairs, Mask, NothingShared, SameCode, bans_of
from pairing.engine.score import Floats
from pairing.engine.shapes import FULL_POINTS, Problem, Progress
from pairing.engine.sparse import EVERYBODY, Index, Ints, each_once, joined

Partners = Ints  # offerer per seeker, ALONE for nobody
PathOfPairs = tuple[tuple[int, int], ...]

NOT_ALLOWED = -1
ALONE = -1
TABLE_UP_TO = 100_000  # pairs; smaller boards keep the scores of all, larger ones compute blocks
SWEEP_ROWS = 256  # fewer than are scored at once: gains are wider numbers


@dataclass(frozen=True, eq=False)
class Board:
    """The problem as numbers.

    scorer, bans: points of any block, and what rules and forbidden pairs take out of it.
    seeking: seekers who may get somebody. places: what each offerer has left after locks.
    held: offerers with a locked partner. locked: partner of each seeker by lock.
    as_offerer / as_seeker: the same person on the other side, or ALONE.
    off: pairs that are off the board at present. table: all scores, if they are few.
    """

    scorer: Scorer
    bans: tuple[Ban, ...]
    seeking: Mask
    places: Ints
    held: Mask
    locked: Partners
    as_offerer: Ints
    as_seeker: Ints
    off: list[tuple[int, int]] = field(default_factory=list)
    table: Floats | None = None

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.locked), len(self.places)

    @property
    def size(self) -> int:
        n, m = self.shape
        return n * m

    def block(self, rows: Index, columns: Index = EVERYBODY) -> Floats:
        """Return the scores of these seekers with these offerers, NOT_ALLOWED where no pair is."""
        if self.table is not None:
            return self.table[rows][:, columns]
        scores = self.scorer.block(rows, columns)
        for ban in self.bans:
            scores[ban.mask(rows, columns)] = NOT_ALLOWED
        scores[~self.seeking[rows]] = NOT_ALLOWED
        scores[:, self.places[columns] == 0] = NOT_ALLOWED
        if self.off:
            n, m = self.shape
            in_row, in_column = np.full(n, -1), np.full(m, -1)
            in_row[rows] = np.arange(scores.shape[0])
            in_column[columns] = np.arange(scores.shape[1])
            for i, j in self.off:
                if in_row[i] >= 0 and in_column[j] >= 0:
                    scores[in_row[i], in_column[j]] = NOT_ALLOWED
        return scores

    def blocks(self, height: int = BLOCK_ROWS) -> Iterator[tuple[int, Floats]]:
        """Yield the first seeker and the scores of each block of all pairs."""
        n, m = self.shape
        for start in range(0, n if m else 0, height):
            yield start, self.block(slice(start, start + height))

    def at(self, rows: Ints, columns: Ints) -> Ints:
        """Return the scores of pairs, one seeker and one offerer each."""
        allowed = self.seeking[rows] & (self.places[columns] > 0)
        for ban in self.bans:
            allowed &= ~ban.at(rows, columns)
        off = set(self.off)
        pairs = zip(rows.tolist(), columns.tolist(), strict=True)
        allowed &= np.array([pair not in off for pair in pairs], bool)
        return np.where(allowed, self.points(rows, columns), NOT_ALLOWED)

    def points(self, rows: Ints, columns: Ints) -> Ints:
        """Return the points of pairs, allowed or not, incumbents with their bonus."""
        return self.scorer.at(rows, columns)

    def mirror(self, i: int, j: int) -> tuple[int, int] | None:
        """Return the pair of the same two people with their parts exchanged."""
        a, b = int(self.as_seeker[j]), int(self.as_offerer[i])
        return None if a == ALONE or b == ALONE else (a, b)

    def double_parts(self, partner: Partners) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Return pairs of pairs in which two people hold both parts towards each other."""
        pairs = []
        for i in np.flatnonzero((partner != ALONE) & (self.as_offerer != ALONE)):
            pair = (int(i), int(partner[i]))
            other = self.mirror(*pair)
            if other is not None and pair < other and partner[other[0]] == other[1]:
                pairs.append((pair, other))
        return pairs

    def mirrors(self, partner: Partners) -> PathOfPairs:
        """Return the pairs that may not stand while these do."""
        rows = np.flatnonzero((partner != ALONE) & (self.as_offerer != ALONE))
        pairs = (self.mirror(int(i), int(partner[i])) for i in rows)
        return tuple(pair for pair in pairs if pair is not None)

    @contextmanager
    def without(self, pairs: PathOfPairs) -> Iterator[None]:
        """Take pairs off the board while the block runs."""
        before = len(self.off)
        self.off.extend(pairs)
        rows, columns = _columns(pairs)
        kept = None
        if self.table is not None:
            kept = self.table[rows, columns]
            self.table[rows, columns] = NOT_ALLOWED
        try:
            yield
        finally:
            del self.off[before:]
            if self.table is not None:
                self.table[rows, columns] = kept


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
        total = int(board.points(rows, partner[rows]).sum()) if self.scale else 0
        new = each_once(partner[rows])
        return (
            self.scale * total
            + self.bonus * rows.size
            + self.first * int(np.count_nonzero(~board.held[new]))
        )

    def first_gain(self, board: Board) -> Ints:
        """Return what each offerer's first partner adds."""
        gain: Ints = np.where(board.held, 0, self.first).astype(np.int64)
        return gain


COVERAGE = Aim(scale=0, bonus=1, first=1)
MOST_POINTS = 2 * FULL_POINTS  # of a pair that stays together: its score and its bonus


def coverage_from(floor: int) -> Aim:
    """Return the aim that counts people with a partner of at least this score."""
    return Aim(COVERAGE.scale, COVERAGE.bonus, COVERAGE.first, floor)


def best_total(board: Board) -> Aim:
    """Points first; the one left after scaling decides between equals by number of pairs."""
    return Aim(scale=len(board.locked) + 1, bonus=1, first=0)


def people_first(board: Board, floor: int = 0) -> Aim:
    """One more person outweighs all points that any matching could have."""
    most_pairs = int(min(len(board.locked), board.places.sum()))
    person = most_pairs * MOST_POINTS + 1
    return Aim(scale=1, bonus=person, first=person, floor=floor)


@dataclass(frozen=True)
class Gains:
    """What a pass has found.

    excess: how much more than `own` each seeker could gain, 0 if nothing. rows, columns,
    points: the pairs by which, at most as many a seeker as were asked for.
    """

    excess: Ints
    rows: Ints
    columns: Ints
    points: Ints


def build_board(problem: Problem, progress: Progress) -> Board:
    """Prepare scores, rules, locks, capacities and forbidden pairs; small boards are scored."""
    n, m = len(problem.seekers), len(problem.offerers)
    as_offerer = _find(problem.seekers.identities(), problem.offerers.identities())
    as_seeker = _find(problem.offerers.identities(), problem.seekers.identities())
    places = np.minimum(np.array(problem.offerers.places(), np.int64), n)
    locked = np.full(n, ALONE, np.int64)
    held = np.zeros(m, bool)
    for i, j in problem.locked:
        locked[i] = j
        held[j] = True
        places[j] -= 1
    seeking = (locked == ALONE) & (np.array(problem.seekers.places(), np.int64) > 0)
    scorer, bans = Scorer.of(problem), tuple(bans_of(problem).values())
    board = Board(scorer, bans, seeking, places, held, locked, as_offerer, as_seeker)
    board.off.extend(board.mirrors(locked))
    if n * m > TABLE_UP_TO:
        return board
    table = np.zeros((n, m), np.float32)
    for start, block in board.blocks():
        progress(start, n, "scoring")
        table[start : start + len(block)] = block
    return Board(
        scorer, bans, seeking, places, held, locked, as_offerer, as_seeker, board.off, table
    )


def _columns(pairs: Iterable[tuple[int, int]]) -> tuple[Ints, Ints]:
    rows, columns = np.array(list(pairs), np.int64).reshape(-1, 2).T
    return rows, columns


def _find(wanted: Sequence[str], among: Sequence[str]) -> Ints:
    place = {identity: index for index, identity in enumerate(among)}
    return np.array([place.get(identity, ALONE) for identity in wanted], np.int64)


def lowest_score(board: Board, partner: Partners) -> int | None:
    """Return the fewest points of any of these pairs."""
    rows = np.flatnonzero(partner != ALONE)
    return int(board.points(rows, partner[rows]).min()) if rows.size else None


BY_SCORE = Aim(scale=1, bonus=0, first=0)


def sweep(
    board: Board,
    aim: Aim,
    own: Ints,
    prices: Ints,
    most: int,
    progress: Progress,
    changed: tuple[Mask, Mask] | None = None,
) -> Gains:
    """Return for each seeker how much a pair could gain above `own`, and by which `most` pairs.

    A pair gains scale × points + bonus − the offerer's price. `changed`, if given, names the
    seekers and the offerers of whom one must be in a pair for it to gain anything.
    """
    if is_large(board):
        from pairing.engine.large import sweep_compiled  # the compiler is loaded only here

        return sweep_compiled(board, aim, own, prices, most, progress, changed)
    n, m = board.shape
    few = min(most, m)
    excess = np.zeros(n, np.int64)
    parts = []
    for start, scores in board.blocks(SWEEP_ROWS):
        progress(start, n, "comparing all pairs")
        rows = slice(start, start + len(scores))
        gain = aim.scale * scores.astype(np.int64) + (aim.bonus - prices)
        gain -= own[rows, None]
        gain[scores < max(aim.floor, NOT_ALLOWED + 1)] = 0
        excess[rows] = np.maximum(gain.max(axis=1), 0)
        if few:
            best = np.argpartition(gain, m - few, axis=1)[:, m - few :]
            at, place = np.nonzero(np.take_along_axis(gain, best, axis=1) > 0)
            columns = best[at, place]
            parts.append((at + start, columns, scores[at, columns].astype(np.int64)))
    return Gains(excess, *joined(parts))


def is_large(board: Board) -> bool:
    """Say whether compiled loops are worth loading, and can be: they know three forms of ban."""
    known = all(isinstance(ban, NothingShared | SameCode | ForbiddenPairs) for ban in board.bans)
    return board.size > TABLE_UP_TO and known and importlib.util.find_spec("numba") is not None
