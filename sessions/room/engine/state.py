"""A meeting at one moment: which step, whose turn, who is here, who has been heard.

Instants are seconds of the epoch on the server's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Any

from sessions.room.engine.formats import Format, Mode, Step


@unique
class Stage(StrEnum):
    """Where the whole meeting stands."""

    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True)
class RoundRecord:
    """A speaking round that is over: who spoke and who passed, in their order."""

    step: int
    number: int
    began_at: float
    heard: tuple[str, ...]
    passed: tuple[str, ...]


@dataclass(frozen=True)
class GroupsRecord:
    """Small groups that sat together in a step that is over."""

    step: int
    groups: tuple[tuple[str, ...], ...]


@dataclass
class RoomState:
    """All that is true of a room at one moment; people are ids of seats, in table order."""

    steps: list[Step]
    people: list[str]
    here: list[str]
    host: str = ""  # who has the room in hand
    watcher: str = ""  # who counts turns
    stage: Stage = Stage.WAITING
    beat: int = 0
    step: int = 0
    phase: int = 0
    began_at: float = 0  # of the turn, the phase or the step, whichever the clock shows
    seconds: int = 0  # that it may take
    paused_at: float = 0
    order: list[str] = field(default_factory=list)
    turn: int = 0
    lap: int = 0
    lap_at: float = 0
    passed: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    brings: str = ""  # whose case it is
    groups: list[list[str]] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    revealed: bool = False
    words: int = 0  # moves when what people have written must be fetched again
    notice: list[str] = field(default_factory=list)  # what all are told: a code and two seats

    @property
    def current_step(self) -> Step:
        """The step that runs; the first one before the start."""
        return self.steps[min(self.step, len(self.steps) - 1)]

    @property
    def format(self) -> Format:
        return self.current_step.format

    @property
    def speaker(self) -> str:
        """Whose turn it is to speak; '' where nobody's, or everybody's."""
        in_lap = self.stage == Stage.RUNNING and self.turn < len(self.order)
        return self.order[self.turn] if in_lap else ""

    @property
    def follows(self) -> str:
        """Who speaks after that; '' where nobody does."""
        in_lap = self.stage == Stage.RUNNING and self.turn + 1 < len(self.order)
        return self.order[self.turn + 1] if in_lap else ""

    @property
    def lap_is_over(self) -> bool:
        return self.format.mode == Mode.ROUND and self.turn >= len(self.order)

    @property
    def phases(self) -> int:
        """How many phases the step has: in small groups no more than there are people in one."""
        phases = len(self.format.phases)
        if self.format.mode == Mode.GROUPS and self.groups:
            return min(phases, max(map(len, self.groups)))
        return phases

    @property
    def unheard(self) -> list[str]:
        """Who is here and has not spoken once in this session."""
        return [seat for seat in self.people if seat in self.here and not self.counts.get(seat)]

    def may_move(self, who: str) -> bool:
        """Say whether this person may move the room: its host, or anybody while it has none."""
        return not self.host or who == self.host

    def may_count(self, who: str) -> bool:
        """Say whether this person counts turns: the voice-watcher, and the host."""
        return self.may_move(who) or who == self.watcher

    def as_json(self) -> dict[str, Any]:
        values = {
            name: value.copy() if isinstance(value, list | dict) else value
            for name, value in vars(self).items()
        }
        return {**values, "steps": [vars(step) for step in self.steps]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> RoomState:
        steps = [Step(**step) for step in values["steps"]]
        return cls(**{**values, "steps": steps, "stage": Stage(values["stage"])})
