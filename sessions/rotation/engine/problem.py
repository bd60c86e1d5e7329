"""Check the input, then turn ids into positions: all later steps work on small integers."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sessions.rotation.engine.ready import (
    NOBODY as NOBODY,  # the name under which all steps know it
)
from sessions.rotation.engine.ready import deal, first_held, order_of_prerequisites, ready_by_level
from sessions.rotation.engine.shapes import (
    Absence,
    EngineError,
    LeftOpen,
    Lock,
    Meeting,
    Member,
    Role,
)

NEVER = -1_000_000  # a "last held at" before every meeting
STRONG_FROM = 4  # level of 5 from which a role counts as a strength
STRENGTH, NEUTRAL, STRETCH = 1, 0, -1
LEAD = 0  # the leading role comes first in priority

Grid = list[list[int]]  # grid[role][meeting] = member, or NOBODY


@dataclass(frozen=True, slots=True)
class Problem:
    """The checked input by position."""

    members: tuple[Member, ...]
    meetings: tuple[Meeting, ...]
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
        """Return a new grid that holds the locked and the dealt turns alone."""
        return [
            [lock if lock != NOBODY else mine for lock, mine in zip(row, dealt, strict=True)]
            for row, dealt in zip(self.locked, self.dealt, strict=True)
        ]

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
                max(
                    by_level[role][member],
                    first_held(leaders, member),
                )
                for member in range(len(self.members))
            )
        return replace(self, ready=tuple(ready))


def read_problem(
    members: tuple[Member, ...],
    meetings: tuple[Meeting, ...],
    roles: tuple[Role, ...],
    absences: frozenset[Absence],
    locks: frozenset[Lock],
    seed: int,
    left_open: frozenset[LeftOpen] = frozenset(),
) -> Problem:
    """Return the input by position; EngineError names the person and the rule it breaks."""
    _check_members(members)
    _check_unique("meeting", (meeting.id for meeting in meetings))
    roles = _checked_roles(roles)
    member_at = {member.id: position for position, member in enumerate(members)}
    meeting_at = {meeting.id: position for position, meeting in enumerate(meetings)}
    role_at = {role.key: position for position, role in enumerate(roles)}

    present = _present(members, meetings, absences, member_at, meeting_at)
    locked = [[NOBODY] * len(meetings) for _ in roles]
    for lock in sorted(locks, key=lambda lock: (lock.meeting, lock.role, lock.member)):
        _place_lock(lock, members, member_at, meeting_at, role_at, present, locked)
    skipped = frozenset(
        (role_at[turn.role], meeting_at[turn.meeting])
        for turn in left_open
        if turn.role in role_at and turn.meeting in meeting_at
    )
    skipped -= {(role, n) for role, row in enumerate(locked) for n, m in enumerate(row) if m >= 0}

    level = [[_level(member, role) for member in members] for role in roles]
    kind = [
        [_kind(member, role, level[row][column]) for column, member in enumerate(members)]
        for row, role in enumerate(roles)
    ]
    rank = list(range(len(members)))
    random.Random(seed).shuffle(rank)
    ready, dealt = _readiness(members, roles, role_at, present, locked, rank)
    fixed = [
        [lock if lock != NOBODY else mine for lock, mine in zip(row, given, strict=True)]
        for row, given in zip(locked, dealt, strict=True)
    ]
    free = [
        frozenset(people - {row[meeting] for row in fixed})
        for meeting, people in enumerate(present)
    ]
    can_lead = [
        _can_lead(members, fixed[LEAD][meeting], free[meeting], ready[LEAD], meeting)
        if (LEAD, meeting) not in skipped
        else ()
        for meeting in range(len(meetings))
    ]
    return Problem(
        members=members,
        meetings=meetings,
        roles=roles,
        present=tuple(frozenset(people) for people in present),
        locked=tuple(tuple(row) for row in locked),
        dealt=tuple(tuple(row) for row in dealt),
        left_open=skipped,
        free=tuple(free),
        can_lead=tuple(can_lead),
        counted=tuple(
            position
            for position, member in enumerate(members)
            if member.may_facilitate
            and any(position in people for people in present)
            and ready[LEAD][position] < max(1, len(meetings))
        ),
        ready=tuple(tuple(row) for row in ready),
        kind=tuple(tuple(row) for row in kind),
        level=tuple(tuple(row) for row in level),
        rank=tuple(rank),
    )


def _present(
    members: tuple[Member, ...],
    meetings: tuple[Meeting, ...],
    absences: frozenset[Absence],
    member_at: dict[str, int],
    meeting_at: dict[str, int],
) -> list[set[int]]:
    present = [set(range(len(members))) for _ in meetings]
    for absence in absences:
        if absence.member not in member_at:
            raise EngineError(absence.member, "absent, but not a member of this season")
        if absence.meeting not in meeting_at:
            raise EngineError(members[member_at[absence.member]].name, "absent at no known meeting")
        present[meeting_at[absence.meeting]].discard(member_at[absence.member])
    return present


def _readiness(
    members: tuple[Member, ...],
    roles: tuple[Role, ...],
    role_at: dict[str, int],
    present: list[set[int]],
    locked: list[list[int]],
    rank: list[int],
) -> tuple[list[list[int]], list[list[int]]]:
    """Return from when everybody may hold each role, and the turns dealt to make them ready."""
    ready = ready_by_level(members, roles)
    dealt = [[NOBODY] * len(row) for row in locked]
    for role in order_of_prerequisites(roles):
        before = role_at[roles[role].after]
        able = [m for m, start in enumerate(ready[role]) if not start]
        if before == LEAD:
            wanted = []  # leads are dealt to everybody anyway
        elif role == LEAD:
            wanted = [m for m in able if members[m].may_facilitate]
        else:
            wanted = able
        deal(
            role,
            before,
            present=present,
            locked=locked,
            dealt=dealt,
            ready=ready,
            wanted=sorted(wanted, key=lambda m: rank[m]),
        )
    return ready, dealt


def _can_lead(
    members: tuple[Member, ...],
    holder: int,
    free: frozenset[int],
    ready: list[int],
    meeting: int,
) -> tuple[int, ...]:
    if holder != NOBODY:
        return (holder,)
    return tuple(sorted(m for m in free if members[m].may_facilitate and ready[m] <= meeting))


def _check_unique(what: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for id_ in ids:
        if id_ in seen:
            raise EngineError(id_, f"this {what} is given twice")
        seen.add(id_)


def _check_members(members: tuple[Member, ...]) -> None:
    if not members:
        raise EngineError("members", "a season needs at least one member")
    _check_unique("member", (member.id for member in members))
    for member in members:
        for key, level in member.strengths.items():
            if not 0 <= level <= 5:
                raise EngineError(member.name, f"level {level} in {key} is not between 0 and 5")


def _checked_roles(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    """Return the roles in the order in which they are filled, the leading one first."""
    if not roles:
        raise EngineError("roles", "a season needs at least one role")
    _check_unique("role", (role.key for role in roles))
    leading = [role.key for role in roles if role.leads]
    if len(leading) != 1:
        raise EngineError(", ".join(leading) or "roles", "exactly one role must lead")
    ordered = sorted(roles, key=lambda role: (role.priority, not role.leads))
    if not ordered[LEAD].leads:
        raise EngineError(leading[0], "the leading role must come first in priority")
    return tuple(ordered)


def _place_lock(
    lock: Lock,
    members: tuple[Member, ...],
    member_at: dict[str, int],
    meeting_at: dict[str, int],
    role_at: dict[str, int],
    present: list[set[int]],
    locked: list[list[int]],
) -> None:
    if lock.member not in member_at:
        raise EngineError(lock.member, "has a locked turn, but is not a member of this season")
    member = member_at[lock.member]
    name = members[member].name
    if lock.meeting not in meeting_at:
        raise EngineError(name, f"is locked at an unknown meeting, {lock.meeting}")
    if lock.role not in role_at:
        raise EngineError(name, f"is locked to an unknown role, {lock.role}")
    meeting, role = meeting_at[lock.meeting], role_at[lock.role]
    if member not in present[meeting]:
        raise EngineError(name, f"is locked to {lock.role} at {lock.meeting}, but absent there")
    if locked[role][meeting] != NOBODY:
        other = members[locked[role][meeting]].name
        raise EngineError(name, f"and {other} are both locked to {lock.role} at {lock.meeting}")
    if any(row[meeting] == member for row in locked):
        raise EngineError(name, f"is locked to two roles at {lock.meeting}")
    locked[role][meeting] = member


def _level(member: Member, role: Role) -> int:
    return max(member.strengths.get(role.key, 0), member.strengths.get(role.competency, 0))


def _kind(member: Member, role: Role, level: int) -> int:
    if role.key in member.wants:
        return STRETCH
    return STRENGTH if level >= STRONG_FROM else NEUTRAL
