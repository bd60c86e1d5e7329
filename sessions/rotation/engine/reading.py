"""From a published plan back to positions."""

from collections.abc import Iterable

from sessions.rotation.engine.problem import Grid, Problem
from sessions.rotation.engine.shapes import EngineError, Turn


def published_grid(problem: Problem, published: Iterable[Turn]) -> Grid:
    """Return the published turns that can still be held; locked turns are the locks' own.

    EngineError for a turn that is published twice.
    """
    member_at = {member.id: position for position, member in enumerate(problem.members)}
    meeting_at = {meeting.id: position for position, meeting in enumerate(problem.meetings)}
    role_at = {role.key: position for position, role in enumerate(problem.roles)}
    grid = problem.fixed_grid
    seen: set[tuple[str, str]] = set()
    for turn in published:
        if (turn.meeting, turn.role) in seen:
            raise EngineError(turn.member, f"{turn.role} at {turn.meeting} is published twice")
        seen.add((turn.meeting, turn.role))
        if turn.member in member_at and turn.meeting in meeting_at and turn.role in role_at:
            role, meeting = role_at[turn.role], meeting_at[turn.meeting]
            member = member_at[turn.member]
            if not problem.is_fixed(role, meeting) and problem.may_take(role, meeting, member):
                grid[role][meeting] = member
    return grid
