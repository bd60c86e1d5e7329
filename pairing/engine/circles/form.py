"""`form_circles`: from people to circles, with what they are worth and who has no seat."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from pairing.engine.circles.pairs import pairs_in
from pairing.engine.circles.seating import Seating
from pairing.engine.circles.shapes import (
    APART,
    Circles,
    CirclesProblem,
    check_blocks,
    check_circles,
)
from pairing.engine.circles.worth import (
    FINE,
    Share,
    balance_of,
    ceiling_of,
    objective_of,
    required_slots,
    worth_of,
)
from pairing.engine.rules import SAME_PERSON, rule_masks
from pairing.engine.shapes import (
    EngineError,
    LeftOverReason,
    Progress,
    Side,
    Unmatched,
    no_progress,
)

Blocks = Sequence[Sequence[int]]


def form_circles(
    problem: CirclesProblem,
    *,
    sizes: tuple[int, int] | int,
    seed: int = 0,
    near: Sequence[Sequence[int]] = (),
    progress: Progress | None = None,
) -> Circles:
    """Return circles of these sizes, balanced by skills and level and diverse by the rest.

    `sizes` is (fewest, most) or one size wanted, which may then be missed by what does
    not divide; sizes differ by at most one. Nobody sits with somebody a rule keeps apart:
    who cannot be seated otherwise is left over with the reason, and that circle is one
    smaller. Few people are divided in the best of all ways; of more, `bound` says how far from
    the best these circles are at most.
    `near` are circles to begin with beside others, if they fit the sizes: none worse is returned.
    The same seed gives the same circles. `progress(done, of, what)` may raise to cancel.
    Raises EngineError, before anything is computed, if the input cannot be meant.
    """
    started = time.perf_counter()
    progress = progress or no_progress
    limits = (2, max(len(problem.people), 2)) if isinstance(sizes, int) else sizes
    if isinstance(sizes, int) and sizes < 2:
        raise EngineError(f"Circles of {sizes} people: a circle has at least two.")
    check_circles(problem, limits)
    taking_part = [i for i, places in enumerate(problem.people.places()) if places]
    shape = circle_sizes(len(taking_part), sizes)
    masks = masks_of(problem)
    blocks = _blocks(problem, taking_part)
    check_blocks(problem, blocks, masks, max(shape, default=limits[1]))
    plan = _plan_blocks(problem, blocks, shape)
    parts, worth = worth_of(problem, taking_part, shape, masks)
    seating, rounds, most = Seating(worth, len(shape)), 0, sum(part.most for part in parts)
    if shape:
        # numba is half a second and 70 MB, so only processes that form circles load it
        from pairing.engine.circles.division import divide

        found = divide(worth, taking_part, shape, blocks, plan, Random(seed), progress, near)
        for circle, group in enumerate(found.groups):
            for i in group:
                seating.move(i, circle)
        rounds = found.rounds
        most = ceiling_of(parts, seating, whole=sum(shape) == len(taking_part))
        if found.bound is not None:
            most = min(most, _most_points(found.bound - found.value, seating, parts))
    removed = _remove_conflicts(seating, blocks, problem.first)
    objective = objective_of(seating, parts)
    bound = max(objective, sum(part.most for part in parts) if removed else most)
    order = sorted(range(len(shape)), key=lambda g: sorted(seating.members[g]))
    order = [g for g in order if seating.members[g]]
    return Circles(
        groups=tuple(tuple(sorted(seating.members[g])) for g in order),
        left_over=_left_over(problem, seating, removed, limits, masks),
        objective=objective,
        bound=bound,
        proved=objective == bound,
        balance=tuple(balance_of(problem, seating, parts, g) for g in order),
        rounds=rounds,
        met_again=_met_again(problem, seating),
        alone=_alone(problem, seating),
        short=tuple(place for place, g in enumerate(order) if _is_short(problem, seating, g)),
        seconds=time.perf_counter() - started,
    )


@dataclass(frozen=True)
class Near:
    """Circles in which two sit together by an exchange, who changed places, and what it lost."""

    groups: tuple[tuple[int, ...], ...]
    swapped: tuple[int, int] | None
    lost: int


def circles_near(
    problem: CirclesProblem, groups: Sequence[Sequence[int]], pair: tuple[int, int]
) -> Near:
    """Return these circles after the exchange of two that brings a pair into one and costs least.

    lost: in millionths of a point, with what is put before points.  Nothing is exchanged where
    one of the pair has no seat.
    """
    circle_of = {i: g for g, group in enumerate(groups) for i in group}
    as_they_sit = tuple(tuple(group) for group in groups)
    if not set(pair) <= set(circle_of) or circle_of[pair[0]] == circle_of[pair[1]]:
        return Near(as_they_sit, None, 0)
    from pairing.engine.circles.bound import worth_of_one
    from pairing.engine.circles.search import pool_of

    taking_part = sorted(circle_of)
    shape = [len(group) for group in groups]
    _parts, worth = worth_of(problem, taking_part, shape, masks_of(problem))
    pool, held = pool_of(worth), {i for two in problem.together for i in two} | set(pair)
    best: tuple[int, tuple[int, int]] | None = None
    for stays, comes in (pair, pair[::-1]):
        here, there = (set(groups[circle_of[i]]) for i in (stays, comes))
        for goes in sorted(here - held):
            after = here - {goes} | {comes}, there - {comes} | {goes}
            value = sum(worth_of_one(pool, sorted(each)) for each in after)
            if best is None or value > best[0]:
                best = value, (comes, goes)
    if best is None:
        return Near(as_they_sit, None, 0)
    value, swapped = best
    now = sum(worth_of_one(pool, groups[circle_of[i]]) for i in pair)
    turned = dict(zip(swapped, swapped[::-1], strict=True))
    after_all = tuple(tuple(sorted(turned.get(i, i) for i in group)) for group in groups)
    return Near(after_all, swapped, now - value)


def _most_points(gap: int, seating: Seating, parts: Sequence[Share]) -> int:
    """Return the bound in points: what is worth nothing for balance is no part of it.

    It holds for every division that pays no more for company, new faces and required time.
    """
    balance = sum(part.fine(seating) for part in parts)
    # less than a millionth for each unit; levels are rounded the other way
    pairs = sum(pairs_in(len(members)) for members in seating.members[: seating.bench])
    rounded_away = sum(
        pairs if part.couples is not None else part.ideal for part in parts if part.level is None
    )
    return (balance + gap + rounded_away) // FINE


def circle_sizes(people: int, sizes: tuple[int, int] | int) -> list[int]:
    """Return the size of each circle; fewer seats than people only if no count fits."""
    if isinstance(sizes, int):
        if people < 2:
            return []
        count = max(1, round(people / sizes))
        seats = people
    else:
        fewest, most = sizes
        counts = [count for count in range(1, people // fewest + 1) if people <= most * count]
        if counts:
            wanted = (fewest + most) / 2
            count = min(counts, key=lambda count: (abs(people / count - wanted), count))
            seats = people
        else:
            count = people // fewest
            seats = most * count
    return [seats // count + (g < seats % count) for g in range(count)] if count else []


def masks_of(problem: CirclesProblem) -> dict[str, NDArray[np.bool_]]:
    """Return for each rule who it keeps apart, the same both ways."""
    masks = rule_masks(problem.people, problem.people, problem.rules)
    del masks[SAME_PERSON]
    apart = np.zeros((len(problem.people), len(problem.people)), bool)
    for pair in problem.apart:
        apart[pair] = True
    masks[APART] = apart
    for mask in masks.values():
        np.logical_or(mask, mask.T, out=mask)
        np.fill_diagonal(mask, False)
    return masks


def _blocks(problem: CirclesProblem, taking_part: Sequence[int]) -> list[list[int]]:
    """Return those who must be together as one block each, and everybody else alone."""
    blocks = {i: [i] for i in taking_part}
    for a, b in sorted(problem.together):
        for i in (a, b):
            if i not in blocks:
                name = problem.people.names[i]
                raise EngineError(f"{name} must be together but takes nobody.", person=name)
        if blocks[a] is not blocks[b]:
            merged = blocks[a] + blocks[b]
            for i in merged:
                blocks[i] = merged
    unique = {id(block): sorted(block) for block in blocks.values()}
    return sorted(unique.values(), key=lambda block: (-len(block), block))


def _plan_blocks(
    problem: CirclesProblem, blocks: Sequence[Sequence[int]], shape: Sequence[int]
) -> list[int]:
    """Return a circle with enough seats for each block of two and more, largest first."""
    room = list(shape)
    plan = []
    for block in blocks:
        if len(block) == 1 or not room:
            break
        circle = max(range(len(room)), key=lambda g: (room[g], -g))
        if room[circle] < len(block):
            name = problem.people.names[block[0]]
            raise EngineError(
                f"{name} and {len(block) - 1} others must be together, but no circle has the "
                "seats left.",
                person=name,
            )
        room[circle] -= len(block)
        plan.append(circle)
    return plan


def _remove_conflicts(seating: Seating, blocks: Blocks, first: frozenset[int]) -> set[int]:
    """Take the seat of whoever clashes most, until nobody does; return those removed.

    Of those who clash as often, who goes first is the last to lose it.
    """
    removed: set[int] = set()
    block_of = {i: block for block in blocks for i in block}
    while True:
        seated = [i for i in block_of if seating.circle_of[i] != seating.bench]
        clashing = {i: n for i in seated if (n := seating.conflicts(i))}
        if not clashing:
            return removed
        worst = max(clashing, key=lambda i: (clashing[i], i not in first, -i))
        for i in block_of[worst]:
            seating.move(i, seating.bench)
            removed.add(i)


def _left_over(
    problem: CirclesProblem,
    seating: Seating,
    removed: set[int],
    limits: tuple[int, int],
    masks: Mapping[str, NDArray[np.bool_]],
) -> tuple[Unmatched, ...]:
    places = problem.people.places()
    people = sum(1 for capacity in places if capacity)
    left_over = []
    for i in sorted(seating.members[seating.bench]):
        detail: dict[str, int] = {}
        if not places[i]:
            reason = LeftOverReason.NO_CAPACITY
        elif i in removed:
            reason = LeftOverReason.NO_ALLOWED_CIRCLE
            detail = {key: int(mask[i].sum()) for key, mask in masks.items() if mask[i].any()}
        elif not seating.bench:
            reason, detail = LeftOverReason.TOO_FEW_PEOPLE, {"people": people, "fewest": limits[0]}
        else:
            reason = LeftOverReason.SIZES_DO_NOT_FIT
            detail = {"people": people, "circles": seating.bench, "most": limits[1]}
        left_over.append(Unmatched(Side.PEER, i, reason, detail))
    return tuple(left_over)


def _met_again(problem: CirclesProblem, seating: Seating) -> tuple[tuple[int, int], ...]:
    couples = {(min(pair), max(pair)) for pair in problem.met}
    seat = seating.circle_of
    return tuple(
        (i, j) for i, j in sorted(couples) if seat[i] == seat[j] and seat[i] != seating.bench
    )


def _alone(problem: CirclesProblem, seating: Seating) -> tuple[tuple[int, str], ...]:
    """Return who is the only one of their value where there is another of it elsewhere."""
    alone = []
    for name in problem.company_columns:
        values = [str(value) if value is not None else "" for value in problem.people.columns[name]]
        everywhere = Counter(values)
        for members in seating.members[: seating.bench]:
            here = Counter(values[i] for i in members)
            alone += [
                (i, name)
                for i in members
                if values[i] and here[values[i]] == 1 and everywhere[values[i]] > 1
            ]
    return tuple(sorted(alone))


def _is_short(problem: CirclesProblem, seating: Seating, circle: int) -> bool:
    if not problem.free_column or not problem.required_minutes:
        return False
    slots = seating.common_slots(circle)
    return slots is not None and slots < required_slots(problem)
