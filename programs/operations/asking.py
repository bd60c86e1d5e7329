"""Asking people again for what the matching compares and they have left open."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from programs.models.programs import Cohort, Enrolment
from programs.operations.emails import write_to
from programs.queries.enrolments import not_answered

ASKED = "programs.answers_missing"
AGAIN_AFTER = timedelta(days=3)


def to_remind(cohort: Cohort) -> list[Enrolment]:
    """Return who can be reminded now: they have not answered, and were not asked these days."""
    people = [row for row in not_answered(cohort) if row.member.state == Member.State.LIVE]
    asked = Email.objects.filter(
        kind=ASKED,
        about_id__in=[row.pk for row in people],
        created_at__gt=clock.now() - AGAIN_AFTER,
    )
    lately = set(asked.values_list("about_id", flat=True))
    return [row for row in people if row.pk not in lately]


@transaction.atomic
def remind_unanswered(*, cohort: Cohort, by: Member) -> list[Enrolment]:
    """Write one e-mail to each who has not answered and was not asked these days; return those.

    A second click finds nobody: whoever was just asked is left alone for three days.
    """
    cohort = Cohort.objects.select_for_update(of=("self",)).for_list().get(pk=cohort.pk)
    people = to_remind(cohort)
    if people:
        write_to(people, ASKED, by=by)
        record(by=by, verb="cohort.answers_asked", target=cohort, people=len(people))
    return people
