"""Facts of sessions for other pages and apps: seats, turns that may change hands, what was held."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef

from core.members.models import Member
from pairing.models.partnerships import Partnership
from pairing.models.runs import COORDINATING
from sessions.models.offers import TurnOffer
from sessions.models.sessions import Session, Turn


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
