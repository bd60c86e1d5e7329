"""Mend a whole plan by small moves, most of them tried and taken back: simulated annealing.

Compiled by numba, a few ten thousand moves take a few milliseconds. Three moves are enough to
reach every plan in which the same turns are filled: somebody without a role takes over a turn, two
people at one meeting change roles, two holders of one role change meetings. What a move changes is
counted from the turns it touches alone. A worse plan is accepted while it is warm; the best plan
seen, compared fault by fault in order of importance, is what is returned.
Source: Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing", Science 220 (1983);
docs/adr/0015-rotation-by-annealing.md.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., object])
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# the faults, the worst first
EXCESS, LEAD_TWICE, TWICE, NEAR, UNCOVERED, MOVED, SPREAD, WISHES = range(8)
FAULTS = 8
LEAD, NOBODY = 0, -1

# what one fault of each kind weighs while it is decided whether a move is taken; a wish has its own
WEIGHTS = (3_000, 3_000, 1_500, 400, 250, 100, 40, 1)
OUT_OF_TURN = 60  # a lead that is not where the longest wait has put it
UNEVEN = 20  # times the squared number of turns of one person in one role
LOAD = 2  # times the squared number of turns of one person in all
BUSY = 3  # a role at the meeting before or after, for each
ALIKE = 12  # a strength after a strength, a stretch after a stretch
COLD = 1.0  # the last temperature: a wish or two are still weighed against each other
ROUND = 64  # moves between two temperatures

_PLAIN: Mapping[str, Any] = {"_nrt": False}  # numba's own name for "counts no references"


def compiled(function: F) -> F:
    """Compile a function once and keep it on disk; it may then be called like any other.

    Nothing in here makes an array, so numba need not count who holds one: that is half the time.
    """
    try:
        return cast(F, njit(cache=True, **_PLAIN)(function))
    except RuntimeError:  # there is no folder to keep it in, so each process compiles for itself
        return cast(F, njit(**_PLAIN)(function))


class PlanArrays(NamedTuple):
    """A plan with all that is needed to judge a change of it: by role r, meeting t, member m in
    that order."""

    plan: IntArray  # [r, t] member, or NOBODY
    role_of: IntArray  # [t, m] role, or NOBODY
    turns: IntArray  # [r, m] how often
    load: IntArray  # [m] how often in any role
    may: BoolArray  # [r, t, m]
    counted: BoolArray  # [r, m] who may hold this role at some meeting
    fixed: BoolArray  # [r, t] not to be touched, or held by nobody
    published: IntArray  # [r, t] member, or NOBODY
    in_turn: IntArray  # [t] who should lead by their wait, or NOBODY
    low: IntArray  # [m] leads at least
    high: IntArray  # [m] leads at most
    kind: IntArray  # [r, m] 1 strength, -1 stretch, 0 neither


@compiled
def _repeats(
    arrays: PlanArrays, role: int, meeting: int, member: int, sign: int, faults: IntArray
) -> None:
    """Add the repeats that this turn makes with the others of its role."""
    row = arrays.plan[role]
    last = len(row) - 1
    twice = near = 0
    if meeting >= 1:
        twice += row[meeting - 1] == member
    if meeting < last:
        twice += row[meeting + 1] == member
    if meeting >= 2:
        near += row[meeting - 2] == member
    if meeting + 1 < last:
        near += row[meeting + 2] == member
    faults[LEAD_TWICE if role == LEAD else TWICE] += sign * twice
    faults[NEAR] += sign * near


@compiled
def _outside(arrays: PlanArrays, member: int, leads: int) -> int:
    return int(max(0, arrays.low[member] - leads) + max(0, leads - arrays.high[member]))


@compiled
def _spread(arrays: PlanArrays, role: int) -> int:
    """Return by how many turns of a role those differ who hold it most and least often."""
    most, least = 0, len(arrays.fixed[role])
    for member in range(len(arrays.load)):
        if arrays.counted[role, member]:
            most = max(most, arrays.turns[role, member])
            least = min(least, arrays.turns[role, member])
    return int(max(0, most - least))


@compiled
def _hand_on(
    arrays: PlanArrays, role: int, meeting: int, giver: int, taker: int, faults: IntArray
) -> None:
    """Let a turn go from one person to another, and add to `faults` what changes by it."""
    gave, took = arrays.turns[role, giver], arrays.turns[role, taker]
    _repeats(arrays, role, meeting, giver, -1, faults)
    arrays.plan[role, meeting] = taker
    _repeats(arrays, role, meeting, taker, 1, faults)
    if role == LEAD:
        faults[EXCESS] += _outside(arrays, giver, gave - 1) - _outside(arrays, giver, gave)
        faults[EXCESS] += _outside(arrays, taker, took + 1) - _outside(arrays, taker, took)
        due = arrays.in_turn[meeting]
        if due != NOBODY:
            faults[WISHES] += OUT_OF_TURN * (int(giver == due) - int(taker == due))
    else:
        faults[WISHES] += UNEVEN * 2 * (took - gave + 1)
        if took + 1 != gave:  # else the two have exchanged their numbers
            faults[SPREAD] -= _spread(arrays, role)
    faults[UNCOVERED] += int(gave == 1) - int(took == 0)
    before = arrays.published[role, meeting]
    if before != NOBODY:
        faults[MOVED] += int(giver == before) - int(taker == before)
    arrays.turns[role, giver] = gave - 1
    arrays.turns[role, taker] = took + 1
    if role != LEAD and took + 1 != gave:
        faults[SPREAD] += _spread(arrays, role)


@compiled
def _alike(arrays: PlanArrays, meeting: int, member: int) -> int:
    """Count strengths next to strengths and stretches next to stretches around one meeting."""
    before = after = here = 0
    for then in range(meeting - 1, -1, -1):
        role = arrays.role_of[then, member]
        if role != NOBODY and arrays.kind[role, member] != 0:
            before = arrays.kind[role, member]
            break
    for then in range(meeting + 1, len(arrays.role_of)):
        role = arrays.role_of[then, member]
        if role != NOBODY and arrays.kind[role, member] != 0:
            after = arrays.kind[role, member]
            break
    role = arrays.role_of[meeting, member]
    if role != NOBODY:
        here = arrays.kind[role, member]
    if here == 0:
        return int(before != 0 and before == after)
    return int(before == here) + int(after == here)


@compiled
def _next_to(arrays: PlanArrays, meeting: int, member: int) -> int:
    """Count the roles of one person at the meetings before and after."""
    busy = 0
    if meeting > 0:
        busy += arrays.role_of[meeting - 1, member] != NOBODY
    if meeting < len(arrays.role_of) - 1:
        busy += arrays.role_of[meeting + 1, member] != NOBODY
    return busy


@compiled
def place(arrays: PlanArrays, role: int, meeting: int, taker: int, faults: IntArray) -> None:
    """Give a turn to somebody at the meeting; who held it takes their role, if they had one."""
    giver = arrays.plan[role, meeting]
    other = arrays.role_of[meeting, taker]
    alike = _alike(arrays, meeting, giver) + _alike(arrays, meeting, taker)
    _hand_on(arrays, role, meeting, giver, taker, faults)
    if other == NOBODY:
        faults[WISHES] += LOAD * 2 * (arrays.load[taker] - arrays.load[giver] + 1)
        faults[WISHES] += BUSY * (
            _next_to(arrays, meeting, taker) - _next_to(arrays, meeting, giver)
        )
        arrays.load[giver] -= 1
        arrays.load[taker] += 1
    else:
        _hand_on(arrays, other, meeting, taker, giver, faults)
    arrays.role_of[meeting, giver] = other
    arrays.role_of[meeting, taker] = role
    alike -= _alike(arrays, meeting, giver) + _alike(arrays, meeting, taker)
    faults[WISHES] -= ALIKE * alike


@compiled
def _take_back(arrays: PlanArrays, role: int, meeting: int, giver: int) -> None:
    """Undo `place`: give a turn back to its former holder, without counting faults again."""
    taker = arrays.plan[role, meeting]
    other = arrays.role_of[meeting, giver]
    arrays.plan[role, meeting] = giver
    arrays.turns[role, taker] -= 1
    arrays.turns[role, giver] += 1
    if other == NOBODY:
        arrays.load[taker] -= 1
        arrays.load[giver] += 1
    else:
        arrays.plan[other, meeting] = taker
        arrays.turns[other, giver] -= 1
        arrays.turns[other, taker] += 1
    arrays.role_of[meeting, taker] = other
    arrays.role_of[meeting, giver] = role


@compiled
def _may_place(arrays: PlanArrays, role: int, meeting: int, taker: int) -> bool:
    if not arrays.may[role, meeting, taker]:
        return False
    other = arrays.role_of[meeting, taker]
    if other == NOBODY:
        return True
    giver = arrays.plan[role, meeting]
    return bool(arrays.may[other, meeting, giver] and not arrays.fixed[other, meeting])


@compiled
def _better(faults: IntArray, than: IntArray) -> bool:
    for n in range(len(faults)):
        if faults[n] != than[n]:
            return bool(faults[n] < than[n])
    return False


@compiled
def _draw(state: IntArray) -> int:
    """Return the next of a row of numbers that look random, from 0 to 2³¹ − 1 (xorshift)."""
    x = state[0]
    x ^= (x << 13) & 0xFFFFFFFF
    x ^= x >> 17
    x ^= (x << 5) & 0xFFFFFFFF
    state[0] = x
    return int(x >> 1)


@compiled
def _some_move(arrays: PlanArrays, role: int, meeting: int, state: IntArray) -> tuple[int, int]:
    """Return who takes a turn, and the meeting at which the giver takes theirs of the same role
    (NOBODY: none is given); NOBODY for the taker if what was drawn is no move."""
    giver = arrays.plan[role, meeting]
    then = NOBODY
    if _draw(state) & 1:
        then = _draw(state) % arrays.plan.shape[1]
        if then == meeting or arrays.fixed[role, then]:
            return NOBODY, NOBODY
        taker = arrays.plan[role, then]
        if taker == giver or not _may_place(arrays, role, then, giver):
            return NOBODY, NOBODY
    else:
        taker = _draw(state) % arrays.turns.shape[1]
    if taker == giver or not _may_place(arrays, role, meeting, taker):
        return NOBODY, NOBODY
    return taker, then


@compiled
def _weighed(change: IntArray) -> int:
    """Return what a change weighs in all; a move that makes the plan better weighs less than 0."""
    whole = 0
    for n in range(FAULTS):
        whole += WEIGHTS[n] * change[n]
    return int(whole)


@compiled
def _copy(source: IntArray, target: IntArray) -> None:
    for row in range(source.shape[0]):
        for column in range(source.shape[1]):
            target[row, column] = source[row, column]


@compiled
def anneal(
    arrays: PlanArrays,
    roles: IntArray,
    meetings: IntArray,
    moves: int,
    warm: float,
    best: IntArray,
    faults: IntArray,
    state: IntArray,
) -> None:
    """Write into `best` the best plan found in so many moves. `arrays` is used up.

    `roles` and `meetings` name the turns that may change hands; `warm` is the first temperature.
    `faults` are three rows of noughts to count in: how the plan differs from the first, how the
    best one did, and what a move changes. `state` seeds what looks random; it must not be 0.
    """
    now, least, change = faults[0], faults[1], faults[2]
    heat = warm
    cooling = (COLD / warm) ** (ROUND / max(moves, ROUND))
    for move in range(moves):
        if move % ROUND == 0:
            heat *= cooling
        pick = _draw(state) % len(roles)
        role, meeting = roles[pick], meetings[pick]
        giver = arrays.plan[role, meeting]
        taker, then = _some_move(arrays, role, meeting, state)
        if taker == NOBODY:
            continue
        for n in range(FAULTS):
            change[n] = 0
        place(arrays, role, meeting, taker, change)
        if then != NOBODY:
            place(arrays, role, then, giver, change)
        worse = _weighed(change)
        if worse <= 0 or _draw(state) < np.exp(-worse / heat) * 2147483648.0:
            for n in range(FAULTS):
                now[n] += change[n]
            if _better(now, least):
                for n in range(FAULTS):
                    least[n] = now[n]
                _copy(arrays.plan, best)
        else:
            if then != NOBODY:
                _take_back(arrays, role, then, taker)
            _take_back(arrays, role, meeting, giver)
