"""What was promised and is still open: it is carried into each session until done or dropped."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from core.members.models import Member
from pairing.models.partnerships import Partnership
from sessions.models.actions import Action, ActionQuerySet
from sessions.models.sessions import Session


def open_actions(partnership: Partnership) -> ActionQuerySet:
    """Return what people at this table have promised and not yet done, the oldest first.

    `carried` counts the sessions held since, without the one in which it was promised: 0 is
    new, 1 was not done by next time.
    """
    rows = Action.objects.open().filter(partnership=partnership, seat__left_at=None)
    return _with_carried(rows).for_list().order_by("promised_at", "id")


def my_open_actions(member: Member) -> ActionQuerySet:
    """Return what this person has promised at the tables where they sit, soonest due first."""
    rows = Action.objects.open().filter(
        seat__enrolment__member=member,
        seat__left_at=None,
        partnership__state__in=Partnership.OPEN,
    )
    return (
        _with_carried(rows)
        .for_list()
        .select_related("partnership")
        .order_by(F("due_on").asc(nulls_last=True), "promised_at", "id")
    )


def action_counts(partnerships: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """Return how many actions of each partnership are in which state: facts for coordinators."""
    wanted = list(partnerships)
    counts: dict[UUID, dict[str, int]] = {
        partnership_id: dict.fromkeys(Action.State.values, 0) for partnership_id in wanted
    }
    rows = Action.objects.filter(partnership__in=wanted).order_by()
    for partnership_id, state, n in rows.values_list("partnership", "state").annotate(
        n=Count("pk")
    ):
        counts[partnership_id][state] = n
    return counts


def _with_carried(rows: ActionQuerySet) -> ActionQuerySet:
    held = (
        Session.objects.filter(
            partnership=OuterRef("partnership"),
            state=Session.State.HELD,
            starts_at__gt=Coalesce(OuterRef("session__starts_at"), OuterRef("promised_at")),
        )
        .order_by()
        .values("partnership")
        .annotate(n=Count("pk"))
        .values("n")
    )
    counted = {"carried": Coalesce(Subquery(held), 0)}  # declared by the model, so not by keyword
    return rows.annotate(**counted)


def promised_in(session: Session, member: Member) -> tuple[Action, ...]:
    """Return what was promised in this session, in the order in which it was written down."""
    rows = Action.objects.visible_to(member).filter(session=session)
    return tuple(rows.for_list().order_by("promised_at", "id"))
