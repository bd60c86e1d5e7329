"""Who works with whom: what the apps above ask."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from mentoring.identity.models import Member
from pairing.models import Partnership, PartnershipQuerySet, Seat
from programs.models import Cohort, Enrolment


def partnerships_of(member: Member) -> PartnershipQuerySet:
    """Return the partnerships in which this person has, or had, a seat."""
    seats = Seat.objects.filter(partnership=OuterRef("pk"), enrolment__member=member)
    return Partnership.objects.filter(Exists(seats))


def open_partnerships_of(member: Member) -> PartnershipQuerySet:
    """Return the open partnerships in which this person sits now."""
    seats = Seat.objects.open().filter(partnership=OuterRef("pk"), enrolment__member=member)
    return Partnership.objects.open().filter(Exists(seats))


def partners_of(partnership: Partnership) -> QuerySet[Member]:
    """Return the people in its open seats, by name."""
    seats = Seat.objects.open().filter(partnership=partnership).order_by("id")
    ids = list(seats.values_list("enrolment__member_id", flat=True))
    return Member.objects.filter(pk__in=ids).order_by("family_name", "given_name", "id")


def open_seats(partnership: Partnership) -> QuerySet[Seat]:
    """Return its open seats with their people, in a steady order: seats keep their place."""
    rows = Seat.objects.open().filter(partnership=partnership)
    return rows.select_related("enrolment__member").order_by("id")


def seats_by_partnership(partnerships: Iterable[UUID]) -> dict[UUID, list[Seat]]:
    """Return the open seats of many partnerships with one query."""
    found: dict[UUID, list[Seat]] = {each: [] for each in partnerships}
    rows = Seat.objects.open().filter(partnership_id__in=list(found))
    for seat in rows.select_related("enrolment__member").order_by("id"):
        found[seat.partnership_id].append(seat)
    return found


def meeting_on(day: date) -> PartnershipQuerySet:
    """Return active partnerships whose time it is on that day."""
    return Partnership.objects.active().filter(starts_on__lte=day, ends_on__gte=day)


def is_partner(member: Member, partnership: Partnership) -> bool:
    """Say whether this person sits there now."""
    return Seat.objects.open().filter(partnership=partnership, enrolment__member=member).exists()


def partnered_enrolments(cohort: Cohort) -> QuerySet[Enrolment]:
    """Return the enrolments that have ever had a seat: what `match_rate` counts above the line."""
    seats = Seat.objects.filter(enrolment=OuterRef("pk"))
    seats = seats.exclude(partnership__state=Partnership.State.WITHDRAWN)
    return Enrolment.objects.filter(Exists(seats), cohort=cohort)


def counts_by_state(cohort: Cohort) -> dict[str, int]:
    """Return how many partnerships of a cohort are in each state, with one query."""
    rows = Partnership.objects.filter(cohort=cohort).order_by()
    counted: dict[str, int] = dict(
        rows.values("state").annotate(n=Count("id")).values_list("state", "n")
    )
    return counted


def search(rows: PartnershipQuerySet, words: str) -> PartnershipQuerySet:
    """Narrow to partnerships whose name, or one of whose people, holds all of these words."""
    for word in words.split()[:5]:
        person = Seat.objects.filter(partnership=OuterRef("pk")).filter(
            Q(enrolment__member__given_name__icontains=word)
            | Q(enrolment__member__family_name__icontains=word)
            | Q(enrolment__member__email__icontains=word)
        )
        rows = rows.filter(Q(name__icontains=word) | Exists(person))
    return rows
