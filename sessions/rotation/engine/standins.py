"""Who could take a turn that somebody cannot or would rather not hold, the fairest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sessions.rotation.engine.evenness import debts
from sessions.rotation.engine.keep import faults
from sessions.rotation.engine.leads import even_leads, widest_quota
from sessions.rotation.engine.problem import LEAD, Grid, Problem, read_problem
from sessions.rotation.engine.ready import NOBODY
from sessions.rotation.engine.shapes import EngineError, SeasonInput


@dataclass(frozen=True, slots=True)
class _StandIn:
    """Somebody who could take a turn, and the meeting at which the giver could hold the same role
    for them ("" for none). `owed` is how many turns in this role the season still owes them."""

    member: str
    returns: str
    owed: float


def stand_ins(season: SeasonInput, *, meeting: str, role: str, giver: str) -> tuple[_StandIn, ...]:
    """Return everybody without a role at `meeting` who may take the turn, each with the best turn
    to give in return; first where no rule is broken, then who is owed most.

    The rules come in the order of `plan_season`. EngineError for an unknown meeting, role or giver.
    """
    problem = read_problem(replace(season, left_open=frozenset()))
    at = _position(meeting, problem.meetings, "meeting")
    row = _position(role, [other.key for other in problem.roles], "role")
    from_ = _position(giver, [member.id for member in problem.members], "member")
    grid = problem.grid_of(season.published)
    grid[row][at] = NOBODY
    owed = _owed(problem, grid, row)
    quota = widest_quota(even_leads(problem))
    best: dict[int, tuple[tuple[float, ...], str]] = {}
    for taker, then, after in _exchanges(problem, grid, row, at, from_):
        price = (*faults(problem, after, quota), -owed.get(problem.members[taker].id, 0.0))
        named = problem.meetings[then] if then != NOBODY else ""
        if taker not in best or price < best[taker][0]:
            best[taker] = (price, named)
    ordered = sorted(best, key=lambda taker: (best[taker][0], problem.rank[taker]))
    return tuple(
        _StandIn(id_, best[taker][1], owed.get(id_, 0.0))
        for taker in ordered
        for id_ in [problem.members[taker].id]
    )


def _position(wanted: str, names: Sequence[str], what: str) -> int:
    if wanted not in names:
        raise EngineError(wanted, f"no such {what} in this season")
    return names.index(wanted)


def _exchanges(
    problem: Problem, grid: Grid, role: int, at: int, giver: int
) -> Iterator[tuple[int, int, Grid]]:
    """Yield (taker, meeting of the turn in return or NOBODY, plan after it)."""
    busy = {row[at] for row in grid}
    for taker in sorted(problem.free[at] - busy - {giver}):
        if not problem.may_take(role, at, taker):
            continue
        taken = [row[:] for row in grid]
        taken[role][at] = taker
        yield taker, NOBODY, taken
        for then, holder in enumerate(grid[role]):
            open_ = holder == taker and not problem.is_fixed(role, then)
            if open_ and problem.may_take(role, then, giver):
                swapped = [row[:] for row in taken]
                other = next((n for n, row in enumerate(grid) if row[then] == giver), None)
                if other is not None:  # the two change roles there
                    if not problem.may_take(other, then, taker):
                        continue
                    swapped[other][then] = taker
                swapped[role][then] = giver
                yield taker, then, swapped


def _owed(problem: Problem, grid: Grid, role: int) -> dict[str, float]:
    """Return what the season owes each person in this role, all its turns counted."""
    return debts(
        (
            problem.members[holder].id,
            [
                problem.members[m].id
                for m in problem.present[meeting] | {holder}
                if role != LEAD or problem.members[m].may_facilitate
            ],
        )
        for meeting, holder in enumerate(grid[role])
        if holder != NOBODY
    )
