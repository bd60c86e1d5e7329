"""Turns to come: who may give or exchange them, and how two readings of them differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.formats import date_format

from core.members.models import Member
from pairing.models.partnerships import Partnership
from pairing.models.runs import COORDINATING
from programs.models.parts import MeetingRole
from sessions.models.offers import TurnOffer
from sessions.models.sessions import Session, Turn
from sessions.rotation import texts as rotation_texts


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


Holdings = Mapping[tuple[UUID, UUID], Turn]  # (session, role) -> turn


@dataclass(frozen=True)
class Difference:
    """One turn that goes to somebody else; None is nobody."""

    session: Session
    role: MeetingRole
    was: Turn | None
    now: Turn | None

    def words(self, zone: ZoneInfo | None = None) -> str:
        turn = self.now
        return rotation_texts.difference(
            role=self.role.name.lower(),
            leads=self.role.leads,
            day=_day(self.session.starts_at, zone),
            was=_name(self.was),
            now=_name(self.now),
            because=rotation_texts.why(turn.reason, turn.reason_detail) if turn else "",
        )

    @property
    def people(self) -> set[UUID]:
        return {turn.seat.enrolment.member_id for turn in (self.was, self.now) if turn}


def turns_to_come(*, partnership: Partnership, at: datetime) -> dict[tuple[UUID, UUID], Turn]:
    """Return the turns of the planned sessions to come, by session and role, in order of time."""
    rows = Turn.objects.filter(
        session__partnership=partnership,
        session__state=Session.State.PLANNED,
        session__starts_at__gt=at,
    ).select_related("session", "role", "seat__enrolment__member")
    ordered = rows.order_by("session__starts_at", "role__priority", "id")
    return {(turn.session_id, turn.role_id): turn for turn in ordered}


def differences(before: Holdings, after: Holdings) -> list[Difference]:
    """Return the turns in which two readings of `turns_to_come` differ, in order of time."""
    changed = []
    for at in {**before, **after}:
        was, now = before.get(at), after.get(at)
        if was is None or now is None or was.seat_id != now.seat_id:
            turn = now or was
            assert turn is not None
            changed.append(Difference(turn.session, turn.role, was, now))
    return sorted(changed, key=lambda d: (d.session.starts_at, not d.role.leads, d.role.priority))


def _name(turn: Turn | None) -> str:
    return turn.seat.enrolment.member.given_name if turn else ""


def _day(instant: datetime, zone: ZoneInfo | None) -> str:
    return date_format(timezone.localtime(instant, zone), "j F")
