"""`match` finds a matching; `verify` checks one without believing it."""

import time
from collections.abc import Sequence

import numpy as np

from pairing.engine.blocks import parts_at
from pairing.engine.board import ALONE, Board, Partners, build_board, lowest_score
from pairing.engine.bonus import bonus_points
from pairing.engine.errors import EngineError, ProofFailed
from pairing.engine.flow import Search
from pairing.engine.leftover import find_left_over
from pairing.engine.mincost import Order
from pairing.engine.near import Near
from pairing.engine.policies import Choice, bound_on_points, choose, claim_is_proved
from pairing.engine.rules import bans_of
from pairing.engine.shapes import (
    Changes,
    Matching,
    Pair,
    Policy,
    Problem,
    Progress,
    no_progress,
)
from pairing.engine.stable import blocking_pairs
from pairing.engine.validate import check_problem

MILLION = 1_000_000


def match(
    problem: Problem,
    *,
    policy: Policy = Policy.FAIREST_WORST_CASE,
    seed: int = 0,
    progress: Progress | None = None,
    near: tuple[Problem, Matching] | None = None,
) -> Matching:
    """Return the matching the policy asks for, with its proof.

    A seeker gets at most one offerer, an offerer at most as many seekers as they have
    places; no rule is broken, locked pairs stay, forbidden pairs never appear, and
    nobody holds both parts towards one partner. Pairs that already work together
    (`problem.incumbent`) stay unless better ones outweigh their bonus; `changes` says what
    becomes of them. The seed decides between matchings that
    are equally good and nothing else; the same seed gives the same matching.
    `near`, a matching by the same policy of nearly the same people, lets a large one begin
    where that one ended; it changes the time and nothing that is claimed.
    `progress(done, of, what)` may raise to cancel. Policies: see `policies.py`.
    Raises EngineError, before anything is computed, if the input cannot be meant.
    """
    started = time.perf_counter()
    try:
        policy = Policy(policy)
    except ValueError:
        raise EngineError(f"{policy!r} is not a policy.") from None
    check_problem(problem)
    progress = progress or no_progress
    board = build_board(problem, progress)
    known = Near.of(problem, *near) if near and near[1].policy is policy else None
    choice = choose(Search(board, Order.shuffled(board, seed), progress, known), policy)
    progress(1, 1, "explaining")
    return _describe(problem, board, policy, choice, started, progress)


def verify(problem: Problem, matching: Matching) -> None:
    """Recompute everything a matching says about itself from the problem alone.

    Scores, rules, locks, parts, sums, the bound from the prices and the policy's claim.
    Raises ProofFailed naming the first thing that does not hold. It solves nothing: the
    prices in the proof are either good enough or not.
    """
    check_problem(problem)
    board = build_board(problem, no_progress)
    partner = _partners(problem, board, matching)
    _require(not board.double_parts(partner), "two people hold both parts to each other")
    free = np.where(board.locked == ALONE, partner, ALONE)
    policy, proof = matching.policy, matching.proof
    bound = bound_on_points(board, policy, free, proof)
    _require(bound is not None, "the prices do not cover every matching")
    proved = claim_is_proved(board, policy, free, proof)
    choice = Choice(free, proof, matching.rounds, bound or 0, proved)
    expected = _describe(problem, board, policy, choice, 0.0, no_progress)
    for name in ("pairs", "objective", "bound", "gap_ppm", "people", "floor", "changes"):
        _require(
            getattr(matching, name) == getattr(expected, name),
            f"{name} is {getattr(matching, name)}, recomputed {getattr(expected, name)}",
        )
    _require(matching.blocking_pairs == expected.blocking_pairs, "blocking pairs are miscounted")
    _require(matching.left_over == expected.left_over, "the left-over list is another")
    _require(matching.proved == expected.proved, "it does not prove what it says it proves")
    _require(matching.bound >= matching.objective, "the bound is below the objective")


def _describe(
    problem: Problem,
    board: Board,
    policy: Policy,
    choice: Choice,
    started: float,
    progress: Progress,
) -> Matching:
    free = choice.partner
    partner = np.where(board.locked == ALONE, free, board.locked)
    rows = np.flatnonzero(partner != ALONE)
    parts = parts_at(board.scorer.terms, rows, partner[rows]).tolist()
    pairs = []
    for i, points in zip(rows.tolist(), parts, strict=True):
        j = int(partner[i])
        points += bonus_points(problem.bonuses, i, j, sum(points))
        pairs.append(Pair(i, j, tuple(points), sum(points)))
    changes = _changes(problem, pairs)
    objective = sum(pair.total for pair in pairs) + problem.staying_points() * len(changes.kept)
    locked = np.flatnonzero(board.locked != ALONE)
    bound = choice.bound + int(board.points(locked, board.locked[locked]).sum())
    return Matching(
        pairs=tuple(pairs),
        left_over=find_left_over(problem, board, partner),
        objective=objective,
        bound=bound,
        gap_ppm=-(-(bound - objective) * MILLION // bound) if bound > objective else 0,
        rounds=choice.rounds,
        seconds=time.perf_counter() - started,
        policy=policy,
        people=len(pairs) + len({pair.offerer for pair in pairs}),
        floor=lowest_score(board, free),
        blocking_pairs=blocking_pairs(board, free, progress),
        proved=choice.proved,
        proof=choice.proof,
        changes=changes,
    )


def _changes(problem: Problem, pairs: Sequence[Pair]) -> Changes:
    now = {(pair.seeker, pair.offerer) for pair in pairs}
    before = problem.incumbent
    return Changes(*(tuple(sorted(part)) for part in (now & before, before - now, now - before)))


def _partners(problem: Problem, board: Board, matching: Matching) -> Partners:
    """Return who has whom, having checked each pair on its own."""
    n, m = board.shape
    partner = np.full(n, ALONE, np.int64)
    bans = bans_of(problem)
    for pair in matching.pairs:
        i, j = pair.seeker, pair.offerer
        _require(0 <= i < n and 0 <= j < m, f"pair ({i}, {j}) points at nobody")
        names = f"{problem.seekers.names[i]} with {problem.offerers.names[j]}"
        _require(partner[i] == ALONE, f"{names}: this seeker stands in two pairs")
        row, column = np.array([i]), np.array([j])
        broken = [key for key, ban in bans.items() if ban.at(row, column)[0]]
        _require(not broken, f"{names} breaks {', '.join(broken)}")
        _require(problem.seekers.places()[i] > 0, f"{names}: this seeker takes nobody")
        partner[i] = j
    load = np.bincount(partner[partner != ALONE], minlength=m)
    for name, has, places in zip(
        problem.offerers.names, load.tolist(), problem.offerers.places(), strict=True
    ):
        _require(has <= places, f"{name} has more partners than places")
    for i, j in problem.locked:
        _require(partner[i] == j, f"{problem.seekers.names[i]} lost the locked partner")
    return partner


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ProofFailed(otherwise)
