"""A proposal before and when the others hear of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from agreements.decisions import counting
from agreements.decisions.exercises import QUORUM, Exercise
from agreements.decisions.models import Adviser, Decision, Method, Quorum, Wording
from agreements.decisions.operations import emails
from agreements.decisions.operations.transitions import lock_decision, move
from agreements.errors import NobodyAsked, NotYoursToSteer
from core.common import clock
from core.members.models import Member
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import lock_partnership, require_seat
from sessions.models.sessions import Session


@dataclass(frozen=True)
class Proposal:
    """What somebody proposes and how it is to be decided.

    `advisers` names whose advice is wanted, by seat, and why theirs; `options` are those of a
    choice.  `window_days` 0 is in the meeting; with `pause_until` the circle rests until that day
    once it is adopted.
    """

    title: str
    method: str = Method.CONSENT
    text: str = ""
    options: Sequence[str] = ()
    quorum: str = Quorum.TWO_THIRDS
    window_days: int = 5
    review_weeks: int = 12
    practice: bool = False
    pause_until: date | None = None
    advisers: Mapping[UUID, str] = field(default_factory=dict)

    def check(self) -> None:
        """Raise ValueError for what no form lets through."""
        Method(self.method), Quorum(self.quorum)
        if not self.title.strip() or self.window_days not in Decision.WINDOWS:
            raise ValueError("a proposal has a title, and a window that we know")
        if self.method in counting.CHOICES and len(set(self.options)) < 2:
            raise ValueError("a choice has two options or more")

    def facts(self) -> dict[str, object]:
        return {
            "method": self.method,
            "quorum": self.quorum,
            "window_days": self.window_days,
            "review_weeks": self.review_weeks,
            "practice": self.practice,
            "pause_until": self.pause_until,
        }

    def words(self) -> dict[str, object]:
        choice = self.method in counting.CHOICES
        options = list(self.options) if choice else []
        return {"title": self.title.strip(), "text": self.text, "options": options}


@transaction.atomic
def propose(
    *,
    partnership: Partnership,
    proposal: Proposal,
    by: Member,
    session: Session | None = None,
) -> Decision:
    """Write down a draft, which its proposer alone sees; raises NotTheirs."""
    proposal.check()
    partnership = lock_partnership(partnership)
    seat = require_seat(partnership, by)
    numbers = Decision.objects.filter(partnership=partnership).aggregate(last=Max("number"))
    decision = Decision.objects.create(
        partnership=partnership,
        session=session,
        number=(numbers["last"] or 0) + 1,
        proposer=seat,
        **proposal.facts(),
    )
    Wording.objects.create(
        decision=decision, version=1, by=seat, written_at=clock.now(), **proposal.words()
    )
    _ask(decision, proposal)
    return decision


@transaction.atomic
def start_exercise(*, partnership: Partnership, exercise: Exercise, by: Member) -> Decision:
    """Put one of our exercises to a table in its meeting, open for questions; raises NotTheirs.

    Nothing of it counts: it is practice.
    """
    proposal = Proposal(
        title=str(exercise.title),
        text=str(exercise.text),
        method=exercise.method,
        quorum=QUORUM,
        window_days=0,
        practice=True,
    )
    decision = propose(partnership=partnership, proposal=proposal, by=by)
    return open_decision(decision=decision, by=by)


@transaction.atomic
def edit_draft(*, decision: Decision, proposal: Proposal, by: Member) -> Decision:
    """Write a draft over; raises DecisionMoved once it is open, NotYoursToSteer."""
    proposal.check()
    decision = _own_draft(decision, by)
    at = clock.now()
    Decision.objects.filter(pk=decision.pk).update(changed_at=at, **proposal.facts())
    Wording.objects.filter(decision=decision).update(written_at=at, **proposal.words())
    _ask(decision, proposal)
    decision.refresh_from_db()
    return decision


@transaction.atomic
def discard_draft(*, decision: Decision, by: Member) -> None:
    """Throw a draft away: nobody else has seen it.  Raises as `edit_draft`."""
    _own_draft(decision, by).delete()


@transaction.atomic
def open_decision(*, decision: Decision, by: Member) -> Decision:
    """Show a draft to the others, who may ask what is not clear; raises as `edit_draft`."""
    decision = _own_draft(decision, by)
    if decision.method == Method.ADVICE and not decision.advisers.exists():
        raise NobodyAsked
    at = clock.now()
    decision = move(decision, Decision.State.CLARIFY, by=decision.proposer, at=at, opened_at=at)
    emails.tell_opened(decision, by=decision.proposer)
    return decision


def _own_draft(decision: Decision, by: Member) -> Decision:
    decision = lock_decision(decision, Decision.State.DRAFT)
    if decision.proposer_id != require_seat(decision.partnership, by).pk:
        raise NotYoursToSteer
    return decision


def _ask(decision: Decision, proposal: Proposal) -> None:
    """Write down whose advice is wanted: people at the table, never the owner."""
    Adviser.objects.filter(decision=decision).delete()
    if proposal.method != Method.ADVICE:
        return
    seats = Seat.objects.open().filter(partnership=decision.partnership, pk__in=proposal.advisers)
    Adviser.objects.bulk_create(
        Adviser(decision=decision, seat=seat, because=Adviser.Reason(proposal.advisers[seat.pk]))
        for seat in seats.exclude(pk=decision.proposer_id)
    )
