"""A cohort's check-ins as facts, and when the people of a partnership last had contact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Max, Q

from core.members.models import Member
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from feedback.models import CheckIn
from pairing.models.partnerships import Partnership
from programs.models.programs import Cohort
from sessions.models.sessions import Session

NAME = ("family_name", "given_name")


@dataclass(frozen=True)
class Response:
    """How many check-ins were asked for, and how many of these were answered."""

    asked: int
    answered: int


@dataclass(frozen=True)
class _PartnershipPeriods:
    """One partnership, and its response by period."""

    partnership_id: UUID
    name: str
    periods: dict[int, Response]


@dataclass(frozen=True)
class _PeriodMean:
    """Mean mood and progress (1–5) of a period over `n` people who let them be seen.

    None where `n` is below the organisation's threshold: a mean of few names them.
    """

    period: int
    n: int
    mood: float | None
    progress: float | None


@dataclass(frozen=True)
class CheckInFacts:
    """A cohort's check-ins as a coordinator sees them: who, when, state; no words."""

    partnerships: Sequence[_PartnershipPeriods]
    periods: Sequence[int]
    means: Sequence[_PeriodMean]
    waiting: Sequence[CheckIn]
    total: Response


def check_in_facts(cohort: Cohort, member: Member, *, at: datetime) -> CheckInFacts:
    """Return the facts of a cohort's check-ins that this member may see, in five queries."""
    chosen = settings_in_force()
    today = day_of(at, chosen.zone)
    rows = CheckIn.objects.visible_to(member).filter(seat__partnership__cohort=cohort)
    partnerships: dict[UUID, _PartnershipPeriods] = {}
    counted = (
        rows.values("seat__partnership", "seat__partnership__name", "period")
        .annotate(asked=Count("pk"), answered=Count("answered_at"))
        .order_by("seat__partnership__name", "seat__partnership", "period")
    )
    for row in counted:
        line = partnerships.setdefault(
            row["seat__partnership"],
            _PartnershipPeriods(row["seat__partnership"], row["seat__partnership__name"], {}),
        )
        line.periods[row["period"]] = Response(row["asked"], row["answered"])
    seen = Q(coordinator_sees=True, answered_at__isnull=False)
    means = (
        rows.values("period")
        .annotate(
            n=Count("pk", filter=seen),
            mood=Avg("mood", filter=seen),
            progress=Avg("progress", filter=seen),
        )
        .order_by("period")
    )
    who = "seat__enrolment__member__"
    waiting = rows.unanswered().filter(due_on__gt=today).for_list()
    every = [response for line in partnerships.values() for response in line.periods.values()]
    return CheckInFacts(
        partnerships=list(partnerships.values()),
        periods=sorted({period for line in partnerships.values() for period in line.periods}),
        means=[_mean(row, chosen.threshold) for row in means],
        waiting=list(waiting.order_by("opens_on", *(f"{who}{name}" for name in NAME), "pk")),
        total=Response(sum(r.asked for r in every), sum(r.answered for r in every)),
    )


def _mean(row: Mapping[str, Any], threshold: int) -> _PeriodMean:
    enough = row["n"] >= max(threshold, 1)
    return _PeriodMean(
        period=row["period"],
        n=row["n"],
        mood=row["mood"] if enough else None,
        progress=row["progress"] if enough else None,
    )


def last_contact(partnerships: Sequence[Partnership]) -> dict[UUID, date]:
    """Return the organisation's day of each one's last contact, in three statements.

    The latest of: its first day, the day its last rest ended, its last held session, and the
    last period for which two partners said that they met.
    """
    zone = settings_in_force().zone
    days: dict[UUID, list[date]] = defaultdict(list)
    for partnership in partnerships:
        started = max(partnership.starts_on, day_of(partnership.published_at, zone))
        days[partnership.pk].append(started)
        if partnership.resumed_at:
            days[partnership.pk].append(day_of(partnership.resumed_at, zone))
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
    for period in met:
        days[period["seat__partnership"]].append(period["last"])
    return {pk: max(contacts) for pk, contacts in days.items()}
