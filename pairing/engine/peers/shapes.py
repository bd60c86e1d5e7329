"""What goes into pairing peers, checked and as numbers, and what comes out."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pairing.engine.blocks import total_points
from pairing.engine.rules import bans_of, blocked_by
from pairing.engine.score import Scores
from pairing.engine.shapes import (
    Bonus,
    Criterion,
    EngineError,
    People,
    Policy,
    Problem,
    Progress,
    Rule,
    Unmatched,
)
from pairing.engine.sparse import EVERYBODY
from pairing.engine.validate import check_index_pairs, check_people, check_problem

GRAIN = 1 << 16  # prices are counted in this part of a point: a proof rounds down to whole points
NOT_ALLOWED = -1
ALONE = -1


@dataclass(frozen=True)
class PeersProblem:
    """One pool of people who each seek and offer; index pairs have no order.

    criteria: read from both sides; a pair's points are half of what each is worth to the other.
    rules: nobody is paired with whom a rule forbids either way. A capacity of 0 keeps a
    person out; other capacities are not read.
    bonuses: points on top for chosen pairs. locked, forbidden: pairs that must, or must not, be.
    met: pairs that have been before.
    stood_in: how often each person has been the third of a trio or without a partner before;
    empty for nobody ever.  Where the number is odd, the third is one of those with fewest, of all
    who can remain without costing a pair.
    """

    people: People
    criteria: tuple[Criterion, ...]
    rules: tuple[Rule, ...] = ()
    bonuses: tuple[Bonus, ...] = ()
    locked: frozenset[tuple[int, int]] = frozenset()
    forbidden: frozenset[tuple[int, int]] = frozenset()
    met: frozenset[tuple[int, int]] = frozenset()
    stood_in: tuple[int, ...] = ()

    def has_met(self) -> NDArray[np.bool_]:
        """Return people × people: who has been a partner of whom before."""
        met = np.zeros((len(self.people), len(self.people)), bool)
        for i, j in self.met:
            met[i, j] = met[j, i] = True
        return met

    def as_two_sides(self) -> Problem:
        """Return the pool as seekers and as offerers: what one direction of a pair scores."""
        return Problem(
            self.people,
            self.people,
            self.criteria,
            self.rules,
            forbidden=self.forbidden | frozenset((j, i) for i, j in self.forbidden),
            bonuses=tuple(_both_ways(bonus) for bonus in self.bonuses),
        )


def _both_ways(bonus: Bonus) -> Bonus:
    pairs = {pair: points for (i, j), points in bonus.pairs.items() for pair in ((i, j), (j, i))}
    return Bonus(bonus.key, pairs)


@dataclass(frozen=True)
class Prices:
    """A bound on every pairing: prices a person, a set of people, and a pair, in grains.

    For each allowed pair {i, j} whose points are at least `floor`, person[i] + person[j] + the
    prices of the sets that hold both + `pair` is at least what the pair is worth, less `again` if
    the two have met.
    A set of 2k or 2k + 1 people holds at most k pairs, so no pairing of `pairs` pairs of which
    `repeats` have met is worth more than
    sum(person) + sum(k × price) + pair × pairs + again × repeats.
    Nothing is worth less than 0: with so few repeats that this is below 0, there is no pairing.
    Where the number is odd there is one price more: that of nobody, whom the third is given to.
    """

    person: tuple[int, ...]
    sets: tuple[tuple[frozenset[int], int], ...] = ()
    pair: int = 0
    floor: int = 0
    again: int = 0


@dataclass(frozen=True)
class PeerProof:
    """Prices for the points, for how many pairs there can be, and for the lowest score.

    repeats: where pairs meet again, prices by which one repeat fewer leaves points below 0.
    """

    total: Prices | None = None
    coverage: Prices | None = None
    floor: Prices | None = None
    repeats: Prices | None = None


@dataclass(frozen=True)
class PeerPairs:
    """Pairs, at most a trio or two, and how good the pairs provably are.

    groups: two indexes, or three where one of `joined` joined them. points: by group, the pair's
    points; of a trio, the mean of its three pairs. objective and bound are about the pairs before
    anybody joined them: no pairing of as many pairs, of which as many have met (best_total and
    stable: none at all), has more than `bound`. floor: the fewest points of such a pair that was
    not locked. met_again: those of these pairs that have met before.
    blocking_pairs: pairs that would both rather have each other.
    """

    groups: tuple[tuple[int, ...], ...]
    joined: frozenset[int]
    third: int | None
    points: tuple[int, ...]
    left_over: tuple[Unmatched, ...]
    objective: int
    bound: int
    gap_ppm: int
    floor: int | None
    met_again: tuple[tuple[int, int], ...]
    blocking_pairs: int
    proved: bool
    policy: Policy
    rounds: int
    seconds: float = field(compare=False)
    proof: PeerProof = field(repr=False, default_factory=PeerProof)


@dataclass(frozen=True)
class PairPoints:
    """The pool as numbers, the same both ways.

    points: half of what the two are worth to each other, rounded down. worth: the same for
    pairs that may be chosen, NOT_ALLOWED elsewhere. allowed: what no rule forbids, locked or not.
    """

    points: Scores
    worth: Scores
    allowed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.points)


def build_table(problem: PeersProblem, progress: Progress) -> PairPoints:
    """Score every pair from both sides and apply rules, locks and who takes nobody."""
    two_sides = problem.as_two_sides()
    points = total_points(two_sides, progress)
    points = (points + points.T) >> 1
    blocked = np.zeros(points.shape, bool)
    for ban in bans_of(two_sides).values():
        blocked |= ban.mask(EVERYBODY, EVERYBODY)
    blocked |= blocked.T
    out = np.array(problem.people.places(), np.int64) == 0
    blocked[out] = blocked[:, out] = True
    worth = np.where(blocked, np.int32(NOT_ALLOWED), points)
    held = sorted({i for pair in problem.locked for i in pair})
    worth[held] = worth[:, held] = NOT_ALLOWED
    return PairPoints(points, worth, ~blocked)


def check_peers(problem: PeersProblem) -> None:
    """Raise EngineError for the first thing in the problem that cannot be meant."""
    people = problem.people
    check_people(people, "peers")
    two_sides = problem.as_two_sides()
    seekers = type(people)(people.names, people.columns, (1,) * len(people))
    sides = Problem(seekers, people, problem.criteria, problem.rules, bonuses=two_sides.bonuses)
    check_problem(sides)
    for pairs, what in (
        (problem.locked, "locked"),
        (problem.forbidden, "forbidden"),
        (problem.met, "met before"),
    ):
        check_index_pairs(pairs, people, people, what)
        for i, j in pairs:
            if i == j:
                name = people.names[i]
                raise EngineError(f"{name} is {what} with themselves.", person=name)
    if problem.stood_in and len(problem.stood_in) != len(people):
        raise EngineError(
            f"There are {len(problem.stood_in)} counts of the third for {len(people)} people."
        )
    _check_locks(problem, two_sides)


def _check_locks(problem: PeersProblem, two_sides: Problem) -> None:
    people, held = problem.people, set[int]()
    pairs = {frozenset(pair) for pair in problem.locked}
    for i, j in sorted(tuple(sorted(pair)) for pair in pairs):
        for one in (i, j):
            name = people.names[one]
            if one in held:
                raise EngineError(f"{name} is locked to more than one partner.", person=name)
            if not people.places()[one]:
                raise EngineError(f"{name} is locked to a partner but takes nobody.", person=name)
        held |= {i, j}
        broken = blocked_by(two_sides, i, j) or blocked_by(two_sides, j, i)
        if broken:
            why = "is forbidden" if broken[0] == "forbidden" else f"breaks the rule {broken[0]!r}"
            raise EngineError(
                f"{people.names[i]} with {people.names[j]} is locked but {why}.",
                person=people.names[i],
                rule=broken[0],
            )
