"""What a division into circles is worth: its parts, and how one circle is shown."""

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from pairing.engine.circles.pairs import Couples, compared, on_top, pairs_in, wanted
from pairing.engine.circles.seating import ALL_WEEK, Seating, Worth
from pairing.engine.circles.shapes import CirclesProblem
from pairing.engine.score import share_out
from pairing.engine.shapes import FULL_POINTS, Explanation, Value

FINE = 1_000_000  # the search counts in millionths of a point, so that no column is rounded away
STEEP = 2 * FINE * FULL_POINTS  # more than all balance: company, new faces, required time
SEAT = 2 * STEEP  # that somebody who goes first has a seat; less than a broken rule


@dataclass(frozen=True)
class Share:
    """One column's share of the objective: points = most × reached / ideal (levels: 1 − …).

    skills and diversity: features are its numbers among all features, ideal how often
    they can be present at most, all circles together. level: ideal is the sum of the
    circles' distances from the mean when people are seated by level, the worst way.
    free: ideal is so many slots in common in every circle.
    couples: ideal is what all pairs of all circles could have.
    """

    column: str
    most: int
    features: range
    ideal: int
    level: int | None = None
    free: bool = False
    couples: Couples | None = None

    def points(self, reached: int) -> int:
        return int(self.exact(reached))

    def exact(self, reached: int) -> Fraction:
        if not self.ideal:
            return Fraction(self.most)
        share = Fraction(self.most * reached, self.ideal)
        return share if self.level is None else max(Fraction(0), self.most - share)

    def reached(self, seating: Seating) -> int:
        """Return what all circles together reach of the ideal."""
        return sum(_reached(seating, self, circle) for circle in range(seating.bench))

    def fine(self, seating: Seating) -> int:
        """Return the points of all circles in millionths, rounded as the search rounds them."""
        if not self.ideal:
            return self.most * FINE
        if self.couples is not None:
            worth = self.couples.worth(self.most * FINE, self.ideal)
            circles = seating.members[: seating.bench]
            return sum(self.couples.within(members, worth) for members in circles)
        unit = self.most * FINE // self.ideal
        reached = self.reached(seating)
        return unit * reached if self.level is None else self.most * FINE - unit * reached


def worth_of(
    problem: CirclesProblem,
    taking_part: Sequence[int],
    shape: Sequence[int],
    masks: Mapping[str, NDArray[np.bool_]],
) -> tuple[list[Share], Worth]:
    """Return each column's share of FULL_POINTS, and what people bring in millionths of a point.

    taking_part: people's numbers.  shape: seats of each circle.  masks: whom each rule keeps apart.
    """
    people = problem.people
    features: list[list[int]] = [[] for _ in people.names]
    values: list[int] = []
    levels: list[list[int]] = []
    level_worth: list[int] = []
    parts: list[Share] = []
    common: list[int] = []
    columns, bonuses = problem.columns(), _wanted(problem, taking_part, shape)
    kept = on_top({key: _ideal(couples) for key, couples in bonuses.items()}, len(taking_part))
    weights = [problem.weight(column) for column in columns]
    weights += [criterion.weight for criterion in problem.criteria]
    shares = share_out(weights, FULL_POINTS - kept)
    for column, most in zip(columns, shares[: len(columns)], strict=True):
        if column == problem.free_column:
            parts.append(
                Share(column, most, range(0), len(shape) * enough_slots(problem), free=True)
            )
            common = _common(problem, most, len(shape))
            continue
        if column in problem.level_columns:
            distances = _distances(people.columns[column], taking_part)
            ideal = _worst_distance(distances, sorted(shape, reverse=True))
            parts.append(Share(column, most, range(0), ideal, len(levels)))
            levels.append(distances)
            level_worth.append(most * FINE // ideal if ideal else 0)
            continue
        holders: dict[object, list[int]] = {}
        for i in taking_part:
            for item in _items(people.columns[column][i]):
                holders.setdefault(item, []).append(i)
        ideal = sum(min(len(having), len(shape)) for having in holders.values())
        if column in problem.diversity_columns:
            ideal = min(ideal, sum(min(size, len(holders)) for size in shape))
        span = range(len(values), len(values) + len(holders))
        parts.append(Share(column, most, span, ideal))
        for feature, having in zip(span, holders.values(), strict=True):
            values.append(most * FINE // ideal if ideal else 0)
            for i in having:
                features[i].append(feature)
    parts += _shares_of_pairs(problem, shape, shares[len(columns) :], bonuses, kept)
    alone = _alone(problem, parts, taking_part)
    if sum(shape) < len(taking_part):
        for i in sorted(problem.first & set(taking_part)):
            features[i].append(len(values))
            values.append(SEAT)
            alone = (*alone, 0) if alone else ()
    together = np.logical_or.reduce(list(masks.values()))
    apart = [sum(1 << int(j) for j in np.flatnonzero(row)) for row in together]
    met = [0] * len(people)
    for i, j in problem.met:
        met[i] |= 1 << j
        met[j] |= 1 << i
    return parts, Worth(
        features=[tuple(row) for row in features],
        worth=values,
        levels=levels,
        level_worth=level_worth,
        apart=apart,
        conflict=5 * STEEP,
        steep=STEEP,
        alone=alone,
        met=met if problem.met else (),
        again=STEEP,
        free=_free(problem) if common else (),
        common=common,
        between=_between(parts),
    )


def _shares_of_pairs(
    problem: CirclesProblem,
    shape: Sequence[int],
    shares: Sequence[int],
    bonuses: Mapping[str, Couples],
    kept: int,
) -> list[Share]:
    """Return the shares of what each two have: `shares` by criterion, `kept` for the bonuses."""
    pairs, parts = sum(map(pairs_in, shape)), []
    for criterion, most in zip(problem.criteria, shares, strict=True):
        couples = compared(problem, criterion)
        ideal = 2 * FULL_POINTS * pairs
        parts.append(Share(criterion.key, most, range(0), ideal, couples=couples))
    mosts = share_out([_ideal(couples) for couples in bonuses.values()], kept)
    for (key, couples), most in zip(bonuses.items(), mosts, strict=True):
        parts.append(Share(key, most, range(0), _ideal(couples), couples=couples))
    return parts


def _wanted(
    problem: CirclesProblem, taking_part: Sequence[int], shape: Sequence[int]
) -> dict[str, Couples]:
    people, size = len(problem.people), max(shape, default=1)
    return {bonus.key: wanted(bonus, taking_part, people, size) for bonus in problem.bonuses}


def _ideal(couples: Couples) -> int:
    return int(couples.own.sum())


def _between(parts: Sequence[Share]) -> NDArray[np.int64]:
    """Return what each two are worth in one circle, in millionths of a point."""
    matrices = [
        part.couples.worth(part.most * FINE, part.ideal)
        for part in parts
        if part.couples is not None and part.most and part.ideal
    ]
    return sum(matrices[1:], matrices[0]) if matrices else np.zeros((0, 0), np.int64)


def enough_slots(problem: CirclesProblem) -> int:
    """Return how many slots in common count fully, rounded up."""
    return -(-problem.enough_minutes // problem.slot_minutes)


def required_slots(problem: CirclesProblem) -> int:
    """Return how many slots a circle must have in common, rounded up."""
    return -(-problem.required_minutes // problem.slot_minutes)


def _common(problem: CirclesProblem, most: int, circles: int) -> list[int]:
    """Return what a circle is worth by its slots in common, up to what counts at all.

    Nothing where there is no circle: so few people make none.
    """
    if not circles:
        return []
    enough, required = enough_slots(problem), required_slots(problem)
    by_slot = most * FINE // (circles * enough)
    return [
        by_slot * min(slots, enough) - 2 * STEEP * max(0, required - slots) // max(1, required)
        for slots in range(max(enough, required) + 1)
    ]


def _free(problem: CirclesProblem) -> list[int]:
    column = problem.people.columns[problem.free_column]
    return [value if isinstance(value, int) else ALL_WEEK for value in column]


def _alone(
    problem: CirclesProblem, parts: Sequence[Share], taking_part: Sequence[int]
) -> tuple[int, ...]:
    """Return what it costs, by feature, that only one of a circle has it."""
    if not problem.company_columns:
        return ()
    costs: list[int] = []
    for part in parts:
        column = problem.people.columns.get(part.column, ())
        holders: dict[object, int] = {}
        for i in taking_part:
            for item in _items(column[i]) if len(part.features) else ():
                holders[item] = holders.get(item, 0) + 1
        if len(part.features):
            wants_company = part.column in problem.company_columns
            costs += [STEEP if wants_company and n > 1 else 0 for n in holders.values()]
    return tuple(costs)


def _items(value: Value) -> Sequence[object]:
    if value is None:
        return ()
    if isinstance(value, AbstractSet | Mapping):
        return sorted(value)
    return (value,)


def _distances(column: Sequence[Value], taking_part: Sequence[int]) -> list[int]:
    """Return known × level − sum for everybody, in steps; unknown stands at the mean.

    A step is the largest of which all distances are multiples: the coarser, the less is rounded.
    """
    known = {i: round(float(str(column[i])) * 1000) for i in taking_part if column[i] is not None}
    total = sum(known.values())
    distances = [len(known) * known[i] - total if i in known else 0 for i in range(len(column))]
    step = math.gcd(*(distances[i] for i in known)) or 1
    return [distance // step for distance in distances]


def _worst_distance(distances: Sequence[int], shape: Sequence[int]) -> int:
    ordered = sorted(distances)
    worst, start = 0, 0
    for size in shape:
        worst += abs(sum(ordered[start : start + size]))
        start += size
    return worst


def _reached(seating: Seating, part: Share, circle: int) -> int:
    if part.free:
        slots = seating.common_slots(circle)
        ideal = part.ideal // seating.bench
        return ideal if slots is None else min(slots, ideal)
    if part.couples is not None:
        return part.couples.within(seating.members[circle])
    if part.level is not None:
        return abs(seating.sums[circle][part.level])
    return sum(1 for feature in part.features if seating.counts[circle][feature])


def objective_of(seating: Seating, parts: Sequence[Share]) -> int:
    """Return how good the division is, in points from 0 to FULL_POINTS; no circle has none."""
    if not seating.bench:
        return 0
    return int(sum((part.exact(part.reached(seating)) for part in parts), Fraction(0)))


def ceiling_of(parts: Sequence[Share], seating: Seating, whole: bool) -> int:
    """Return what each column alone leaves possible, in points; cheap, so at every size.

    whole: everybody has a seat.
    """
    sizes = [len(members) for members in seating.members[: seating.bench]]
    total = Fraction(0)
    for part in parts:
        reached = part.ideal
        if part.couples is not None:
            reached = min(part.ideal, part.couples.most_in(max(sizes)))
        elif part.level is not None:
            levels = seating.worth.levels[part.level]
            people = [i for members in seating.members[: seating.bench] for i in members]
            reached = least_distance([levels[i] for i in people], sizes) if whole else 0
        total += part.exact(reached)
    return int(total)


def least_distance(distances: Sequence[int], sizes: Sequence[int]) -> int:
    """Return what all circles' distances from the mean come to at least.

    All distances leave the same rest r by some step, so a circle of k has k·r and whole steps: it
    is below the mean, or above by the next step, and as many are above as make up for the rest.
    """
    rest, step = distances[0], math.gcd(*(one - distances[0] for one in distances))
    if not step:
        return 0
    below = [-(-(size * rest) % step) for size in sizes]  # the nearest that is not above
    above = -sum(below) // step
    steps = sorted(2 * one + step for one in below)  # what the next step changes in distance
    return -sum(below) + sum(steps[:above])


def balance_of(
    problem: CirclesProblem, seating: Seating, parts: Sequence[Share], circle: int
) -> tuple[Explanation, ...]:
    """Return each column's part in one circle; a circle alone is measured against an even share."""
    explained = []
    for part in parts:
        column = problem.people.columns.get(part.column, ())
        members = seating.members[circle]
        points = min(part.most, part.points(_reached(seating, part, circle) * seating.bench))
        evidence: dict[str, object]
        if part.free:
            slots = seating.common_slots(circle)
            minutes = None if slots is None else slots * problem.slot_minutes
            evidence = {"common": minutes, "enough": problem.enough_minutes}
            reason = "circle_free"
        elif part.couples is not None:
            points, reason, evidence = _of_pairs(part, part.couples, members)
        elif part.level is not None:
            known = [float(str(column[i])) for i in members if column[i] is not None]
            everybody = [float(str(value)) for value in column if value is not None]
            evidence = {"mean": _mean(known), "mean_of_all": _mean(everybody)}
            reason = "level_mean"
        else:
            present = sorted({str(item) for i in members for item in _items(column[i])})
            evidence = {"present": present, "of": len(part.features)}
            reason = "values_present"
        explained.append(Explanation(part.column, points, part.most, reason, evidence))
    return tuple(explained)


def _of_pairs(
    part: Share, couples: Couples, members: Sequence[int]
) -> tuple[int, str, dict[str, object]]:
    """Return points, reason and evidence of one circle, measured by what its pairs could have."""
    most = couples.most_within(members)
    share = Fraction(couples.within(members), most) if most else Fraction(1)
    if couples.wanted is None:
        mean = int(share * 100 + Fraction(1, 2))
        return int(part.most * share), "circle_pairs", {"mean": mean}
    kept, of = couples.fulfilled(members)
    return int(part.most * share), f"bonus_circle:{part.column}", {"kept": kept, "of": of}


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
