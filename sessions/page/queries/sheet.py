"""One session as its page shows it: agenda, roles, who comes, what was learnt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from core.members.models import Member
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import COORDINATING
from programs.models.agenda import HOW_IT_WORKS
from programs.models.parts import MeetingRole
from sessions.actions.queries import promised_in, readable_open_actions
from sessions.attendance.queries import NOTHING_SAID, Reply, replies_of, to_change
from sessions.models.actions import Action
from sessions.models.offers import DeclineWords, TurnOffer
from sessions.models.sessions import (
    CORRECTABLE,
    Attendance,
    Retrospective,
    Session,
    Turn,
    room_is_open,
)
from sessions.planning.queries.clashes import clashes
from sessions.room.queries import presence_in_room
from sessions.room.voices import NO_VOICES, Voices, voices_of
from sessions.rotation import texts as rotation_texts


@dataclass(frozen=True)
class _AgendaStep:
    title: str
    minutes: int
    how: str | Promise  # how this kind of step works


@dataclass(frozen=True)
class _Holding:
    """One role of this session, its holder (None: nobody) and why."""

    role: MeetingRole
    seat: Seat | None
    why: str
    chosen: bool
    buddy: str = ""  # who sits beside a first-time leader
    without_buddy: bool = False  # leads for the first time, and nobody there has led
    asked: TurnOffer | None = None  # somebody has been asked to take it
    can_take: bool = False
    can_decline: bool = False


@dataclass(frozen=True)
class Presence:
    """One person's part in the session: expected, away, or how their attendance was recorded."""

    seat: Seat
    away: bool
    kind: str
    words: str
    mine: bool
    comes: bool
    note: str


@dataclass(frozen=True)
class SessionSheet:
    """All that the session's page shows; words are there for partners alone."""

    session: Session
    partnership: Partnership
    steps: tuple[_AgendaStep, ...]
    holdings: tuple[_Holding, ...]
    people: tuple[Presence, ...]
    seat: Seat | None
    my_role: _Holding | None
    absent: bool
    comes: bool
    reads_words: bool
    topic: str  # for partners; who has left reads it unless something changed since
    declined: tuple[DeclineWords, ...]
    to_change: tuple[Retrospective, ...]
    retrospectives: tuple[Retrospective, ...]
    has_begun: bool
    can_record: bool
    can_correct: bool
    can_change: bool
    can_assign: bool
    can_enter: bool
    open_actions: tuple[Action, ...]
    promised: tuple[Action, ...]
    voices: Voices
    was_here: dict[UUID, bool]
    clashes: tuple[str, ...]  # who has another session then

    @property
    def voice_balance(self) -> Fraction | None:
        """How evenly the word went round this time; None where no turn was counted."""
        return self.voices.balance_of(self.session.pk)

    @property
    def mine(self) -> Retrospective | None:
        seat = self.seat
        return next((r for r in self.retrospectives if seat and r.seat_id == seat.pk), None)


def session_sheet(*, session: Session, member: Member, at: datetime) -> SessionSheet:
    """Return a session as `member` sees it, in a fixed number of queries.

    Wants the session from `for_list`.
    """
    partnership = session.partnership
    seats = list(
        Seat.objects.visible_to(member)
        .filter(partnership=partnership)
        .select_related("enrolment__member")
        .order_by("id")
    )
    by_id = {seat.pk: seat for seat in seats}
    turns = {
        turn.role_id: turn
        for turn in Turn.objects.filter(session=session).select_related("role").order_by("id")
        # who has left takes no turn that is still to come
        if turn.seat_id in by_id
        and (
            by_id[turn.seat_id].left_at is None or session.starts_at <= at or not session.is_planned
        )
    }
    replies = replies_of(session, reader=member)
    away = {seat_id for seat_id, reply in replies.items() if reply.away}
    recorded = dict(Attendance.objects.filter(session=session).values_list("seat", "kind"))
    roles = MeetingRole.objects.filter(program_id=partnership.cohort.program_id)
    seat = next(
        (s for s in seats if s.left_at is None and s.enrolment.member_id == member.pk), None
    )
    open_offers = TurnOffer.objects.visible_to(member).filter(session=session).open().for_list()
    offers = {offer.role_id: offer for offer in open_offers if offer.is_open(at)}
    to_come = session.is_planned and session.starts_at > at
    mine = [turn for turn in turns.values() if seat and turn.seat_id == seat.pk]
    may_take = to_come and seat is not None and not mine and seat.pk not in away
    holdings = tuple(
        replace(
            _holding(role, turns.get(role.pk), by_id),
            asked=offers.get(role.pk),
            can_take=may_take and role.pk not in turns,
            can_decline=to_come and any(turn.role_id == role.pk for turn in mine),
        )
        for role in roles
    )
    words = any(s.enrolment.member_id == member.pk for s in seats)
    hand = seat is not None or member.role in COORDINATING
    was_there = any(s.enrolment.member_id == member.pk and _expected(s, session) for s in seats)
    begun, in_time = session.starts_at <= at, at <= session.ends_at + CORRECTABLE
    leader = next((h.seat for h in holdings if h.role.leads), None)
    return SessionSheet(
        session=session,
        partnership=partnership,
        steps=tuple(_steps(session.agenda)),
        holdings=holdings,
        people=tuple(
            _presence(s, replies.get(s.pk, NOTHING_SAID), recorded.get(s.pk, ""), member)
            for s in seats
            if s.pk in recorded or (not recorded and _expected(s, session))
        ),
        seat=seat,
        my_role=next((h for h in holdings if seat and h.seat and h.seat.pk == seat.pk), None),
        absent=seat is not None and seat.pk in away,
        comes=seat is not None and replies.get(seat.pk, NOTHING_SAID).comes,
        reads_words=words,
        topic=session.topic if words and _as_it_was(session, seats, member) else "",
        declined=_declined(session, member) if words else (),
        to_change=to_change(session, member) if words else (),
        retrospectives=_said(session, member) if words else (),
        has_begun=begun,
        can_record=(hand or was_there) and begun and session.state in _RECORDABLE and in_time,
        can_correct=(hand or was_there) and session.is_held and in_time,
        can_change=hand and session.is_planned and partnership.is_open,
        can_assign=hand
        and session.is_planned
        and (
            member.role in COORDINATING
            or leader is None
            or (seat is not None and leader.pk == seat.pk)
        ),
        can_enter=seat is not None and room_is_open(session, at),
        open_actions=_open_actions(session, member) if words and session.is_planned else (),
        promised=promised_in(session, member) if words and not session.is_planned else (),
        voices=voices_of([partnership.pk])[partnership.pk] if words else NO_VOICES,
        was_here=presence_in_room(session) if session.is_planned else {},
        clashes=_clashes(session, at) if to_come and hand else (),
    )


def _clashes(session: Session, at: datetime) -> tuple[str, ...]:
    minutes = session.duration_minutes
    return tuple(clashes(session.partnership, [session.starts_at], minutes=minutes, at=at))


def _expected(seat: Seat, session: Session) -> bool:
    """Say whether somebody may have been there (`attendance.queries.expected_at`)."""
    return seat.left_at is None or (
        session.partnership.ended_at is not None and seat.left_at >= session.starts_at
    )


def _as_it_was(session: Session, seats: list[Seat], member: Member) -> bool:
    """Say whether what is written in the row itself was written while this member sat there."""
    until = [seat.left_at for seat in seats if seat.enrolment.member_id == member.pk]
    over = session.partnership.ended_at
    return any(
        left_at is None or session.changed_at <= left_at or (over is not None and left_at >= over)
        for left_at in until
    )


_RECORDABLE = (Session.State.PLANNED, Session.State.MISSED)


def _steps(agenda: Any) -> list[_AgendaStep]:
    steps = []
    for item in agenda if isinstance(agenda, list) else []:
        if not isinstance(item, dict):
            continue
        minutes = item.get("minutes", 0)
        minutes = minutes if isinstance(minutes, int) else 0
        how = HOW_IT_WORKS.get(str(item.get("kind", "")), "")
        steps.append(_AgendaStep(str(item.get("title", "")), minutes, how))
    return steps


def _holding(role: MeetingRole, turn: Turn | None, seats: dict[Any, Seat]) -> _Holding:
    if turn is None:
        return _Holding(role, None, "", chosen=False)
    why = rotation_texts.why(turn.reason, turn.reason_detail)
    buddy = seats.get(turn.buddy_id) if turn.buddy_id else None
    return _Holding(
        role,
        seats.get(turn.seat_id),
        why,
        chosen=turn.locked,
        buddy=buddy.enrolment.member.full_name if buddy else "",
        without_buddy=turn.first_lead and buddy is None,
    )


def _presence(seat: Seat, reply: Reply, kind: str, member: Member) -> Presence:
    return Presence(
        seat=seat,
        away=reply.away,
        kind=kind,
        words=str(Attendance.Kind(kind).label) if kind else "",
        mine=seat.enrolment.member_id == member.pk,
        comes=reply.comes,
        note=reply.note,
    )


def _open_actions(session: Session, member: Member) -> tuple[Action, ...]:
    """Return what is promised and open: it is asked for when this session begins."""
    rows = readable_open_actions(session.partnership, member)
    return tuple(action for action in rows if action.session_id != session.pk)


def _declined(session: Session, member: Member) -> tuple[DeclineWords, ...]:
    """Return what was written to the circle with turns declined in this session."""
    rows = DeclineWords.objects.visible_to(member).filter(decline__session=session)
    return tuple(
        rows.select_related("decline__role", "decline__seat__enrolment__member").order_by("id")
    )


def _said(session: Session, member: Member) -> tuple[Retrospective, ...]:
    rows = Retrospective.objects.visible_to(member).filter(session=session)
    return tuple(rows.select_related("seat__enrolment__member").order_by("id"))
