"""Whom one person could work or sit with: the engine's scores, asked for that person alone.

The same rules, points and words as a run's, over the rows of that person and of those who could
be theirs: what a page reads does not grow with who else seeks, nor with what has been.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from pairing.engine.shapes import score_out_of_100
from pairing.inputs.collect import snapshot_around
from pairing.inputs.snapshot import MENTEE, MENTOR, PEER, Shape
from pairing.models.requests import PartnerRequest, Wish
from pairing.requests.queries import (
    is_open,
    parts,
    seeks,
    takes_wishes,
    with_enough_requests,
)
from pairing.solve import Solver, solver_of
from pairing.texts.reasons import Bar, Reason, bars_of, summary
from pairing.texts.sentence import open_reasons, pair_sentence, speaks_for_them
from programs.models.programs import Enrolment
from programs.queries.enrolments import shown_answers

SUGGESTED = 5
FOUND = 12  # whom one name shows
TELLING = ("present", "common", "mean")  # evidence of a circle as a whole


@dataclass(frozen=True)
class PossiblePartners:
    """The partners somebody could have now, best first; `points` by enrolment.

    Allowed by every rule, with a place free, never a partner of before.  Empty for somebody
    who seeks nobody at present.
    """

    points: dict[UUID, int] = field(default_factory=dict)
    name: str = ""
    enrolment_id: UUID | None = None
    _solver: Solver | None = field(default=None, repr=False)

    def reasons(self, enrolment_id: UUID) -> Sequence[Reason]:
        """Return why these two fit, criterion by criterion, as a run stores it."""
        assert self._solver is not None
        people = [(str(who), part) for who, part in self.people(enrolment_id)]
        return self._solver.explain_two(people)

    def people(self, enrolment_id: UUID) -> list[tuple[UUID, str]]:
        assert self.enrolment_id is not None
        assert self._solver is not None
        if self._solver.snapshot.peers is not None:
            return [(self.enrolment_id, PEER), (enrolment_id, PEER)]
        return [(self.enrolment_id, MENTEE), (enrolment_id, MENTOR)]

    def score(self, enrolment_id: UUID) -> int:
        return score_out_of_100(self.points[enrolment_id])

    @property
    def in_circles(self) -> bool:
        """Whether they would share a circle, and so are compared by what the two bring to one."""
        return self._solver is not None and self._solver.snapshot.shape is Shape.CIRCLES


def possible_partners(
    enrolment: Enrolment, *, among: Collection[UUID] | None = None
) -> PossiblePartners:
    """Return whom this person could be matched with now, of everybody or `among` these alone.

    What a coordinator or the person themselves has said adds nothing to how well two fit; people
    choose for themselves, so that no run matches them yet stands in nobody's way.
    """
    part = parts(enrolment.cohort)[0]
    solver = solver_of(snapshot_around(enrolment, part, among=among))
    points = solver.partners_of(str(enrolment.pk))
    if not points:
        return PossiblePartners()
    return PossiblePartners(
        points={UUID(who): worth for who, worth in points.items()},
        name=enrolment.member.given_name,
        enrolment_id=enrolment.pk,
        _solver=solver,
    )


@dataclass(frozen=True)
class _Suggestion:
    """Somebody to be wished for or asked, and why, as far as both let the other read it.

    full: as many requests as they may have wait for them.
    """

    enrolment: Enrolment
    score: int
    why: str
    bars: Sequence[Bar]
    full: bool


def suggested(possible: PossiblePartners, *, without: Collection[UUID] = ()) -> list[_Suggestion]:
    """Return the five best of them, or fewer, except those named."""
    chosen = [who for who in possible.points if who not in without][:SUGGESTED]
    return described(possible, chosen)


def named_like(
    possible: PossiblePartners, words: str, *, without: Collection[UUID] = ()
) -> list[_Suggestion]:
    """Return those of them whose name has every word, the best twelve first, except those named."""
    rows = Enrolment.objects.filter(pk__in=set(possible.points) - set(without))
    for word in words.split():
        named = Q(member__given_name__icontains=word) | Q(member__family_name__icontains=word)
        rows = rows.filter(named)
    found = set(rows.values_list("pk", flat=True))
    return described(possible, [who for who in possible.points if who in found][:FOUND])


def described(possible: PossiblePartners, chosen: Sequence[UUID]) -> list[_Suggestion]:
    """Return these people with what speaks for each, in that order."""
    rows = Enrolment.objects.select_related("member").in_bulk(chosen)
    shown = shown_answers([*chosen, possible.enrolment_id] if possible.enrolment_id else chosen)
    full = with_enough_requests(chosen)
    suggestions = []
    for who in chosen:
        name = rows[who].member.given_name
        told = possible.reasons(who)
        if possible.in_circles:
            told = [reason for reason in told if _tells(reason)]
        reasons = open_reasons(told, possible.people(who), shown)
        why = (
            summary(reasons)
            if possible.in_circles
            else pair_sentence(reasons, seeker=possible.name, offerer=name)
        )
        bars = bars_of([reason for reason in reasons if speaks_for_them(reason)])
        suggestions.append(_Suggestion(rows[who], possible.score(who), why, bars, who in full))
    return suggestions


def _tells(reason: Reason) -> bool:
    """Say whether a circle of the two has anything by it: what nobody answered tells nothing."""
    return all(reason.evidence[name] for name in TELLING if name in reason.evidence)


@dataclass(frozen=True)
class _WishRow:
    """One wish, with the reasons while it can be asked, and how it stands if it was."""

    wish: Wish
    suggestion: _Suggestion | None
    request: PartnerRequest | None

    @property
    def can_be_asked(self) -> bool:
        if self.request and self.request.state not in {
            PartnerRequest.State.LAPSED,
            PartnerRequest.State.WITHDRAWN,
        }:
            return False
        return self.suggestion is not None and not self.suggestion.full


@dataclass(frozen=True)
class MyChoices:
    """What somebody finds who may choose: their list, five suggestions, and their requests.

    open: they may say whom they would like to be with.  asks: they may ask them, too; circles are
    formed by a run, so there nobody is asked.  found: whom the words that were typed name.
    """

    enrolment: Enrolment
    open: bool
    asks: bool
    seeks: bool
    possible: PossiblePartners
    wishes: Sequence[_WishRow]
    suggestions: Sequence[_Suggestion]
    sent: Sequence[PartnerRequest]
    received: Sequence[PartnerRequest]
    found: Sequence[_Suggestion] = ()

    @property
    def may_ask(self) -> bool:
        if not self.asks:
            return False
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


def my_choices(enrolment: Enrolment, words: str = "") -> MyChoices:
    """Return whom this person wishes for, could ask, has asked and was asked by.

    `words`: a name they look for among whom they could be with.
    """
    cohort = enrolment.cohort
    choosing = takes_wishes(cohort) and seeks(enrolment, parts(cohort)[0])
    possible = possible_partners(enrolment) if choosing else PossiblePartners()
    mine = PartnerRequest.objects.filter(cohort=cohort).for_list().order_by("-asked_at", "-id")
    sent, received = list(mine.filter(asker=enrolment)), list(mine.filter(asked=enrolment))
    wishes = list(
        Wish.objects.filter(enrolment=enrolment).select_related("wished__member").order_by("rank")
    )
    latest = {request.asked_id: request for request in reversed(sent)}
    shown = described(possible, [w.wished_id for w in wishes if w.wished_id in possible.points])
    by_id = {suggestion.enrolment.pk: suggestion for suggestion in shown}
    named = {*latest, *(w.wished_id for w in wishes)}
    return MyChoices(
        enrolment=enrolment,
        open=takes_wishes(cohort),
        asks=is_open(cohort),
        seeks=choosing,
        possible=possible,
        wishes=[_WishRow(w, by_id.get(w.wished_id), latest.get(w.wished_id)) for w in wishes],
        suggestions=suggested(possible, without=named),
        sent=sent,
        received=received,
        found=named_like(possible, words, without=named) if words.strip() else (),
    )
