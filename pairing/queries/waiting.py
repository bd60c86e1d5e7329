"""Who waits for a new partner after one that ended, since when, and what they want different."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Max, OuterRef

from mentoring.common import clock
from mentoring.identity.models import Member
from pairing.models import KindWords, Parting, Partnership, Seat
from pairing.queries.choosing import SEATABLE
from programs.models import Cohort, Enrolment


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


@dataclass(frozen=True)
class Waiting:
    """Somebody who waits for a new partner; `cause` only where they let it be seen."""

    enrolment: Enrolment
    since: datetime
    cause: str

    @property
    def days(self) -> int:
        return (clock.now() - self.since).days


def waiting_for_a_new_partner(cohort: Cohort, member: Member) -> list[Waiting]:
    """Return who waits in a cohort, the longest first, with the causes this member may see."""
    since = waiting_since(cohort)
    people = Enrolment.objects.filter(pk__in=since).select_related("member")
    seen = Parting.objects.visible_to(member).filter(seat__enrolment__in=since)
    causes = {
        parting.seat.enrolment_id: parting.get_cause_display()
        for parting in seen.select_related("seat").order_by("said_at", "id")
    }
    waiting = [
        Waiting(enrolment, since[enrolment.pk], causes.get(enrolment.pk, ""))
        for enrolment in people
    ]
    return sorted(waiting, key=lambda person: (person.since, person.enrolment.pk))


def parting_seat(partnership: Partnership, member: Member) -> Seat | None:
    """Return the seat this person has there, or had last."""
    rows = Seat.objects.filter(partnership=partnership, enrolment__member=member)
    return rows.select_related("enrolment__member").order_by("-left_at", "-id").first()


def kind_words(partnership: Partnership, member: Member) -> list[KindWords]:
    """Return what partners have said to each other there, if this member is the one who looks."""
    rows = KindWords.objects.visible_to(member).filter(partnership=partnership).exclude(text="")
    return list(rows.select_related("author").order_by("said_at", "id"))
