"""The best division that can be found or proved: all tried for few people, a search for more.

Imports numba: half a second and 70 MB, so only who forms circles imports this.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from pairing.engine.circles.bound import (
    best_of_all,
    bound_of,
    can_be_priced,
    can_try_all,
    divide_again,
    worth_of_one,
)
from pairing.engine.circles.search import Blocks, improve, pool_of, seat_greedily, starts_for
from pairing.engine.circles.seating import Worth
from pairing.engine.compiled.exchanges import Traits
from pairing.engine.shapes import Progress

DIVIDED_AGAIN = 2  # of the starts, the best
MOST_DIVIDED_AGAIN = 30  # circles: each two of them are looked at


@dataclass(frozen=True)
class Division:
    """Circles, what they are worth, what none is worth more than, and the passes it took.

    bound: None where nobody has looked for one.
    """

    groups: Sequence[Sequence[int]]
    value: int
    bound: int | None
    rounds: int


def divide(
    worth: Worth,
    people: Sequence[int],
    shape: Sequence[int],
    blocks: Blocks,
    plan: Sequence[int],
    random: Random,
    progress: Progress,
    near: Sequence[Sequence[int]] = (),
) -> Division:
    """Return the best division there is where all can be tried, else the best of a search.

    near: a division that is as good as any other to begin with, if it is one.
    """
    pool = pool_of(worth)
    begun = _begun(pool, near, people, shape, blocks)
    progress(0, 1, "exchanging")
    if can_try_all(len(people), shape):
        groups = best_of_all(pool, people, shape, blocks)
        if groups is not None:
            value = _worth_of_all(pool, groups)
            as_good = begun and begun[0].value == value  # then nobody moves
            return Division(begun[0].groups if as_good else groups, value, value, 1)
    starts = [_search(pool, worth, shape, blocks, plan, random, progress)]
    while len(starts) < starts_for(len(people)):
        starts.append(_search(pool, worth, shape, blocks, plan, random, progress))
    starts = [*begun, *starts]
    starts.sort(key=lambda found: -found.value)
    if len(shape) <= MOST_DIVIDED_AGAIN:
        for place, found in enumerate(starts[:DIVIDED_AGAIN]):
            again = divide_again(pool, found.groups, blocks, progress)
            starts[place] = Division(again, _worth_of_all(pool, again), None, found.rounds)
    best = max(starts, key=lambda found: found.value)
    columns = [group for found in starts for group in found.groups]
    rounds = sum(found.rounds for found in starts)
    if not can_be_priced(len(people), shape):
        return replace(best, rounds=rounds)
    last, bound = bound_of(pool, best.groups, columns, people, blocks, progress)
    return Division(last, _worth_of_all(pool, last), bound, rounds)


def _begun(
    pool: Traits,
    near: Sequence[Sequence[int]],
    people: Sequence[int],
    shape: Sequence[int],
    blocks: Blocks,
) -> list[Division]:
    """Return a division to begin with, if it seats as many and parts no block."""
    circle_of = {i: circle for circle, group in enumerate(near) for i in group}
    fits = sorted(map(len, near)) == sorted(shape) and set(circle_of) <= set(people)
    if not fits or any(len({circle_of.get(i) for i in block}) > 1 for block in blocks):
        return []
    # the larger circles come first, as in the shape
    groups = sorted(near, key=lambda group: -len(group))
    return [Division(groups, _worth_of_all(pool, groups), None, 0)]


def _search(
    pool: Traits,
    worth: Worth,
    shape: Sequence[int],
    blocks: Blocks,
    plan: Sequence[int],
    random: Random,
    progress: Progress,
) -> Division:
    seats = seat_greedily(pool, blocks, plan, shape, worth.apart, random)
    rounds = improve(pool, seats, blocks, worth.steep, random, progress)
    groups = [seats.members[circle, : seats.sizes[circle]].tolist() for circle in range(len(shape))]
    return Division(groups, _worth_of_all(pool, groups), None, rounds)


def _worth_of_all(pool: Traits, groups: Sequence[Sequence[int]]) -> int:
    return sum(worth_of_one(pool, group) for group in groups)
