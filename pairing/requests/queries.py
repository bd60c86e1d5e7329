"""Self-match as its people and coordinators see it: requests, words, who may choose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import TypeAlias
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q

from core.members.models import Member
from pairing.models.partnerships import Partnership, Seat
from pairing.models.requests import SEATABLE, PartnerRequest, PartnerRequestQuerySet, RequestWords
from programs.models.programs import Cohort, Enrolment, EnrolmentQuerySet, Program

Taken: TypeAlias = Counter[tuple[UUID, str]]  # how many seats somebody holds, by part
PHASES = (Cohort.Phase.MATCHING, Cohort.Phase.RUNNING)


def words_of(request: PartnerRequest, member: Member) -> dict[str, RequestWords]:
    """Return what the two have said, by kind, if this member is the one who looks."""
    rows = RequestWords.objects.visible_to(member).filter(request=request).exclude(text="")
    return {words.kind: words for words in rows.select_related("author")}


def requests_waiting_for(member: Member) -> PartnerRequestQuerySet:
    """Return the requests in which it is this person's turn to say something."""
    to_answer = Q(asked__member=member, state=PartnerRequest.State.OPEN)
    to_explain = Q(asker__member=member, state=PartnerRequest.State.QUESTION)
    return PartnerRequest.objects.filter(to_answer | to_explain).for_list().order_by("due_at", "id")


def choosing_enrolments(member: Member) -> EnrolmentQuerySet:
    """Return this person's enrolments in which they may choose a partner and have none yet.

    Or, in circles, say whom they would like to sit with.
    """
    sitting = Seat.objects.open().filter(
        enrolment=OuterRef("pk"), partnership__state__in=Partnership.OPEN
    )
    as_seeker = sitting.exclude(part=Enrolment.Part.MENTOR)
    return (
        Enrolment.objects.filter(
            ~Exists(as_seeker),
            member=member,
            state__in=SEATABLE,
            cohort__phase__in=PHASES,
            cohort__program__self_match=True,
        )
        .exclude(part=Enrolment.Part.MENTOR)
        .for_list()
        .order_by("id")
    )


def queue(cohort: Cohort, member: Member) -> PartnerRequestQuerySet:
    """Return a cohort's requests as facts for its coordinators, what is undecided first."""
    rows = PartnerRequest.objects.visible_to(member).filter(cohort=cohort).for_list()
    return rows.order_by(F("decided_at").desc(nulls_first=True), "due_at", "id")


def is_open(cohort: Cohort) -> bool:
    """Say whether this cohort's people may choose each other now."""
    return cohort.program.lets_people_ask and cohort.phase in PHASES


def takes_wishes(cohort: Cohort) -> bool:
    """Say whether this cohort's people may say now whom they would like to be with."""
    return cohort.program.lets_people_wish and cohort.phase in PHASES


def parts(cohort: Cohort) -> tuple[str, str]:
    """Return the part of who asks, and of who is asked."""
    if cohort.program.format == Program.Format.MENTOR:
        return Enrolment.Part.MENTEE, Enrolment.Part.MENTOR
    return Enrolment.Part.PEER, Enrolment.Part.PEER


def seats_taken(people: Collection[UUID]) -> Taken:
    """Return how many seats each of these people holds in open partnerships, by part."""
    rows = Seat.objects.filter(
        enrolment__in=people, left_at=None, partnership__state__in=Partnership.OPEN
    )
    return Counter(rows.values_list("enrolment", "part"))


def seeks(enrolment: Enrolment, part: str, taken: Taken | None = None) -> bool:
    """Say whether this person takes part, in a part that asks, and has no partner in it.

    `taken` are the seats of several people, where they have been read together.
    """
    taken = seats_taken([enrolment.pk]) if taken is None else taken
    asks = enrolment.part in {part, Enrolment.Part.BOTH} and enrolment.state in SEATABLE
    return asks and not taken[enrolment.pk, part]


def has_room(enrolment: Enrolment, part: str, taken: Taken | None = None) -> bool:
    """Say whether this person takes part and has a place free in that part."""
    taken = seats_taken([enrolment.pk]) if taken is None else taken
    offers = enrolment.part in {part, Enrolment.Part.BOTH} and enrolment.state in SEATABLE
    places = enrolment.capacity if part == Enrolment.Part.MENTOR else 1
    return offers and taken[enrolment.pk, part] < places


def count_sent(enrolment: Enrolment) -> int:
    """Return how many of this person's own requests wait for an answer."""
    return PartnerRequest.objects.undecided().filter(asker=enrolment).count()


def count_received(enrolment: Enrolment) -> int:
    """Return how many requests wait for this person."""
    return PartnerRequest.objects.undecided().filter(asked=enrolment).count()


def with_enough_requests(enrolments: Collection[UUID]) -> set[UUID]:
    """Return for which of these people as many requests wait as the program lets them have."""
    waiting = PartnerRequest.objects.undecided().filter(asked__in=enrolments).order_by()
    counts = waiting.values("asked_id").annotate(
        n=Count("id"), most=F("cohort__program__requests_asked")
    )
    return {row["asked_id"] for row in counts if row["n"] >= row["most"]}
