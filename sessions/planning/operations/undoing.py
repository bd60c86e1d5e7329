"""Undoing a publication: the one place that knows both the run and whether anybody has met.

See docs/adr/0013-live-counts-and-undo.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from core.common import clock
from core.members.models import Member
from core.notifications.operations import Draft, Link, enqueue_all
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import MatchRun
from pairing.runs.operations import publishing
from programs.models.programs import Cohort
from sessions.calendar.emails import taken_out
from sessions.errors import AlreadyMet
from sessions.models.sessions import OffCause, Session


@transaction.atomic
def undo_publication(*, run: MatchRun, by: Member) -> list[Member]:
    """Undo the publication within a day, while nobody of it has met; return who was told.

    Its sessions are cancelled without an e-mail each: everybody whom the news of the match has
    reached gets one kind e-mail that also takes them out of calendars; nobody else hears
    anything.  Raises AlreadyMet, and what `withdraw_run` raises.
    """
    # the cohort first, as publishing does; then the tables, as whoever records a session does
    list(Cohort.objects.select_for_update(of=("self",)).filter(pk=run.cohort_id))
    theirs = Partnership.objects.filter(run=run)
    ids = [partnership.pk for partnership in theirs.select_for_update(of=("self",)).order_by("id")]
    now = clock.now()
    if run_has_met(run, at=now):
        raise AlreadyMet
    reached = publishing.withdraw_run(run=run, by=by)
    Session.objects.filter(partnership__in=ids, state=Session.State.PLANNED).update(
        state=Session.State.CANCELLED,
        cause=OffCause.TAKEN_BACK,
        sequence=F("sequence") + 1,
        changed_at=now,
    )
    off = _off_by_member(ids, now)
    enqueue_all(
        [
            Draft(
                member=member,
                kind="sessions.taken_back",
                program=run.cohort.program_id,
                dedupe_key=f"sessions.taken_back:{run.pk}:{member.pk}",
                link=Link(),
                context={"program": run.cohort.program.name, "name": member.given_name},
                about=run.pk,
                calendar=taken_out(sessions=off[member.pk], member=member),
            )
            for member in reached
        ]
    )
    return reached


def _off_by_member(partnerships: Sequence[UUID], at: datetime) -> dict[UUID, list[Session]]:
    """Return the sessions to come that were just cancelled, by each person they were for."""
    coming: dict[UUID, list[Session]] = defaultdict(list)
    rows = Session.objects.filter(
        partnership__in=partnerships, cause=OffCause.TAKEN_BACK, starts_at__gt=at
    ).for_list()
    for session in rows.order_by("starts_at", "id"):
        coming[session.partnership_id].append(session)
    off: dict[UUID, list[Session]] = defaultdict(list)
    seats = Seat.objects.filter(partnership__in=partnerships).order_by("id")
    for member_id, partnership_id in seats.values_list("enrolment__member_id", "partnership_id"):
        off[member_id] += coming[partnership_id]
    return off


def run_has_met(run: MatchRun, *, at: datetime) -> bool:
    """Say whether anybody of a published run may have met: a session was held, or has begun."""
    theirs = Session.objects.filter(partnership__run=run)
    begun = Q(state__in=[Session.State.PLANNED, Session.State.MISSED], starts_at__lte=at)
    return theirs.filter(Q(state=Session.State.HELD) | begun).exists()
