"""Two of different circles in one: by the one exchange that costs least, and by forming anew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from pairing.engine.circles.form import circles_near, form_circles, masks_of
from pairing.engine.circles.shapes import Circles, CirclesProblem
from pairing.engine.circles.standing import weigh
from pairing.engine.circles.worth import STEEP
from pairing.engine.peers.prices import best_pairs, pairs_of
from pairing.engine.shapes import Progress, no_progress

Groups = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Exchange:
    """Two who change places, and what all circles are worth then."""

    one: int
    other: int
    objective: int


@dataclass(frozen=True)
class Together:
    """What circles could be worth with two people in one of them.

    circles: the best that were found; proved where there are none better, else none has more
    points than their bound.  moved: people who would sit in another circle than now.
    exchange: the least that two changing places would cost; None where that breaks a rule, or
    parts people who must be together, or gives up what is put before points.
    """

    circles: Circles
    moved: tuple[int, ...]
    exchange: Exchange | None


def bring_together(
    problem: CirclesProblem,
    pair: tuple[int, int],
    groups: Groups,
    *,
    sizes: tuple[int, int] | int,
    seed: int = 0,
    progress: Progress | None = None,
) -> Together:
    """Return the best circles with both of a pair in one, beside the circles that stand.

    groups: who sits together now.  Raises EngineError where no circle can hold both.
    """
    locked = replace(problem, together=problem.together | {pair})
    near = circles_near(problem, groups, pair)
    circles = form_circles(locked, sizes=sizes, seed=seed, near=near.groups, progress=progress)
    exchange = None
    if near.swapped is not None and near.lost < STEEP and _keeps_rules(locked, near.groups):
        objective, _balance = weigh(problem, near.groups, masks_of(problem))
        exchange = Exchange(*near.swapped, objective)
    return Together(circles, moved(groups, circles.groups), exchange)


def moved(before: Groups, after: Groups) -> tuple[int, ...]:
    """Return who sits in another circle than before, where each is the one it shares most with.

    Circles are taken for each other so that fewest people move; who had no seat, or has none any
    more, has moved.
    """
    count = len(before)
    shared = np.zeros((count + len(after),) * 2, np.int32)
    for g, one in enumerate(before):
        for h, other in enumerate(after, count):
            shared[g, h] = shared[h, g] = len(set(one) & set(other))
    alike = pairs_of(best_pairs(shared, shared > 0, no_progress).mate)
    stay = {i for g, h in alike for i in set(before[g]) & set(after[h - count])}
    everybody = {i for group in (*before, *after) for i in group}
    return tuple(sorted(everybody - stay))


def _keeps_rules(problem: CirclesProblem, groups: Groups) -> bool:
    apart = np.logical_or.reduce(list(masks_of(problem).values()))
    circle_of = {i: g for g, group in enumerate(groups) for i in group}
    return not any(apart[two] for group in groups for two in combinations(group, 2)) and all(
        circle_of.get(i) == circle_of.get(j) for i, j in problem.together
    )
