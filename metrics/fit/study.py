"""Which matching criteria went with partnerships that went well, and what may be said of it.

Pure: partnerships in, counts and ranges out.  For each criterion the partnerships of a cohort are
split at their middle: those with more points and those with fewer.  Counts of both sides are all
that is ever shown, and only such splits from whose counts nobody's own answer follows, whatever
is added or subtracted.  Sources: docs/adr/0046-fit-that-learns.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum, unique
from fractions import Fraction
from itertools import combinations
from uuid import UUID

from core.common.statistics import Interval, share_difference

LEAST = 20  # partnerships on either side
MOST_WEIGHT = 10
TOGETHER = 0.95  # all ranges of a program hold together with this probability
MOST_TRIED = 20_000  # sets of few people; where there are more, nothing further is shown
PRIME = 2**61 - 1  # beyond every determinant of zeros and ones of this size: ranks stay exact

Profile = tuple[int, ...]  # which of the known sums a partnership is in


@unique
class LookRefusal(StrEnum):
    """Why nothing is said, of an outcome or of one criterion."""

    FEW_PARTNERSHIPS = "few_partnerships"
    ALL_ALIKE = "all_alike"  # hardly any difference in this criterion
    SMALL_CELLS = "small_cells"  # it would say too much of few people


@dataclass(frozen=True)
class Case:
    """One partnership: how it went, whose answers say so, and its share of each criterion's points.

    What is not known of a criterion is not in `points`.
    """

    partnership: UUID
    cohort: UUID
    people: frozenset[UUID]
    well: bool
    points: Mapping[str, Fraction]


@dataclass(frozen=True)
class Side:
    """Partnerships of one side of a split, and how many of them went well."""

    n: int
    well: int

    def __add__(self, other: Side) -> Side:
        return Side(self.n + other.n, self.well + other.well)


@dataclass(frozen=True)
class Split:
    """One criterion: partnerships with more of its points, and with fewer, in their cohort."""

    more: Side
    fewer: Side

    def __add__(self, other: Split) -> Split:
        return Split(self.more + other.more, self.fewer + other.fewer)


@dataclass(frozen=True)
class Study:
    """What may be shown of one outcome: a split by criterion, or why there is none."""

    splits: Mapping[str, Split]
    refused: Mapping[str, LookRefusal]
    refusal: LookRefusal | None


@dataclass(frozen=True)
class Known:
    """A sum that is shown elsewhere already: of which partnerships."""

    partnerships: frozenset[UUID]


def study(
    cases: Sequence[Case],
    criteria: Sequence[str],
    k: int,
    known: Sequence[Known] = (),
    others: Mapping[UUID, frozenset[UUID]] | None = None,
) -> Study:
    """Split partnerships by each criterion, in order, as long as no count tells of few people.

    `known` are sums that readers have seen, `others` the people of partnerships that are in them
    and not among the cases.
    """
    if len(cases) < 2 * LEAST:
        return Study({}, {}, LookRefusal.FEW_PARTNERSHIPS)
    people = {**(others or {}), **{case.partnership: case.people for case in cases}}
    elsewhere = [sum_.partnerships for sum_ in known]
    shown: list[AbstractSet[UUID]] = []
    splits: dict[str, Split] = {}
    refused: dict[str, LookRefusal] = {}
    for key in criteria:
        more, fewer = halves(cases, key)
        if min(len(more), len(fewer)) < LEAST:
            refused[key] = LookRefusal.ALL_ALIKE
            continue
        rows = [*shown, _ids(more), _ids(fewer)]
        if (
            _has_small_cells((more, fewer), k)
            or tells_of_few([*elsewhere, *rows], people, k)
            or is_certain(rows, cases)
        ):
            refused[key] = LookRefusal.SMALL_CELLS
            continue
        shown = rows
        splits[key] = Split(_side(more), _side(fewer))
    if splits or not refused:
        return Study(splits, refused, None if splits else LookRefusal.ALL_ALIKE)
    alike = all(why == LookRefusal.ALL_ALIKE for why in refused.values())
    return Study({}, refused, LookRefusal.ALL_ALIKE if alike else LookRefusal.SMALL_CELLS)


def halves(cases: Sequence[Case], key: str) -> tuple[list[Case], list[Case]]:
    """Return the partnerships with more and with fewer points of a criterion, within each cohort.

    Each cohort is cut where its two parts are most alike in size, so that what differs between
    cohorts stands on both sides; one in which all have the same points is on neither.
    """
    more: list[Case] = []
    fewer: list[Case] = []
    by_cohort: dict[UUID, list[Case]] = defaultdict(list)
    for case in cases:
        if key in case.points:
            by_cohort[case.cohort].append(case)
    for rows in by_cohort.values():
        values = Counter(row.points[key] for row in rows)
        if len(values) < 2:
            continue
        cut = min(
            sorted(values)[1:],
            key=lambda value: abs(
                2 * sum(values[one] for one in values if one >= value) - len(rows)
            ),
        )
        for row in rows:
            (more if row.points[key] >= cut else fewer).append(row)
    return more, fewer


def _ids(cases: Iterable[Case]) -> frozenset[UUID]:
    return frozenset(case.partnership for case in cases)


def _side(cases: Sequence[Case]) -> Side:
    return Side(len(cases), sum(case.well for case in cases))


def _has_small_cells(sides: Iterable[Sequence[Case]], k: int) -> bool:
    """Say whether fewer than k people stand behind either outcome on either side."""
    cells = (
        [case for case in side if case.well is well] for side in sides for well in (True, False)
    )
    return any(len(_everybody(cell)) < k for cell in cells)


def _everybody(cases: Iterable[Case]) -> frozenset[UUID]:
    return frozenset[UUID]().union(*(case.people for case in cases))


def tells_of_few(
    rows: Sequence[AbstractSet[UUID]], people: Mapping[UUID, frozenset[UUID]], k: int
) -> bool:
    """Say whether, of these sums, some can be added and subtracted so that fewer than k remain.

    Partnerships that are in the same sums cannot be told apart.  A combination is about none but
    a set of them exactly where the sums have a smaller rank without that set.
    """
    behind: dict[Profile, set[UUID]] = defaultdict(set)
    for partnership, who in people.items():
        profile = tuple(int(partnership in row) for row in rows)
        if any(profile):
            behind[profile] |= who
    few = sorted(profile for profile, who in behind.items() if len(who) < k)
    basis = _reduced(profile for profile in behind if profile not in set(few))
    rank = len(_reduced(few, basis))
    if len(basis) == rank:
        return False
    tried = 0
    for size in range(1, len(few) + 1):
        fits = False
        for chosen in combinations(few, size):
            tried += 1
            if tried > MOST_TRIED:
                return True
            if len(set[UUID]().union(*(behind[one] for one in chosen))) >= k:
                continue
            fits = True
            left = [profile for profile in few if profile not in chosen]
            if len(_reduced(left, basis)) < rank:
                return True
        if not fits:
            return False
    return False


def _reduced(
    columns: Iterable[Profile], basis: Mapping[int, Sequence[int]] | None = None
) -> dict[int, Sequence[int]]:
    """Return a basis of these columns, and of what is given already: by the place that leads."""
    out = dict(basis or {})
    for column in columns:
        rest = list(column)
        for place in range(len(rest)):
            if not rest[place]:
                continue
            if place not in out:
                inverse = pow(rest[place], -1, PRIME)
                out[place] = [value * inverse % PRIME for value in rest]
                break
            factor = rest[place]
            rest = [
                (value - factor * one) % PRIME for value, one in zip(rest, out[place], strict=True)
            ]
    return out


def is_certain(rows: Sequence[AbstractSet[UUID]], cases: Sequence[Case]) -> bool:
    """Say whether it cannot be ruled out that these counts fix how some partnership went.

    Of partnerships that are in the same sums, and went differently, none is fixed.  Where all
    went alike, another world with the same counts shows that they need not have: one that moves
    one outcome from two of four sets to the other two, whose sums are the same.
    """
    size: Counter[Profile] = Counter()
    well: Counter[Profile] = Counter()
    nowhere = (0,) * len(rows)
    for case in cases:
        profile = tuple(int(case.partnership in row) for row in rows)
        if profile != nowhere:
            size[profile] += 1
            well[profile] += case.well
    room = {profile: size[profile] - well[profile] for profile in size}  # who might have gone well
    return any(
        not (
            _can_move(profile, well, room, nowhere)
            if well[profile]
            else _can_move(profile, room, well, nowhere)
        )
        for profile in size
        if not well[profile] or not room[profile]
    )


def _can_move(
    profile: Profile, some: Mapping[Profile, int], room: Mapping[Profile, int], nowhere: Profile
) -> bool:
    """Say whether one of this set could be otherwise: with one of another set, for one each of two
    that make up the same sums.  Who is in no sum at all may be anything."""
    gives = [*(one for one in room if room[one]), nowhere]
    for first, second in combinations(gives, 2):
        other = tuple(a + b - c for a, b, c in zip(first, second, profile, strict=True))
        if other == nowhere or some.get(other, 0):
            return True
    return False


def difference(split: Split, ranges: int) -> Interval:
    """Return how much larger the share is on the side with more, with its range.

    So wide that `ranges` of them hold together (Bonferroni).
    """
    found = share_difference(
        (split.more.well, split.more.n),
        (split.fewer.well, split.fewer.n),
        confidence=1 - (1 - TOGETHER) / ranges,
    )
    assert found is not None  # never of nobody: LEAST on either side
    return found


def direction(interval: Interval) -> int:
    """Return 1 where it went with more points, -1 where with fewer, 0 where that may be chance."""
    return (interval.low > 0) - (interval.high < 0)


def proposed(weight: int, directions: Iterable[int]) -> int:
    """Return the weight that is proposed: one step, where what is clear points one way.

    Never out of the scale, and never to 0, which would switch a criterion off.
    """
    ways = {way for way in directions if way}
    if len(ways) != 1 or not weight:
        return weight
    return max(1, min(MOST_WEIGHT, weight + ways.pop()))
