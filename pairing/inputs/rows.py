"""Wishes and who waits, as a run finds them: read with the rest of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Max, OuterRef

from core.members.models import Member
from pairing.models.partnerships import Parting, Partnership, Seat
from pairing.models.requests import SEATABLE, Wish
from programs.models.programs import Cohort


@dataclass(frozen=True)
class Favours:
    """Wishes (asker, wished, rank), who goes first, and what is to be different for whom."""

    wishes: tuple[tuple[str, str, int], ...]
    first: tuple[str, ...]
    avoided: tuple[tuple[str, str], ...]


def favours_now(cohort: Cohort) -> Favours:
    """Return wishes and who waits as they stand now."""
    wishes: tuple[tuple[str, str, int], ...] = ()
    if cohort.program.lets_people_ask:
        rows = Wish.objects.filter(enrolment__cohort=cohort).order_by("enrolment_id", "rank")
        wishes = tuple(
            (str(who), str(whom), rank)
            for who, whom, rank in rows.values_list("enrolment_id", "wished_id", "rank")
        )
    waiting = waiting_since(cohort)
    causes = causes_of(list(waiting))
    return Favours(
        wishes,
        tuple(sorted(map(str, waiting))),
        tuple(sorted((str(who), cause) for who, cause in causes.items())),
    )


def waiting_since(cohort: Cohort) -> dict[UUID, datetime]:
    """Return when the last partnership ended of everybody who takes part and has no partner.

    By enrolment.  Who completed theirs does not wait; who never had one waits for a first.
    """
    sitting = Seat.objects.open().filter(
        enrolment=OuterRef("enrolment_id"), partnership__state__in=Partnership.OPEN
    )
    rows = (
        Seat.objects.filter(
            ~Exists(sitting),
            partnership__cohort=cohort,
            left_at__isnull=False,
            enrolment__state__in=SEATABLE,
        )
        .exclude(partnership__state=Partnership.State.COMPLETED)
        .exclude(enrolment__member__state=Member.State.LEFT)
        .order_by()
        .values("enrolment_id")
        .annotate(since=Max("left_at"))
    )
    return {row["enrolment_id"]: row["since"] for row in rows}


def causes_of(enrolments: Sequence[UUID]) -> dict[UUID, str]:
    """Return what each of these people last wanted to be different, for a run to weigh."""
    rows = Parting.objects.filter(seat__enrolment__in=enrolments).order_by("said_at", "id")
    return dict(rows.values_list("seat__enrolment_id", "cause"))
