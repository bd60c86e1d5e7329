"""Self-match as its people and coordinators see it: requests, words, who may choose."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q

from mentoring.identity.models import Member
from pairing.models import PartnerRequest, PartnerRequestQuerySet, Partnership, RequestWords, Seat
from pairing.queries.choosing import PHASES, SEATABLE
from programs.models import Cohort, Enrolment, EnrolmentQuerySet, Program


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
    """Return this person's enrolments in which they may choose a partner and have none yet."""
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
        .exclude(cohort__program__format=Program.Format.CIRCLES)
        .for_list()
        .order_by("id")
    )


def queue(cohort: Cohort, member: Member) -> PartnerRequestQuerySet:
    """Return a cohort's requests as facts for its coordinators, what is undecided first."""
    rows = PartnerRequest.objects.visible_to(member).filter(cohort=cohort).for_list()
    return rows.order_by(F("decided_at").desc(nulls_first=True), "due_at", "id")
