""" "Not this month": a place that is kept while its person gets no new partner."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from core.audit.operations import record
from core.common import clock
from core.common.dates import day_words
from core.common.rows import row_by_row
from core.members.models import Member
from core.tenancy.days import day_of
from programs.errors import AlreadyDecided, BadPause, CohortOver
from programs.models.programs import Cohort, Enrolment
from programs.operations.emails import DAY, write_to

LONGEST = timedelta(days=183)


@transaction.atomic
def pause_enrolment(*, enrolment: Enrolment, until: date, by: Member) -> Enrolment:
    """Give somebody no new partner before that day; by the person or a coordinator.

    What it means for partners they have, the apps above notice.
    Raises BadPause, CohortOver, or AlreadyDecided for who has no place.
    """
    now = clock.now()
    today = day_of(now)
    if not today < until <= today + LONGEST:
        raise BadPause
    if Cohort.objects.filter(pk=enrolment.cohort_id, phase__in=Cohort.OVER).exists():
        raise CohortOver
    _set_pause(enrolment, until, now)
    record(by=by, verb="enrolment.paused", target=enrolment, until=until.isoformat())
    context = {"until": day_words(until, DAY)}
    write_to([enrolment], "programs.paused", by=by, context=context)
    return enrolment


@transaction.atomic
def resume_enrolment(*, enrolment: Enrolment, by: Member | None) -> Enrolment:
    """End a pause; raises AlreadyDecided for who has no place any more."""
    _set_pause(enrolment, None, clock.now())
    record(by=by, verb="enrolment.resumed", target=enrolment)
    write_to([enrolment], "programs.resumed", by=by)
    return enrolment


def _set_pause(enrolment: Enrolment, until: date | None, now: datetime) -> None:
    rows = Enrolment.objects.filter(pk=enrolment.pk).in_place()
    if not rows.update(paused_until=until, changed_at=now):
        raise AlreadyDecided
    enrolment.refresh_from_db(fields=["paused_until", "changed_at"])


def resume_due_enrolments(*, at: datetime) -> int:
    """End the pauses whose day has come; how many."""
    due = Enrolment.objects.in_place().filter(paused_until__lte=day_of(at))
    return row_by_row(
        due.for_list().order_by("id"),
        lambda enrolment: resume_enrolment(enrolment=enrolment, by=None),
    )
