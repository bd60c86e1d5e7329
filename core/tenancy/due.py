"""Which organisations the roof has to look at, and when: how news travels upward.

Whoever changes something marks the organisation in the same transaction; what must follow in the
apps above is noticed by their follow-ups (mentoring/follow_ups.py), never called from below.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from core.common import clock
from core.tenancy.context import current_organisation_id
from core.tenancy.models import Due
from core.tenancy.queries import live_organisations

# a pass that has not ended by then died with its worker, and its marks are taken again
LEASE = timedelta(minutes=5)


def mark(*, at: datetime | None = None) -> None:
    """Have the organisation in force followed up at that moment; without one, now."""
    Due.objects.create(organisation_id=current_organisation_id(), due_at=at or clock.now())


def mark_all() -> int:
    """Have every open organisation followed up now; return how many.

    What only a new day makes due (a date that has come) is found by this, once an hour.
    """
    now = clock.now()
    marks = [Due(organisation=organisation, due_at=now) for organisation in live_organisations()]
    return len(Due.objects.bulk_create(marks))


@transaction.atomic
def claim(*, limit: int) -> dict[int, list[int]]:
    """Take the marks that are due of up to `limit` open organisations: their ids by organisation.

    An organisation that another worker is following up is left to it; marks made meanwhile wait.
    Marks of closed organisations go: nobody will follow them up.
    """
    now = clock.now()
    Due.objects.filter(organisation__closed_at__isnull=False).delete()
    at_work = Due.objects.filter(leased_until__gte=now).values("organisation_id")
    rows = (
        Due.objects.filter(due_at__lte=now)
        .exclude(organisation_id__in=at_work)
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("due_at", "id")
    )
    marks: dict[int, list[int]] = {}
    for row in rows:
        if row.organisation_id in marks or len(marks) < limit:
            marks.setdefault(row.organisation_id, []).append(row.pk)
    taken = [mark_id for ids in marks.values() for mark_id in ids]
    Due.objects.filter(pk__in=taken).update(leased_until=now + LEASE)
    return marks


def done(marks: Sequence[int]) -> None:
    """Forget marks whose pass has ended; those made while it ran stay."""
    Due.objects.filter(pk__in=marks).delete()
