"""From reacting to an outcome, with a way back: what is amended is reacted to again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction

from agreements.decisions import counting
from agreements.decisions.models import Decision, Method, Outcome, Vote, Wording
from agreements.decisions.operations import emails
from agreements.decisions.operations.transitions import (
    its_own,
    lock_decision,
    move,
    steering,
    touch,
    window,
)
from agreements.decisions.queries.ballots import Turnout, turnout, voices, voters
from agreements.errors import (
    NoObjection,
    NoQuorum,
    NotAsked,
    NothingAmended,
    NotYoursToSteer,
    OwnerDecides,
    TakenBack,
    TextChanged,
    VotingOver,
    WordingChanged,
)
from core.common import clock
from core.members.models import Member
from core.tenancy import due
from core.tenancy.days import day_of
from pairing.errors import NotActive, ReasonMissing
from pairing.models.partnerships import Seat
from pairing.partnerships.operations.repairing import pause_partnership
from pairing.partnerships.seats import require_seat

REMIND_BEFORE = timedelta(days=1)


@transaction.atomic
def open_voting(*, decision: Decision, by: Member) -> Decision:
    """Ask everybody for an answer, within the window; raises DecisionMoved, NotYoursToSteer."""
    decision = lock_decision(decision, Decision.State.REACT)
    return ask_to_decide(decision, by=steering(decision, by), at=clock.now())


def ask_to_decide(decision: Decision, *, by: Seat | None, at: datetime) -> Decision:
    """Open the ballot of a decision that is held; `by` None is the clock."""
    decision = move(
        decision,
        Decision.State.DECIDE,
        by=by,
        at=at,
        ballot=decision.ballot + 1,
        closes_at=at + window(decision),
        extended=False,
    )
    emails.ask_for_votes(decision)
    mark_end(decision)
    return decision


def mark_end(decision: Decision) -> None:
    """Have the ballot looked at when it ends, and a day before, when the undecided are reminded."""
    assert decision.closes_at is not None
    due.mark(at=decision.closes_at)
    due.mark(at=decision.closes_at - REMIND_BEFORE)


@transaction.atomic
def cast_vote(
    *,
    decision: Decision,
    by: Member,
    answer: str = "",
    marks: Sequence[int] = (),
    reason: str = "",
    read: int | None = None,
) -> Vote:
    """Give or change one's answer while the ballot is open; the last one stands.

    `read` is the ballot that was on the page.  Whoever answers is not reminded any more.  Raises
    VotingOver, TextChanged, TakenBack, NotTheirs, NotAsked, ReasonMissing; ValueError for an
    answer that the method does not know.
    """
    decision = _voting(decision, read)
    seat = _voter(decision, by)
    ballot = counting.Ballot(answer, tuple(marks))
    wording = Wording.objects.get(decision=decision, version=decision.version)
    if not counting.valid(counting.Method(decision.method), ballot, len(wording.options)):
        raise ValueError(f"{ballot} is no answer to {decision.method}")
    if (decision.method, answer) in counting.NEED_REASON and not reason.strip():
        raise ReasonMissing
    at = clock.now()
    vote, _ = Vote.objects.update_or_create(
        decision=decision,
        ballot=decision.ballot,
        seat=seat,
        defaults={
            "answer": answer,
            "marks": list(marks),
            "reason": reason.strip(),
            "cast_at": at,
        },
    )
    touch(decision, at=at)
    emails.note_answer(decision, seat)
    return vote


@transaction.atomic
def withdraw_objection(*, decision: Decision, by: Member) -> Vote:
    """Let one's own objection or block go, which makes it consent or agreement.

    Raises NoObjection, and as `cast_vote`.
    """
    decision = _voting(decision)
    seat = _voter(decision, by)
    standing = Vote.objects.standing().filter(
        decision=decision, seat=seat, answer__in=["object", "block"]
    )
    if not standing.exists():
        raise NoObjection
    answer = "consent" if decision.method == Method.CONSENT else "agree"
    return cast_vote(decision=decision, by=by, answer=answer)


@transaction.atomic
def amend(
    *,
    decision: Decision,
    title: str,
    text: str,
    by: Member,
    options: Sequence[str] = (),
    integrates: Sequence[Vote] = (),
    version: int | None = None,
) -> Wording:
    """Word the proposal anew; the earlier text stays, and a decision goes back to reactions.

    `integrates` are the objections that the new text takes up, `version` the text that was
    changed.  Whose it is may amend, and whoever's objection stands.  Raises WordingChanged if
    somebody was faster, NothingAmended, DecisionMoved, NotYoursToSteer.
    """
    decision = lock_decision(
        decision, Decision.State.CLARIFY, Decision.State.REACT, Decision.State.DECIDE
    )
    seat = require_seat(decision.partnership, by)
    if not decision.steered_by(seat) and not _objects(decision, seat):
        raise NotYoursToSteer
    if version not in (None, decision.version):
        raise WordingChanged
    was = Wording.objects.get(decision=decision, version=decision.version)
    options = list(options) if decision.is_choice else []
    if (title.strip(), text, options) == (was.title, was.text, was.options):
        raise NothingAmended
    at, version = clock.now(), decision.version + 1
    wording = Wording.objects.create(
        decision=decision,
        version=version,
        title=title.strip(),
        text=text,
        options=options,
        by=seat,
        written_at=at,
    )
    Vote.objects.standing().filter(
        pk__in=[vote.pk for vote in integrates], decision=decision
    ).update(integrated_in=version)
    if decision.state == Decision.State.CLARIFY:
        move(decision, Decision.State.CLARIFY, by=seat, at=at, version=version)
    else:
        emails.take_back(decision, voters(decision))
        move(
            decision,
            Decision.State.REACT,
            by=seat,
            at=at,
            version=version,
            round=decision.round + 1,
        )
    return wording


@transaction.atomic
def close_decision(
    *, decision: Decision, by: Member, adopt: bool | None = None, reason: str = ""
) -> Decision:
    """Count the answers and close; who steers may from the quorum on, anybody when all have.

    For advice its owner decides, by `adopt`, and says why.  Raises NoQuorum, DecisionMoved,
    NotYoursToSteer, OwnerDecides, ReasonMissing, NotTheirs.
    """
    decision = lock_decision(decision, Decision.State.DECIDE)
    seat = require_seat(decision.partnership, by)
    now = turnout(decision)
    if decision.method == Method.ADVICE:
        if decision.proposer_id != seat.pk and decision.proposer.left_at is None:
            raise OwnerDecides
        if adopt is None or not reason.strip():
            raise ReasonMissing
    elif now.answered < now.people:
        steering(decision, by)
    if not now.quorate:
        raise NoQuorum(now.answered, now.needed)
    return conclude(decision, now, by=seat, at=clock.now(), adopt=adopt, reason=reason.strip())


@transaction.atomic
def withdraw_decision(*, decision: Decision, by: Member) -> Decision:
    """Take a proposal back; what was said of it stays.  Raises DecisionMoved, NotYoursToSteer."""
    decision = lock_decision(decision, *Decision.RUNNING)
    seat = its_own(decision, by)
    emails.take_back(decision, voters(decision))
    at = clock.now()
    return move(
        decision, Decision.State.WITHDRAWN, by=seat, at=at, closed_at=at, closed_on=day_of(at)
    )


def conclude(
    decision: Decision,
    now: Turnout,
    *,
    by: Seat | None,
    at: datetime,
    adopt: bool | None = None,
    reason: str = "",
) -> Decision:
    """Write down what a ballot that is held has come to; `by` None is the clock.

    Without a quorum it is not adopted, and nothing is counted.
    """
    counted = counting.Count(adopted=False, why=counting.Why.NO_QUORUM)
    if now.quorate:
        counted = now.count()
        if adopt is False:
            counted = counting.Count(False, counting.Why.OWNER_SAID_NO, counted.counts)
    why = str(counted.why or "")
    partners, heard = voices(decision)
    Outcome.objects.create(
        decision=decision,
        ballot=decision.ballot,
        version=decision.version,
        adopted=counted.adopted,
        why=why,
        count={
            **asdict(counted),
            "answered": now.answered,
            "needed": now.needed,
            "people": now.people,
        },
        reason=reason,
        partners=partners,
        voices=heard,
        opened_at=decision.opened_at or decision.created_at,
        at=at,
        day=day_of(at),
    )
    emails.take_back(decision, voters(decision))
    weeks = timedelta(weeks=decision.review_weeks)
    decision = move(
        decision,
        Decision.State.ADOPTED if counted.adopted else Decision.State.NOT_ADOPTED,
        by=by,
        at=at,
        why=why,
        closed_at=at,
        closed_on=day_of(at),
        owner=_owner(decision) if counted.adopted else None,
        review_on=day_of(at) + weeks if counted.adopted and _is_reviewed(decision) else None,
    )
    emails.tell_closed(decision)
    _let_rest(decision, at)
    return decision


def _let_rest(decision: Decision, at: datetime) -> None:
    """Let the circle rest, if that is what was adopted and it is not too late for it."""
    until = decision.pause_until
    binds = decision.state == Decision.State.ADOPTED and _is_reviewed(decision)
    if not binds or until is None or until <= day_of(at):
        return
    with suppress(NotActive):  # it rests already, or is over
        pause_partnership(partnership=decision.partnership, by=None, until=until)


def _owner(decision: Decision) -> Seat | None:
    """Return who sees to it at first: its owner of before, else who proposed it."""
    owner: Seat = decision.owner or decision.proposer
    return owner if owner.left_at is None else None


def _is_reviewed(decision: Decision) -> bool:
    """Say whether it comes back: an exercise does not, nor does a mere sense of the table."""
    return not decision.practice and decision.method != Method.SENSE_CHECK


def _voting(decision: Decision, ballot: int | None = None) -> Decision:
    """Hold a decision whose ballot is open, and is the one that was read.

    Raises VotingOver, or one of its kinds, and DecisionMoved.
    """
    decision = lock_decision(decision, Decision.State.DECIDE, *Decision.OVER, Decision.State.REACT)
    if decision.state == Decision.State.WITHDRAWN:
        raise TakenBack
    if decision.state == Decision.State.REACT or ballot not in (None, decision.ballot):
        raise TextChanged
    if not decision.takes_answers:
        raise VotingOver
    return decision


def _voter(decision: Decision, by: Member) -> Seat:
    seat = require_seat(decision.partnership, by)
    if all(voter.pk != seat.pk for voter in voters(decision)):
        raise NotAsked
    return seat


def _objects(decision: Decision, seat: Seat) -> bool:
    return Vote.objects.standing().filter(decision=decision, seat=seat, answer="object").exists()
