"""The program's own questions as columns: a cell becomes an answer, or is named."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from programs.importing.messages import Code
from programs.importing.parsing import (
    MAX_LINE,
    clean,
    parse_availability,
    parse_line,
    parse_skills,
    parse_text,
    parse_words,
    quoted,
)
from programs.importing.values import Problem, fold

# As an enrolment keeps it: skills, choice or text, choices, scale or number, slots.
Value: TypeAlias = dict[str, int] | str | list[str] | int | list[list[int]]

PREFIX = "question:"
# A skill without a level counts at the lowest: nothing more was said.
UNSAID_LEVEL = 1
MAX_ITEMS = 60
NUMBER_LIMIT = 1_000_000_000

_WHOLE = re.compile(r"([+-]?\d{1,12})(?:\.0+)?", re.A)


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question of the programs that the rows enrol in; `options` are its choices by name."""

    id: str
    key: str
    kind: str
    label: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of its column in a mapping."""
        return PREFIX + self.id

    def read(self, text: str) -> tuple[Value | None, tuple[Problem, ...]]:
        """Return the answer that a cell gives, None for none, and what could not be read."""
        if not clean(text):
            return None, ()
        value, problems = _READERS[self.kind](self, text)
        return value or None if value != 0 else 0, tuple(
            replace(problem, field=self.label) for problem in problems
        )

    def keys(self, words: Sequence[str]) -> tuple[list[str], tuple[Problem, ...]]:
        known = {fold(name): key for name, key in self.options.items()}
        known |= {fold(key): key for key in self.options.values()}
        known_keys = {known[fold(word)]: None for word in words if fold(word) in known}
        unknown = [word for word in words if fold(word) not in known]
        problems = (Problem("", Code.CHOICE_UNKNOWN, {"text": quoted(word)}) for word in unknown)
        return list(known_keys)[:MAX_ITEMS], tuple(problems)


_Answer = tuple[Value | None, Sequence[Problem]]


def _skills(question: AskedQuestion, text: str) -> _Answer:
    reading = parse_skills(text)
    answer: dict[str, int] = {}
    problems = list(reading.faults)
    for skill in reading.value:
        keys, unknown = question.keys([skill.name])
        problems += unknown
        answer |= dict.fromkeys(keys, skill.level or UNSAID_LEVEL)
    return answer, problems


def _choice(question: AskedQuestion, text: str) -> _Answer:
    keys, problems = question.keys([parse_line(text).value])
    return (keys[0] if keys else None), problems


def _choices(question: AskedQuestion, text: str) -> _Answer:
    reading = parse_words(text)
    keys, problems = question.keys(reading.value)
    return keys, (*reading.faults, *problems)


def _number(lowest: int, highest: int) -> Callable[[AskedQuestion, str], _Answer]:
    def read(question: AskedQuestion, text: str) -> _Answer:
        match = _WHOLE.fullmatch(clean(text))
        if match and lowest <= int(match[1]) <= highest:
            return int(match[1]), ()
        params: dict[str, str | int] = {
            "text": quoted(text[:MAX_LINE]),
            "lowest": lowest,
            "highest": highest,
        }
        return None, (Problem("", Code.NUMBER_UNREADABLE, params),)

    return read


def _line(question: AskedQuestion, text: str) -> _Answer:
    reading = parse_line(text)
    return reading.value, reading.faults


def _text(question: AskedQuestion, text: str) -> _Answer:
    reading = parse_text(text)
    return reading.value, reading.faults


def _availability(question: AskedQuestion, text: str) -> _Answer:
    reading = parse_availability(text)
    slots = [[slot.weekday, slot.start_minute, slot.end_minute] for slot in reading.value]
    return slots[:MAX_ITEMS], reading.faults


_READERS: Mapping[str, Callable[[AskedQuestion, str], _Answer]] = {
    "skills": _skills,
    "choice": _choice,
    "choices": _choices,
    "scale": _number(1, 5),
    "number": _number(-NUMBER_LIMIT, NUMBER_LIMIT),
    "short_text": _line,
    "long_text": _text,
    "availability": _availability,
}
