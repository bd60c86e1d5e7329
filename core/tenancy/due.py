"""Which organisations the roof has to look at, and when: how news travels upward.

Whoever changes something marks the organisation in the same transaction; what must follow in the
apps above is noticed by their follow-ups (mentoring/follow_ups.py), never called from below.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from core.common import clock
from core.tenancy.context import current_organisation_id
from core.tenancy.days import day_of
from core.tenancy.models import Due, Organisation
from core.tenancy.queries import settings_in_force

# a pass that has not ended by then died with its worker, and its marks are taken again
LEASE = timedelta(minutes=5)
# the longest day has 25 hours, and the next begins within its first one
A_DAY = timedelta(hours=26)


def mark(*, at: datetime | None = None) -> None:
    """Have the organisation in force followed up at that moment; without one, now."""
    Due.objects.create(organisation_id=current_organisation_id(), due_at=at or clock.now())


def mark_once(*, at: datetime) -> None:
    """Have it followed up at that moment, unless that is so already: for what is said often."""
    if not Due.objects.filter(
        organisation_id=current_organisation_id(), due_at=at, hourly=False
    ).exists():
        mark(at=at)


def mark_tomorrow() -> None:
    """Have the organisation in force followed up when its next day begins.

    What only a day makes due (a date that has come) is found by this.  Organisations begin theirs
    within an hour and not all at midnight.
    """
    zone = settings_in_force().zone
    day = day_of(clock.now(), zone) + timedelta(days=1)
    minute = time(0, current_organisation_id() % 60)
    mark_once(at=datetime.combine(day, minute, zone).astimezone(UTC))


def mark_hour() -> int:
    """Have every open organisation looked at for what the hour makes due; return how many.

    One whose next day is not marked, because it is new or a mark was lost, is followed up whole.
    """
    now = clock.now()
    marks = Due.objects.filter(organisation=OuterRef("pk"))
    organisations = Organisation.objects.filter(closed_at=None).annotate(
        visited=Exists(marks.filter(due_at__lte=now, leased_until=None)),
        whole=Exists(marks.filter(hourly=False, due_at__lte=now + A_DAY)),
    )
    rows = [
        Due(organisation=organisation, due_at=now, hourly=organisation.whole)
        for organisation in organisations.order_by("pk")
        if not (organisation.visited and organisation.whole)
    ]
    return len(Due.objects.bulk_create(rows))


@transaction.atomic
def claim(*, limit: int) -> dict[int, list[Due]]:
    """Take the marks that are due of up to `limit` open organisations, by organisation.

    An organisation that another worker is following up is left to it; marks made meanwhile wait.
    Marks of closed organisations go: nobody will follow them up.
    """
    now = clock.shared()
    Due.objects.filter(organisation__closed_at__isnull=False).delete()
    at_work = Due.objects.filter(leased_until__gte=now).values("organisation_id")
    rows = (
        Due.objects.filter(due_at__lte=now)
        .exclude(organisation_id__in=at_work)
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("due_at", "id")
    )
    marks: dict[int, list[Due]] = {}
    for row in rows:
        if row.organisation_id in marks or len(marks) < limit:
            marks.setdefault(row.organisation_id, []).append(row)
    taken = [row.pk for rows in marks.values() for row in rows]
    Due.objects.filter(pk__in=taken).update(leased_until=now + LEASE)
    return marks


def done(marks: Sequence[Due]) -> None:
    """Forget marks whose pass has ended; those made while it ran stay."""
    Due.objects.filter(pk__in=[row.pk for row in marks]).delete()
