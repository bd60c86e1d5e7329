"""What the rotation engine is given and what it answers: frozen dataclasses, no Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class EngineError(ValueError):
    """The input breaks a rule; `who` names the person, meeting or role and `rule` says which rule.

    Raised before anything is computed.
    """

    def __init__(self, who: str, rule: str) -> None:
        super().__init__(f"{who}: {rule}")
        self.who = who
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Member:
    """A partner. `strengths` gives a level 0 to 5 by role key or competency, `wants` the role
    keys this person asked to grow in; without `may_facilitate` the leading role is closed.
    `has_led` says that they have led before, here or elsewhere: they need no buddy."""

    id: str
    name: str
    strengths: Mapping[str, int] = field(default_factory=dict, hash=False)
    wants: frozenset[str] = frozenset()
    may_facilitate: bool = True
    has_led: bool = False


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of the season; the tuple's order is the order in time."""

    id: str
    name: str = ""


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


@dataclass(frozen=True, slots=True)
class Absence:
    """`member` will not be at `meeting` (both by id)."""

    member: str
    meeting: str


@dataclass(frozen=True, slots=True)
class Lock:
    """A turn that stays: held already, or chosen by hand."""

    meeting: str
    role: str
    member: str


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """A turn that stays without a holder for now: somebody has been asked to take it."""

    meeting: str
    role: str


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
class Reason:
    """Why a turn went to its holder: a code, and the numbers its sentence needs."""

    code: ReasonCode
    params: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """Who holds which role at which meeting, and why.

    `buddy` sits beside whoever leads for the first time: somebody present who has led. `first` with
    no buddy means that nobody present has led yet.
    """

    meeting: str
    role: str
    member: str
    reason: Reason
    buddy: str = ""
    first: bool = False


class UnfilledWhy(StrEnum):
    """Why a role of a meeting has nobody."""

    NOBODY_PRESENT = "nobody_present"
    NOBODY_LEFT = "nobody_left"
    NOBODY_MAY_LEAD = "nobody_may_lead"
    NOBODY_READY = "nobody_ready"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A role that nobody holds at a meeting: nobody came, people ran out, (leading role) none of
    those free may lead, none of them meets what the role asks for, or somebody was asked."""

    meeting: str
    role: str
    why: UnfilledWhy


class BrokenRule(StrEnum):
    """A rule that the season could not keep everywhere."""

    LEAD_SPREAD = "lead_spread"
    TWICE_RUNNING = "twice_running"
    WITHIN_THREE = "within_three"
    MAY_LEAD = "may_lead"


class BrokenWhy(StrEnum):
    """What stood in the way of the rule."""

    LOCKED = "locked"
    NOBODY_ELSE = "nobody_else"
    ABSENCES = "absences"
    KEEPS_EVEN = "keeps_even"


@dataclass(frozen=True, slots=True)
class Broken:
    """One place where a rule could not be kept; the fields are empty where they say nothing."""

    rule: BrokenRule
    why: BrokenWhy
    meeting: str = ""
    role: str = ""
    member: str = ""


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
        """Return the smallest lead spread that any plan can have."""
        return self.most - self.least


@dataclass(frozen=True, slots=True)
class Season:
    """The planned turns in order of meeting and priority, with what could not be kept.

    `lead_counts` has everyone who may lead and is present at least once; `lead_spread` is its
    largest minus its smallest number. `repeats_proved` says that no plan with this spread has
    fewer people leading twice running.
    """

    turns: tuple[Turn, ...]
    lead_spread: int
    lead_counts: Mapping[str, int] = field(hash=False)
    lead_bound: LeadBound | None
    repeats_proved: bool
    unfilled: tuple[Unfilled, ...]
    broken: tuple[Broken, ...]
