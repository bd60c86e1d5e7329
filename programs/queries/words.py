"""Answers in words, as a page or a file shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from programs.models.parts import Question


def option_names(question: Question) -> dict[str, str]:
    return {option["key"]: option["name"] for option in question.options}


def clock_words(minute: int) -> str:
    """Write a minute of the day as 09:30; the day ends at 24:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _skills(question: Question, value: Mapping[str, int]) -> str:
    names = option_names(question)
    return ", ".join(
        _("%(skill)s (level %(level)s)") % {"skill": names.get(key, key), "level": level}
        for key, level in sorted(value.items(), key=lambda item: (-item[1], item[0]))
    )


def _choices(question: Question, value: list[str]) -> str:
    names = option_names(question)
    return ", ".join(names.get(key, key) for key in value)


def _slots(question: Question, value: list[list[int]]) -> str:
    return ", ".join(
        f"{WEEKDAYS_ABBR[day]} {clock_words(start)}–{clock_words(end)}" for day, start, end in value
    )


_WORDS: Mapping[str, Callable[[Question, Any], str]] = {
    Question.Kind.SKILLS: _skills,
    Question.Kind.CHOICE: lambda question, value: option_names(question).get(value, value),
    Question.Kind.CHOICES: _choices,
    Question.Kind.AVAILABILITY: _slots,
}


def answer_words(question: Question, value: Any) -> str:
    """Return an answer in words; "" where there is none."""
    if value in (None, "", [], {}):
        return ""
    return _WORDS[question.kind](question, value) if question.kind in _WORDS else str(value)
