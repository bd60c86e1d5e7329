"""Who works with whom, and who waits for a new partner after one that ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q

from core.common import clock
from core.members.models import Member
from pairing.inputs.collect import waiting_since
from pairing.models.partnerships import KindWords, Parting, Partnership, PartnershipQuerySet, Seat
from programs.models.programs import Cohort, Enrolment


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
    """Somebody who waits for a new partner; `cause` only where they let it be seen."""

    enrolment: Enrolment
    since: datetime
    cause: str

    @property
    def days(self) -> int:
        return (clock.now() - self.since).days


def waiting_for_a_new_partner(cohort: Cohort, member: Member) -> list[_WaitingPerson]:
    """Return who waits in a cohort, the longest first, with the causes this member may see."""
    since = waiting_since(cohort)
    people = Enrolment.objects.filter(pk__in=since).select_related("member")
    seen = Parting.objects.visible_to(member).filter(seat__enrolment__in=since)
    causes = {
        parting.seat.enrolment_id: parting.get_cause_display()
        for parting in seen.select_related("seat").order_by("said_at", "id")
    }
    waiting = [
        _WaitingPerson(enrolment, since[enrolment.pk], causes.get(enrolment.pk, ""))
        for enrolment in people
    ]
    return sorted(waiting, key=lambda person: (person.since, person.enrolment.pk))


def parting_seat(partnership: Partnership, member: Member) -> Seat | None:
    rows = Seat.objects.filter(partnership=partnership, enrolment__member=member)
    return rows.select_related("enrolment__member").order_by("-left_at", "-id").first()


def kind_words(partnership: Partnership, member: Member) -> list[KindWords]:
    """Return what partners have said to each other there, if this member is the one who looks."""
    rows = KindWords.objects.visible_to(member).filter(partnership=partnership).exclude(text="")
    return list(rows.select_related("author").order_by("said_at", "id"))
