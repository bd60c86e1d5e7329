"""How much no division into circles can exceed, and for few people the best one there is.

Few people: every circle is weighed and every division tried.  More: a linear program over circles
(each person in one, so many of each size) whose columns come in as exchanges find them; its prices
on people bound every division (Gilmore and Gomory 1961, Lagrange), whether or not all columns
that would pay were found, because branch and bound looks through all circles at the end.
"""

from collections.abc import Sequence
from itertools import combinations
from math import comb
from random import Random

import numpy as np
from ortools.linear_solver import pywraplp

from pairing.engine.circles.search import Blocks, empty_seats
from pairing.engine.circles.worth import FINE
from pairing.engine.compiled import covering
from pairing.engine.compiled.exchanges import Traits
from pairing.engine.shapes import FULL_POINTS, Progress
from pairing.engine.sparse import Ints

MOST_TRIED = 30_000_000  # circles beside what is divided already: about a third of a second
MOST_BITS = 20  # a table of all sets of so many people has 8 MB
MOST_LOOKED_INTO = 350_000_000  # sets with each addition, if none were left out: 60 by six
MOST_NODES = 500_000  # of one look: one that ends early says too much, never too little
MOST_COMBINED = 30  # people; above, the best combination of known circles takes too long
ROUNDS = 60
MOST_LOOKS = 10  # through all circles
ENOUGH = 9 * FULL_POINTS // 1000 * FINE  # how near the bound is before looking on is not worth it
NO_BOUND = 1 << 62
STARTS = 1  # of exchanges a round: for each person so many of the best circles
RANDOM = 2  # and for each two people one circle by chance
BEGINNINGS = 1  # circles by chance for each person, before there are prices
NOBODY = -1
TOGETHER = 1 << 50  # worth more than any circle: who must be together sits there, or nobody does

Groups = Sequence[Sequence[int]]


def _counts(shape: Sequence[int]) -> dict[int, int]:
    return {size: shape.count(size) for size in sorted(set(shape))}


def can_try_all(people: int, shape: Sequence[int]) -> bool:
    """Say whether every division of so many people can be tried."""
    if people > MOST_BITS or not shape or sum(shape) != people:
        return False
    (size, small), *more = _counts(shape).items()
    big = more[0][1] if more else 0
    counts = {x * size + y * (size + 1) for x in range(small + 1) for y in range(big + 1)}
    tried = sum(
        comb(people - 1, count) * comb(count - 1, of - 1)
        for count in counts - {0, people}
        for of in (size, size + 1)[: 1 + bool(big)]
    )
    return tried <= MOST_TRIED


def can_be_priced(people: int, shape: Sequence[int]) -> bool:
    """Say whether a look through all circles takes less time than its bound is worth."""
    return people * comb(people, max(shape) - 1) <= MOST_LOOKED_INTO


def best_of_all(
    pool: Traits, people: Sequence[int], shape: Sequence[int], blocks: Blocks
) -> list[list[int]] | None:
    """Return the best division of all; None if none keeps the blocks together."""
    (size, small), *more = _counts(shape).items()
    big, who, n = more[0][1] if more else 0, np.array(people, np.int64), len(people)
    place = {i: 1 << k for k, i in enumerate(people)}
    together = [sum(place[i] for i in block) for block in blocks if len(block) > 1]
    values = np.full(1 << n, covering.NEVER, np.int64)
    for of in _counts(shape):
        seats = empty_seats(pool, 1, of)
        covering.fill(pool, seats, who, of, np.array(together, np.int64), values)
    best = np.empty((big + 1, 1 << n), np.int64)
    chosen = np.zeros((big + 1, 1 << n), np.int64)
    covering.split(n, size, small, big, values, best, chosen)
    rest, left = (1 << n) - 1, big
    if best[left, rest] <= covering.NEVER:
        return None
    groups = []
    while rest:
        circle = int(chosen[left, rest])
        groups.append([i for k, i in enumerate(people) if circle >> k & 1])
        rest ^= circle
        left -= len(groups[-1]) > size
    return groups


def divide_again(pool: Traits, groups: Groups, blocks: Blocks, progress: Progress) -> Groups:
    """Divide the people of two circles in the best of all ways, while that gains for any two."""
    circles = [list(group) for group in groups]
    worth = [worth_of_one(pool, group) for group in circles]
    changed = set(range(len(circles)))
    while changed:
        looked_at, changed = changed, set()
        for a, b in combinations(range(len(circles)), 2):
            shape = [len(circles[a]), len(circles[b])]
            if not {a, b} & (looked_at | changed) or not can_try_all(sum(shape), shape):
                continue
            progress(a, len(circles), "settling")
            people = sorted(circles[a] + circles[b])
            whole = [block for block in blocks if block[0] in people]
            two = best_of_all(pool, people, shape, whole) or [circles[a], circles[b]]
            values = [worth_of_one(pool, group) for group in two]
            if sum(values) > worth[a] + worth[b]:
                (circles[a], circles[b]), (worth[a], worth[b]) = two, values
                changed |= {a, b}
    return circles


def bound_of(
    pool: Traits,
    groups: Groups,
    columns: Groups,
    people: Sequence[int],
    blocks: Blocks,
    progress: Progress,
) -> tuple[Groups, int]:
    """Return what no division into circles of these sizes is worth more than.

    And the best division that came to light.  groups: the best that is known; columns: more
    circles that may be good.  blocks: those of the first stay together in the bound too.
    """
    whole = next((block for block in blocks if len(block) > 1), ())
    program, random = _Program(pool, groups, people, whole), Random(0)
    for group in columns:
        program.add(group)
    program.begin(random)
    bound, looks, is_small = NO_BOUND, 0, len(people) <= MOST_COMBINED
    value = sum(worth_of_one(pool, group) for group in groups)
    for done in range(ROUNDS):
        progress(done, ROUNDS, "bounding")
        if not program.solve():
            break
        if not program.bring_in(random):
            better, new = program.bound(progress)
            bound, looks = min(bound, better), looks + 1
            enough = 0 if is_small else ENOUGH
            if not new or bound - value <= enough or looks == MOST_LOOKS:
                break
    if is_small and bound > value:
        groups = program.best_combination(blocks) or groups
    return groups, bound


class _Program:
    """The linear program over circles, with the columns brought in so far.

    whole: people who stay together.  A circle with one of them and not all is no column, and
    the bound is not about it.
    """

    def __init__(
        self, pool: Traits, groups: Groups, people: Sequence[int], whole: Sequence[int] = ()
    ) -> None:
        self.pool, self.people = pool, np.array(people, np.int64)
        self.whole = sorted(whole)
        self.others = np.setdiff1d(self.people, self.whole)
        self.counts = _counts([len(group) for group in groups])
        self.prices = np.zeros(pool.starts.size - 1, np.int64)
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        seated = sum(len(group) for group in groups)
        self.everybody = seated == len(people)
        self.once = {i: self.solver.Constraint(int(self.everybody), 1) for i in people}
        self.of_size = {size: self.solver.Constraint(n, n) for size, n in self.counts.items()}
        self.solver.Objective().SetMaximization()
        self.known: dict[frozenset[int], int] = {}
        self.least: dict[int, int] = {}  # by size, the most that a known one is beyond the prices
        for group in groups:
            self.add(group)

    def add(self, group: Sequence[int]) -> bool:
        """Bring in a circle; say whether it is new."""
        circle = frozenset(group)
        if circle in self.known or len(circle) not in self.counts:
            return False
        if not _parts_none(circle, [self.whole]):
            return False
        self.known[circle] = worth = worth_of_one(self.pool, group)
        column = self.solver.NumVar(0, self.solver.infinity(), "")
        self.solver.Objective().SetCoefficient(column, worth / FINE)
        for i in circle:
            self.once[i].SetCoefficient(column, 1)
        self.of_size[len(circle)].SetCoefficient(column, 1)
        return True

    def solve(self) -> bool:
        """Take the prices of the best mixture of the circles that are known."""
        if self.solver.Solve() != pywraplp.Solver.OPTIMAL:
            return False
        for i, row in self.once.items():
            self.prices[i] = round(row.dual_value() * FINE)
        if not self.everybody:
            np.maximum(self.prices, 0, out=self.prices)
        return True

    def best_combination(self, blocks: Blocks) -> list[list[int]] | None:
        """Return the best division into known circles that part no block, if there is any."""
        solver = pywraplp.Solver.CreateSolver("SCIP")
        whole = [circle for circle in self.known if _parts_none(circle, blocks)]
        chosen = {circle: solver.BoolVar("") for circle in whole}
        for i in self.once:
            seats = [var for circle, var in chosen.items() if i in circle]
            solver.Add(solver.Sum(seats) == 1) if self.everybody else solver.Add(
                solver.Sum(seats) <= 1
            )
        for size, count in self.counts.items():
            of_size = [var for circle, var in chosen.items() if len(circle) == size]
            solver.Add(solver.Sum(of_size) == count)
        worths = [self.known[circle] / FINE * var for circle, var in chosen.items()]
        solver.Maximize(solver.Sum(worths))
        if solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        return [sorted(circle) for circle, var in chosen.items() if var.solution_value() > 0.5]

    def begin(self, random: Random) -> None:
        """Bring in circles that are good where all cost the same: too few leave prices wild."""
        for size in self.counts:
            starts = self._by_chance(random, size, BEGINNINGS * len(self.people))
            for circle, _gained in self._improved(starts):
                self.add(circle)

    def bring_in(self, random: Random) -> int:
        """Bring in circles that exchanges find beyond the prices; return how many are new."""
        new = 0
        for size in self.counts:
            starts = self._good_starts(size)
            starts += self._by_chance(random, size, len(self.people) // RANDOM)
            for circle, gained in self._improved(starts):
                if gained > 0 and self.beyond(circle) > self.least[size]:
                    new += self.add(circle)
        return new

    def _by_chance(self, random: Random, size: int, count: int) -> list[list[int]]:
        """Return circles by chance; of those of whom some stay together, as many with them."""
        people, whole = self.others.tolist(), self.whole
        starts = [random.sample(people, size) for _ in range(count if len(people) >= size else 0)]
        if whole and 0 <= size - len(whole) <= len(people):
            starts += [[*whole, *random.sample(people, size - len(whole))] for _ in range(count)]
        return starts

    def _improved(self, starts: Groups) -> list[tuple[list[int], int]]:
        """Return circles after exchanges, and what each has gained; nobody leaves the whole."""
        found, held = [], set(self.whole)
        for with_whole in (False, True):
            some = [start for start in starts if held and held.issubset(start)]
            if not with_whole:
                some = [start for start in starts if not held or held.isdisjoint(start)]
            if not some:
                continue
            circles = np.array(some, np.int64)
            prices = self._held_prices() if with_whole else self.prices
            seats = empty_seats(self.pool, 1, circles.shape[1])
            gained = covering.improve_all(self.pool, seats, circles, self.others, prices)
            found += list(zip(circles.tolist(), gained.tolist(), strict=True))
        return found

    def _held_prices(self) -> Ints:
        """Return the prices by which no circle without the whole is worth anything beside it."""
        prices = self.prices.copy()
        prices[self.whole] -= TOGETHER
        return prices

    def beyond(self, circle: Sequence[int]) -> int:
        """Return what a circle is worth beyond the prices of its people."""
        worth = self.known.get(frozenset(circle)) or worth_of_one(self.pool, circle)
        return worth - sum(int(self.prices[i]) for i in circle)

    def _good_starts(self, size: int) -> list[list[int]]:
        """Return the circles that are worth most beyond the prices."""
        same = [circle for circle in self.known if len(circle) == size]
        best = sorted(same, key=lambda circle: (-self.beyond(tuple(circle)), sorted(circle)))
        self.least[size] = self.beyond(tuple(best[0]))
        return [sorted(circle) for circle in best[: STARTS * len(self.people)]]

    def bound(self, progress: Progress) -> tuple[int, int]:
        """Return all prices and what the best circle of each size is worth beyond them.

        And how many of those circles were not known yet.
        """
        total, new = int(self.prices[self.people].sum()), 0
        beyond: dict[int, int] = {}
        with_whole: dict[int, int] = {}
        for size in self.counts:
            for found, is_held in ((beyond, False), (with_whole, True)):
                seats_left = size - len(self.whole) * is_held
                if not 0 <= seats_left <= len(self.others) or (is_held and not self.whole):
                    continue
                progress(1, 1, "bounding")
                found[size], circle = self._best_beyond(size, is_held)
                new += bool(circle) and self.add(circle)
        sums = []
        for held in with_whole or [0]:  # in a circle of which size they sit; 0: there are none
            left = {size: count - (size == held) for size, count in self.counts.items()}
            if all(size in beyond for size, count in left.items() if count):
                others = sum(beyond[size] * count for size, count in left.items() if count)
                sums.append(others + (with_whole[held] if held else 0))
        return total + max(sums), new

    def _best_beyond(self, size: int, with_whole: bool) -> tuple[int, list[int]]:
        """Return what no circle of this size is worth more than, beyond prices, and the best one.

        With everybody of the whole, or with nobody of it.
        """
        pool, held = self.pool, set(self.whole)
        people = self.people if with_whole else self.others
        prices = self._held_prices() if with_whole else self.prices
        known = [
            self.beyond(tuple(circle))
            for circle in self.known
            if len(circle) == size and (held.issubset(circle) if with_whole else not held & circle)
        ]
        extra = TOGETHER * len(held) * with_whole
        least = max(known, default=-TOGETHER // 2) + extra
        gains = [worth_of_one(pool, [i]) - int(prices[i]) for i in people.tolist()]
        order = people[np.argsort(-np.array(gains), kind="stable")]
        pairs = np.zeros(prices.size, np.int64)
        if pool.between.size:
            others = -np.sort(-np.maximum(pool.between, 0), axis=1)
            pairs = others[:, : size - 1].sum(axis=1) // 2 + 1
        found = np.full(size, NOBODY, np.int64)
        beyond = covering.best_beyond(
            pool,
            empty_seats(pool, 1, size),
            order,
            prices,
            pairs,
            size,
            least,
            MOST_NODES,
            found,
        )
        return int(beyond) - extra, [i for i in found.tolist() if i != NOBODY]


def _parts_none(circle: frozenset[int], blocks: Blocks) -> bool:
    return all(circle.issuperset(block) or circle.isdisjoint(block) for block in blocks)


def worth_of_one(pool: Traits, group: Sequence[int]) -> int:
    """Return what one circle of these people is worth."""
    seats = empty_seats(pool, 1, len(group))
    return int(covering.worth_of_one(pool, seats, np.array(group, np.int64)))
