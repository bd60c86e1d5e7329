"""Who is ready for a role from which meeting on: roles may come after others, or ask for a level.

A role that comes after another is dealt its way in: the earlier role goes to those who still need
it, one a meeting, so that everybody is ready as soon as they can be. Once dealt, readiness is a
plain fact of (role, member, meeting), and all later steps work as if nothing came after anything.
"""

from collections.abc import Sequence

from sessions.rotation.engine.shapes import EngineError, Partner, Role

NOBODY = -1
AT_ONCE = 0
NOT_READY = 1_000_000  # later than any meeting

Rows = list[list[int]]


def order_of_prerequisites(roles: Sequence[Role]) -> list[int]:
    """Return the roles that come after others, earlier ones first; EngineError for a circle."""
    place = {role.key: n for n, role in enumerate(roles)}
    ordered: list[int] = []
    for start, role in enumerate(roles):
        if role.after and role.after not in place:
            raise EngineError(role.key, f"comes after an unknown role, {role.after}")
        chain: list[int] = []
        at = start
        while roles[at].after:
            if at in chain:
                raise EngineError(role.key, "comes after itself")
            chain.append(at)
            at = place[roles[at].after]
        ordered.extend(n for n in reversed(chain) if n not in ordered)
    return ordered


def ready_by_level(members: Sequence[Partner], roles: Sequence[Role]) -> Rows:
    """Return, by role and member, the first meeting at which their level lets them take it."""
    return [
        [AT_ONCE if _may_hold(member, role) else NOT_READY for member in members] for role in roles
    ]


def _may_hold(member: Partner, role: Role) -> bool:
    return member.level_in(role) >= role.needs_level and (member.may_lead or not role.leads)


def first_held(row: Sequence[int], member: int) -> int:
    """Return the meeting from which `member` has held a role whose holders are `row`."""
    return row.index(member) + 1 if member in row else NOT_READY


def deal(
    role: int,
    before: int,
    *,
    present: Sequence[set[int]],
    locked: Rows,
    dealt: Rows,
    ready: Rows,
    wanted: Sequence[int],
) -> None:
    """Give the role `before` to those of `wanted` who need it for `role`, and note in `ready`
    from when they have held it. `dealt` holds what was given so, and is filled."""
    row = [
        lock if lock != NOBODY else mine
        for lock, mine in zip(locked[before], dealt[before], strict=True)
    ]
    need = [m for m in wanted if m not in row]
    for meeting, people in enumerate(present):
        busy = {locks[meeting] for locks in (*locked, *dealt)}
        ready_here = [
            m for m in need if m in people and m not in busy and ready[before][m] <= meeting
        ]
        if row[meeting] == NOBODY and ready_here:
            row[meeting] = dealt[before][meeting] = ready_here[0]
            need.remove(ready_here[0])
    for member, from_level in enumerate(ready[role]):
        ready[role][member] = max(from_level, first_held(row, member))
