"""The lessons that we bring: a Markdown file each, with what is said about it in TOML on top."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "lessons"
EDGE, PRACTICE = "+++", "\n## Practice for your next session\n"
# in the order in which somebody new reads them
KEYS = (
    "peer-mentoring",
    "listening",
    "clear-expression",
    "questions",
    "feedback",
    "strategic-thinking",
    "facilitating",
    "rounds-and-quiet-voices",
    "deciding-by-consent",
    "conflict",
    "sharing-power",
    "goals-and-one-action",
    "reflection",
)
# the lesson that helps with a meeting role, by the role's key or that of the competency it grows
FOR_ROLE: Mapping[str, str] = {
    "facilitator": "facilitating",
    "timekeeper": "rounds-and-quiet-voices",
    "note-taker": "clear-expression",
    "voice-watcher": "rounds-and-quiet-voices",
    "observer": "feedback",
    "preparer": "questions",
    "facilitation": "facilitating",
    "active-listening": "listening",
    "clear-expression": "clear-expression",
    "constructive-feedback": "feedback",
    "decision-making": "deciding-by-consent",
    "consensus-building": "deciding-by-consent",
    "conflict-resolution": "conflict",
    "inclusion": "rounds-and-quiet-voices",
    "strategic-thinking": "strategic-thinking",
}


@dataclass(frozen=True)
class Check:
    """One question with its answers: which is right, and why."""

    question: str
    options: tuple[str, ...]
    right: int
    why: str

    def as_json(self) -> dict[str, object]:
        return {
            "question": self.question,
            "options": list(self.options),
            "right": self.right,
            "why": self.why,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Check:
        options = stored["options"]
        right = stored["right"]
        assert isinstance(options, list), "as they were written"
        assert isinstance(right, int), "as it was written"
        return cls(str(stored["question"]), tuple(options), right, str(stored["why"]))


@dataclass(frozen=True)
class Lesson:
    """A lesson as it is read, whoever wrote it; version 0 is ours."""

    key: str
    title: str
    summary: str
    minutes: int
    tags: tuple[str, ...]
    body: str
    practice: str
    checks: tuple[Check, ...]
    version: int = 0

    @property
    def is_ours(self) -> bool:
        return self.version == 0

    def __str__(self) -> str:
        return self.title


@cache
def lessons_of_ours() -> Mapping[str, Lesson]:
    return {key: _read(key) for key in KEYS}


@cache
def sponsor_guide() -> str:
    """Return our page for leaders, as Markdown."""
    return (FOLDER / "for-sponsors.md").read_text()


def _read(key: str) -> Lesson:
    _nothing, head, text = (FOLDER / f"{key}.md").read_text().split(f"{EDGE}\n", 2)
    said = tomllib.loads(head)
    body, _heading, practice = text.partition(PRACTICE)
    return Lesson(
        key=key,
        title=said["title"],
        summary=said["summary"],
        minutes=said["minutes"],
        tags=tuple(said["tags"]),
        body=body.strip(),
        practice=practice.strip(),
        checks=tuple(Check.from_json(check) for check in said["check"]),
    )
