"""Surveys in the demo: two that a coordinator builds, the pulse, and what people answer."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from core.common import clock
from core.members.models import Member
from core.tenancy.context import look_as
from devtools.demo.said import LOOKING_BACK
from feedback.assessments.peers import PEERS
from feedback.builder import operations, results
from feedback.surveys import reminding
from feedback.surveys.closing import CLOSING
from feedback.surveys.items import Choice, Choices, Item, Scale, answer_survey, waiting
from feedback.surveys.mutual_feedback import MUTUAL_FEEDBACK
from feedback.surveys.rating import RATING
from feedback.surveys.table import QUESTIONNAIRES
from feedback.surveys.turn_feedback import TURN_FEEDBACK
from feedback.surveys.voice import VOICE
from programs.models.programs import Cohort

# answered where the story has their sessions, a circle's months and its assessments
ELSEWHERE = {RATING.name, TURN_FEEDBACK.name, MUTUAL_FEEDBACK.name, VOICE.name, PEERS.name}
HOW_MUCH = ["Not at all", "A little", "Partly", "Mostly", "Fully"]
LINES = (
    "More time for each case.",
    "I would like to meet people from other sites.",
    "It is the one meeting where I am not in a hurry.",
    "Say at the start who decides what.",
    "Shorter, and every week.",
    "Keep the rounds: I speak in every session now.",
)


def item(kind: str, question: str, *choices: str, **facts: Any) -> dict[str, Any]:
    empty = {"rows": [], "required": True, "only_if": ""}
    return {"kind": kind, "question": question, "choices": list(choices), **empty, **facts}


FIRST_WEEKS = (
    item("scale", "Do you know what is expected of you?", *HOW_MUCH, key="q1"),
    item("matrix", "How helpful was", *HOW_MUCH, key="q2", rows=["the kit", "the rotation"]),
    item("choice", "Does the rhythm suit you?", "Yes", "Too often", "Too seldom", key="q3"),
    item("text", "What would suit you better?", key="q4", required=False, only_if="q3=2"),
)
OPENLY = (
    item("scale", "I can say here what I think.", *HOW_MUCH, key="q1"),
    item(
        "choices",
        "What helps you to speak?",
        "Rounds",
        "A small group",
        "Knowing the others",
        "Silence",
        key="q2",
        required=False,
    ),
    item("text", "What should we change?", key="q3", required=False),
)


def build_surveys(cohort: Cohort, by: Member) -> dict[int, Any]:
    """A coordinator builds two surveys in the first week: a named one and an anonymous one."""

    def build(_life: object) -> None:
        frame = {"program": cohort.program, "by": by, "mandatory": False}
        first = operations.create_survey(
            title="The first weeks",
            intro="So that we can still change what does not suit you.",
            moments=["s1", "d21"],
            anonymous=False,
            items=FIRST_WEEKS,
            **frame,
        )
        openly = operations.create_survey(
            title="Can we speak openly?",
            intro="",
            moments=["d28"],
            anonymous=True,
            items=OPENLY,
            **frame,
        )
        for survey in (first, openly):
            operations.set_asking(survey=survey, by=by, asking=True)

    return {1: build}


def tend_surveys() -> None:
    """Remind of surveys and count the anonymous ones that have closed."""
    reminding.remind_open_surveys(at=clock.now())
    results.settle_anonymous_surveys(at=clock.now())


def answer_open(
    draw: random.Random, diligence: Callable[[Member], float], said: Counter[str]
) -> None:
    """Let some answer the surveys that are open; `said` is what others have said looking back."""
    by_name = {row.name: row for row in QUESTIONNAIRES if row.name not in ELSEWHERE}
    rows = waiting(clock.now()).filter(survey__in=by_name)
    for response in rows.for_list().order_by("id"):
        member = response.enrolment.member
        if draw.random() > 0.2 * diligence(member):
            continue
        questionnaire = by_name[response.survey].of(response)
        answers = {row.key: _answer(row, draw) for row in questionnaire.items}
        if questionnaire is CLOSING:
            answers |= _look_back(draw, said)
        look_as(member.pk)
        answer_survey(questionnaire=questionnaire, response=response, by=member, answers=answers)


def _look_back(draw: random.Random, said: Counter[str]) -> dict[str, str]:
    """Say in one's own words what nobody has said, and give each answer to the choice in turn.

    A choice that few have made is not shown, and the others with it.
    """
    (choice,) = (item for item in CLOSING.items if isinstance(item, Choice))
    answers = {choice.key: min(map(str, choice.answers), key=lambda key: said[key])}
    for item, lines in LOOKING_BACK.items():
        left = [line for line in lines if not said[line]]
        answers[item] = draw.choice(left) if left and draw.random() < 0.8 else ""
    said.update(answers.values())
    return answers


def _answer(row: Item, draw: random.Random) -> Any:
    if isinstance(row, Scale):
        weights = (1, 2, 4, 7, 5)[-len(row.steps) :]
        return draw.choices(range(1, len(row.steps) + 1), weights)[0]
    if isinstance(row, Choice):
        return draw.choice(list(row.answers))
    if isinstance(row, Choices):
        return draw.sample(list(row.answers), 2)
    return draw.choice(LINES) if draw.random() < 0.7 else ""
