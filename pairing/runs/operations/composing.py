"""Composing circles by hand in a draft: this person to that circle."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from core.audit.operations import record
from core.members.models import Member
from pairing.engine.shapes import gap_ppm
from pairing.errors import CircleFull, KeptApart, NotADraft, TooFewLeft
from pairing.inputs.snapshot import Facts
from pairing.models.runs import LeftOver, MatchRun, Proposal, ProposalSeat
from pairing.runs.presenters.composing import Draft
from programs.models.programs import Enrolment


@transaction.atomic
def place_by_hand(
    *, run: MatchRun, enrolment: Enrolment, proposal: Proposal, by: Member
) -> ProposalSeat:
    """Move somebody of a draft to one of its circles, and weigh all of them again.

    Raises NotADraft, CircleFull, KeptApart where a rule that nobody can lift stands between, and
    TooFewLeft for a circle that would be left with one person.
    """
    if not MatchRun.objects.select_for_update(of=("self",)).filter(
        pk=run.pk, state=MatchRun.State.DRAFT
    ):
        raise NotADraft(run.state)
    draft = Draft(run)
    place = draft.place(proposal.pk, str(enrolment.pk))
    if not place.room:
        raise CircleFull
    for against in place.against:
        if against.refused:
            raise KeptApart(against.other, against.rule)
    if place.leaves_one:
        raise TooFewLeft
    ProposalSeat.objects.filter(proposal__run=run, enrolment=enrolment).delete()
    LeftOver.objects.filter(run=run, enrolment=enrolment).delete()
    seat = ProposalSeat.objects.create(
        proposal=proposal, enrolment=enrolment, part=Enrolment.Part.PEER
    )
    _weigh_again(run)
    person, circle = str(enrolment.member), proposal.position
    record(by=by, verb="match_run.changed", target=run, person=person, circle=circle)
    return seat


def _weigh_again(run: MatchRun) -> None:
    """Keep what the circles, and the run, are worth now; nothing of it is proved any more."""
    draft = Draft(run)
    weighed = draft.weighed
    for circle, proposal in enumerate(draft.proposals):
        proposal.points, proposal.score = weighed.points[circle], weighed.score(circle)
        proposal.reasons = [reason.as_json() for reason in weighed.reasons[circle]]
    Proposal.objects.bulk_update(draft.proposals, ["points", "score", "reasons"])
    facts = replace(
        Facts.from_json(run.facts),
        proved=False,
        people=sum(len(people) for people in draft.people.values()),
        met_again=None,
        alone=None,
        short=None,
    )
    run.objective, run.facts = weighed.objective, facts.as_json()
    run.gap_ppm = gap_ppm(weighed.objective, run.bound or 0)
    MatchRun.objects.filter(pk=run.pk).update(
        objective=run.objective, facts=run.facts, gap_ppm=run.gap_ppm
    )
