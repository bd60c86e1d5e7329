"""Answers: the shape that each kind of question asks for, checked once for every way in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from core.audit.operations import record
from core.members.models import Member
from programs.errors import AnswerMissing, BadAnswer
from programs.models.parts import Answer, AnswerValue, Question
from programs.models.programs import Enrolment

MAX_ITEMS = 60
MAX_KEY = 200
SHORT_TEXT = 200
LONG_TEXT = 5_000
DAY_MINUTES = 24 * 60
NUMBER_LIMIT = 1_000_000_000

EMPTY: tuple[object, ...] = (None, "", [], {})


def is_empty(value: object) -> bool:
    return any(value == empty and type(value) is type(empty) for empty in EMPTY)


def _whole(value: object, lowest: int, highest: int) -> bool:
    return type(value) is int and lowest <= value <= highest


def _word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_KEY


def _skills(value: object) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= MAX_ITEMS
        and all(_word(key) and _whole(level, 1, 5) for key, level in value.items())
    )


def _choices(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MAX_ITEMS
        and all(_word(item) for item in value)
        and len(set(value)) == len(value)
    )


def _slot(value: object) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 3
        and _whole(value[0], 0, 6)
        and _whole(value[1], 0, DAY_MINUTES)
        and _whole(value[2], 1, DAY_MINUTES)
        and value[1] < value[2]
    )


CHECKS: Mapping[str, Callable[[Any], bool]] = {
    Question.Kind.SKILLS: _skills,
    Question.Kind.CHOICE: _word,
    Question.Kind.CHOICES: _choices,
    Question.Kind.SCALE: lambda value: _whole(value, 1, 5),
    Question.Kind.NUMBER: lambda value: _whole(value, -NUMBER_LIMIT, NUMBER_LIMIT),
    Question.Kind.SHORT_TEXT: lambda value: isinstance(value, str) and len(value) <= SHORT_TEXT,
    Question.Kind.LONG_TEXT: lambda value: isinstance(value, str) and len(value) <= LONG_TEXT,
    Question.Kind.AVAILABILITY: lambda value: (
        isinstance(value, list) and len(value) <= MAX_ITEMS and all(map(_slot, value))
    ),
}


def check_answer(question: Question, value: object) -> None:
    """Raise BadAnswer unless the value has the shape that the question's kind asks for."""
    if not CHECKS[question.kind](value):
        raise BadAnswer(question.label)


def is_asked(question: Question, part: str) -> bool:
    probe = Enrolment(part=part)
    if question.asked_of == Question.AskedOf.OFFERERS:
        return probe.offers
    if question.asked_of == Question.AskedOf.SEEKERS:
        return probe.seeks
    return True


def checked(
    questions: list[Question],
    part: str,
    answers: Mapping[str, AnswerValue | None],
    *,
    complete: bool,
) -> dict[Question, AnswerValue]:
    """Return what is to be kept of answers by key: only what that part is asked after the others.

    Raises BadAnswer for a wrong shape and, where they must be `complete`, AnswerMissing.
    """
    kept: dict[Question, AnswerValue] = {}
    for question in questions:
        if not is_asked(question, part) or not question.applies(answers):
            continue
        value = answers.get(question.key)
        if value is not None and not is_empty(value):
            check_answer(question, value)
            kept[question] = value
        elif complete and question.required:
            raise AnswerMissing(question.label)
    return kept


def save_answers(
    *,
    enrolment: Enrolment,
    answers: Mapping[str, AnswerValue | None],
    complete: bool = True,
    shown: Mapping[str, bool] | None = None,
) -> None:
    """Put these answers (by question key) in the place of what was answered before.

    `shown`: which of them partners may read as a reason; where nothing is said, what was said
    before holds, else what the kind of question suggests.
    """
    questions = list(enrolment.cohort.program.questions.all())
    kept = checked(questions, enrolment.part, answers, complete=complete)
    before = Answer.objects.filter(enrolment=enrolment)
    shown_by_key = dict(before.values_list("question__key", "shown")) | dict(shown or {})
    before.delete()
    Answer.objects.bulk_create(
        Answer(
            enrolment=enrolment,
            question=question,
            value=value,
            shown=shown_by_key.get(question.key, question.shown_unless_said),
        )
        for question, value in kept.items()
    )


@transaction.atomic
def set_shown(*, enrolment: Enrolment, shown: Mapping[str, bool], by: Member) -> None:
    """Set which answers (by question key) one's partners may read as a reason, at any time."""
    answers = list(Answer.objects.filter(enrolment=enrolment).select_related("question"))
    changed = [
        answer for answer in answers if shown.get(answer.question.key, answer.shown) != answer.shown
    ]
    for answer in changed:
        answer.shown = shown[answer.question.key]
    Answer.objects.bulk_update(changed, ["shown"])
    if changed:
        keys = sorted(answer.question.key for answer in changed)
        record(by=by, verb="enrolment.sharing_changed", target=enrolment, questions=keys)
