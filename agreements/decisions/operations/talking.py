"""What is said before anything is decided: questions, answers, and a reaction each in rounds."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from agreements.decisions.models import Decision, Remark
from agreements.decisions.operations.transitions import (
    lock_decision,
    move,
    steering,
    touch,
)
from agreements.errors import QuestionsOpen
from core.common import clock
from core.members.models import Member
from pairing.models.partnerships import Seat
from pairing.partnerships.seats import require_seat


@transaction.atomic
def ask_question(*, decision: Decision, words: str, by: Member) -> Remark:
    """Ask what is not clear; raises DecisionMoved outside clarifying, NotTheirs."""
    decision = lock_decision(decision, Decision.State.CLARIFY)
    return _say(decision, Remark.Kind.QUESTION, words, by)


@transaction.atomic
def answer_question(*, question: Remark, words: str, by: Member) -> Remark:
    """Answer a question, as often as it takes; raises DecisionMoved, NotTheirs."""
    if question.kind != Remark.Kind.QUESTION:
        raise ValueError("only questions are answered")
    decision = lock_decision(question.decision, Decision.State.CLARIFY, Decision.State.REACT)
    return _say(decision, Remark.Kind.ANSWER, words, by, question=question)


@transaction.atomic
def start_reactions(*, decision: Decision, by: Member) -> Decision:
    """Ask each for a reaction; raises QuestionsOpen, DecisionMoved, NotYoursToSteer, NotTheirs."""
    decision = lock_decision(decision, Decision.State.CLARIFY)
    seat = steering(decision, by)
    answers = Remark.objects.filter(question=OuterRef("pk"))
    if decision.remarks.filter(~Exists(answers), kind=Remark.Kind.QUESTION).exists():
        raise QuestionsOpen
    return ask_for_reactions(decision, by=seat, at=clock.now())


def ask_for_reactions(decision: Decision, *, by: Seat | None, at: datetime) -> Decision:
    """Begin the reactions to a decision that is held; `by` None is the clock."""
    return move(decision, Decision.State.REACT, by=by, at=at, round=decision.round + 1)


@transaction.atomic
def react(*, decision: Decision, words: str = "", by: Member) -> Remark:
    """Say what it does to oneself, or without words pass; said again in a round, it is reworded.

    Raises DecisionMoved outside reacting, NotTheirs.
    """
    decision = lock_decision(decision, Decision.State.REACT)
    at = clock.now()
    reaction, _ = Remark.objects.update_or_create(
        decision=decision,
        kind=Remark.Kind.REACTION,
        round=decision.round,
        seat=require_seat(decision.partnership, by),
        defaults={"words": words.strip(), "passed": not words.strip(), "said_at": at},
    )
    touch(decision, at=at)
    return reaction


def _say(
    decision: Decision, kind: str, words: str, by: Member, question: Remark | None = None
) -> Remark:
    at = clock.now()
    touch(decision, at=at)
    return Remark.objects.create(
        decision=decision,
        kind=kind,
        seat=require_seat(decision.partnership, by),
        question=question,
        words=words.strip(),
        said_at=at,
    )
