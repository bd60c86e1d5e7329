"""The best pairing by linear programming with odd sets, and the prices that prove it.

The matching polytope of a graph is given by "nobody twice" and "an odd set of 2k + 1 people
holds at most k pairs" (Edmonds 1965).  There are too many sets and too many pairs to write
them all down, so both come in when they are needed: pairs that the prices undervalue, and the
odd sets that a fractional answer breaks.  Where rounding leaves it fractional all the same (rare),
a blossom algorithm takes the best of the pairs brought in, and the prices say how good that is.
"""

from dataclasses import dataclass

import numpy as np
import rustworkx
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from pairing.engine.peers.most import pair_most
from pairing.engine.peers.oddsets import broken_sets
from pairing.engine.peers.shapes import ALONE, GRAIN, Prices
from pairing.engine.shapes import Progress
from pairing.engine.sparse import Ints

Mask = NDArray[np.bool_]

FIRST_PARTNERS = 12  # pairs that each person brings in at the start, and at most later a round
MOST_ROUNDS = 200
EPSILON = 1e-6  # of a pair or a point: less than this in the program's answer is nothing


@dataclass(frozen=True)
class Pairing:
    """Who has whom (ALONE for nobody), what it is worth, the prices, and the rounds it took."""

    mate: Ints
    value: int
    prices: Prices
    rounds: int


def best_pairs(
    worth: Ints,
    possible: Mask,
    progress: Progress,
    *,
    as_many_as: Ints | None = None,
) -> Pairing:
    """Return the pairing of greatest worth among the possible pairs, with prices as its bound.

    worth: people × people, symmetric, from 0. `as_many_as` is a pairing: the answer has
    exactly as many pairs; without it, as many as pay.
    """
    pairs = None if as_many_as is None else count_pairs(as_many_as)
    program = _Program(worth, possible, pairs)
    if as_many_as is not None:
        program.add(pairs_of(as_many_as))
    rounds, settled = 0, False
    for rounds in range(1, MOST_ROUNDS + 1):
        progress(rounds, MOST_ROUNDS, "pairing")
        if not program.solve():
            break
        if program.add_undervalued_pairs():
            continue
        settled = not program.is_fractional()
        if settled or not program.add_broken_sets():
            break
    prices = program.prices()
    mate = program.chosen()
    if not settled:
        mate = _paired(list(program.brought_in), worth, as_many=pairs is not None)
    return Pairing(mate, worth_of(worth, mate), prices, rounds)


def worth_of(worth: Ints, mate: Ints) -> int:
    """Return what the pairs are worth together."""
    rows = np.flatnonzero(mate > np.arange(len(mate)))
    return int(worth[rows, mate[rows]].sum())


def pairs_of(mate: Ints) -> list[tuple[int, int]]:
    """Return the pairs of a pairing, each once, the lower number first."""
    rows = np.flatnonzero(mate > np.arange(len(mate)))
    return [(int(i), int(mate[i])) for i in rows]


def count_pairs(mate: Ints) -> int:
    """Return how many pairs a pairing has; `mate` names each person's partner."""
    return int(np.count_nonzero(mate != ALONE)) // 2


def bound_of(prices: Prices, pairs: int | None) -> int:
    """Return the most that prices allow any pairing of so many pairs to be worth."""
    grains = sum(prices.person)
    grains += sum(len(members) // 2 * price for members, price in prices.sets)
    if pairs is not None:
        grains += prices.pair * pairs
    return grains // GRAIN


def undervalued(prices: Prices, worth: Ints, possible: Mask) -> Ints:
    """Return by how many grains each possible pair is worth more than its prices say."""
    person = np.array(prices.person, np.int64)
    short = GRAIN * worth - person[:, None] - person[None, :] - prices.pair
    for members, price in prices.sets:
        held = np.fromiter(members, np.int64)
        short[np.ix_(held, held)] -= price
    return np.where(possible, short, 0)


class _Program:
    """The linear program over the pairs and odd sets brought in so far."""

    def __init__(self, worth: Ints, possible: Mask, pairs: int | None) -> None:
        self.worth, self.possible = worth, possible
        self.people = len(worth)
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.solver.Objective().SetMaximization()
        self.once = [self.solver.Constraint(0.0, 1.0) for _ in range(self.people)]
        self.count = None if pairs is None else self.solver.Constraint(float(pairs), float(pairs))
        self.sets: dict[frozenset[int], pywraplp.Constraint] = {}
        self.brought_in: dict[tuple[int, int], pywraplp.Variable] = {}
        self.shares: dict[tuple[int, int], float] = {}
        self.person = np.zeros(self.people)
        self.pair = 0.0
        self.set_prices: list[tuple[frozenset[int], float]] = []
        self.add(_best_of_each(np.where(possible, worth, -1), FIRST_PARTNERS))
        if pairs is None:  # that all together hold half of them is what most often binds
            self._add_set(frozenset(np.flatnonzero((worth * possible).any(axis=1)).tolist()))

    def solve(self) -> bool:
        """Solve, and keep the answer: the solver forgets it as soon as a row or pair comes in.

        False where rounding got the better of the solver; the last answer stands then.
        """
        if self.solver.Solve() != pywraplp.Solver.OPTIMAL:
            return False
        values = ((pair, var.solution_value()) for pair, var in self.brought_in.items())
        self.shares = {pair: value for pair, value in values if value > EPSILON}
        self.person = np.array([row.dual_value() for row in self.once])
        self.pair = self.count.dual_value() if self.count is not None else 0.0
        self.set_prices = [(members, row.dual_value()) for members, row in self.sets.items()]
        return True

    def add_undervalued_pairs(self) -> bool:
        """Bring in the pairs worth more than the prices say, the worst of each person first."""
        reduced = self.worth - self.person[:, None] - self.person[None, :] - self.pair
        for members, price in self.set_prices:
            held = np.fromiter(members, np.int64)
            reduced[np.ix_(held, held)] -= price
        reduced = np.where(self.possible, reduced, 0)
        reduced[reduced < EPSILON] = 0
        return self.add(_best_of_each(reduced, FIRST_PARTNERS, above=0))

    def is_fractional(self) -> bool:
        return any(EPSILON < share < 1 - EPSILON for share in self.shares.values())

    def add_broken_sets(self) -> bool:
        """Bring in odd sets of people who hold more pairs than they may."""
        new = [members for members in broken_sets(self.shares) if members not in self.sets]
        for members in new:
            self._add_set(members)
        return bool(new)

    def _add_set(self, members: frozenset[int]) -> None:
        row = self.solver.Constraint(-self.solver.infinity(), float(len(members) // 2))
        for (i, j), variable in self.brought_in.items():
            if i in members and j in members:
                row.SetCoefficient(variable, 1.0)
        self.sets[members] = row

    def chosen(self) -> Ints:
        """Return the pairs that the answer holds whole."""
        mate = np.full(self.people, ALONE, np.int64)
        for (i, j), share in self.shares.items():
            if share > 1 - EPSILON:
                mate[i], mate[j] = j, i
        return mate

    def prices(self) -> Prices:
        """Return the duals in whole grains, raised where rounding left a pair undervalued."""
        sets = ((members, round(GRAIN * price)) for members, price in self.set_prices)
        rounded = Prices(
            tuple(np.maximum(np.rint(GRAIN * self.person), 0).astype(np.int64).tolist()),
            tuple((members, price) for members, price in sets if price > 0),
            round(GRAIN * self.pair),
        )
        missing = undervalued(rounded, self.worth, self.possible)
        raised = list(rounded.person)
        while missing.size and missing.max(initial=0) > 0:
            i = int(missing.max(axis=1).argmax())
            step = int(missing[i].max())
            raised[i] += step
            missing[i] -= step
            missing[:, i] -= step
        return Prices(tuple(raised), rounded.sets, rounded.pair)

    def add(self, pairs: list[tuple[int, int]]) -> bool:
        """Bring pairs in; say whether any is new."""
        new = [pair for pair in pairs if pair not in self.brought_in]
        objective = self.solver.Objective()
        for i, j in new:
            variable = self.solver.NumVar(0.0, 1.0, "")
            self.brought_in[i, j] = variable
            objective.SetCoefficient(variable, float(self.worth[i, j]))
            self.once[i].SetCoefficient(variable, 1.0)
            self.once[j].SetCoefficient(variable, 1.0)
            if self.count is not None:
                self.count.SetCoefficient(variable, 1.0)
            for members, row in self.sets.items():
                if i in members and j in members:
                    row.SetCoefficient(variable, 1.0)
        return bool(new)


def _best_of_each(
    values: Ints | NDArray[np.float64], most: int, above: int = -1
) -> list[tuple[int, int]]:
    """Return each row's best few columns as ordered pairs without repeats.

    Equal values are taken from the next number on, round the pool, so that where all are equal
    not everybody names the same few.
    """
    n = len(values)
    if n < 2:
        return []
    kept = min(most, n - 1)
    numbers = np.arange(n)
    round_the_pool = ((numbers[None, :] - numbers[:, None]) % n) / n
    columns = np.argpartition(round_the_pool - values, kept, axis=1)[:, :kept]
    rows = np.repeat(np.arange(n), kept)
    flat = columns.ravel()
    worth_it = values[rows, flat] > above
    low = np.minimum(rows, flat)[worth_it]
    high = np.maximum(rows, flat)[worth_it]
    return [divmod(int(key), n) for key in np.unique(low * n + high)]


def most_pairs(worth: Ints, possible: Mask, progress: Progress) -> Pairing:
    """Return a pairing with as many pairs as there can be, each worth 1, with prices for it.

    The search begins with those who fit each other best: mostly nobody remains to search for.
    """
    known = _paired(_best_of_each(np.where(possible, worth, -1), FIRST_PARTNERS), worth)
    mate, prices = pair_most(possible, known, progress)
    return Pairing(mate, count_pairs(mate), prices, 1)


def _paired(edges: list[tuple[int, int]], worth: Ints, *, as_many: bool = True) -> Ints:
    graph: rustworkx.PyGraph[None, int] = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from([None] * len(worth))
    graph.add_edges_from([(i, j, int(worth[i, j])) for i, j in edges])
    mate = np.full(len(worth), ALONE, np.int64)
    for i, j in rustworkx.max_weight_matching(graph, max_cardinality=as_many, weight_fn=int):
        mate[i], mate[j] = j, i
    return mate
