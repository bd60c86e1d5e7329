"""What goes into a matching, what comes out of it, and what is refused.

People are columns, not objects: every column holds one value per person, so that a
criterion can be computed for all pairs at once. `None` always means "not answered".
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum

Value = str | int | float | AbstractSet[str] | Mapping[str, int] | tuple[int, ...] | None
Column = Sequence[Value]
Progress = Callable[[int, int, str], None]

FULL_POINTS = 100_000  # what a perfect pair scores; shown as 100
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES

# Columns with a fixed meaning: who somebody is, and to whom they report. Without an
# identity column the name is the identity.
IDENTITY = "identity"
MANAGER = "manager"


class Policy(StrEnum):
    """What "the best matching" means; the README of each claim is in `policies.py`."""

    BEST_TOTAL = "best_total"
    NOBODY_LEFT_OUT = "nobody_left_out"
    FAIREST_WORST_CASE = "fairest_worst_case"
    STABLE = "stable"


class Kind(StrEnum):
    """How a criterion compares the seeker's value with the offerer's.

    Types: set = set of strings, levels = mapping of string to 1–5.
    """

    OVERLAP = "overlap"  # set or levels: share of the seeker's set that the offerer has
    LEVELS = "levels"  # levels: share of the skills sought that are offered at that level or above
    SAME = "same"  # text or number: full if equal
    DIFFERENT = "different"  # text or number: full if not equal
    GAP = "gap"  # number: offerer minus seeker; full inside `ideal`, 0 from `falloff` outside it
    TIMEZONE = "timezone"  # minutes from UTC: common working time, full from `enough_overlap`
    AVAILABILITY = "availability"  # week bit mask: common free time, full from `enough_overlap`
    TEXT = "text"  # vector of whole numbers, how alike two texts are in meaning


class Missing(StrEnum):
    """What a pair gets where one of the two has not answered."""

    NEUTRAL = "neutral"  # half of the points
    ZERO = "zero"


class RuleKind(StrEnum):
    MUST_SHARE = "must_share"  # sets: at least one in common; nobody shares what they did not state
    NEVER_SAME = "never_same"  # text or number: not equal; unknown never counts as equal
    CLOCKS_WITHIN = "clocks_within"  # minutes from UTC: at most `most_apart`; unknown is near all
    NEVER_MANAGER = "never_manager"  # neither in the other's reporting line, as far as it is known


@dataclass(frozen=True)
class People:
    """One side of a matching: ids, columns, and how many partners each can take (default 1)."""

    names: tuple[str, ...]
    columns: Mapping[str, Column]
    capacity: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def places(self) -> tuple[int, ...]:
        return self.capacity or (1,) * len(self.names)

    def identities(self) -> tuple[str, ...]:
        return tuple(str(value) for value in self.columns.get(IDENTITY, self.names))


@dataclass(frozen=True)
class Criterion:
    """One term of the score. `weight` 0–10; the rest only matters to the kinds that name it.

    ideal: gap; lowest and highest wanted difference, offerer minus seeker.
    falloff: gap; how far outside the ideal the points reach 0.
    enough_overlap: timezone and availability; minutes (a day, a week) that count fully.
    working_minutes: timezone; length of everybody's working day.
    slot_minutes: availability; what one bit of the week stands for, bit 0 is Monday 00:00.
    """

    key: str
    kind: Kind
    seeker_column: str
    offerer_column: str
    weight: float
    missing: Missing = Missing.NEUTRAL
    ideal: tuple[float, float] = (1, 2)
    falloff: float = 3
    enough_overlap: int = 120
    working_minutes: int = 540
    slot_minutes: int = 60


@dataclass(frozen=True)
class Rule:
    """Which pairs may not be, whatever they would score.

    never_manager reads the manager columns of both sides (identities) and follows the
    line upward for `depth` steps, 0 meaning to its end. most_apart: clocks_within; minutes.
    """

    key: str
    kind: RuleKind
    seeker_column: str = MANAGER
    offerer_column: str = MANAGER
    depth: int = 0
    most_apart: int = 180


@dataclass(frozen=True)
class Bonus:
    """Points that chosen pairs get beside the criteria, as far as FULL_POINTS leaves room.

    pairs: (seeker index, offerer index) -> points at most. The key must be no criterion's.
    """

    key: str
    pairs: Mapping[tuple[int, int], int]


@dataclass(frozen=True)
class Problem:
    """Everything a matching depends on; pairs are (seeker index, offerer index).

    incumbent: pairs that already work together. Each counts `stability` (a share of the
    full points, 0 to 1) more than it scores, in every policy, so that it is only given up
    for something better by more than that.
    """

    seekers: People
    offerers: People
    criteria: tuple[Criterion, ...]
    rules: tuple[Rule, ...] = ()
    locked: frozenset[tuple[int, int]] = frozenset()
    forbidden: frozenset[tuple[int, int]] = frozenset()
    bonuses: tuple[Bonus, ...] = ()
    incumbent: frozenset[tuple[int, int]] = frozenset()
    stability: float = 0.005

    def staying_points(self) -> int:
        """Return how many points a pair that already works together counts more."""
        return round(self.stability * FULL_POINTS)


@dataclass(frozen=True)
class Pair:
    """Who got whom; `points` are by criterion, then by bonus, and add up to `total`."""

    seeker: int
    offerer: int
    points: tuple[int, ...]
    total: int


class Side(StrEnum):
    SEEKER = "seeker"
    OFFERER = "offerer"
    PEER = "peer"  # in circles there is one side


class LeftOverReason(StrEnum):
    """Why somebody has no partner."""

    NO_ALLOWED_PARTNER = "no_allowed_partner"  # detail: rule key -> partners it rules out
    NO_CAPACITY = "no_capacity"  # takes nobody at present
    FEWER_OFFERERS = "fewer_offerers"  # fewer places than seekers; detail: places, seekers
    FEWER_SEEKERS = "fewer_seekers"  # fewer seekers than offerers; detail: seekers, offerers
    CAPACITY_EXHAUSTED = "capacity_exhausted"  # allowed partners all taken; detail: allowed
    BOTH_PARTS = "both_parts"  # the one left already stands in the opposite part to them
    SIZES_DO_NOT_FIT = "sizes_do_not_fit"  # circles; detail: people, circles, most
    TOO_FEW_PEOPLE = "too_few_people"  # circles; detail: people, fewest
    NO_ALLOWED_CIRCLE = "no_allowed_circle"  # circles; detail: rule key -> people it rules out
    ONLY_LOWER_SCORES = "only_lower_scores"  # a pair was possible but not wanted; detail: allowed


@dataclass(frozen=True)
class Unmatched:
    side: Side
    index: int
    reason: LeftOverReason
    detail: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Leaf:
    """A bound on one part of all matchings: those without the pairs in `path`.

    `prices` is a price per offerer; any prices give a bound, the right ones the best.
    """

    path: tuple[tuple[int, int], ...]
    prices: tuple[int, ...]


@dataclass(frozen=True)
class Proof:
    """What checking a matching needs beside the problem: bounds on total, coverage and floor."""

    total: tuple[Leaf, ...]
    coverage: tuple[Leaf, ...] = ()
    floor: tuple[Leaf, ...] = ()


@dataclass(frozen=True)
class Matching:
    """A matching and how good it provably is.

    objective: points of all pairs together, kept incumbents with their bonus. bound: no
    matching that keeps the policy's first aim (for `stable`: none at all) has more.
    gap_ppm: how far apart they are, in millionths of the bound. people: seekers and
    offerers with at least one partner. floor: fewest points of a pair that was not locked,
    counted like the objective. blocking_pairs: pairs that would both rather have each
    other. proved: the proof shows the policy's whole claim.
    """

    pairs: tuple[Pair, ...]
    left_over: tuple[Unmatched, ...]
    objective: int
    bound: int
    gap_ppm: int
    rounds: int
    seconds: float = field(compare=False)
    policy: Policy
    people: int
    floor: int | None
    blocking_pairs: int
    proved: bool
    proof: Proof = field(repr=False)


@dataclass(frozen=True)
class Explanation:
    """One criterion's part in one pair (or one circle).

    reason: a key a page turns into words; evidence: what to fill in.
    """

    criterion: str
    points: int
    max_points: int
    reason: str
    evidence: Mapping[str, object]


def score_out_of_100(points: int) -> int:
    """Return points (0–FULL_POINTS) as the whole number that people are shown, half rounded up."""
    return (points * 200 + FULL_POINTS) // (2 * FULL_POINTS)


def parts_out_of_100(points: Sequence[int]) -> tuple[int, ...]:
    """Return each part as shown, adjusted by at most one so that the parts add up to the whole."""
    whole = score_out_of_100(sum(points))
    parts = [part * 100 // FULL_POINTS for part in points]
    by_remainder = sorted(range(len(points)), key=lambda k: (-(points[k] * 100 % FULL_POINTS), k))
    for k in by_remainder[: whole - sum(parts)]:
        parts[k] += 1
    return tuple(parts)


def gap_ppm(objective: int, bound: int) -> int:
    """Return how far apart they are in millionths of the bound, rounded up: 0 is proved."""
    return -(-(bound - objective) * 1_000_000 // bound) if bound > objective else 0


def no_progress(done: int, of: int, what: str) -> None:
    """Stand in where nobody watches."""


class EngineError(ValueError):
    """Bad input, found before anything is computed; names the person and rule if there is one."""

    def __init__(self, message: str, *, person: str | None = None, rule: str | None = None) -> None:
        super().__init__(message)
        self.person = person
        self.rule = rule
