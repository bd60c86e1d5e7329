"""What goes into pairing peers and what comes out."""

from dataclasses import dataclass, field

from pairing.engine.shapes import Bonus, Criterion, LeftOver, People, Policy, Problem, Rule

GRAIN = 1 << 16  # prices are counted in this part of a point: a proof rounds down to whole points


@dataclass(frozen=True)
class PeersProblem:
    """One pool of people who each seek and offer; index pairs have no order.

    criteria: read from both sides; a pair's points are half of what each is worth to the other.
    rules: nobody is paired with whom a rule forbids either way. A capacity of 0 keeps a
    person out; other capacities are not read.
    bonuses: points on top for chosen pairs. locked, forbidden: pairs that must, or must not, be.
    met: pairs that have been before.
    stood_in: how often each person has been the third of a trio or without a partner before;
    empty for nobody ever.  Where the number is odd, the third is one of those with fewest.
    """

    people: People
    criteria: tuple[Criterion, ...]
    rules: tuple[Rule, ...] = ()
    bonuses: tuple[Bonus, ...] = ()
    locked: frozenset[tuple[int, int]] = frozenset()
    forbidden: frozenset[tuple[int, int]] = frozenset()
    met: frozenset[tuple[int, int]] = frozenset()
    stood_in: tuple[int, ...] = ()

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
    prices of the sets that hold both + `each` is at least what the pair is worth.
    A set of 2k or 2k + 1 people holds at most k pairs, so no pairing of `pairs` pairs is worth
    more than sum(person) + sum(k × price) + each × pairs.
    Where the number is odd there is one price more: that of nobody, whom the third is given to.
    """

    person: tuple[int, ...]
    sets: tuple[tuple[frozenset[int], int], ...] = ()
    each: int = 0
    floor: int = 0


@dataclass(frozen=True)
class PeerProof:
    """Prices for the points, for how many pairs there can be, and for the lowest score."""

    total: Prices | None = None
    coverage: Prices | None = None
    floor: Prices | None = None


@dataclass(frozen=True)
class PeerPairs:
    """Pairs, at most a trio or two, and how good the pairs provably are.

    groups: two indexes, or three where one of `joined` joined them. points: by group, the pair's
    points; of a trio, the mean of its three pairs. objective and bound are about the pairs before
    anybody joined them: no pairing of as many pairs (best_total: none at all) has more than
    `bound`. floor: the fewest points of such a pair that was not locked.
    blocking_pairs: pairs that would both rather have each other.
    """

    groups: tuple[tuple[int, ...], ...]
    joined: frozenset[int]
    third: int | None
    points: tuple[int, ...]
    left_over: tuple[LeftOver, ...]
    objective: int
    bound: int
    gap_ppm: int
    floor: int | None
    blocking_pairs: int
    proved: bool
    policy: Policy
    rounds: int
    seconds: float = field(compare=False)
    proof: PeerProof = field(repr=False, default_factory=PeerProof)
