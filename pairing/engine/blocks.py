"""The scores of any block of pairs, so that no table of all pairs is ever needed.

A block is one matrix product and, for the few pairs that have more than their criteria
give (bonuses, pairs that already work together), a few additions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pairing.engine.score import Floats, Scores, Term, bonus_points, build_terms, from_table
from pairing.engine.shapes import Problem, Progress
from pairing.engine.sparse import EVERYBODY, Index, Ints, Sparse

BLOCK_ROWS = 512  # seekers scored at once: the float block stays in cache at 5,000 offerers
PAIRS_AT_ONCE = 16_384


@dataclass(frozen=True)
class Scorer:
    """Points of every pair: the sum of its terms and extra points.

    Whole numbers below 2**24 throughout, so float32 is exact.
    """

    terms: tuple[Term, ...]
    extra: Sparse

    @classmethod
    def of(cls, problem: Problem) -> "Scorer":
        """Return the scorer of a problem; bonuses and pairs that work together are its extra."""
        n, m = len(problem.seekers), len(problem.offerers)
        plain = cls(build_terms(problem), Sparse.of((), 0, n, m))
        pairs = sorted(problem.incumbent.union(*(bonus.pairs for bonus in problem.bonuses)))
        rows, columns = np.array(pairs, np.int64).reshape(-1, 2).T
        extra = [
            sum(bonus_points(problem.bonuses, i, j, total))
            + problem.staying_points() * ((i, j) in problem.incumbent)
            for (i, j), total in zip(pairs, plain.at(rows, columns).tolist(), strict=True)
        ]
        amounts = np.array(extra, np.int64)
        return cls(plain.terms, Sparse.from_arrays(rows, columns, amounts, n, m))

    @cached_property
    def product(self) -> tuple[Floats, Floats]:
        """Return seekers × features and features × offerers of all terms, unused features left out.

        Joined when first asked for: large boards never do.
        """
        n, m = len(self.extra.starts) - 1, self.extra.width
        worth = np.concatenate([_nothing(n), *(term.worth for term in self.terms)], axis=1)
        has = np.concatenate([_nothing(m), *(term.has for term in self.terms)], axis=1).T
        used = worth.any(axis=0) & has.any(axis=1)
        return np.ascontiguousarray(worth[:, used]), np.ascontiguousarray(has[used])

    def block(self, rows: Index, columns: Index = EVERYBODY) -> Floats:
        """Return the points of these seekers with these offerers, allowed or not."""
        worth, has = self.product
        points: Floats = worth[rows] @ has[:, columns]
        for term in self.terms:
            if term.table is not None:
                points += from_table(term, rows, columns)
        if len(self.extra):
            in_rows, in_columns, more = self.extra.find(rows, columns)
            points[in_rows, in_columns] += more
        return points

    def at(self, rows: Ints, columns: Ints) -> Ints:
        """Return the points of these pairs, one seeker and one offerer each."""
        points: Ints = parts_at(self.terms, rows, columns).sum(axis=1)
        return points + self.extra.at(rows, columns)


def _nothing(people: int) -> Floats:
    return np.zeros((people, 0), np.float32)


def parts_at(terms: Sequence[Term], rows: Ints, columns: Ints) -> Ints:
    """Return what each criterion gives each pair, as pairs × criteria."""
    parts = np.zeros((rows.size, len(terms)), np.int64)
    for start in range(0, rows.size, PAIRS_AT_ONCE):
        some = slice(start, start + PAIRS_AT_ONCE)
        i, j = rows[some], columns[some]
        for k, term in enumerate(terms):
            points = (term.worth[i] * term.has[j]).sum(axis=1).astype(np.int64)
            if term.table is not None:
                assert term.seeker_bits is not None
                assert term.offerer_bits is not None
                common = (term.seeker_bits[i] * term.offerer_bits[j]).sum(axis=1)
                points += term.table[np.minimum(common, len(term.table) - 1).astype(np.int64)]
            parts[some, k] = points
    return parts


def total_points(problem: Problem, progress: Progress) -> Scores:
    """Return the points (0–FULL_POINTS) of every pair, allowed or not: seekers × offerers."""
    scorer = Scorer.of(problem)
    n, m = len(problem.seekers), len(problem.offerers)
    scores: NDArray[np.int32] = np.zeros((n, m), np.int32)
    for start in range(0, n, BLOCK_ROWS):
        progress(start, n, "scoring")
        rows = slice(start, start + BLOCK_ROWS)
        scores[rows] = scorer.block(rows)
    return scores
