"""Check a matching without believing it: for tests and the bench, the product never calls it."""

import numpy as np

from pairing.engine.board import ALONE, Board, Partners, build_board
from pairing.engine.matching import describe
from pairing.engine.policies import Solution, bound_on_points, claim_is_proved
from pairing.engine.rules import bans_of
from pairing.engine.shapes import Matching, Problem, ProofFailed, no_progress
from pairing.engine.validate import check_problem


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
    solution = Solution(free, proof, matching.rounds, bound or 0, proved)
    expected = describe(problem, board, policy, solution, 0.0, no_progress)
    for name in ("pairs", "objective", "bound", "gap_ppm", "people", "floor", "changes"):
        _require(
            getattr(matching, name) == getattr(expected, name),
            f"{name} is {getattr(matching, name)}, recomputed {getattr(expected, name)}",
        )
    _require(matching.blocking_pairs == expected.blocking_pairs, "blocking pairs are miscounted")
    _require(matching.left_over == expected.left_over, "the left-over list is another")
    _require(matching.proved == expected.proved, "it does not prove what it says it proves")
    _require(matching.bound >= matching.objective, "the bound is below the objective")


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
