"""The close of a month: what a circle said of itself, and who reads it first."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.urls import reverse

from core.common.dates import day_words
from core.common.rows import row_by_row
from core.members.models import Member
from core.notifications.operations import Draft, Link, enqueue_all
from core.tenancy.days import day_of
from feedback.models.surveys import AnonymousBox, SurveyResponse
from feedback.models.voice import VoiceResult
from feedback.surveys.anonymous import answers_in
from feedback.surveys.voice import ENOUGH, NOT_HEARD, SIGNAL, VOICE
from pairing.models.partnerships import Partnership
from sessions.models.sessions import Session, Turn


@transaction.atomic
def close_months(*, at: datetime) -> int:
    """Write down what circles said of a month that has closed; return how many did.

    Safe to repeat: one result for each circle and month, frozen, and the answers are deleted.
    """
    written = VoiceResult.objects.annotate(occasion=Cast("month", CharField())).filter(
        partnership=OuterRef("seat__partnership"), occasion=OuterRef("occasion")
    )
    rows = SurveyResponse.objects.filter(
        ~Exists(written), survey=VOICE.name, closes_at__lte=at
    ).order_by("occasion", "seat__partnership")
    return row_by_row(rows.values_list("seat__partnership", "occasion").distinct(), _close)


def _close(circle: tuple[UUID, str]) -> None:
    partnership_id, occasion = circle
    boxes = AnonymousBox.objects.filter(
        survey=VOICE.name, partnership=partnership_id, occasion=occasion
    )
    answers = answers_in(boxes.select_for_update(of=("self",)))
    enough = len(answers) >= ENOUGH
    result = VoiceResult(
        partnership_id=partnership_id,
        month=date.fromisoformat(occasion),
        enough=enough,
        unheard=enough and sum(row["heard"] <= NOT_HEARD for row in answers) >= SIGNAL,
        dominated=enough and sum(row["dominated"] == "yes" for row in answers) >= SIGNAL,
    )
    # two workers: the first has deleted the answers that the second would count
    VoiceResult.objects.bulk_create([result], ignore_conflicts=True)
    boxes.delete()


@transaction.atomic
def tell_facilitators(*, at: datetime) -> int:
    """Tell who leads the next session of a signal, with ways to meet it; return how many were.

    Once for each signal, as soon as somebody is to lead; the others read it at their circle.
    """
    signals = VoiceResult.objects.standing(day_of(at)).signals()
    circles = signals.filter(partnership__state=Partnership.State.ACTIVE)
    drafts = [
        _told(result, at)
        for result in circles.order_by("pk").select_related(
            "partnership__organisation", "partnership__cohort"
        )
    ]
    return len(enqueue_all([draft for draft in drafts if draft]))


def _told(result: VoiceResult, at: datetime) -> Draft | None:
    partnership = result.partnership
    turns = Turn.objects.filter(
        session__partnership=partnership,
        session__state=Session.State.PLANNED,
        session__starts_at__gt=at,
        role__leads=True,
        seat__left_at=None,
    ).exclude(seat__enrolment__member__state=Member.State.LEFT)
    turn = (
        turns.select_related("seat__enrolment__member", "session")
        .order_by("session__starts_at", "pk")
        .first()
    )
    if turn is None:
        return None
    page = reverse("feedback:voices", args=[partnership.organisation.slug, partnership.pk])
    return Draft(
        member=turn.seat.enrolment.member,
        kind="feedback.voices",
        program=partnership.cohort.program_id,
        dedupe_key=f"voices:{result.pk}",
        link=Link(page=page),
        context={
            "partnership": partnership.name,
            "month": day_words(result.month, "F"),
            "day": day_words(turn.session.day, "l j F"),
            "unheard": result.unheard,
            "dominated": result.dominated,
        },
        about=result.pk,
    )
