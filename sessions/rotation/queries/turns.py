"""Turns to come: who may give or exchange them, and how two readings of them differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

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
    """Return the turns to come that a coordinator may give to others, in order of time.

    Partners ask each other: they have none.
    """
    if member.role not in COORDINATING:
        return []
    return _held_to_come(partnership, at)


def turns_to_exchange(
    *, partnership: Partnership, member: Member, at: datetime
) -> tuple[list[Turn], list[Turn]]:
    """Return this person's turns to come and those of the others, in order of time."""
    turns = _held_to_come(partnership, at)
    mine = [turn for turn in turns if turn.seat.enrolment.member_id == member.pk]
    return mine, [turn for turn in turns if turn.seat.enrolment.member_id != member.pk]


def _held_to_come(partnership: Partnership, at: datetime) -> list[Turn]:
    turns = Turn.objects.filter(
        session__partnership=partnership,
        session__state=Session.State.PLANNED,
        session__starts_at__gt=at,
        seat__left_at=None,
    ).select_related(
        "session__organisation", "session__partnership", "role", "seat__enrolment__member"
    )
    return list(turns.order_by("session__starts_at", "role__priority", "id"))


def open_offers_of(*, partnership: Partnership, member: Member, at: datetime) -> list[TurnOffer]:
    """Return the questions about turns of this season that wait for an answer, oldest first."""
    rows = TurnOffer.objects.visible_to(member).open().filter(session__partnership=partnership)
    return list(rows.filter(expires_at__gt=at).for_list().order_by("id"))


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


@dataclass(frozen=True)
class Part:
    """What one person does in one session to come: the turn they had, and the one they have."""

    session_id: UUID
    was: Turn | None
    now: Turn | None


def parts_changed(before: Holdings, after: Holdings) -> dict[UUID, list[Part]]:
    """Return, by seat, the sessions in which somebody is to do something else than before."""
    was = {(turn.seat_id, turn.session_id): turn for turn in before.values()}
    now = {(turn.seat_id, turn.session_id): turn for turn in after.values()}
    changed: dict[UUID, list[Part]] = defaultdict(list)
    for at in {**was, **now}:
        part = Part(at[1], was.get(at), now.get(at))
        if not (part.was and part.now and part.was.role_id == part.now.role_id):
            changed[at[0]].append(part)
    return changed


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
