"""Self-match as its people and coordinators see it: wishes, requests, who waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from mentoring.identity.models import Member
from pairing.models import (
    PartnerRequest,
    PartnerRequestQuerySet,
    Partnership,
    RequestWords,
    Seat,
    Wish,
)
from pairing.queries.choosing import PHASES, SEATABLE, is_open, parts, seeks
from pairing.suggestions import Possible, Suggestion, described, possible_partners, suggested
from programs.models import Cohort, Enrolment, EnrolmentQuerySet, Program

STATE = PartnerRequest.State


@dataclass(frozen=True)
class WishLine:
    """One wish, with the reasons while it can be asked, and how it stands if it was."""

    wish: Wish
    suggestion: Suggestion | None
    request: PartnerRequest | None

    @property
    def can_be_asked(self) -> bool:
        if self.request and self.request.state not in {STATE.LAPSED, STATE.WITHDRAWN}:
            return False
        return self.suggestion is not None


@dataclass(frozen=True)
class MyChoices:
    """What somebody finds who may choose: their list, five suggestions, and their requests."""

    enrolment: Enrolment
    open: bool
    seeks: bool
    possible: Possible
    wishes: Sequence[WishLine]
    suggestions: Sequence[Suggestion]
    sent: Sequence[PartnerRequest]
    received: Sequence[PartnerRequest]

    @property
    def may_ask(self) -> bool:
        waiting = sum(each.is_undecided for each in self.sent)
        most: int = self.enrolment.cohort.program.requests_asking
        return waiting < most

    def named(self, enrolment_id: UUID) -> Enrolment | None:
        """Return somebody on the list or possible; None for anybody else."""
        for line in self.wishes:
            if line.wish.wished_id == enrolment_id:
                wished: Enrolment = line.wish.wished
                return wished
        if enrolment_id not in self.possible.points:
            return None
        return Enrolment.objects.select_related("member").get(pk=enrolment_id)


def my_choices(enrolment: Enrolment) -> MyChoices:
    """Return whom this person wishes for, could ask, has asked and was asked by."""
    cohort = enrolment.cohort
    choosing = is_open(cohort) and seeks(enrolment, parts(cohort)[0])
    possible = possible_partners(enrolment) if choosing else Possible()
    mine = PartnerRequest.objects.filter(cohort=cohort).for_list().order_by("-asked_at", "-id")
    sent, received = list(mine.filter(asker=enrolment)), list(mine.filter(asked=enrolment))
    wishes = list(
        Wish.objects.filter(enrolment=enrolment).select_related("wished__member").order_by("rank")
    )
    asked = {each.asked_id: each for each in reversed(sent)}
    shown = described(possible, [w.wished_id for w in wishes if w.wished_id in possible.points])
    by_id = {each.enrolment.pk: each for each in shown}
    return MyChoices(
        enrolment=enrolment,
        open=is_open(cohort),
        seeks=choosing,
        possible=possible,
        wishes=[WishLine(w, by_id.get(w.wished_id), asked.get(w.wished_id)) for w in wishes],
        suggestions=suggested(possible, without={*asked, *(w.wished_id for w in wishes)}),
        sent=sent,
        received=received,
    )


def words_of(request: PartnerRequest, member: Member) -> dict[str, RequestWords]:
    """Return what the two have said, by kind, if this member is the one who looks."""
    rows = RequestWords.objects.visible_to(member).filter(request=request).exclude(text="")
    return {each.kind: each for each in rows.select_related("author")}


def requests_waiting_for(member: Member) -> PartnerRequestQuerySet:
    """Return the requests in which it is this person's turn to say something."""
    asked = Q(asked__member=member, state=STATE.OPEN)
    asks = Q(asker__member=member, state=STATE.QUESTION)
    return PartnerRequest.objects.filter(asked | asks).for_list().order_by("due_at", "id")


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
