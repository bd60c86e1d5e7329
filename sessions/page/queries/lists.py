"""Lists of sessions for those who coordinate: facts, no words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils import timezone
from django.utils.translation import gettext as _

from core.common.lists import MOST_WORDS, Chip, Column, ListFilter
from core.members.models import Member
from core.tenancy.context import tenant
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.queries import person_named
from programs.models.programs import Cohort
from sessions.models.sessions import Session, SessionQuerySet, Turn

OVERDUE = "overdue"  # planned, begun, and nobody has recorded it
FILTERS = (OVERDUE, *Session.State.values)
BEHIND = timedelta(days=100 * 365)  # further away than any session that is planned
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


@dataclass(frozen=True)
class SessionsFilter(ListFilter):
    """What of the sessions of a cohort is wanted; the whole list begins with those of today."""

    CHOICES = {"state": FILTERS}
    ORDERS = ("nearness", "starts_at", "partnership", "state")
    PATHS = {"partnership": "partnership__name"}

    state: str = ""

    def searched(self, rows: SessionQuerySet) -> SessionQuerySet:
        """Narrow by words: in the partnership's name, or in the name of somebody there."""
        for word in self.q.split()[:MOST_WORDS]:
            people = Seat.objects.filter(person_named(word), partnership=OuterRef("partnership"))
            rows = rows.filter(Q(partnership__name__icontains=word) | Exists(people))
        return rows

    def apply(self, rows: SessionQuerySet, *, at: datetime) -> SessionQuerySet:
        rows = self.searched(rows)
        return rows.filter(_in(self.state, at)) if self.state else rows


def sessions_of_cohort(cohort: Cohort, member: Member) -> SessionQuerySet:
    """Return the cohort's sessions that `member` sees."""
    rows = Session.objects.visible_to(member).filter(partnership__cohort=cohort)
    return rows.exclude(partnership__state=Partnership.State.WITHDRAWN)  # they never were


def nearest_first(rows: SessionQuerySet, *, at: datetime) -> SessionQuerySet:
    """Give each session its `nearness`: today's and those to come by their time, then the past.

    What is past is laid behind all that comes, the latest first.  It is counted from the beginning
    of the reader's day, so that nothing moves while somebody goes on through the list.
    """
    today = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    turned = Value(today + BEHIND, output_field=DateTimeField()) + (
        Value(today, output_field=DateTimeField()) - F("starts_at")
    )
    return rows.annotate(
        nearness=Case(
            When(starts_at__gte=today, then=F("starts_at")),
            default=ExpressionWrapper(turned, output_field=DateTimeField()),
            output_field=DateTimeField(),
        )
    )


def session_chips(rows: SessionQuerySet, wanted: SessionsFilter, *, at: datetime) -> list[Chip]:
    """Return the chips by state, each counted within the words that are wanted: one query."""
    counted = wanted.searched(rows).aggregate(
        all=Count("pk"), **{name: Count("pk", filter=_in(name, at)) for name in FILTERS}
    )
    labels = {**dict(Session.State.choices), OVERDUE: _("To be recorded")}
    values = [(name, labels[name], counted[name]) for name in FILTERS]
    return wanted.chips("state", values, total=counted["all"])


def session_columns(wanted: SessionsFilter) -> list[Column]:
    return [
        wanted.column("starts_at", _("When")),
        wanted.column("partnership", _("Partnership")),
        wanted.column("state", _("State")),
    ]


def _in(state: str, at: datetime) -> Q:
    if state == OVERDUE:
        return Q(state=Session.State.PLANNED, starts_at__lte=at)
    return Q(state=state)


def exported(
    cohort: Cohort, member: Member, wanted: SessionsFilter, *, at: datetime
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the export as the list has them: a stream opens its own tenant."""
    with tenant(member.organisation, member=member.pk):
        rows = (
            nearest_first(wanted.apply(sessions_of_cohort(cohort, member), at=at), at=at)
            .select_related("partnership")
            .with_attendance()
            .order_by(*wanted.order_by)
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
