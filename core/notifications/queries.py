"""What people have chosen of their e-mails, and what came of asking them again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from core.members.models import Member
from core.notifications.channels import CHANNELS
from core.notifications.channels.base import Channel
from core.notifications.kinds import KINDS, NUDGES
from core.notifications.models import Email, InboundMessage, KindPace, MutedKind, QuietHours
from core.notifications.pacing import DEFAULT, Hours

ANSWERED_WITHIN = timedelta(hours=48)
ANSWERS_SHOWN = timedelta(days=30)


class EmailChoice(NamedTuple):
    """What one person gets of one kind by one channel."""

    kind: str
    channel: str
    words: str
    muted: bool
    pace: str
    paced: bool  # whether they choose how often


def email_kinds_of(member: Member) -> list[EmailChoice]:
    """Return the kinds this person has been sent or has chosen about, in steady order.

    What cannot be turned off is not among them.
    """
    sent = set(
        Email.objects.visible_to(member).order_by().values_list("kind", flat=True).distinct()
    )
    muted = set(MutedKind.objects.filter(member=member).values_list("kind", "channel"))
    paces = dict(KindPace.objects.filter(member=member).values_list("kind", "pace"))
    kinds = sent | set(paces) | {kind for kind, _channel in muted} | {"feedback.check_in"}
    return [
        EmailChoice(
            kind,
            channel.name,
            _words(kind, channel),
            (kind, channel.name) in muted,
            paces.get(kind, KINDS[kind].pace),
            KINDS[kind].can_be_paced,
        )
        for kind in sorted(kinds & set(KINDS))
        if KINDS[kind].can_be_muted
        for channel in CHANNELS.values()
        if channel.reaches(member)
    ]


def _words(kind: str, channel: type[Channel[Any]]) -> str:
    words = KINDS[kind].words
    return f"{words} ({channel.label})" if channel.label else str(words)


def quiet_hours_of(member: Member) -> Hours:
    """Return when this person is left in peace: as they chose, or as we propose."""
    row = QuietHours.objects.filter(member=member).first()
    return row.hours if row else DEFAULT


LATELY = timedelta(days=90)  # how far back what reminders brought is counted


class NudgeEffect(NamedTuple):
    """How many e-mails of a kind asked again, and how many of those were answered soon."""

    kind: str
    answered: int
    sent: int

    @property
    def words(self) -> str:
        return str(KINDS[self.kind].words)


def nudged_lately(*, at: datetime) -> QuerySet[Email, UUID | None]:
    """Return what e-mails that asked again within some months were about."""
    emails = Email.objects.filter(kind__in=NUDGES, sent_at__gt=at - LATELY)
    return emails.values_list("about_id", flat=True)


def nudge_effects(about: Iterable[UUID], *, at: datetime) -> list[NudgeEffect]:
    """Return what came of asking again about these things lately, by kind, where anybody was.

    An e-mail counts once its two days are over, or it was answered.
    """
    over = Q(sent_at__lte=at - ANSWERED_WITHIN) | Q(answered_at__isnull=False)
    soon = Q(answered_at__lte=F("sent_at") + ANSWERED_WITHIN)
    rows = (
        Email.objects.filter(over, kind__in=NUDGES, about_id__in=about, sent_at__gt=at - LATELY)
        .order_by()
        .values("kind")
        .annotate(sent=Count("pk"), answered=Count("pk", filter=soon))
    )
    return [
        NudgeEffect(row["kind"], row["answered"], row["sent"])
        for row in sorted(rows, key=lambda row: str(row["kind"]))
    ]


class AnswerCount(NamedTuple):
    """How many answers by e-mail have come in lately of which one thing came."""

    number: int
    words: str


def answer_counts(member: Member, *, at: datetime) -> list[AnswerCount]:
    """Return what came of the answers by e-mail of the last 30 days; for owners of them all."""
    rows = InboundMessage.objects.visible_to(member).filter(created_at__gt=at - ANSWERS_SHOWN)
    numbers = dict(rows.values_list("outcome").annotate(number=Count("pk")).order_by())
    return [
        AnswerCount(numbers[outcome], str(label))
        for outcome, label in InboundMessage.Outcome.choices
        if outcome in numbers
    ]
