"""`form_circles`: from people to circles, with what they are worth and who has no seat.

A greedy start, annealed exchanges, then exchanges until none gains.  Sources: Kirkpatrick et al.
1983 for annealing; trial figures in docs/adr/0004-exact-matching-by-min-cost-flow.md.
"""

import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

from pairing.engine.circles.seating import Seating
from pairing.engine.circles.shapes import (
    APART,
    Circles,
    CirclesProblem,
    check_blocks,
    check_circles,
)
from pairing.engine.circles.worth import balance_of, objective_of, required_slots, worth_of
from pairing.engine.rules import SAME_PERSON, rule_masks
from pairing.engine.shapes import EngineError, LeftOver, LeftOverReason, Progress, Side, no_progress

TRIALS_PER_PERSON = 800
FEWEST_TRIALS, MOST_TRIALS = 40_000, 100_000
TRIALS_IN_ALL = 320_000  # over all starts: a small pool is begun several times
MOST_STARTS = 8
MOST_DESCENT_TRIALS = 400_000  # a whole pass looks at n²/2 exchanges: large pools end earlier
TRIALS_BETWEEN_PROGRESS = 2_000

Blocks = Sequence[Sequence[int]]


def form_circles(
    problem: CirclesProblem,
    *,
    sizes: tuple[int, int] | int,
    seed: int = 0,
    progress: Progress | None = None,
) -> Circles:
    """Return circles of these sizes, balanced by skills and level and diverse by the rest.

    `sizes` is (fewest, most) or one size wanted, which may then be missed by what does
    not divide; sizes differ by at most one. Nobody sits with somebody a rule keeps apart:
    who cannot be seated otherwise is left over with the reason, and that circle is one
    smaller. It is a search, not a proof: `bound` says how far from perfect at most.
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
    seating = Seating(worth, len(shape))
    rounds = 0
    random = Random(seed)
    for _ in range(starts_for(len(taking_part)) if shape else 0):
        other = Seating(worth, len(shape))
        seat_greedily(other, blocks, plan, shape, random)
        rounds += improve(other, blocks, shape, random, progress)
        if seating.is_empty() or seating.total() < other.total():
            seating = other
    removed = _remove_conflicts(seating, blocks)
    objective, bound = objective_of(seating, parts), sum(part.most for part in parts)
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


def _remove_conflicts(seating: Seating, blocks: Sequence[Sequence[int]]) -> set[int]:
    """Take the seat of whoever clashes most, until nobody does; return those removed."""
    removed: set[int] = set()
    block_of = {i: block for block in blocks for i in block}
    while True:
        seated = [i for i in block_of if seating.circle_of[i] != seating.bench]
        worst = max(seated, key=lambda i: (seating.conflicts(i), -i), default=None)
        if worst is None or not seating.conflicts(worst):
            return removed
        for i in block_of[worst]:
            seating.move(i, seating.bench)
            removed.add(i)


def _left_over(
    problem: CirclesProblem,
    seating: Seating,
    removed: set[int],
    limits: tuple[int, int],
    masks: Mapping[str, NDArray[np.bool_]],
) -> tuple[LeftOver, ...]:
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
        left_over.append(LeftOver(Side.PEER, i, reason, detail))
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


def trials_for(people: int) -> int:
    """Return how many exchanges are tried from one start."""
    return min(MOST_TRIALS, max(FEWEST_TRIALS, TRIALS_PER_PERSON * people))


def starts_for(people: int) -> int:
    """Return how often to begin: in small pools an exchange of two is often too small a step."""
    return min(MOST_STARTS, TRIALS_IN_ALL // trials_for(people))


def seat_greedily(
    seating: Seating, blocks: Blocks, plan: Sequence[int], sizes: Sequence[int], random: Random
) -> None:
    """Seat blocks where the plan says, then the others, most constrained first, where best."""
    for block, circle in zip((block for block in blocks if len(block) > 1), plan, strict=True):
        for i in block:
            seating.move(i, circle)
    singles = [block[0] for block in blocks if len(block) == 1]
    random.shuffle(singles)
    singles.sort(key=lambda i: -seating.worth.apart[i].bit_count())
    for i in singles:
        best, chosen = -math.inf, seating.bench
        for circle, size in enumerate(sizes):
            if len(seating.members[circle]) >= size:
                continue
            before = seating.value(circle)
            seating.move(i, circle)
            gain = seating.value(circle) - before
            seating.move(i, seating.bench)
            if gain > best:
                best, chosen = gain, circle
        if chosen != seating.bench:
            seating.move(i, chosen)


def improve(
    seating: Seating, blocks: Blocks, sizes: Sequence[int], random: Random, progress: Progress
) -> int:
    """Anneal, then exchange until no exchange of two people gains; return the passes made."""
    singles = [block[0] for block in blocks if len(block) == 1]
    groups = [block for block in blocks if len(block) > 1]
    trials = trials_for(len(seating.circle_of))
    sample = [abs(_try(seating, singles, random)[2]) for _ in range(200)] if singles else []
    usual = [gain for gain in sample if 0 < gain < seating.worth.steep]
    hot = sum(usual) / len(usual) if usual else 1.0
    for trial in range(trials):
        if trial % TRIALS_BETWEEN_PROGRESS == 0:
            progress(trial, 2 * trials, "exchanging")
        heat = hot * 0.5 * 0.01 ** (trial / trials)
        if trial % 16 == 0:
            _move_block(seating, singles, groups, heat, random)
            _even_out(seating, singles, sizes, heat, random)
        if not singles:
            continue
        i, j, gain = _try(seating, singles, random)
        if gain and _accept(gain, heat, random):
            seating.swap(i, j)
    return 1 + _descend(seating, singles, progress)


def _try(seating: Seating, singles: Sequence[int], random: Random) -> tuple[int, int, int]:
    i = singles[int(random.random() * len(singles))]
    j = singles[int(random.random() * len(singles))]
    if seating.circle_of[i] == seating.circle_of[j]:
        return i, j, 0
    return i, j, seating.gain_of_swap(i, j)


def _accept(gain: int, heat: float, random: Random) -> bool:
    return gain > 0 or random.random() < math.exp(max(gain / heat, -700))


def _move_block(
    seating: Seating, singles: Sequence[int], groups: Blocks, heat: float, random: Random
) -> None:
    """Exchange people who stay together with as many single people of another circle."""
    if not groups:
        return
    block = random.choice(groups)
    start, to = seating.circle_of[block[0]], random.randrange(len(seating.members))
    free = set(singles)
    others = [i for i in seating.members[to] if i in free]
    if start == to or len(others) < len(block):
        return
    others = random.sample(others, len(block))
    before = seating.value(start) + seating.value(to)
    for i, j in zip(block, others, strict=True):
        seating.swap(i, j)
    if not _accept(seating.value(start) + seating.value(to) - before, heat, random):
        for i, j in zip(block, others, strict=True):
            seating.swap(i, j)


def _even_out(
    seating: Seating, singles: Sequence[int], sizes: Sequence[int], heat: float, random: Random
) -> None:
    """Let one person of a larger circle join a smaller one: which circles are larger is open."""
    if min(sizes) == max(sizes) or not singles:
        return
    i, to = random.choice(singles), random.randrange(len(sizes))
    start = seating.circle_of[i]
    if start in {to, seating.bench}:
        return
    if len(seating.members[start]) != max(sizes) or len(seating.members[to]) != min(sizes):
        return
    before = seating.value(start) + seating.value(to)
    seating.move(i, to)
    if not _accept(seating.value(start) + seating.value(to) - before, heat, random):
        seating.move(i, start)


def _descend(seating: Seating, singles: Sequence[int], progress: Progress) -> int:
    passes, trials, improved = 0, 0, True
    while improved and trials < MOST_DESCENT_TRIALS:
        passes += 1
        improved = False
        for place, i in enumerate(singles):
            if place % 16 == 0:
                progress(trials, MOST_DESCENT_TRIALS, "settling")
            for j in singles[:place]:
                trials += 1
                if seating.circle_of[i] != seating.circle_of[j] and seating.gain_of_swap(i, j) > 0:
                    seating.swap(i, j)
                    improved = True
    return passes
