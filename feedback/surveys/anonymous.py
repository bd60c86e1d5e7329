"""Anonymous answers: put into a box from which no way leads back to who gave them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any
from uuid import uuid4

from core.tenancy.days import day_of
from feedback.models.surveys import AnonymousBox, SurveyResponse

FULL = 100  # answers; a box is written anew with each
PART = "_part"  # beside the answers: in which part of the program somebody takes part
FEWEST = 5  # of a part are asked, or it is not kept


def put(response: SurveyResponse, answers: Mapping[str, Any]) -> None:
    """Put the answers to an anonymous survey among the others, in no order of time.

    To be called in the transaction that notes that this person has answered.
    """
    about = {
        "survey": response.survey,
        "cohort_id": response.enrolment.cohort_id,
        "partnership_id": response.seat.partnership_id if response.seat else None,
        "occasion": response.occasion,
    }
    boxes = AnonymousBox.objects.select_for_update(of=("self",)).filter(**about)
    box = boxes.order_by("-number").first() or _locked(about, 1, response.opened_at)
    while len(box.answers) >= FULL:
        box = _locked(about, box.number + 1, response.opened_at)
    box.answers = sorted([*box.answers, {**answers, **_part_of(response)}], key=_in_words)
    box.save(update_fields=["answers"])


def _part_of(response: SurveyResponse) -> dict[str, str]:
    """Return what is kept of who answered: their part, where enough others have the same."""
    part = response.enrolment.part
    others = SurveyResponse.objects.filter(
        survey=response.survey,
        occasion=response.occasion,
        enrolment__cohort=response.enrolment.cohort_id,
        enrolment__part=part,
    )
    enough = response.seat_id is None and others.count() >= FEWEST
    return {PART: part} if enough else {}


def answers_in(boxes: Any) -> list[dict[str, Any]]:
    """Return all answers of these boxes of one survey, sorted: none stands where it was put."""
    answers = [answer for box in boxes for answer in box.answers]
    return sorted(answers, key=_in_words)


def to_the_day(instant: datetime) -> datetime:
    """Return midnight (UTC) of the organisation's day: no finer time is kept of an answer."""
    return datetime.combine(day_of(instant), time(tzinfo=UTC))


def _locked(about: Mapping[str, Any], number: int, opened_at: datetime) -> AnonymousBox:
    """Return a box, made if need be: with a random id, and the day of opening as its time."""
    boxes = AnonymousBox.objects.select_for_update(of=("self",))
    if not AnonymousBox.objects.filter(**about, number=number).exists():
        made = AnonymousBox(id=uuid4(), created_at=to_the_day(opened_at), number=number, **about)
        AnonymousBox.objects.bulk_create([made], ignore_conflicts=True)
    return boxes.get(**about, number=number)


def _in_words(answer: Mapping[str, Any]) -> str:
    return json.dumps(answer, sort_keys=True)
