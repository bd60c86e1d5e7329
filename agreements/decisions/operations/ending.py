"""What follows from a decision: its owner, what they do next, and when it is looked at again."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from agreements.decisions.models import Decision
from agreements.decisions.operations import emails
from agreements.decisions.operations.transitions import lock_decision, move
from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from pairing.models.partnerships import Seat
from pairing.partnerships.seats import require_seat
from sessions.actions.operations import promise_between_sessions
from sessions.models.actions import Action


@transaction.atomic
def agree_outcome(
    *,
    decision: Decision,
    owner: Seat,
    by: Member,
    action: str = "",
    due_on: date | None = None,
    review_on: date | None = None,
) -> Decision:
    """Say who sees to an adopted decision, what they do by when, and when it is reviewed.

    The action joins the table's open ones; said again while it is open, it is reworded.
    Raises DecisionMoved, NotTheirs; ValueError for an owner of another table.
    """
    decision = lock_decision(decision, Decision.State.ADOPTED)
    require_seat(decision.partnership, by)
    if owner.partnership_id != decision.partnership_id or owner.left_at is not None:
        raise ValueError("the owner sits at another table")
    promised = decision.action
    kept = Action.objects.open().filter(pk__in=[promised.pk] if promised else [])
    if action.strip() and not kept.update(words=action.strip(), due_on=due_on, seat=owner):
        promised = promise_between_sessions(
            partnership=decision.partnership,
            seat=owner,
            words=action.strip(),
            due_on=due_on,
            by=by,
        )
    Decision.objects.filter(pk=decision.pk).update(
        owner=owner, action=promised, review_on=review_on, changed_at=clock.now()
    )
    decision.refresh_from_db()
    record(by=by, verb="decision.owned", target=decision, owner=str(owner.enrolment.member_id))
    return decision


@transaction.atomic
def keep_decision(*, decision: Decision, review_on: date | None, by: Member) -> Decision:
    """Leave a reviewed decision as it is, to be looked at again on that day or never.

    Raises DecisionMoved unless it is up for review, NotTheirs.
    """
    decision = lock_decision(decision, Decision.State.REVIEW)
    seat = require_seat(decision.partnership, by)
    emails.take_back_all(decision)
    return move(
        decision, Decision.State.ADOPTED, by=seat, at=clock.now(), why="kept", review_on=review_on
    )


@transaction.atomic
def reopen_decision(*, decision: Decision, by: Member) -> Decision:
    """Take a closed decision up again where it stands: it is reacted to, amended, decided anew.

    Every wording, reaction, vote and outcome of before stays.  Nobody is written to: the others
    see it, and are asked when they are to decide again.  Raises DecisionMoved, NotTheirs.
    """
    decision = lock_decision(decision, *Decision.OVER)
    seat = require_seat(decision.partnership, by)
    emails.take_back_all(decision)
    at = clock.now()
    return move(
        decision,
        Decision.State.REACT,
        by=seat,
        at=at,
        why="reopened",
        round=decision.round + 1,
        opened_at=at,
        closed_at=None,
        closed_on=None,
        review_on=None,
    )
