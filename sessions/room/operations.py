"""The meeting room: every tap made under the room's lock, and never twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from core.common import clock
from core.common.errors import DomainError
from core.common.ids import new_id
from core.members.models import Member
from pairing.models.partnerships import Seat
from pairing.models.runs import COORDINATING
from pairing.partnerships.seats import open_seats, require_seat
from sessions.errors import (
    AgendaHasPassed,
    NotForYouToAssign,
    NothingToWriteNow,
    NotPlanned,
    NotYoursToTap,
    RoomClosed,
    RoomNotYetOpen,
)
from sessions.models.rooms import Card, Room, Round, SmallGroup, Tap, Voice
from sessions.models.sessions import Session, Turn, room_is_open
from sessions.room import cache
from sessions.room.engine import taps as engine
from sessions.room.engine.state import GroupsRecord, RoomState, RoundRecord, Stage
from sessions.room.queries import Snapshot, draw_for, new_room, partner_ids, snapshot, steps_of
from sessions.rotation.operations.turns import leads

AT_ONCE = 100  # taps of one phone in one request


@dataclass
class _TapResult:
    """How the room stands now, which taps are settled, and why others were refused."""

    snapshot: Snapshot
    done: list[str] = field(default_factory=list)
    refused: dict[str, DomainError] = field(default_factory=dict)


@transaction.atomic
def tap_room(*, session: Session, taps: Sequence[Mapping[str, object]], by: Member) -> _TapResult:
    """Make these taps in their order, each once, and return how the room stands.

    A tap is `{"key": UUID, "kind": …}` with what its kind needs (`sessions.room.engine.play`); a
    key that was seen before is settled and does nothing.  A tap that comes too late, because the
    room has moved on, is settled too.  Raises NotTheirs, RoomClosed, RoomNotYetOpen; a tap that
    is not this person's to make is refused by itself.
    """
    seat = _entering(session, by)
    room = _LockedRoom(session, _lock_room(session), seat)
    known = {
        str(key)
        for key in Tap.objects.filter(
            session=session, key__in=[tap["key"] for tap in taps]
        ).values_list("key", flat=True)
    }
    done: list[str] = []
    refused: dict[str, DomainError] = {}
    for tap in taps:
        key = str(tap["key"])
        if key not in known and not room.too_late(tap):
            if not engine.may(room.state, tap, who=room.who):
                refused[key] = NotYoursToTap()
                continue
            room.tap(UUID(key), tap)
        known.add(key)
        done.append(key)
    return _TapResult(room.write(), done, refused)


@transaction.atomic
def write_card(*, session: Session, words: str, by: Member) -> Card:
    """Write or rewrite one's own card of the silent step that runs.

    Raises NothingToWriteNow once the cards are shown, and as `tap_room`.
    """
    seat = _entering(session, by)
    room = _LockedRoom(session, _lock_room(session), seat)
    state = room.state
    if state.current_step.kind != "silent_write" or state.revealed or state.stage != Stage.RUNNING:
        raise NothingToWriteNow
    card, _ = Card.objects.update_or_create(
        session=session,
        step=state.step,
        seat=seat,
        defaults={
            "words": words,
            "readers": partner_ids(open_seats(session.partnership)),
            "written_at": clock.now(),
        },
    )
    room.tap(new_id(), {"kind": "wrote"})
    room.write()
    return card


@transaction.atomic
def tell_room(*, session: Session, by: Member) -> None:
    """Let the phones in an open room fetch anew what partners have written elsewhere."""
    if session.is_planned and Room.objects.filter(session=session).exists():
        tap_room(session=session, taps=[{"key": new_id(), "kind": "refresh"}], by=by)


@transaction.atomic
def change_agenda(
    *, session: Session, steps: Sequence[Mapping[str, object]], by: Member | None
) -> Session:
    """Change what a planned session does; in a room that runs, the steps still to come.

    Steps are `{"title", "minutes", "kind"}`.  The facilitator, whoever has the room in hand, and
    coordinators may; anybody at the table while nobody leads.  Raises NotPlanned,
    NotForYouToAssign, NotTheirs, AgendaHasPassed.
    """
    agenda = [{key: step[key] for key in ("title", "minutes", "kind")} for step in steps]
    room = Room.objects.select_for_update(of=("self",)).filter(session=session).first()
    state = RoomState.from_json(room.state) if room else None
    _may_change_agenda(session, state, by)
    planned = Session.objects.filter(pk=session.pk, state=Session.State.PLANNED)
    if not planned.update(agenda=agenda, changed_at=clock.now()):
        raise NotPlanned
    session.refresh_from_db(fields=["agenda", "changed_at", "state"])
    if room and state:
        begun = state.step + 1 if state.stage == Stage.RUNNING else 0
        if state.stage == Stage.ENDED or steps_of(session)[:begun] != state.steps[:begun]:
            raise AgendaHasPassed
        state.steps = steps_of(session)
        room.state, room.version = state.as_json(), room.version + 1
        room.save(update_fields=["state", "version"])
        _publish(session, room)
    return session


def _may_change_agenda(session: Session, state: RoomState | None, by: Member | None) -> None:
    if by is None or by.role in COORDINATING:
        return
    seat = require_seat(session.partnership, by)
    if (state and state.host == str(seat.pk)) or leads(session=session, by=by):
        return
    if Turn.objects.filter(session=session, role__leads=True, seat__left_at=None).exists():
        raise NotForYouToAssign


def _entering(session: Session, by: Member) -> Seat:
    seat = require_seat(session.partnership, by)
    if not session.is_planned:
        raise RoomClosed
    if not room_is_open(session, clock.now()):
        raise RoomNotYetOpen
    return seat


def _lock_room(session: Session) -> Room:
    """Return the room under its lock; the first who enters makes it."""
    rows = Room.objects.select_for_update(of=("self",)).filter(session=session)
    room = rows.first()
    if room is None:
        seats = open_seats(session.partnership)
        # who enters at the same moment finds the row of whoever was first
        state = new_room(session, seats).as_json()
        _room, is_new = Room.objects.get_or_create(session=session, defaults={"state": state})
        if is_new:
            Voice.objects.bulk_create(Voice(session=session, seat=seat) for seat in seats)
        room = rows.get()
    return room


class _LockedRoom:
    """One room while its lock is held: taps go in, rows come out once."""

    def __init__(self, session: Session, room: Room, seat: Seat) -> None:
        self.session, self.room, self.seat = session, room, seat
        self.who = str(seat.pk)
        self.at = clock.now()
        self.state = RoomState.from_json(room.state)
        if self.who not in self.state.people:  # somebody who took a seat since
            self.state.people.append(self.who)
        self.counted = dict(self.state.counts)
        self.taps: list[Tap] = []
        self.records: list[engine.StepRecord] = []

    def too_late(self, tap: Mapping[str, object]) -> bool:
        """Say whether the room has moved on since the phone made this tap."""
        return tap["kind"] in engine.MOVES and tap.get("beat") != self.state.beat

    def tap(self, key: UUID, tap: Mapping[str, object]) -> None:
        """Let one tap happen, and keep it if it did anything."""
        changed, records = engine.play(
            self.state, tap, who=self.who, at=self.at.timestamp(), draw=self._draw
        )
        self.records += records
        if changed:
            self.room.version += 1
            detail = {name: tap[name] for name in ("seat", "to", "by", "here") if name in tap}
            self.taps.append(
                Tap(
                    session=self.session,
                    number=self.room.version,
                    key=key,
                    seat=self.seat,
                    kind=str(tap["kind"]),
                    detail=detail,
                    tapped_at=self.at,
                )
            )

    def write(self) -> Snapshot:
        """Write what has changed, and let all phones know before the lock is given back."""
        if not self.taps:
            return snapshot(session=self.session, room=self.room)
        room = self.room
        room.state = self.state.as_json()
        if self.state.stage != Stage.WAITING:
            room.started_at = room.started_at or self.at
        if self.state.stage == Stage.ENDED:
            room.ended_at = room.ended_at or self.at
        room.save(update_fields=["state", "version", "started_at", "ended_at"])
        Tap.objects.bulk_create(self.taps)
        for seat, turns in self.state.counts.items():
            if self.counted.get(seat) != turns:
                self._voice(UUID(seat), turns)
        Round.objects.bulk_create(
            self._round(record) for record in self.records if isinstance(record, RoundRecord)
        )
        SmallGroup.objects.bulk_create(
            SmallGroup(session=self.session, step=record.step, seats=list(map(UUID, group)))
            for record in self.records
            if isinstance(record, GroupsRecord)
            for group in record.groups
        )
        return _publish(self.session, room)

    def _voice(self, seat_id: UUID, turns: int) -> None:
        rows = Voice.objects.filter(session=self.session, seat=seat_id)
        if not rows.update(turns=turns):  # a seat that was taken after the room was opened
            Voice.objects.create(session=self.session, seat_id=seat_id, turns=turns)

    def _round(self, record: RoundRecord) -> Round:
        return Round(
            session=self.session,
            step=record.step,
            lap=record.number,
            heard=list(map(UUID, record.heard)),
            passed=list(map(UUID, record.passed)),
            began_at=datetime.fromtimestamp(record.began_at, UTC),
            ended_at=self.at,
        )

    def _draw(self, people: Sequence[str], size: int) -> list[list[str]]:
        return draw_for(self.session, people, size, seed=self.session.pk.int + self.state.beat)


def _publish(session: Session, room: Room) -> Snapshot:
    current = snapshot(session=session, room=room)
    cache.store(session.organisation.slug, session.pk, current.for_cache())
    return current
