""" "Why not these two?": what forbids them, or what pairing them would cost everybody else."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pairing.engine.matching import match
from pairing.engine.rules import blocked_by
from pairing.engine.score import bonus_points, build_terms, pair_points
from pairing.engine.shapes import FULL_POINTS, Matching, Policy, Problem, Progress

IndexPair = tuple[int, int]
LEAST_STABILITY = 1 / FULL_POINTS  # one point: decides between equals and nothing else


class Obstacle(StrEnum):
    """What makes a pair impossible, whatever it would score."""

    RULES = "rules"
    SEEKER_TAKES_NOBODY = "seeker_takes_nobody"
    OFFERER_TAKES_NOBODY = "offerer_takes_nobody"
    SEEKER_LOCKED = "seeker_locked"
    OFFERER_LOCKED = "offerer_locked"
    BOTH_PARTS = "both_parts"  # the two are locked to each other the other way round


@dataclass(frozen=True)
class Move:
    """Whom a seeker has now, and would have then; points of both pairs, None for nobody."""

    seeker: int
    before: int | None
    after: int | None
    points_before: int | None
    points_after: int | None


@dataclass(frozen=True)
class WhyNot:
    """The answer for one seeker and one offerer.

    rules: keys of those that forbid the pair. points: what the pair would score.
    cost: points that the whole matching would lose, exactly. people: how many fewer people
    would have a partner. floor_before, floor_after: fewest points of any pair.
    moves: whose partner would change, the asked seeker first.
    """

    together: bool
    points: int
    obstacle: Obstacle | None = None
    rules: tuple[str, ...] = ()
    cost: int = 0
    people: int = 0
    floor_before: int | None = None
    floor_after: int | None = None
    moves: tuple[Move, ...] = field(default_factory=tuple)


def why_not(
    problem: Problem,
    i: int,
    j: int,
    *,
    policy: Policy,
    pairs: Sequence[IndexPair],
    seed: int = 0,
    progress: Progress | None = None,
) -> WhyNot:
    """Return why seeker i is not with offerer j in the matching `pairs`.

    A pair that may be is locked and everything is matched anew by the same policy, so the
    cost is exact, not an estimate; it is below 0 where `pairs` was not the best there is.
    Raises EngineError if the problem cannot be meant.
    """
    points = _total_of(problem, [(i, j)])[i, j]
    if (i, j) in set(pairs):
        return WhyNot(together=True, points=points)
    obstacle, rules = _obstacle(problem, i, j)
    if obstacle is not None:
        return WhyNot(together=False, points=points, obstacle=obstacle, rules=rules)
    then = _with_pair(problem, (i, j), policy, pairs, seed, progress)
    now = _total_of(problem, pairs)
    after = {(pair.seeker, pair.offerer): pair.total for pair in then.pairs}
    return WhyNot(
        together=False,
        points=points,
        cost=sum(now.values()) - sum(after.values()),
        people=_people(now) - _people(after),
        floor_before=min(now.values(), default=None),
        floor_after=min(after.values(), default=None),
        moves=_moves(now, after, i),
    )


def _obstacle(problem: Problem, i: int, j: int) -> tuple[Obstacle | None, tuple[str, ...]]:
    rules = blocked_by(problem, i, j)
    if rules:
        return Obstacle.RULES, rules
    if not problem.seekers.places()[i]:
        return Obstacle.SEEKER_TAKES_NOBODY, ()
    if not problem.offerers.places()[j]:
        return Obstacle.OFFERER_TAKES_NOBODY, ()
    if any(seeker == i for seeker, _offerer in problem.locked):
        return Obstacle.SEEKER_LOCKED, ()
    held = sum(offerer == j for _seeker, offerer in problem.locked)
    if held >= problem.offerers.places()[j]:
        return Obstacle.OFFERER_LOCKED, ()
    seekers, offerers = problem.seekers.identities(), problem.offerers.identities()
    mirrored = {(offerers[b], seekers[a]) for a, b in problem.locked}
    return (Obstacle.BOTH_PARTS if (seekers[i], offerers[j]) in mirrored else None), ()


def _with_pair(
    problem: Problem,
    pair: IndexPair,
    policy: Policy,
    pairs: Sequence[IndexPair],
    seed: int,
    progress: Progress | None,
) -> Matching:
    """Return the best matching with that pair; among equals, one that moves few people.

    The second answer lets every pair that stands count one point more; where that point has
    changed the total, the first one holds. Pairs that already work together have a larger
    bonus of their own, which then decides who moves.
    """
    locked = replace(problem, locked=problem.locked | {pair})
    plain = match(locked, policy=policy, seed=seed, progress=progress)
    if problem.incumbent:
        return plain
    standing = frozenset(pairs) - {pair}
    near = replace(locked, incumbent=standing, stability=LEAST_STABILITY)
    kept = match(near, policy=policy, seed=seed, progress=progress)
    same_total = sum(pair.total for pair in kept.pairs) == sum(pair.total for pair in plain.pairs)
    return kept if same_total and kept.people == plain.people else plain


def _total_of(problem: Problem, pairs: Sequence[IndexPair]) -> dict[IndexPair, int]:
    terms = build_terms(problem)
    totals = {}
    for i, j in pairs:
        points = sum(pair_points(terms, i, j))
        totals[i, j] = points + sum(bonus_points(problem.bonuses, i, j, points))
    return totals


def _people(pairs: dict[IndexPair, int]) -> int:
    return len(pairs) + len({offerer for _seeker, offerer in pairs})


def _moves(now: dict[IndexPair, int], after: dict[IndexPair, int], first: int) -> tuple[Move, ...]:
    before_of, after_of = dict(now.keys()), dict(after.keys())
    moved = [
        seeker
        for seeker in sorted({*before_of, *after_of}, key=lambda seeker: (seeker != first, seeker))
        if before_of.get(seeker) != after_of.get(seeker)
    ]
    return tuple(
        Move(
            seeker,
            before_of.get(seeker),
            after_of.get(seeker),
            now.get((seeker, before_of[seeker])) if seeker in before_of else None,
            after.get((seeker, after_of[seeker])) if seeker in after_of else None,
        )
        for seeker in moved
    )
