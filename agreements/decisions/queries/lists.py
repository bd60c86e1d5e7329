"""Decisions in lists: of a partnership, on an agenda, waiting for somebody, in the room."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    Min,
    OuterRef,
    Q,
    QuerySet,
)

from agreements.decisions.models import (
    Adviser,
    Decision,
    DecisionQuerySet,
    Method,
    Remark,
    Vote,
)
from core.members.models import Member
from pairing.models.partnerships import Partnership

#: What the list may be narrowed to.
FILTERS: dict[str, Q] = {
    "running": Q(state__in=Decision.RUNNING),
    "review": Q(state=Decision.State.REVIEW),
    "adopted": Q(state__in=Decision.IN_FORCE, practice=False),
    "closed": Q(state__in=[Decision.State.NOT_ADOPTED, Decision.State.WITHDRAWN]),
    "drafts": Q(state=Decision.State.DRAFT),
    "practice": Q(practice=True),
}


def decisions_of(partnership: Partnership, member: Member) -> DecisionQuerySet:
    """Return the decisions of a partnership that this person sees, the latest first."""
    rows = Decision.objects.visible_to(member).filter(partnership=partnership)
    return rows.for_list().order_by("-number")


def counts_of(rows: DecisionQuerySet) -> dict[str, int]:
    """Return how many of them each filter holds; one statement."""
    counted = rows.order_by().aggregate(
        **{key: Count("pk", filter=narrowed) for key, narrowed in FILTERS.items()},
        all=Count("pk"),
    )
    return {key: int(n) for key, n in counted.items()}


def asking_of(decision_id: UUID, seat_id: UUID) -> UUID:
    """Return what stands for "this person is asked for an answer to this decision"."""
    return uuid5(decision_id, str(seat_id))


def deciders(
    partnerships: QuerySet[Partnership], *, since: datetime
) -> QuerySet[Decision, tuple[UUID, UUID | None]]:
    """Return each decision at these tables that has moved since then, with each of its seats."""
    rows = Decision.objects.filter(partnership__in=partnerships, changed_at__gte=since)
    return rows.values_list("pk", "partnership__seats")


def for_agenda(partnership: Partnership) -> DecisionQuerySet:
    """Return what the next session has to look at: reviews first, then what is still running."""
    rows = Decision.objects.filter(
        partnership=partnership, state__in=[Decision.State.REVIEW, *Decision.RUNNING]
    )
    comes_back = ExpressionWrapper(Q(state=Decision.State.REVIEW), output_field=BooleanField())
    return rows.for_list().order_by(comes_back.desc(), "opened_at", "id")


def in_the_room(partnership: Partnership, member: Member) -> Decision | None:
    """Return the decision that is open in the meeting room: the one that moved last.

    Those taken in the meeting come first.
    """
    rows = Decision.objects.visible_to(member).running().filter(partnership=partnership)
    return rows.for_list().order_by("window_days", "-changed_at").first()


def votes_due(member: Member, *, at: datetime) -> DecisionQuerySet:
    """Return the decisions that wait for this person's answer, the soonest to close first."""
    answered = Vote.objects.filter(
        decision=OuterRef("pk"), ballot=OuterRef("ballot"), seat__enrolment__member=member
    )
    advisers = Adviser.objects.filter(decision=OuterRef("pk"), seat__enrolment__member=member)
    rows = Decision.objects.of(member).filter(
        Exists(advisers) | ~Q(method=Method.ADVICE), ~Exists(answered), state=Decision.State.DECIDE
    )
    rows = rows.filter(Q(closes_at__gt=at) | Q(method=Method.ADVICE))
    return rows.for_list().order_by("closes_at", "id")


def reactions_due(member: Member) -> DecisionQuerySet:
    """Return the decisions that ask for this person's reaction in their present round."""
    reacted = Remark.objects.filter(
        decision=OuterRef("pk"),
        round=OuterRef("round"),
        kind=Remark.Kind.REACTION,
        seat__enrolment__member=member,
    )
    rows = Decision.objects.of(member).filter(~Exists(reacted), state=Decision.State.REACT)
    return rows.for_list().order_by("changed_at", "id")


def owners_turn(member: Member) -> DecisionQuerySet:
    """Return what was adopted, is this person's to see to, and is up for review."""
    rows = Decision.objects.of(member).filter(
        state=Decision.State.REVIEW, owner__enrolment__member=member, owner__left_at=None
    )
    return rows.for_list().order_by("review_on", "id")


def overdue_reviews(
    partnership_ids: Collection[UUID] | QuerySet[Any, Any], *, before: date
) -> dict[UUID, date]:
    """Return by partnership the earliest day before that one on which a review was due, and is."""
    rows = Decision.objects.filter(
        partnership__in=partnership_ids, state=Decision.State.REVIEW, review_on__lt=before
    )
    earliest = rows.order_by().values_list("partnership").annotate(day=Min("review_on"))
    return dict(earliest)
