"""The shapes that a person's row becomes: frozen, comparable, without any database."""

import dataclasses
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, Literal, TypeVar

from programs.importing.messages import Code, sentence

T_co = TypeVar("T_co", covariant=True)

Part = Literal["peer", "mentor", "mentee", "both"]

MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read: `field` is a name from FIELDS, or "" for the whole row."""

    field: str
    code: Code
    params: Mapping[str, str | int] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return sentence(self.code, self.params)


@dataclass(frozen=True, slots=True)
class Reading(Generic[T_co]):
    """What a parser made of one cell: the part it could read, and what it could not."""

    value: T_co
    faults: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill as it was written, with a level from 1 to 5 or none given."""

    name: str
    level: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """Free time in each week: weekday 0 is Monday; minutes of the local day, half-open."""

    weekday: int
    start_minute: int
    end_minute: int


@dataclass(frozen=True, slots=True)
class PersonValues:
    """All that an import can know of one person; empty means that nothing was said.

    `manager` is the manager's employee id; `answers` are those to the programs' own questions,
    by the question's id, each as an enrolment keeps it.
    """

    employee_id: str = ""
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    department: str = ""
    team: str = ""
    job_title: str = ""
    level: int | None = None
    location: str = ""
    country: str = ""
    time_zone: str = ""
    languages: tuple[str, ...] = ()
    manager: str = ""
    hired_on: date | None = None
    part: Part | None = None
    skills_offered: tuple[Skill, ...] = ()
    skills_sought: tuple[Skill, ...] = ()
    goal: str = ""
    interests: tuple[str, ...] = ()
    availability: tuple[Slot, ...] = ()
    capacity: int | None = None
    answers: tuple[tuple[str, object], ...] = ()


def fold(text: str) -> str:
    """Return the form in which two spellings of one word, id or address are equal."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


def merge_slots(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """Return the same free time in week order, with overlapping and touching slots joined."""
    merged: list[Slot] = []
    for slot in sorted(slots):
        last = merged[-1] if merged else None
        if last and last.weekday == slot.weekday and slot.start_minute <= last.end_minute:
            end = max(last.end_minute, slot.end_minute)
            merged[-1] = Slot(last.weekday, last.start_minute, end)
        else:
            merged.append(slot)
    return tuple(merged)
