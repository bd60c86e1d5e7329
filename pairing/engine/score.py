"""Points for every pair at once.

Every criterion is a function of one attribute of the seeker and one of the offerer, so
it is a dot product: what each feature is worth to the seeker times whether the offerer
has it. All criteria together are one matrix product. Worth is in whole points and sums
stay below 2**24, so float32 is exact: any block size or BLAS gives the same score, and
the parts shown for a pair add up to it. Common free time alone is not linear (it counts
only up to "enough"): its bits are multiplied on their own and looked up in a table, and so
are the vectors of texts (see `lifted`).
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from pairing.engine.shapes import (
    FULL_POINTS,
    WEEK_MINUTES,
    Bonus,
    Column,
    Criterion,
    Kind,
    Missing,
    Problem,
    Value,
)
from pairing.engine.sparse import Index

Floats = NDArray[np.float32]
Scores = NDArray[np.int32]


@dataclass(frozen=True)
class Term:
    """One criterion as features: points = worth @ hasᵀ (+ table of common bits or vectors)."""

    worth: Floats
    has: Floats
    seeker_bits: Floats | None = None
    offerer_bits: Floats | None = None
    table: Scores | None = None


def max_points(criteria: Sequence[Criterion]) -> tuple[int, ...]:
    """Return how many of FULL_POINTS each criterion can give: by weight, adding up exactly."""
    return share_out([criterion.weight for criterion in criteria])


def share_out(weight_list: Sequence[float], points: int = FULL_POINTS) -> tuple[int, ...]:
    """Return the points divided by weight; what does not divide goes to the largest remainder."""
    weights = [Fraction(weight) for weight in weight_list]
    whole = sum(weights, Fraction(0))
    if not whole:
        return (0,) * len(weights)
    exact = [weight * points / whole for weight in weights]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda k: (shares[k] - exact[k], k))
    for k in by_remainder[: points - sum(shares)]:
        shares[k] += 1
    return tuple(shares)


def build_terms(problem: Problem) -> tuple[Term, ...]:
    """Return the features of each criterion, in the problem's order."""
    terms = []
    for criterion, most in zip(problem.criteria, max_points(problem.criteria), strict=True):
        seekers = problem.seekers.columns[criterion.seeker_column]
        offerers = problem.offerers.columns[criterion.offerer_column]
        terms.append(_term(criterion, most, seekers, offerers))
    return tuple(terms)


def pair_points(terms: Sequence[Term], i: int, j: int) -> tuple[int, ...]:
    """Return what each criterion gives the pair, in points; the sum is its score, 0–FULL_POINTS."""
    parts = []
    for term in terms:
        points = int(term.worth[i] @ term.has[j])
        if term.table is not None:
            points += int(from_table(term, slice(i, i + 1), slice(j, j + 1))[0, 0])
        parts.append(points)
    return tuple(parts)


def offers_at(offered: Mapping[str, int], skill: str, level: int) -> bool:
    return offered.get(skill, 0) >= level


def closeness(criterion: Criterion, seeker: Value, offerer: Value) -> Fraction:
    """Return how well two single values fit, from 0 to 1, for the kinds that compare such."""
    if criterion.kind is Kind.SAME:
        return Fraction(seeker == offerer)
    if criterion.kind is Kind.DIFFERENT:
        return Fraction(seeker != offerer)
    assert isinstance(seeker, int | float)
    assert isinstance(offerer, int | float)
    if criterion.kind is Kind.GAP:
        gap, (low, high) = offerer - seeker, criterion.ideal
        outside = Fraction(max(low - gap, gap - high, 0))
        return max(Fraction(0), 1 - outside / Fraction(criterion.falloff))
    common = common_working_minutes(criterion, seeker, offerer)
    return min(Fraction(1), common / Fraction(criterion.enough_overlap))


def common_working_minutes(criterion: Criterion, seeker: float, offerer: float) -> Fraction:
    """Return the minutes a day both work; clocks are a circle, so 23 hours apart is one."""
    apart = Fraction(abs(seeker - offerer)) % 1440
    return max(Fraction(0), criterion.working_minutes - min(apart, 1440 - apart))


def is_missing_for_seeker(criterion: Criterion, value: Value) -> bool:
    """Say whether nothing can be compared: no answer, or a wish list with nothing on it."""
    if criterion.kind in {Kind.OVERLAP, Kind.LEVELS}:
        return not value
    return value is None


def _term(criterion: Criterion, most: int, seekers: Column, offerers: Column) -> Term:
    unknown_seeker = [is_missing_for_seeker(criterion, value) for value in seekers]
    unknown_offerer = [value is None for value in offerers]
    if criterion.kind is Kind.OVERLAP:
        worth, has = _wishes(seekers, offerers, most, _each_at_one)
    elif criterion.kind is Kind.LEVELS:
        worth, has = _wishes(seekers, offerers, most, _each_at_its_level)
    elif criterion.kind in {Kind.AVAILABILITY, Kind.TEXT}:
        worth, has = np.zeros((len(seekers), 0)), np.zeros((len(offerers), 0))
    else:
        worth, has = _table_rows(criterion, most, seekers, offerers)
    # Two more features carry what a missing answer gets: every offerer "has" the first.
    neutral = most // 2 if criterion.missing is Missing.NEUTRAL else 0
    known_seeker = ~np.array(unknown_seeker, bool)
    for_missing = neutral * np.stack([~known_seeker, known_seeker], axis=1)
    has_missing = np.stack([np.ones(len(offerers)), np.array(unknown_offerer, float)], axis=1)
    linear = (
        np.concatenate([worth, for_missing], axis=1).astype(np.float32),
        np.concatenate([has, has_missing], axis=1).astype(np.float32),
    )
    if criterion.kind is Kind.TEXT:
        return Term(*linear, lifted(seekers), lifted(offerers), worth_of_sums(most))
    if criterion.kind is not Kind.AVAILABILITY:
        return Term(*linear)
    slots = WEEK_MINUTES // criterion.slot_minutes
    enough = -(-criterion.enough_overlap // criterion.slot_minutes)
    minutes = [min(k * criterion.slot_minutes, criterion.enough_overlap) for k in range(enough + 1)]
    table = [_points(Fraction(part, criterion.enough_overlap), most) for part in minutes]
    return Term(*linear, _bits(seekers, slots), _bits(offerers, slots), np.array(table, np.int32))


def _points(share: Fraction, most: int) -> int:
    return int(share * most + Fraction(1, 2))


def from_table(term: Term, rows: Index, columns: Index) -> Scores:
    """Return what common bits give in a block of pairs."""
    assert term.table is not None
    assert term.seeker_bits is not None
    assert term.offerer_bits is not None
    common = term.seeker_bits[rows] @ term.offerer_bits[columns].T
    np.minimum(common, len(term.table) - 1, out=common)
    return term.table[common.astype(np.int32)]


def _bits(values: Column, slots: int) -> Floats:
    size = -(-slots // 8)
    masks = [value if isinstance(value, int) else 0 for value in values]
    raw = b"".join(mask.to_bytes(size, "little") for mask in masks)
    octets = np.frombuffer(raw, np.uint8).reshape(len(values), size)
    return np.unpackbits(octets, axis=1, bitorder="little").astype(np.float32)


# The plain types first: asking for an abstract one takes ten times as long.
def _each_at_one(value: Value) -> list[tuple[str, int]]:
    assert value is None or isinstance(value, frozenset | dict | AbstractSet | Mapping)
    return [(item, 1) for item in sorted(value or ())]


def _each_at_its_level(value: Value) -> list[tuple[str, int]]:
    assert value is None or isinstance(value, dict | Mapping)
    return sorted((value or {}).items())


def _wishes(
    seekers: Column,
    offerers: Column,
    most: int,
    levels_of: Callable[[Value], list[tuple[str, int]]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share `most` points over each seeker's wishes; points that do not divide go to the first.

    A feature is a wish, an item from a level on: who offers it at that level or above has it.
    """
    lists = [levels_of(value) for value in seekers]
    features = sorted({wish for wishes in lists for wish in wishes})
    place = {wish: k for k, wish in enumerate(features)}
    parts = {
        size: [most // size + (rank < most % size) for rank in range(size)]
        for size in set(map(len, lists))
    }
    shares = [
        (i, place[wish], part)
        for i, wishes in enumerate(lists)
        for wish, part in zip(wishes, parts[len(wishes)], strict=True)
    ]
    items = {item: k for k, item in enumerate(dict.fromkeys(item for item, _level in features))}
    offers = [
        (j, items[item], level)
        for j, value in enumerate(offerers)
        for item, level in levels_of(value)
        if item in items
    ]
    worth = _filled(shares, len(seekers), len(features))
    offered = _filled(offers, len(offerers), len(items))
    columns = np.array([items[item] for item, _level in features], np.int64)
    levels = np.array([level for _item, level in features])
    return worth, (offered[:, columns] >= levels).astype(np.float64)


def _filled(cells: Sequence[tuple[int, int, int]], rows: int, columns: int) -> NDArray[np.float64]:
    table = np.zeros((rows, columns))
    if cells:
        at, to, number = np.array(cells, np.int64).T
        table[at, to] = number
    return table


def _table_rows(
    criterion: Criterion, most: int, seekers: Column, offerers: Column
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One feature per different value of the side that has fewer; the other side's rows say
    what each of them is worth."""
    code_a, values_a = _codes(seekers)
    code_b, values_b = _codes(offerers)
    table = np.zeros((len(values_a) + 1, len(values_b) + 1))  # the last of each is "unknown"
    known: dict[Value, int] = {}  # few differences among many pairs of values
    for a, value in enumerate(values_a):
        for b, other in enumerate(values_b):
            apart = _apart(criterion, value, other)
            if apart not in known:
                known[apart] = _points(closeness(criterion, value, other), most)
            table[a, b] = known[apart]
    if len(values_a) <= len(values_b):
        return np.eye(len(values_a) + 1)[code_a][:, :-1], table.T[code_b][:, :-1]
    return table[code_a][:, :-1], np.eye(len(values_b) + 1)[code_b][:, :-1]


def _apart(criterion: Criterion, seeker: Value, offerer: Value) -> Value:
    """Return all that `closeness` asks of two values: whether, or by how much, they differ."""
    if criterion.kind in {Kind.SAME, Kind.DIFFERENT}:
        return seeker == offerer
    assert isinstance(seeker, int | float)
    assert isinstance(offerer, int | float)
    return offerer - seeker


def _codes(values: Column) -> tuple[list[int], list[Value]]:
    """Return a number for each value, -1 for unknown, and the different values by number."""
    place: dict[Value, int] = {}
    codes = [-1 if value is None else place.setdefault(value, len(place)) for value in values]
    return codes, list(place)


def bonus_points(bonuses: Sequence[Bonus], i: int, j: int, total: int) -> tuple[int, ...]:
    """Return what each bonus gives a pair that has `total` points from the criteria.

    A bonus never lifts a pair above FULL_POINTS, so a score stays what it is shown as, 0 to
    100. Bonuses are added one by one, in the order of the problem's.
    """
    parts = []
    for bonus in bonuses:
        part = min(bonus.pairs.get((i, j), 0), FULL_POINTS - total)
        parts.append(part)
        total += part
    return tuple(parts)


# Texts are compared exactly whatever the order of sums.  A vector of length 1 is stored times
# SCALE and rounded, so a product of two lies within ±SCALE² or a little more; by Cauchy and
# Schwarz so does every partial sum, far below 2**24.  Each side has one more number, LIFT, whose
# product makes all sums positive: a table says what each sum is worth, and its first entry, for
# whoever wrote nothing, is worth nothing.
WIDTH = 384  # numbers in a vector
SCALE = 256
LIFT = 264  # LIFT² is above SCALE² by more than rounding can take away
HIGHEST = 2 * LIFT * LIFT

# A cosine up to FAR is worth nothing, from NEAR on everything.  In our trial of goals said
# twice (tests/pairing/semantic) the same goal lay at 0.19–0.58, median 0.41; others had a
# median of 0.20, and nine of ten were below 0.32.
FAR, NEAR = Fraction(2, 10), Fraction(5, 10)

Vector = tuple[int, ...]


def lifted(values: Sequence[object]) -> NDArray[np.float32]:
    """Return vectors as rows, each with LIFT behind it; who wrote nothing has zeros alone."""
    rows = np.zeros((len(values), WIDTH + 1), np.float32)
    for place, value in enumerate(values):
        if isinstance(value, tuple):
            rows[place, :WIDTH] = value
            rows[place, -1] = LIFT
    return rows


def worth_of_sums(most: int) -> NDArray[np.int32]:
    """Return the points of each possible sum, `most` for two texts that mean the same."""
    sums = np.arange(HIGHEST + 1, dtype=np.int64) - LIFT * LIFT
    low, high = int(FAR * SCALE**2), int(NEAR * SCALE**2)
    reached = np.clip(sums - low, 0, high - low)
    return ((reached * most * 2 + (high - low)) // (2 * (high - low))).astype(np.int32)


def likeness(one: Vector, other: Vector) -> int:
    """Return the cosine of two vectors in percent, at least 0: what an explanation says."""
    product = sum(a * b for a, b in zip(one, other, strict=True))
    return max(0, min(100, round(Fraction(100 * product, SCALE * SCALE))))
