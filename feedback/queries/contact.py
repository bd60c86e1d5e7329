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
    for each in partnerships:
        started = max(each.starts_on, day_of(each.published_at, zone))
        days[each.pk].append(started)
        if each.resumed_at:
            days[each.pk].append(day_of(each.resumed_at, zone))
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
    for said in met:
        days[said["seat__partnership"]].append(said["last"])
    return {pk: max(found) for pk, found in days.items()}
