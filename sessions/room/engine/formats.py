"""How each kind of step runs: by turns, in silence, in small groups, in phases, or freely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

SHORTEST_TURN, LONGEST_TURN, TURNS_IN_STEPS_OF = 30, 300, 15  # seconds


@unique
class Mode(StrEnum):
    """What the room does during a step."""

    TALK = "talk"  # one clock for all
    ROUND = "round"  # one after the other, a clock each
    WRITE = "write"  # everybody for themselves, then all cards at once
    GROUPS = "groups"  # trios or pairs, a clock for each person's part
    PHASES = "phases"  # named phases, a clock each


@dataclass(frozen=True)
class Format:
    """How a kind of step runs.

    `phases` are keys with their share of the step's time, in percent.  `group_size` is how many
    people sit together; `brings` says that one person brings a case, `has_words` that partners
    read and write something beside the clock.
    """

    mode: Mode
    phases: tuple[tuple[str, int], ...] = ()
    group_size: int = 0
    brings: bool = False
    has_words: bool = False


FORMATS: Mapping[str, Format] = {
    "check_in": Format(Mode.ROUND),
    "actions": Format(Mode.TALK, has_words=True),
    "topic": Format(Mode.TALK),
    "round": Format(Mode.ROUND),
    "decision": Format(Mode.TALK, has_words=True),
    "promises": Format(Mode.ROUND, has_words=True),
    "retrospective": Format(Mode.TALK, has_words=True),
    "silent_write": Format(Mode.WRITE, has_words=True),
    "appreciation": Format(Mode.ROUND),
    "case_clinic": Format(
        Mode.PHASES,
        (("tell", 20), ("ask", 20), ("advise", 35), ("answer", 15), ("learn", 10)),
        brings=True,
    ),
    "troika": Format(Mode.GROUPS, (("first", 34), ("second", 33), ("third", 33)), group_size=3),
    "pairs": Format(Mode.GROUPS, (("first", 50), ("second", 50)), group_size=2),
    "fishbowl": Format(Mode.PHASES, (("inside", 60), ("outside", 25), ("together", 15))),
}


@dataclass(frozen=True)
class Step:
    """One step of an agenda; a kind that nobody knows is free talk."""

    title: str
    minutes: int
    kind: str

    @property
    def format(self) -> Format:
        return format_of(self.kind)

    def turn_seconds(self, people: int) -> int:
        """Return how long each of so many people may speak: an even share in quarter minutes."""
        share = self.minutes * 60 // max(people, 1) // TURNS_IN_STEPS_OF * TURNS_IN_STEPS_OF
        return min(LONGEST_TURN, max(SHORTEST_TURN, share))

    def phase_seconds(self, phase: int, of: int) -> int:
        """Return how long a phase may take where the first `of` phases are gone through."""
        shares = [share for _key, share in self.format.phases[:of]]
        return self.minutes * 60 * shares[phase] // sum(shares) if shares else self.minutes * 60


def format_of(kind: str) -> Format:
    return FORMATS.get(kind, FORMATS["topic"])
