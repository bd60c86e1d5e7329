"""What every change of a decision begins and ends with: its lock, who may, and the step it was."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from agreements.decisions.models import Decision, DecisionQuerySet, Step
from agreements.decisions.queries.meeting import meeting_of, steers
from agreements.errors import DecisionMoved, NotYoursToSteer
from core.audit.operations import record
from core.members.models import Member
from core.tenancy import due
from pairing.models.partnerships import Seat
from pairing.partnerships.seats import require_seat

A_MEETING = timedelta(days=1)
TALKING = (Decision.State.CLARIFY, Decision.State.REACT)


def lock_decision(decision: Decision, *states: str) -> Decision:
    """Let one change of a decision at a time through, and return it as it is now.

    Raises DecisionMoved unless it is in one of these states.
    """
    locked = _whole().select_for_update(of=("self",)).get(pk=decision.pk)
    if locked.state not in states:
        raise DecisionMoved
    return locked


def steering(decision: Decision, by: Member) -> Seat:
    """Return the seat of a partner who takes it further; raises NotTheirs, NotYoursToSteer."""
    seat = require_seat(decision.partnership, by)
    if not steers(decision, seat, meeting_of(decision.partnership)):
        raise NotYoursToSteer
    return seat


def its_own(decision: Decision, by: Member) -> Seat:
    """Return the seat of whose proposal it is to change or take back; raises as `steering`."""
    seat = require_seat(decision.partnership, by)
    if not decision.steered_by(seat):
        raise NotYoursToSteer
    return seat


def move(
    decision: Decision, to: str, *, by: Seat | None, at: datetime, why: str = "", **values: Any
) -> Decision:
    """Bring a decision that is held into a state, and write down the step.

    Its audit says which decision, how and when; never a word of it, and no answer.
    """
    values |= {"state": to, "why": why, "changed_at": at}
    if to != Decision.State.DECIDE:
        values["closes_at"] = None
    if to in TALKING:
        due.mark(at=at + window(decision))
    Decision.objects.filter(pk=decision.pk).update(**values)
    decision.refresh_from_db(from_queryset=_whole())
    Step.objects.create(
        decision=decision,
        number=decision.steps.count() + 1,
        state=to,
        version=decision.version,
        ballot=decision.ballot,
        by=by,
        why=why,
        at=at,
    )
    actor = by.enrolment.member if by else None
    record(by=actor, verb="decision.moved", target=decision, to=str(to), method=decision.method)
    return decision


def window(decision: Decision) -> timedelta:
    """Return how long each step has: what is decided in a meeting is counted on the next day."""
    return timedelta(days=decision.window_days) if decision.window_days else A_MEETING


def touch(decision: Decision, *, at: datetime) -> None:
    """Let those who pull changes hear that something was said."""
    Decision.objects.filter(pk=decision.pk).update(changed_at=at)


def _whole() -> DecisionQuerySet:
    return Decision.objects.select_related(
        "organisation", "partnership__cohort__program", "proposer__enrolment__member"
    )
