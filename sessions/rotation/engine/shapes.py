"""What the rotation engine is given and what it answers: a season of turns in which everybody
leads equally often, and why.

Plain Python and numpy; the engine knows neither Django nor our other modules.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class EngineError(ValueError):
    """The input breaks a rule; `who` names the person, meeting or role and `rule` says which rule.

    Raised before anything is computed.
    """

    def __init__(self, who: str, rule: str) -> None:
        super().__init__(f"{who}: {rule}")
        self.who = who
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Partner:
    """Somebody at the table. `strengths` gives a level 0 to 5 by role key or competency, `wants`
    the role keys this person asked to grow in; without `may_facilitate` the leading role is closed.
    `has_led` says that they have led before, here or elsewhere: they need no buddy. Without
    `may_lead` they are at the table like everybody, and lead later, once they are ready."""

    id: str
    name: str
    strengths: Mapping[str, int] = field(default_factory=dict, hash=False)
    wants: frozenset[str] = frozenset()
    may_facilitate: bool = True
    has_led: bool = False
    may_lead: bool = True

    def level_in(self, role: "Role") -> int:
        return max(self.strengths.get(role.key, 0), self.strengths.get(role.competency, 0))


@dataclass(frozen=True, slots=True)
class Role:
    """A meeting role. Smaller `priority` is filled first; exactly one role of a season leads.

    `after` is the key of a role that must have been held at an earlier meeting, `needs_level` the
    level (1 to 5) of this role, or its competency, below which nobody takes it; 0 asks nothing.
    """

    key: str
    priority: int
    competency: str = ""
    leads: bool = False
    after: str = ""
    needs_level: int = 0


class Lock(NamedTuple):
    """A turn that stays: held already, or chosen by hand."""

    meeting: str
    role: str
    member: str


class ReasonCode(StrEnum):
    """Why a person has a turn; the pages translate these."""

    LOCKED = "locked"
    OPENS_A_ROLE = "opens_a_role"
    ONLY_ONE_PRESENT = "only_one_present"
    NEVER_LED = "never_led"
    NEVER_HELD = "never_held"
    LONGEST_WAIT = "longest_wait"
    STRETCH = "stretch"
    STRENGTH = "strength"
    EVENS_OUT = "evens_out"
    IN_TURN = "in_turn"


@dataclass(frozen=True, slots=True)
class PlannedTurn:
    """Who holds which role at which meeting, and why: a code, and the numbers its sentence needs.

    `buddy` sits beside whoever leads for the first time: somebody present who has led. `first` with
    no buddy means that nobody present has led yet.
    """

    meeting: str
    role: str
    member: str
    reason: ReasonCode = ReasonCode.IN_TURN
    detail: Mapping[str, int] = field(default_factory=dict, hash=False)
    buddy: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
class SeasonInput:
    """A season to be planned. All ids are strings; `meetings` are in order of time.

    `absences` are (member, meeting); `left_open` are (meeting, role): turns that stay without a
    holder for now, because somebody has been asked to take them. `published` are the turns that
    people know of already. `held` are meetings of the past: who was there counts as present, the
    turns held are locks, and nothing is planned. `seed` settles what is equal otherwise.
    """

    members: tuple[Partner, ...]
    meetings: tuple[str, ...]
    roles: tuple[Role, ...]
    absences: frozenset[tuple[str, str]] = frozenset()
    locks: frozenset[Lock] = frozenset()
    left_open: frozenset[tuple[str, str]] = frozenset()
    published: tuple[PlannedTurn, ...] = ()
    held: frozenset[str] = frozenset()
    seed: int = 0

    def check(self) -> None:
        """Raise EngineError, which names the person and the rule, if the input breaks one."""
        if not self.members:
            raise EngineError("members", "a season needs at least one member")
        _require_unique("member", (member.id for member in self.members))
        for member in self.members:
            for key, level in member.strengths.items():
                if not 0 <= level <= 5:
                    raise EngineError(member.name, f"level {level} in {key} is not between 0 and 5")
        _require_unique("meeting", self.meetings)
        self._check_roles()
        names = {member.id: member.name for member in self.members}
        for absentee, meeting in self.absences:
            if absentee not in names:
                raise EngineError(absentee, "absent, but not a member of this season")
            if meeting not in self.meetings:
                raise EngineError(names[absentee], "absent at no known meeting")
        self._check_locks(names)

    def _check_roles(self) -> None:
        if not self.roles:
            raise EngineError("roles", "a season needs at least one role")
        _require_unique("role", (role.key for role in self.roles))
        leading = [role.key for role in self.roles if role.leads]
        if len(leading) != 1:
            raise EngineError(", ".join(leading) or "roles", "exactly one role must lead")
        if not self.roles_by_priority[0].leads:
            raise EngineError(leading[0], "the leading role must come first in priority")

    def _check_locks(self, names: Mapping[str, str]) -> None:
        keys = {role.key for role in self.roles}
        holders: dict[tuple[str, str], str] = {}  # by meeting and role
        for meeting, role, member in sorted(self.locks):
            if member not in names:
                raise EngineError(member, "has a locked turn, but is not a member of this season")
            name = names[member]
            if meeting not in self.meetings:
                raise EngineError(name, f"is locked at an unknown meeting, {meeting}")
            if role not in keys:
                raise EngineError(name, f"is locked to an unknown role, {role}")
            if (member, meeting) in self.absences:
                raise EngineError(name, f"is locked to {role} at {meeting}, but absent there")
            if (meeting, role) in holders:
                other = names[holders[meeting, role]]
                raise EngineError(name, f"and {other} are both locked to {role} at {meeting}")
            if any(at == meeting and holder == member for (at, _), holder in holders.items()):
                raise EngineError(name, f"is locked to two roles at {meeting}")
            holders[meeting, role] = member

    @property
    def roles_by_priority(self) -> tuple[Role, ...]:
        """The roles in the order in which they are filled, the leading one first."""
        return tuple(sorted(self.roles, key=lambda role: (role.priority, not role.leads)))


def _require_unique(what: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for id_ in ids:
        if id_ in seen:
            raise EngineError(id_, f"this {what} is given twice")
        seen.add(id_)


@dataclass(frozen=True, slots=True)
class LeadBound:
    """The proof that no plan has a smaller lead spread.

    Only `most_members` can lead the `most_meetings`, which are more than `most - 1` each, so one
    of them leads `most` times. `least_members` can lead no meetings but the `least_meetings`,
    which are fewer than `least + 1` each, so one of them leads `least` times at best.
    """

    most: int
    most_members: frozenset[str]
    most_meetings: frozenset[str]
    least: int
    least_members: frozenset[str]
    least_meetings: frozenset[str]

    @property
    def spread(self) -> int:
        """The smallest lead spread that any plan can have."""
        return self.most - self.least


@dataclass(frozen=True, slots=True)
class SeasonPlan:
    """The planned turns in order of meeting and priority.

    `lead_spread` is the largest minus the smallest number of leads of all who may lead and are
    present at least once.
    """

    turns: tuple[PlannedTurn, ...]
    lead_spread: int
    lead_bound: LeadBound | None
