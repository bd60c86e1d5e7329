"""What somebody finds who may choose a partner: their list, suggestions with reasons, requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pairing.models.requests import PartnerRequest, Wish
from pairing.requests.queries import is_open, parts, seeks
from pairing.requests.suggestions import (
    Possible,
    Suggestion,
    described,
    possible_partners,
    suggested,
)
from programs.models.programs import Enrolment


@dataclass(frozen=True)
class WishLine:
    """One wish, with the reasons while it can be asked, and how it stands if it was."""

    wish: Wish
    suggestion: Suggestion | None
    request: PartnerRequest | None

    @property
    def can_be_asked(self) -> bool:
        if self.request and self.request.state not in {
            PartnerRequest.State.LAPSED,
            PartnerRequest.State.WITHDRAWN,
        }:
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
        waiting = sum(request.is_undecided for request in self.sent)
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
    latest = {request.asked_id: request for request in reversed(sent)}
    shown = described(possible, [w.wished_id for w in wishes if w.wished_id in possible.points])
    by_id = {suggestion.enrolment.pk: suggestion for suggestion in shown}
    return MyChoices(
        enrolment=enrolment,
        open=is_open(cohort),
        seeks=choosing,
        possible=possible,
        wishes=[WishLine(w, by_id.get(w.wished_id), latest.get(w.wished_id)) for w in wishes],
        suggestions=suggested(possible, without={*latest, *(w.wished_id for w in wishes)}),
        sent=sent,
        received=received,
    )
