"""A cohort's check-ins as facts: who was asked, who has answered, and means of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Q

from core.members.models import Member
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from feedback.models.answers import CheckIn
from programs.models.programs import Cohort

NAME = ("family_name", "given_name")


@dataclass(frozen=True)
class Response:
    """How many check-ins were asked for, and how many of these were answered."""

    asked: int
    answered: int


@dataclass(frozen=True)
class PartnershipPeriods:
    """One partnership, and its response by period."""

    partnership_id: UUID
    name: str
    periods: dict[int, Response]


@dataclass(frozen=True)
class PeriodMean:
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

    partnerships: Sequence[PartnershipPeriods]
    periods: Sequence[int]
    means: Sequence[PeriodMean]
    waiting: Sequence[CheckIn]
    total: Response


def check_in_facts(cohort: Cohort, member: Member, *, at: datetime) -> CheckInFacts:
    """Return the facts of a cohort's check-ins that this member may see, in five queries."""
    chosen = settings_in_force()
    today = day_of(at, chosen.zone)
    rows = CheckIn.objects.visible_to(member).filter(seat__partnership__cohort=cohort)
    partnerships: dict[UUID, PartnershipPeriods] = {}
    counted = (
        rows.values("seat__partnership", "seat__partnership__name", "period")
        .annotate(asked=Count("pk"), answered=Count("answered_at"))
        .order_by("seat__partnership__name", "seat__partnership", "period")
    )
    for row in counted:
        line = partnerships.setdefault(
            row["seat__partnership"],
            PartnershipPeriods(row["seat__partnership"], row["seat__partnership__name"], {}),
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


def _mean(row: Mapping[str, Any], threshold: int) -> PeriodMean:
    enough = row["n"] >= max(threshold, 1)
    return PeriodMean(
        period=row["period"],
        n=row["n"],
        mood=row["mood"] if enough else None,
        progress=row["progress"] if enough else None,
    )
