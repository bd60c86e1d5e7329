"""What a decision does by itself: it closes, is extended once, reminds, and comes back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agreements.decisions.models import Decision, Method
from agreements.decisions.operations import emails
from agreements.decisions.operations.deciding import REMIND_BEFORE, conclude, mark_end, window
from agreements.decisions.operations.transitions import lock_decision, move
from agreements.decisions.queries.ballots import turnout
from core.tenancy.days import day_of

AT_ONCE = 200  # decisions in one round of a sweep: a transaction stays short


@transaction.atomic
def close_due_decisions(*, at: datetime) -> int:
    """Close each ballot whose time is over; return how many decisions that moved.

    Without a quorum it is extended once by its window, and then not adopted for want of one.
    Advice that has come is left to its owner, who alone decides.
    """
    moved = 0
    due = Decision.objects.filter(state=Decision.State.DECIDE, closes_at__lte=at)
    for row in due.order_by("closes_at", "id")[:AT_ONCE]:
        decision = lock_decision(row, Decision.State.DECIDE)
        now = turnout(decision)
        if now.quorate and decision.method == Method.ADVICE:
            emails.remind_owner(decision)
            continue
        moved += 1
        if now.quorate or decision.extended:
            conclude(decision, now, by=None, at=at)
            continue
        longer = at + window(decision)
        decision = move(
            decision,
            Decision.State.DECIDE,
            by=None,
            at=at,
            why="extended",
            closes_at=longer,
            extended=True,
        )
        mark_end(decision)
        emails.remind_undecided(decision)
    return moved


@transaction.atomic
def remind_undecided(*, at: datetime) -> int:
    """Remind those without an answer a day before a ballot ends; return how many ballots.

    Each is reminded once a ballot, and once more if it was extended.  In a meeting nobody is:
    they sit there.
    """
    ending = Decision.objects.filter(
        state=Decision.State.DECIDE,
        window_days__gt=0,
        closes_at__gt=at,
        closes_at__lte=at + REMIND_BEFORE,
    ).for_list()
    return sum(bool(emails.remind_undecided(decision)) for decision in ending.order_by("id"))


@transaction.atomic
def open_due_reviews(*, at: datetime) -> int:
    """Bring back each adopted decision whose review date has come; return how many.

    It stays in force until its table says otherwise, and stands on the next agenda.
    """
    due = Decision.objects.filter(state=Decision.State.ADOPTED, review_on__lte=day_of(at))
    opened = 0
    for row in due.filter(partnership__state="active").order_by("review_on", "id")[:AT_ONCE]:
        decision = lock_decision(row, Decision.State.ADOPTED)
        emails.tell_review(move(decision, Decision.State.REVIEW, by=None, at=at))
        opened += 1
    return opened
