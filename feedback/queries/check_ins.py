"""Reading check-ins: my own, those of a cohort as facts, and who may read a note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Avg, Count, Q
from django.utils.translation import gettext_lazy as _

from feedback.models import CheckIn, CheckInNote, CheckInQuerySet
from mentoring.identity.days import day_of
from mentoring.identity.models import Member
from mentoring.identity.queries import settings_in_force
from pairing.models import Seat
from programs.models import Cohort
from programs.queries import coordinators_of

NAME = ("family_name", "given_name")


class Readers(models.TextChoices):
    """For whom a note is meant, as its author says it."""

    ME = "me", _("Only me")
    PARTNERS = "partners", _("My partners")
    COORDINATOR = "coordinator", _("My coordinator")


def my_open_check_ins(member: Member, *, at: datetime) -> CheckInQuerySet:
    """Return what this person is asked for and has not answered, what is due first first."""
    rows = CheckIn.objects.visible_to(member).of(member).unanswered().for_list()
    rows = rows.filter(due_on__gt=day_of(at), seat__left_at=None)
    return rows.order_by("due_on", "pk")


def my_note(check_in: CheckIn, member: Member) -> CheckInNote | None:
    """Return the note to this check-in if this member is the one who looks and may read it."""
    return CheckInNote.objects.visible_to(member).filter(check_in=check_in).first()


def partners_of(seat: Seat) -> list[Member]:
    """Return the people in the other open seats."""
    seats = Seat.objects.open().filter(partnership_id=seat.partnership_id).exclude(pk=seat.pk)
    people = Member.objects.reachable().filter(pk__in=seats.values("enrolment__member"))
    return list(people.order_by("given_name", "pk"))


def readers_of(seat: Seat, choice: Readers) -> list[UUID]:
    """Return who may read a note from this seat: its author, and whom the author chose."""
    others: list[Member] = []
    if choice == Readers.PARTNERS:
        others = partners_of(seat)
    elif choice == Readers.COORDINATOR:
        others = coordinators_of(seat.partnership.cohort.program)
    author: UUID = seat.enrolment.member_id
    return [author, *(member.pk for member in others if member.pk != author)]


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
        found = partnerships.setdefault(
            row["seat__partnership"],
            PartnershipPeriods(row["seat__partnership"], row["seat__partnership__name"], {}),
        )
        found.periods[row["period"]] = Response(row["asked"], row["answered"])
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
    every = [response for found in partnerships.values() for response in found.periods.values()]
    return CheckInFacts(
        partnerships=list(partnerships.values()),
        periods=sorted({period for found in partnerships.values() for period in found.periods}),
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


def who_is_in(check_in: CheckIn) -> list[tuple[Member, bool]]:
    """Return the people at the same table, and whether each has answered for the same period."""
    seats = Seat.objects.open().filter(partnership_id=check_in.seat.partnership_id)
    answers = CheckIn.objects.filter(seat__in=seats, period=check_in.period)
    answered = set(answers.exclude(answered_at=None).values_list("seat", flat=True))
    rows = seats.select_related("enrolment__member").order_by("pk")
    return [(seat.enrolment.member, seat.pk in answered) for seat in rows]
