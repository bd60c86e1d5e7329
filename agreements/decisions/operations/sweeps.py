"""What a decision does by itself: it closes, is extended once, reminds, and comes back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from agreements.decisions.models import Decision, Method
from agreements.decisions.operations import emails
from agreements.decisions.operations.deciding import (
    REMIND_BEFORE,
    ask_to_decide,
    conclude,
    mark_end,
)
from agreements.decisions.operations.talking import ask_for_reactions
from agreements.decisions.operations.transitions import TALKING, lock_decision, move, window
from agreements.decisions.queries.ballots import turnout
from core.common.rows import row_by_row
from core.notifications.models import Email
from core.tenancy import due
from core.tenancy.days import day_of
from pairing.models.partnerships import Partnership

OVER = "over"  # why a step was taken: its partnership is
AT_ONCE = 200  # decisions in one round of a sweep: a transaction stays short


@transaction.atomic
def close_due_decisions(*, at: datetime) -> int:
    """Close each ballot whose time is over; return how many decisions that moved.

    Without a quorum it is extended once by its window, and then not adopted for want of one.
    While its partnership rests nothing closes.
    Advice that has come is left to its owner, who alone decides.
    """
    told = Email.objects.filter(
        kind=emails.OWNER, about_id=OuterRef("pk"), created_at__gte=OuterRef("closes_at")
    )
    ended = Decision.objects.filter(
        state=Decision.State.DECIDE, closes_at__lte=at, partnership__state="active"
    ).exclude(Exists(told), method=Method.ADVICE)
    return row_by_row(ended.order_by("closes_at", "id"), lambda row: _close(row, at), most=AT_ONCE)


def _close(row: Decision, at: datetime) -> bool:
    decision = lock_decision(row, Decision.State.DECIDE)
    rest = decision.partnership.resumed_at
    if rest and decision.closes_at and decision.closes_at <= rest:
        # it could not be answered while the partnership rested: it has its time from then on
        longer = rest + window(decision)
        Decision.objects.filter(pk=decision.pk).update(closes_at=longer, changed_at=at)
        decision.refresh_from_db(fields=["closes_at", "changed_at"])
        mark_end(decision)
        return True
    now = turnout(decision)
    if now.quorate and decision.method == Method.ADVICE:
        emails.remind_owner(decision)
        return False
    if now.quorate or decision.extended:
        conclude(decision, now, by=None, at=at)
        return True
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
    return True


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
        partnership__state="active",
    ).for_list()
    return row_by_row(
        ending.order_by("id"), lambda decision: bool(emails.remind_undecided(decision))
    )


@transaction.atomic
def move_on_overdue(*, at: datetime) -> int:
    """Take on what has been clarified, or reacted to, for as long as its window; return how many.

    Nobody need wait for a proposer who is away.  In a meeting people move it on themselves, and
    while a partnership rests nothing moves.
    """
    talking = Decision.objects.filter(
        state__in=TALKING, window_days__gt=0, partnership__state=Partnership.State.ACTIVE
    )

    def move_on(row: Decision) -> None:
        decision = lock_decision(row, *TALKING)
        if decision.state == Decision.State.CLARIFY:
            ask_for_reactions(decision, by=None, at=at)
        else:
            ask_to_decide(decision, by=None, at=at)

    last = dict(talking.order_by().values_list("pk").annotate(at=Max("steps__at")))
    rows = talking.select_related("partnership").order_by("changed_at", "id")
    ends = {
        row: max(last[row.pk], row.partnership.resumed_at or last[row.pk]) + window(row)
        for row in rows
    }
    later = [moment for moment in ends.values() if moment > at]
    if later:
        due.mark_once(at=min(later))  # a rest of their partnerships has moved them
    return row_by_row([row for row in ends if ends[row] <= at], move_on)


@transaction.atomic
def follow_partnerships(*, at: datetime) -> int:
    """Close with a word what was being decided where a partnership is over; return how many.

    What had been adopted stays so, and is not looked at again.  Who has left sees to nothing.
    """
    over = Decision.objects.exclude(partnership__state__in=Partnership.OPEN)

    def withdraw(row: Decision) -> None:
        decision = lock_decision(row, *Decision.RUNNING)
        emails.take_back_all(decision)
        emails.take_back(decision, decision.partnership.seats.all())
        values = {"closed_at": at, "closed_on": day_of(at)}
        move(decision, Decision.State.WITHDRAWN, by=None, at=at, why=OVER, **values)

    def keep(row: Decision) -> None:
        decision = lock_decision(row, Decision.State.REVIEW)
        emails.take_back_all(decision)
        move(decision, Decision.State.ADOPTED, by=None, at=at, why=OVER, review_on=None)

    moved = row_by_row(
        over.filter(state__in=Decision.RUNNING).order_by("id"), withdraw, most=AT_ONCE
    )
    moved += row_by_row(over.filter(state=Decision.State.REVIEW).order_by("id"), keep, most=AT_ONCE)
    moved += over.filter(state=Decision.State.ADOPTED, review_on__isnull=False).update(
        review_on=None, changed_at=at
    )
    left = Decision.objects.filter(
        state__in=Decision.IN_FORCE,
        owner__left_at__isnull=False,
        partnership__state__in=Partnership.OPEN,
    )
    return moved + left.update(owner=None, changed_at=at)


@transaction.atomic
def open_due_reviews(*, at: datetime) -> int:
    """Bring back each adopted decision whose review date has come; return how many.

    It stays in force until its table says otherwise, and stands on the next agenda.
    """
    ripe = Decision.objects.filter(state=Decision.State.ADOPTED, review_on__lte=day_of(at))

    def review(row: Decision) -> None:
        decision = lock_decision(row, Decision.State.ADOPTED)
        emails.tell_review(move(decision, Decision.State.REVIEW, by=None, at=at))

    rows = ripe.filter(partnership__state="active").order_by("review_on", "id")
    return row_by_row(rows, review, most=AT_ONCE)
