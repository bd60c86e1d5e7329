"""Seat people: greedy start, annealed exchanges, then exchanges until none gains.

Sources: Kirkpatrick et al. 1983 for annealing; the trial figures stand in
docs/adr/0004-exact-matching-by-min-cost-flow.md.
"""

import math
from collections.abc import Sequence
from random import Random

from pairing.engine.circles.seating import Seating
from pairing.engine.shapes import Progress

TRIALS_PER_PERSON = 800
FEWEST_TRIALS, MOST_TRIALS = 40_000, 100_000
TRIALS_IN_ALL = 320_000  # over all starts: a small pool is begun several times
MOST_STARTS = 8
MOST_DESCENT_TRIALS = 400_000  # a whole pass looks at n²/2 exchanges: large pools end earlier
TRIALS_BETWEEN_PROGRESS = 2_000

Blocks = Sequence[Sequence[int]]


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
