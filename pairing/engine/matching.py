"""`match` finds a matching, and describes it with its proof."""

import time

import numpy as np

from pairing.engine.blocks import parts_at
from pairing.engine.board import ALONE, Board, build_board, lowest_score
from pairing.engine.flow import Search
from pairing.engine.leftover import find_left_over
from pairing.engine.mincost import Order
from pairing.engine.policies import Solution, choose
from pairing.engine.score import bonus_points
from pairing.engine.shapes import (
    EngineError,
    Matching,
    Pair,
    Policy,
    Problem,
    Progress,
    gap_ppm,
    no_progress,
)
from pairing.engine.stable import blocking_pairs
from pairing.engine.validate import check_problem


def match(
    problem: Problem,
    *,
    policy: Policy = Policy.FAIREST_WORST_CASE,
    seed: int = 0,
    progress: Progress | None = None,
) -> Matching:
    """Return the matching the policy asks for, with its proof; objective and bound in points.

    A seeker gets at most one offerer, an offerer at most as many seekers as they have
    places; no rule is broken, locked pairs stay, forbidden pairs never appear, and
    nobody holds both parts towards one partner. Pairs that already work together
    (`problem.incumbent`) stay unless better ones outweigh their bonus. The seed decides
    between matchings that are equally good and nothing else; the same seed gives the same one.
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
    solution = choose(Search(board, Order.shuffled(board, seed), progress), policy)
    progress(1, 1, "explaining")
    return describe(problem, board, policy, solution, started, progress)


def describe(
    problem: Problem,
    board: Board,
    policy: Policy,
    solution: Solution,
    started: float,
    progress: Progress,
) -> Matching:
    """Return a choice of partners with everything that a matching says of itself."""
    free = solution.partner
    partner = np.where(board.locked == ALONE, free, board.locked)
    rows = np.flatnonzero(partner != ALONE)
    parts = parts_at(board.scorer.terms, rows, partner[rows]).tolist()
    pairs = []
    for i, points in zip(rows.tolist(), parts, strict=True):
        j = int(partner[i])
        points += bonus_points(problem.bonuses, i, j, sum(points))
        pairs.append(Pair(i, j, tuple(points), sum(points)))
    kept = len(problem.incumbent & {(pair.seeker, pair.offerer) for pair in pairs})
    objective = sum(pair.total for pair in pairs) + problem.staying_points() * kept
    locked = np.flatnonzero(board.locked != ALONE)
    bound = solution.bound + int(board.points(locked, board.locked[locked]).sum())
    return Matching(
        pairs=tuple(pairs),
        left_over=find_left_over(problem, board, partner),
        objective=objective,
        bound=bound,
        gap_ppm=gap_ppm(objective, bound),
        rounds=solution.rounds,
        seconds=time.perf_counter() - started,
        policy=policy,
        people=len(pairs) + len({pair.offerer for pair in pairs}),
        floor=lowest_score(board, free),
        blocking_pairs=blocking_pairs(board, free, progress),
        proved=solution.proved,
        proof=solution.proof,
    )
