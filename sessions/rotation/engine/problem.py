"""From ids to positions and back: all steps work on small integers."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sessions.rotation.engine.ready import (
    NOBODY,
    deal,
    first_held,
    order_of_prerequisites,
    ready_by_level,
)
from sessions.rotation.engine.shapes import EngineError, Partner, PlannedTurn, Role, SeasonInput

NEVER = -1_000_000  # a "last held at" before every meeting
STRONG_FROM = 4  # level of 5 from which a role counts as a strength
STRENGTH, NEUTRAL, STRETCH = 1, 0, -1
LEAD = 0  # the leading role comes first in priority

Grid = list[list[int]]  # grid[role][meeting] = member, or NOBODY


@dataclass(frozen=True, slots=True)
class Problem:
    """The checked input by position."""

    members: tuple[Partner, ...]
    meetings: tuple[str, ...]
    roles: tuple[Role, ...]
    present: tuple[frozenset[int], ...]  # by meeting
    locked: tuple[tuple[int, ...], ...]  # by role and meeting; NOBODY where free
    dealt: tuple[tuple[int, ...], ...]  # the same: turns that open a later role for their holder
    left_open: frozenset[tuple[int, int]]  # (role, meeting): somebody has been asked
    free: tuple[frozenset[int], ...]  # by meeting: present, and fixed to no role
    can_lead: tuple[tuple[int, ...], ...]  # by meeting: who could lead; the holder where fixed
    counted: tuple[int, ...]  # whose leads make up the lead spread
    ready: tuple[tuple[int, ...], ...]  # by role and member: the first meeting they may hold it
    kind: tuple[tuple[int, ...], ...]  # by role and member: STRENGTH, NEUTRAL or STRETCH
    level: tuple[tuple[int, ...], ...]  # by role and member: 0 to 5
    rank: tuple[int, ...]  # by member: settles what is equal otherwise; drawn from the seed

    def may_take(self, role: int, meeting: int, member: int) -> bool:
        """Return whether `member` is free at `meeting` and may hold `role` there."""
        if role == LEAD and not self.members[member].may_facilitate:
            return False
        return member in self.free[meeting] and self.ready[role][member] <= meeting

    def is_fixed(self, role: int, meeting: int) -> bool:
        """Return whether a turn is no longer to be decided: locked, dealt or left open."""
        return (
            self.locked[role][meeting] != NOBODY
            or self.dealt[role][meeting] != NOBODY
            or (role, meeting) in self.left_open
        )

    @property
    def fixed_grid(self) -> Grid:
        """A new grid that holds the locked and the dealt turns alone."""
        return _overlay(self.locked, self.dealt)

    @property
    def asks_for_nothing(self) -> bool:
        """Return whether everybody may take every role beside the leading one at any meeting."""
        return not any(start for row in self.ready for start in row)

    def with_leaders(self, leaders: list[int]) -> "Problem":
        """Return the problem in which roles that come after leading know who has led by when."""
        after = [n for n, role in enumerate(self.roles) if role.after == self.roles[LEAD].key]
        if not after:
            return self
        by_level = ready_by_level(self.members, self.roles)
        ready = list(self.ready)
        for role in after:
            ready[role] = tuple(
                max(by_level[role][member], first_held(leaders, member))
                for member in range(len(self.members))
            )
        return replace(self, ready=tuple(ready))

    def grid_of(self, turns: Iterable[PlannedTurn]) -> Grid:
        """Return the published turns that can still be held; locked turns are the locks' own.

        EngineError for a turn that is published twice.
        """
        member_at = {member.id: place for place, member in enumerate(self.members)}
        meeting_at = {meeting: place for place, meeting in enumerate(self.meetings)}
        role_at = {role.key: place for place, role in enumerate(self.roles)}
        grid = self.fixed_grid
        seen: set[tuple[str, str]] = set()
        for turn in turns:
            if (turn.meeting, turn.role) in seen:
                raise EngineError(turn.member, f"{turn.role} at {turn.meeting} is published twice")
            seen.add((turn.meeting, turn.role))
            if turn.member in member_at and turn.meeting in meeting_at and turn.role in role_at:
                role, meeting = role_at[turn.role], meeting_at[turn.meeting]
                member = member_at[turn.member]
                if not self.is_fixed(role, meeting) and self.may_take(role, meeting, member):
                    grid[role][meeting] = member
        return grid


def read_problem(season: SeasonInput) -> Problem:
    """Return the checked input by position; raises EngineError as `SeasonInput.check`."""
    season.check()
    members, roles = season.members, season.roles_by_priority
    meetings = range(len(season.meetings))
    present = _present(season)
    locked, left_open = _settled(season, roles)
    open_to = [
        set() if meeting in season.held else people
        for meeting, people in zip(season.meetings, present, strict=True)
    ]
    rank = list(range(len(members)))
    random.Random(season.seed).shuffle(rank)
    ready, dealt = _readiness(members, roles, open_to, locked, rank)
    fixed = _overlay(locked, dealt)
    free = [frozenset(open_to[meeting] - {row[meeting] for row in fixed}) for meeting in meetings]
    may_facilitate = {place for place, member in enumerate(members) if member.may_facilitate}

    def leaders(meeting: int) -> tuple[int, ...]:
        if (LEAD, meeting) in left_open:
            return ()
        if fixed[LEAD][meeting] != NOBODY:
            return (fixed[LEAD][meeting],)
        able = free[meeting] & may_facilitate
        return tuple(sorted(member for member in able if ready[LEAD][member] <= meeting))

    return Problem(
        members=members,
        meetings=season.meetings,
        roles=roles,
        present=tuple(map(frozenset, present)),
        locked=tuple(map(tuple, locked)),
        dealt=tuple(map(tuple, dealt)),
        left_open=left_open,
        free=tuple(free),
        can_lead=tuple(leaders(meeting) for meeting in meetings),
        counted=tuple(
            member
            for member in sorted(may_facilitate.intersection(set().union(*present)))
            if ready[LEAD][member] < max(1, len(meetings))
        ),
        ready=tuple(map(tuple, ready)),
        kind=tuple(tuple(_kind(member, role) for member in members) for role in roles),
        level=tuple(tuple(member.level_in(role) for member in members) for role in roles),
        rank=tuple(rank),
    )


def _overlay(rows: Sequence[Sequence[int]], beneath: Sequence[Sequence[int]]) -> Grid:
    """Return a new grid of the first rows, with the second where they hold nobody."""
    return [
        [above if above != NOBODY else below for above, below in zip(*pair, strict=True)]
        for pair in zip(rows, beneath, strict=True)
    ]


def _present(season: SeasonInput) -> list[set[int]]:
    """Return who is present, by meeting."""
    return [
        {
            place
            for place, member in enumerate(season.members)
            if (member.id, meeting) not in season.absences
        }
        for meeting in season.meetings
    ]


def _settled(season: SeasonInput, roles: Sequence[Role]) -> tuple[Grid, frozenset[tuple[int, int]]]:
    """Return the locked turns as a grid, and as (role, meeting) the others that are left open."""
    member_at = {member.id: place for place, member in enumerate(season.members)}
    meeting_at = {meeting: place for place, meeting in enumerate(season.meetings)}
    role_at = {role.key: place for place, role in enumerate(roles)}
    locked = [[NOBODY] * len(season.meetings) for _ in roles]
    for lock in season.locks:
        locked[role_at[lock.role]][meeting_at[lock.meeting]] = member_at[lock.member]
    left_open = (
        (role_at[role], meeting_at[meeting])
        for meeting, role in season.left_open
        if role in role_at and meeting in meeting_at
    )
    return locked, frozenset(at for at in left_open if locked[at[0]][at[1]] == NOBODY)


def _readiness(
    members: Sequence[Partner],
    roles: Sequence[Role],
    present: Sequence[set[int]],
    locked: Grid,
    rank: Sequence[int],
) -> tuple[Grid, Grid]:
    """Return from when everybody may hold each role, and the turns dealt to make them ready."""
    ready = ready_by_level(members, roles)
    dealt = [[NOBODY] * len(row) for row in locked]
    role_at = {role.key: place for place, role in enumerate(roles)}
    for role in order_of_prerequisites(roles):
        before = role_at[roles[role].after]
        able = [member for member, start in enumerate(ready[role]) if not start]
        if before == LEAD:
            able = []  # leads are dealt to everybody anyway
        elif role == LEAD:
            able = [member for member in able if members[member].may_facilitate]
        deal(
            role,
            before,
            present=present,
            locked=locked,
            dealt=dealt,
            ready=ready,
            wanted=sorted(able, key=lambda member: rank[member]),
        )
    return ready, dealt


def _kind(member: Partner, role: Role) -> int:
    if role.key in member.wants:
        return STRETCH
    return STRENGTH if member.level_in(role) >= STRONG_FROM else NEUTRAL
