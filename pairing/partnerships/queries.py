"""Who works with whom, and who waits for a new partner after one that ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from core.common import clock
from core.members.models import Member
from pairing.inputs.collect import never_partnered, waiting_since
from pairing.models.partnerships import KindWords, Parting, Partnership, PartnershipQuerySet, Seat
from pairing.models.runs import LeftOver, MatchRun
from pairing.texts.left_over import say_to_coordinator
from programs.models.programs import Cohort, Enrolment, Program


def outside_the_cohort(cohort: Cohort) -> PartnershipQuerySet:
    """Return the open partnerships that end on another day than their cohort.

    In a rolling cohort each has days of its own, and so has one that its people go on with.
    """
    rows = (
        Partnership.objects.filter(cohort=cohort, prolonged=False)
        .open()
        .for_list()
        .order_by("name", "id")
    )
    if cohort.ends_on is None:
        return rows.none()
    return rows.exclude(ends_on=cohort.ends_on)


def search(rows: PartnershipQuerySet, words: str) -> PartnershipQuerySet:
    """Narrow to partnerships whose name, or one of whose people, holds all of these words."""
    for word in words.split()[:5]:
        person = Seat.objects.filter(person_named(word), partnership=OuterRef("pk"))
        rows = rows.filter(Q(name__icontains=word) | Exists(person))
    return rows


def person_named(word: str) -> Q:
    """Return the condition that a seat's person holds the word in a name or the e-mail address."""
    return (
        Q(enrolment__member__given_name__icontains=word)
        | Q(enrolment__member__family_name__icontains=word)
        | Q(enrolment__member__email__icontains=word)
    )


@dataclass(frozen=True)
class _WaitingPerson:
    """Somebody without a partner in a part; `cause` only where they let it be seen.

    lost: a partnership of theirs ended; else they never had one.  why: what the last run that
    stands could not do.
    """

    enrolment: Enrolment
    part: str
    since: datetime
    lost: bool
    cause: str
    why: str

    @property
    def days(self) -> int:
        return (clock.now() - self.since).days

    @property
    def part_words(self) -> str:
        return str(Enrolment.Part(self.part).label)


def waiting_for_a_partner(cohort: Cohort, member: Member) -> list[_WaitingPerson]:
    """Return who has no partner in a cohort that has some, by part, the longest first.

    With the causes that this member may see.
    """
    lost, never = waiting_since(cohort), never_partnered(cohort)
    ids = {who for who, _part in (*lost, *never)}
    people = Enrolment.objects.select_related("member").in_bulk(ids)
    seen = Parting.objects.visible_to(member).filter(seat__enrolment__in=ids)
    causes = {
        (parting.seat.enrolment_id, str(parting.seat.part)): parting.get_cause_display()
        for parting in seen.select_related("seat").order_by("said_at", "id")
    }
    left = LeftOver.objects.filter(run__cohort=cohort, run__state=MatchRun.State.PUBLISHED)
    reasons = {
        (row.enrolment_id, str(row.part)): say_to_coordinator(row.reason, row.detail)
        for row in left.order_by("run__number", "id")
    }
    waiting = [
        _WaitingPerson(
            people[place[0]],
            place[1],
            since,
            place in lost,
            causes.get(place, ""),
            "" if place in lost else reasons.get(place, ""),
        )
        for place, since in (*lost.items(), *never.items())
    ]
    return sorted(waiting, key=lambda person: (person.since, person.enrolment.pk, person.part))


def under_size(rows: PartnershipQuerySet) -> PartnershipQuerySet:
    """Narrow to open circles with fewer people than their program's design asks for."""
    sitting = (
        Seat.objects.open()
        .filter(partnership=OuterRef("pk"))
        .order_by()
        .values("partnership")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return rows.open().filter(
        cohort__program__format=Program.Format.CIRCLES,
        cohort__program__circle_min__gt=Coalesce(Subquery(sitting), 0),
    )


def parting_seat(partnership: Partnership, member: Member) -> Seat | None:
    rows = Seat.objects.filter(partnership=partnership, enrolment__member=member)
    return rows.select_related("enrolment__member").order_by("-left_at", "-id").first()


def waits(seat: Seat, cohort: Cohort) -> bool:
    """Say whether who had this seat waits for another one that a matching of the cohort gives."""
    return cohort.is_matched and (seat.enrolment_id, seat.part) in waiting_since(cohort)


def kind_words(partnership: Partnership, member: Member) -> list[KindWords]:
    """Return what partners have said to each other there, if this member is the one who looks."""
    rows = KindWords.objects.visible_to(member).filter(partnership=partnership).exclude(text="")
    return list(rows.select_related("author").order_by("said_at", "id"))
