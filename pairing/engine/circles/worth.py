"""What a division into circles is worth: its parts, and how one circle is shown."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairing.engine.circles.seating import ALL_WEEK, Seating, Worth
from pairing.engine.circles.shapes import CirclesProblem
from pairing.engine.score import share_out
from pairing.engine.shapes import FULL_POINTS, Explanation, Value

FINE = 1_000_000  # the search counts in millionths of a point, so that no column is rounded away
STEEP = 2 * FINE * FULL_POINTS  # more than all balance: company, new faces, required time


@dataclass(frozen=True)
class _Share:
    """One column's share of the objective: points = most × reached / ideal (levels: 1 − …).

    skills and diversity: features are its numbers among all features, ideal how often
    they can be present at most, all circles together. level: ideal is the sum of the
    circles' distances from the mean when people are seated by level, the worst way.
    free: ideal is so many slots in common in every circle.
    """

    column: str
    most: int
    features: range
    ideal: int
    level: int | None = None
    free: bool = False

    def points(self, reached: int) -> int:
        if not self.ideal:
            return self.most
        if self.level is None:
            return self.most * reached // self.ideal
        return max(0, self.most - -(-self.most * reached // self.ideal))


def worth_of(
    problem: CirclesProblem,
    taking_part: Sequence[int],
    shape: Sequence[int],
    masks: Mapping[str, NDArray[np.bool_]],
) -> tuple[list[_Share], Worth]:
    """Return each column's share of FULL_POINTS, and what people bring in millionths of a point.

    taking_part: people's numbers.  shape: seats of each circle.  masks: whom each rule keeps apart.
    """
    people = problem.people
    features: list[list[int]] = [[] for _ in people.names]
    values: list[int] = []
    levels: list[list[int]] = []
    level_worth: list[int] = []
    parts: list[_Share] = []
    common: list[int] = []
    columns = problem.columns()
    shares = share_out([problem.weight(column) for column in columns])
    for column, most in zip(columns, shares, strict=True):
        if column == problem.free_column:
            parts.append(
                _Share(column, most, range(0), len(shape) * enough_slots(problem), free=True)
            )
            common = _common(problem, most, len(shape))
            continue
        if column in problem.level_columns:
            distances = _distances(people.columns[column], taking_part)
            ideal = _worst_distance(distances, shape)
            parts.append(_Share(column, most, range(0), ideal, len(levels)))
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
        parts.append(_Share(column, most, span, ideal))
        for feature, having in zip(span, holders.values(), strict=True):
            values.append(most * FINE // ideal if ideal else 0)
            for i in having:
                features[i].append(feature)
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
        alone=_alone(problem, parts, taking_part),
        met=met if problem.met else (),
        again=STEEP,
        free=_free(problem) if common else (),
        common=common,
    )


def enough_slots(problem: CirclesProblem) -> int:
    """Return how many slots in common count fully, rounded up."""
    return -(-problem.enough_minutes // problem.slot_minutes)


def required_slots(problem: CirclesProblem) -> int:
    """Return how many slots a circle must have in common, rounded up."""
    return -(-problem.required_minutes // problem.slot_minutes)


def _common(problem: CirclesProblem, most: int, circles: int) -> list[int]:
    """Return what a circle is worth by its slots in common, up to what counts at all."""
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
    problem: CirclesProblem, parts: Sequence[_Share], taking_part: Sequence[int]
) -> tuple[int, ...]:
    """Return what it costs, by feature, that only one of a circle has it."""
    if not problem.company_columns:
        return ()
    costs: list[int] = []
    for part in parts:
        column = problem.people.columns[part.column]
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
    """Return known × level − sum for everybody, in thousandths; unknown stands at the mean."""
    known = {i: round(float(str(column[i])) * 1000) for i in taking_part if column[i] is not None}
    total = sum(known.values())
    return [len(known) * known[i] - total if i in known else 0 for i in range(len(column))]


def _worst_distance(distances: Sequence[int], shape: Sequence[int]) -> int:
    ordered = sorted(distances)
    worst, start = 0, 0
    for size in shape:
        worst += abs(sum(ordered[start : start + size]))
        start += size
    return worst


def _reached(seating: Seating, part: _Share, circle: int) -> int:
    if part.free:
        slots = seating.common_slots(circle)
        ideal = part.ideal // seating.bench
        return ideal if slots is None else min(slots, ideal)
    if part.level is not None:
        return abs(seating.sums[circle][part.level])
    return sum(1 for feature in part.features if seating.counts[circle][feature])


def objective_of(seating: Seating, parts: Sequence[_Share]) -> int:
    """Return how good the division is, in points from 0 to FULL_POINTS."""
    circles = range(seating.bench)
    return sum(part.points(sum(_reached(seating, part, g) for g in circles)) for part in parts)


def balance_of(
    problem: CirclesProblem, seating: Seating, parts: Sequence[_Share], circle: int
) -> tuple[Explanation, ...]:
    """Return each column's part in one circle; a circle alone is measured against an even share."""
    explained = []
    for part in parts:
        column = problem.people.columns[part.column]
        members = seating.members[circle]
        points = min(part.most, part.points(_reached(seating, part, circle) * seating.bench))
        evidence: dict[str, object]
        if part.free:
            slots = seating.common_slots(circle)
            minutes = None if slots is None else slots * problem.slot_minutes
            evidence = {"common": minutes, "enough": problem.enough_minutes}
            reason = "circle_free"
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


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
