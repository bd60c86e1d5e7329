"""From a problem and a plan to the arrays of `anneal`, and back."""

import numpy as np
from numpy.typing import NDArray

from sessions.rotation.engine.leads import Quota
from sessions.rotation.engine.problem import LEAD, Grid, Problem
from sessions.rotation.engine.ready import NOBODY

IntArray = NDArray[np.int64]
Mask = NDArray[np.bool_]

MOVES_A_TURN = 300
FEWEST_MOVES, MOST_MOVES = 3_000, 30_000
# the first temperatures of each run: hot to leave what cannot be mended, then mild for the wishes;
# a published plan changes as little as it can
ANEW, PUBLISHED = (400.0, 60.0, 600.0, 200.0, 60.0), (20.0,)
SURE = 2  # so many runs are made in any case, the rest while there is a fault


def mend(
    problem: Problem,
    grid: Grid,
    quota: Quota,
    *,
    in_turn: list[int] | None = None,
    published: Grid | None = None,
    seed: int = 0,
) -> Grid:
    """Return `grid` or a better plan in which the same turns are filled.

    Compared are, in this order: leads outside the quota, leads twice running, other roles twice
    running, roles held again within three meetings, people who never hold a role, turns that
    differ from `published`; then all wishes together: leads where `in_turn` has them, strength
    and stretch by turns, evenness. The same input and seed give the same plan.
    """
    fixed = _fixed(problem, grid)
    open_turns = np.argwhere(~fixed)
    if not len(open_turns):
        return grid
    # numba is half a second and 70 MB, so only processes that plan beside absences load it
    from sessions.rotation.engine.anneal import FAULTS, PlanArrays, anneal

    best = np.array(grid, np.int64)
    roles, times = best.shape
    people, may = len(problem.members), _may(problem)
    moves = min(MOST_MOVES, max(FEWEST_MOVES, MOVES_A_TURN * len(open_turns)))
    state = np.array([(seed * 2_654_435_761 + 88_172_645) % 2**32 | 1], np.int64)
    runs = ANEW if published is None else PUBLISHED
    for done, warm in enumerate(runs):
        if done >= SURE and _has_no_fault(best, may):
            break
        role_of, turns = _held(best, people)
        arrays = PlanArrays(
            plan=best.copy(),
            role_of=role_of,
            turns=turns,
            load=turns.sum(axis=0),
            may=may,
            counted=np.logical_or.reduce(may, axis=1),
            fixed=fixed,
            published=np.full_like(best, NOBODY) if published is None else np.array(published),
            in_turn=np.array(in_turn or [NOBODY] * times, np.int64),
            low=np.array(quota.low, np.int64),
            high=np.array(quota.high, np.int64),
            kind=np.array(problem.kind, np.int64).reshape(roles, people),
        )
        faults = np.zeros((3, FAULTS), np.int64)
        which = open_turns[:, 0].copy(), open_turns[:, 1].copy()
        anneal(arrays, *which, moves, warm, best, faults, state)
    return [[int(member) for member in row] for row in best]


def _has_no_fault(plan: IntArray, may: Mask) -> bool:
    """Return whether nobody holds a role again within three meetings, or much oftener than others.

    Such a plan can be bettered in wishes alone.
    """
    for role, row in enumerate(plan):
        for apart in (1, 2):
            if ((row[apart:] == row[:-apart]) & (row[apart:] != NOBODY)).any():
                return False
        able = np.flatnonzero(may[role].any(axis=0))
        turns = np.bincount(row[row != NOBODY], minlength=may.shape[2])[able]
        if role != LEAD and turns.size and turns.max() - turns.min() > 1:
            return False
    return True


def _held(plan: IntArray, people: int) -> tuple[IntArray, IntArray]:
    """Return the role of each member at each meeting, and how often each holds each role."""
    roles, times = plan.shape
    role_of = np.full((times, people), NOBODY, np.int64)
    turns = np.zeros((roles, people), np.int64)
    for role, meeting in np.argwhere(plan != NOBODY):
        member = plan[role, meeting]
        role_of[meeting, member] = role
        turns[role, member] += 1
    return role_of, turns


def _may(problem: Problem) -> np.ndarray[tuple[int, int, int], np.dtype[np.bool_]]:
    """Return who may hold which role at which meeting, by role, meeting and member."""
    shape = (len(problem.roles), len(problem.meetings), len(problem.members))
    free = np.zeros(shape[1:], bool)
    for meeting, people in enumerate(problem.free):
        free[meeting, list(people)] = True
    may = np.broadcast_to(free, shape).copy()
    may &= np.array(problem.ready)[:, None, :] <= np.arange(shape[1])[None, :, None]
    may[LEAD] &= np.array([member.may_facilitate for member in problem.members])
    return may


def _fixed(problem: Problem, grid: Grid) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    fixed = np.array(
        [
            [
                member == NOBODY or problem.is_fixed(role, meeting)
                for meeting, member in enumerate(row)
            ]
            for role, row in enumerate(grid)
        ],
        bool,
    )
    if any(role.after == problem.roles[LEAD].key for role in problem.roles):
        fixed[LEAD] = True  # who is ready for those roles depends on who has led by when
    return fixed
