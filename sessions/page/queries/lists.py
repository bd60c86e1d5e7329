"""Lists of sessions for those who coordinate: facts, no words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from core.members.models import Member
from core.tenancy.context import tenant
from pairing.models.partnerships import Partnership
from programs.models.programs import Cohort
from sessions.models.sessions import Session, SessionQuerySet, Turn

OVERDUE = "overdue"  # planned, begun, and nobody has recorded it
FILTERS = (*Session.State.values, OVERDUE)
COLUMNS = (
    "partnership",
    "number",
    "day",
    "starts_at",
    "minutes",
    "state",
    "cause",
    "present",
    "excused",
    "absent",
    "expected",
)


def sessions_of_cohort(
    cohort: Cohort, member: Member, *, state: str, at: datetime
) -> SessionQuerySet:
    """Return the cohort's sessions that `member` sees, in one state, overdue, or all ('')."""
    rows = Session.objects.visible_to(member).filter(partnership__cohort=cohort)
    rows = rows.exclude(partnership__state=Partnership.State.WITHDRAWN)  # they never were
    return rows.filter(_in(state, at)) if state in FILTERS else rows


def count_by_state(cohort: Cohort, member: Member, *, at: datetime) -> dict[str, int]:
    """Return how many sessions each filter of the list has, '' being all of them, in one query."""
    rows = sessions_of_cohort(cohort, member, state="", at=at)
    counted = rows.aggregate(
        all=Count("pk"), **{name: Count("pk", filter=_in(name, at)) for name in FILTERS}
    )
    return {"": counted.pop("all"), **counted}


def _in(state: str, at: datetime) -> Q:
    if state == OVERDUE:
        return Q(state=Session.State.PLANNED, starts_at__lte=at)
    return Q(state=state)


def exported(
    cohort: Cohort, member: Member, *, state: str, at: datetime
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the export, newest first: a stream opens its own tenant (trust.md)."""
    with tenant(member.organisation, member=member.pk):
        rows = (
            sessions_of_cohort(cohort, member, state=state, at=at)
            .select_related("partnership")
            .with_attendance()
            .order_by("-starts_at", "-id")
        )
        for row in rows.iterator(chunk_size=500):
            yield (
                row.partnership.name,
                row.number,
                row.day,
                row.starts_at,
                row.duration_minutes,
                row.state,
                row.cause,
                row.present,
                row.excused,
                row.absent,
                row.expected,
            )


def turns_for_facts(member: Member) -> QuerySet[Turn]:
    """Return turns with role and person for the facts of sessions that `member` may read."""
    sessions = Session.objects.facts_for(member)
    turns = Turn.objects.filter(session__in=sessions)
    return turns.select_related("role", "seat__enrolment").order_by("role__priority", "id")
