"""Facts of sessions for other pages and apps: seats, turns that may change hands, what was held."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from mentoring.identity.models import Member
from pairing.models import COORDINATING, MatchRun, Partnership
from pairing.partnerships.seats import open_seats as open_seats
from pairing.partnerships.seats import seat_of as seat_of
from sessions.models import Session, Turn, TurnOffer


def turns_to_swap(*, partnership: Partnership, member: Member, at: datetime) -> list[Turn]:
    """Return the turns to come that this person may give to others, in order of time.

    Coordinators may all; partners those of sessions that they lead or that nobody leads.
    """
    turns = Turn.objects.filter(
        session__partnership=partnership,
        session__state=Session.State.PLANNED,
        session__starts_at__gt=at,
        seat__left_at=None,
    )
    if member.role not in COORDINATING:
        leading = Turn.objects.filter(
            session=OuterRef("session"), role__leads=True, seat__left_at=None
        )
        own = leading.filter(seat__enrolment__member=member)
        turns = turns.filter(Exists(own) | ~Exists(leading))
    return list(
        turns.select_related(
            "session__organisation", "session__partnership", "role", "seat__enrolment__member"
        ).order_by("session__starts_at", "role__priority", "id")
    )


def turns_to_exchange(
    *, partnership: Partnership, member: Member, at: datetime
) -> tuple[list[Turn], list[Turn]]:
    """Return this person's turns to come and those of the others, in order of time."""
    turns = list(
        Turn.objects.filter(
            session__partnership=partnership,
            session__state=Session.State.PLANNED,
            session__starts_at__gt=at,
            seat__left_at=None,
        )
        .select_related(
            "session__organisation", "session__partnership", "role", "seat__enrolment__member"
        )
        .order_by("session__starts_at", "role__priority", "id")
    )
    mine = [turn for turn in turns if turn.seat.enrolment.member_id == member.pk]
    return mine, [turn for turn in turns if turn.seat.enrolment.member_id != member.pk]


def open_offers_of(*, partnership: Partnership, at: datetime) -> list[TurnOffer]:
    """Return the questions about turns of this season that wait for an answer, oldest first."""
    waiting = TurnOffer.objects.open().filter(session__partnership=partnership, expires_at__gt=at)
    return list(waiting.for_list().order_by("id"))


def held_counts(partnerships: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many sessions each of these partnerships has held; 0 for none."""
    wanted = list(partnerships)
    rows = (
        Session.objects.filter(partnership__in=wanted, state=Session.State.HELD)
        .order_by()
        .values("partnership")
        .annotate(held=Count("pk"))
    )
    return dict.fromkeys(wanted, 0) | {row["partnership"]: row["held"] for row in rows}


def run_has_met(run: MatchRun, *, at: datetime) -> bool:
    """Say whether anybody of a published run may have met: a session was held, or has begun."""
    theirs = Session.objects.filter(partnership__run=run)
    begun = Q(state__in=[Session.State.PLANNED, Session.State.MISSED], starts_at__lte=at)
    return theirs.filter(Q(state=Session.State.HELD) | begun).exists()
