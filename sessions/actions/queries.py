"""What was promised and is still open: it is carried into each session until done or dropped."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, F, QuerySet

from core.members.models import Member
from pairing.models.partnerships import Partnership
from sessions.models.actions import Action
from sessions.models.sessions import Session


def open_actions(partnership: Partnership) -> QuerySet[Action]:
    """Return what people at this table have promised and not yet done, the oldest first."""
    rows = Action.objects.open().filter(partnership=partnership, seat__left_at=None)
    return rows.with_carried().for_list().order_by("promised_at", "id")


def readable_open_actions(partnership: Partnership, member: Member) -> list[Action]:
    """Return the open actions whose words this member may read."""
    readable = Action.objects.visible_to(member).filter(partnership=partnership)
    return list(open_actions(partnership).filter(pk__in=readable.values("pk")))


def my_open_actions(member: Member) -> QuerySet[Action]:
    """Return what this person has promised at the tables where they sit, soonest due first."""
    rows = Action.objects.open().filter(
        seat__enrolment__member=member,
        seat__left_at=None,
        partnership__state__in=Partnership.OPEN,
    )
    return (
        rows.with_carried()
        .for_list()
        .select_related("partnership")
        .order_by(F("due_on").asc(nulls_last=True), "promised_at", "id")
    )


def last_promise(partnership: Partnership, member: Member) -> Action | None:
    """Return what this person promised last at this table and has not done yet."""
    rows = Action.objects.visible_to(member).open().filter(partnership=partnership)
    return rows.filter(seat__enrolment__member=member).order_by("promised_at", "pk").last()


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


def promised_in(session: Session, member: Member) -> tuple[Action, ...]:
    """Return what was promised in this session, in the order in which it was written down."""
    rows = Action.objects.visible_to(member).filter(session=session)
    return tuple(rows.for_list().order_by("promised_at", "id"))
