"""What circles said of how they talk: what stands today, and what came a second time running."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from feedback.models.voice import VoiceResult, closed_month, last_month


def second_signals(
    partnerships: Sequence[UUID] | QuerySet[Any, Any], *, today: date
) -> dict[UUID, VoiceResult]:
    """Return the signals that stand today and follow one of the month before; one statement."""
    before = VoiceResult.objects.signals().filter(
        partnership=OuterRef("partnership"), month=last_month(closed_month(today))
    )
    rows = VoiceResult.objects.standing(today).signals().filter(Exists(before))
    return {row.partnership_id: row for row in rows.filter(partnership__in=partnerships)}
