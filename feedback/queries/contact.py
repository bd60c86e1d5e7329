"""When the people of a partnership last had contact: met, or both said that they did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Count, Max

from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from feedback.models.answers import CheckIn
from pairing.models.partnerships import Partnership
from sessions.models.sessions import Session


def last_contact(partnerships: Sequence[Partnership]) -> dict[UUID, date]:
    """Return the organisation's day of each one's last contact, in three statements.

    The latest of: its first day, the day its last rest ended, its last held session, and the
    last period for which two partners said that they met.
    """
    zone = settings_in_force().zone
    days: dict[UUID, list[date]] = defaultdict(list)
    for partnership in partnerships:
        started = max(partnership.starts_on, day_of(partnership.published_at, zone))
        days[partnership.pk].append(started)
        if partnership.resumed_at:
            days[partnership.pk].append(day_of(partnership.resumed_at, zone))
    held = Session.objects.filter(partnership__in=list(days), state=Session.State.HELD)
    for row in held.order_by().values("partnership").annotate(last=Max("day")):
        days[row["partnership"]].append(row["last"])
    met = (
        CheckIn.objects.filter(seat__partnership__in=list(days), met=True)
        .order_by()
        .values("seat__partnership", "period")
        .annotate(both=Count("pk"), last=Max("answered_on"))
        .filter(both__gte=2)
    )
    for period in met:
        days[period["seat__partnership"]].append(period["last"])
    return {pk: max(contacts) for pk, contacts in days.items()}
