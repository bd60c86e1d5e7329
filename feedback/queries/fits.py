"""Reading answers to "does it work for you?": my own, and what is still asked."""

from __future__ import annotations

from datetime import datetime

from feedback.models import FitQuestion, FitQuestionQuerySet, FitWords
from mentoring.identity.days import day_of
from mentoring.identity.models import Member


def my_open_fit_questions(member: Member, *, at: datetime) -> FitQuestionQuerySet:
    """Return what this person is asked and has not answered, the oldest first."""
    rows = FitQuestion.objects.visible_to(member).of(member).for_list()
    rows = rows.filter(answered_at=None, due_on__gt=day_of(at), seat__left_at=None)
    return rows.order_by("due_on", "pk")


def fit_words(question: FitQuestion, member: Member) -> FitWords | None:
    """Return the words with this answer if this member is the one who looks and may read them."""
    return FitWords.objects.visible_to(member).filter(question=question).first()
