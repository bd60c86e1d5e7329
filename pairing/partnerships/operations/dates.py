"""Partnerships whose dates fall outside their cohort's, after a coordinator changed those."""

from __future__ import annotations

from django.db import transaction

from core.audit.operations import changes_of, record
from core.common import clock
from core.members.models import Member
from core.tenancy.days import day_of
from pairing.models.partnerships import Partnership
from pairing.partnerships.queries import outside_the_cohort
from programs.models.programs import Cohort


@transaction.atomic
def move_dates(*, cohort: Cohort, by: Member) -> int:
    """Give open partnerships that do not end with the cohort its last day; how many.

    One that has begun keeps its first day, the others do not begin before the cohort.
    """
    now = clock.now()
    rows = list(outside_the_cohort(cohort))
    for partnership in rows:
        begins = partnership.starts_on
        if begins > day_of(now):
            begins = max(begins, cohort.starts_on)
        dates = {"starts_on": begins, "ends_on": cohort.last_day_from(begins)}
        changes = changes_of(partnership, dates)
        Partnership.objects.filter(pk=partnership.pk).update(**dates, changed_at=now)
        record(by=by, verb="partnership.dates_moved", target=partnership, changes=changes)
    return len(rows)
