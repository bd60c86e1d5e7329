"""Taking a publication back, as if it had not been."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from core.notifications import operations as notifications_operations
from core.notifications.models import Email
from pairing.errors import NotPublished, TooLateToUndo
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import UNDO_WITHIN, MatchRun
from programs.models.programs import Cohort
from programs.operations import cohorts, enrolments


@transaction.atomic
def withdraw_run(*, run: MatchRun, by: Member) -> list[Member]:
    """Take a published run back and return whom its e-mails have reached already.

    Its partnerships become withdrawn, which no figure counts; unsent e-mails are taken back;
    its people are as they were, so the next run may pair the same two; and the cohort goes back
    to matching if nothing else runs in it.  Raises NotPublished, or TooLateToUndo after a day.

    Whether anybody has met is not known here: `sessions.operations.undo_publication` asks that
    first, and is the one caller.
    """
    now = clock.now()
    cohort = Cohort.objects.select_for_update(of=("self",)).get(pk=run.cohort_id)
    published = MatchRun.objects.filter(pk=run.pk, state=MatchRun.State.PUBLISHED)
    if not published.exists():
        raise NotPublished
    in_time = published.filter(published_at__gt=now - UNDO_WITHIN)
    if not in_time.update(state=MatchRun.State.WITHDRAWN, withdrawn_at=now):
        raise TooLateToUndo
    run.refresh_from_db(fields=["state", "withdrawn_at"])
    theirs = Partnership.objects.filter(run=run)
    ids = list(theirs.values_list("pk", flat=True))
    theirs.update(
        state=Partnership.State.WITHDRAWN, ended_at=now, end_reason="undone", changed_at=now
    )
    Seat.objects.filter(partnership__in=ids, left_at=None).update(left_at=now)
    reached = _reached(run)
    for partnership_id in ids:
        notifications_operations.withdraw(about=partnership_id)
    assert run.published_at is not None
    elsewhere = Seat.objects.open().filter(
        partnership__cohort=cohort, partnership__state__in=Partnership.OPEN
    )
    enrolments.unstart_enrolments(
        cohort=cohort,
        at=run.published_at,
        but=set(elsewhere.values_list("enrolment_id", flat=True)),
        by=by,
    )
    stands = Partnership.objects.filter(cohort=cohort).standing().exists()
    if cohort.phase == Cohort.Phase.RUNNING and not stands:
        cohorts.move_cohort(cohort=cohort, to=Cohort.Phase.MATCHING, by=by)
    record(by=by, verb="match_run.withdrawn", target=run, partnerships=len(ids))
    return reached


def _reached(run: MatchRun) -> list[Member]:
    """Return who has had, or is just being sent, an e-mail of this run."""
    emails = Email.objects.filter(
        Q(sent_at__isnull=False), dedupe_key__startswith=f"pairing.matched:{run.pk}:"
    )
    return list(
        Member.objects.filter(pk__in=emails.values("member_id")).order_by("family_name", "id")
    )
