"""The cyclic plan: perfect when nobody is ever absent, and free to compute.

Role k at meeting t goes to place (t + k * step) mod n of one fixed order of people, so in n
meetings each person holds each role once, and nobody holds one twice running.
"""

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from sessions.rotation.engine.problem import LEAD, NEUTRAL, Grid, Problem
from sessions.rotation.engine.ready import NOBODY

PERMUTED_ROLES = 5  # up to this many roles beside the leading one, every order is compared


def cyclic_places(people: NDArray[np.int64], roles: int, meetings: int) -> NDArray[np.int64]:
    """Return, for circles of the given sizes, the place that holds each role at each meeting.

    The shape is (circles, roles, meetings); `people` must be at least `roles` everywhere.
    """
    step = np.maximum(1, people // roles)[:, None, None]
    role = np.arange(roles)[None, :, None]
    meeting = np.arange(meetings)[None, None, :]
    return (meeting + role * step) % people[:, None, None]


def is_undisturbed(problem: Problem) -> bool:
    """Return whether everybody is always there and free, and may take every role."""
    everyone = len(problem.members)
    return (
        bool(problem.meetings)
        and everyone >= 2
        and all(len(people) == everyone for people in problem.free)
        and len(problem.counted) == everyone
        and problem.asks_for_nothing
        and not problem.left_open
    )


def cyclic_plan(problem: Problem) -> Grid:
    """Return the cyclic plan of an undisturbed season that alternates strength and stretch best."""
    people = len(problem.members)
    filled = min(people, len(problem.roles))
    order = sorted(
        range(people),
        key=lambda member: (
            -problem.level[LEAD][member],
            problem.rank[member],
        ),
    )
    places = cyclic_places(np.array([people]), filled, len(problem.meetings))[0].tolist()
    rows = [[order[place] for place in row] for row in places]
    others = range(1, filled)
    arrangements = permutations(others) if len(others) <= PERMUTED_ROLES else iter([tuple(others)])
    grids = ([rows[LEAD], *(rows[place] for place in arrangement)] for arrangement in arrangements)
    best = max(grids, key=lambda grid: _alternations(problem, grid))
    nobody = [NOBODY] * len(problem.meetings)
    return [row[:] for row in best] + [nobody[:] for _ in problem.roles[filled:]]


def _alternations(problem: Problem, grid: Grid) -> int:
    """Return how often a strength follows a stretch or a stretch a strength, over all members."""
    if not any(kind for row in problem.kind for kind in row):
        return 0
    latest = [NEUTRAL] * len(problem.members)
    score = 0
    for meeting in range(len(problem.meetings)):
        for role, row in enumerate(grid):
            member = row[meeting]
            kind = problem.kind[role][member]
            if kind != NEUTRAL:
                score += int(kind != latest[member])
                latest[member] = kind
    return score
