"""The meeting room: every tap made under the room's lock, and never twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from core.common import clock
from core.common.errors import DomainError
from core.common.ids import new_id
from core.members.links import SignedLink
from core.members.models import Member
from core.tenancy.context import tenant_of
from pairing.errors import NotTheirs
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
from sessions.models.rooms import Card, Room, Round, SmallGroup, Voice, forget_rehearsal
from sessions.models.sessions import OPENS_BEFORE, Session, Turn
from sessions.room import cache, rows
from sessions.room.cache import CachedRoom
from sessions.room.engine import taps as engine
from sessions.room.engine.state import RoomState, RoundRecord, Stage
from sessions.room.queries import (
    Snapshot,
    draw_for,
    new_room,
    partner_ids,
    snapshot,
    stamp_of,
    steps_of,
)
from sessions.rotation.operations.turns import leads

ATTEMPTS = 5  # the second waits for whoever was faster; later ones meet a room made anew


@dataclass
class _TapResult:
    """How the room stands now, which taps are settled, and why others were refused."""

    snapshot: Snapshot
    room: CachedRoom
    done: list[str]
    refused: dict[str, DomainError]


@transaction.atomic
def tap_room(*, session: Session, taps: Sequence[Mapping[str, object]], by: Member) -> _TapResult:
    """Make these taps in their order, each once, and return how the room stands.

    A tap is `{"key": UUID, "kind": …}` with what its kind needs (`sessions.room.engine.play`); a
    key that was seen before is settled and does nothing.  A tap that comes too late, because the
    room has moved on, is settled too.  Raises NotTheirs, RoomClosed, RoomNotYetOpen; a tap that
    is not this person's to make is refused by itself.
    """
    return _take(SignedLink(session.organisation.slug, by.pk, session.pk), taps)


def tap_by_link(*, link: SignedLink, taps: Sequence[Mapping[str, object]]) -> _TapResult:
    """Make the taps of whoever's phone holds this link, in its organisation, as `tap_room`.

    Raises NotTheirs also where organisation, session or person are no more.
    """
    with tenant_of(link.organisation, member=link.member_id) as slug:
        # what is cached is cached under the slug that the organisation has now
        return _take(replace(link, organisation=slug), taps)


def _take(link: SignedLink, taps: Sequence[Mapping[str, object]]) -> _TapResult:
    """Read, play and write; where somebody else was faster, wait for them and do it again."""
    keys = [UUID(str(tap["key"])) for tap in taps]
    for attempt in range(ATTEMPTS):
        if attempt:
            rows.lock_room(link.object_id)
        room = _enter(link, keys)
        done: list[str] = []
        refused: dict[str, DomainError] = {}
        for tap in taps:
            key = str(tap["key"])
            if key not in room.row.known and not room.too_late(tap):
                if not engine.may(room.state, tap, who=room.who):
                    refused[key] = NotYoursToTap()
                    continue
                room.tap(UUID(key), tap)
            room.row.known.add(key)
            done.append(key)
        shown = room.write()
        if shown:
            return _TapResult(*shown, done, refused)
    raise RuntimeError("a room that is locked was written by somebody else")


@transaction.atomic
def write_card(*, session: Session, words: str, by: Member, step: int | None = None) -> Card:
    """Write or rewrite one's own card of the silent step that runs, or of one that was before it.

    What was typed when the cards were shown is still sent: it shows at once.  Raises
    NothingToWriteNow, and as `tap_room`.
    """
    link = SignedLink(session.organisation.slug, by.pk, session.pk)
    _enter(link, [])  # there is a room
    rows.lock_room(session.pk)
    room = _enter(link, [])
    state = room.state
    step = state.step if step is None else step
    begun = state.steps[: state.step + 1] if state.stage == Stage.RUNNING else []
    if step >= len(begun) or begun[step].kind != "silent_write":
        raise NothingToWriteNow
    card, _ = Card.objects.update_or_create(
        session=session,
        step=step,
        seat_id=UUID(room.who),
        defaults={
            "words": words,
            "readers": partner_ids(open_seats(session.partnership)),
            "written_at": clock.now(),
        },
    )
    if step == state.step:
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


def _enter(link: SignedLink, keys: Sequence[UUID]) -> _OpenRoom:
    """Read the room for somebody who sits at its table; the first who enters makes it."""
    row = rows.read_room(link.object_id, keys)
    who = row.seat_of(link.member_id) if row else None
    if row is None or who is None:
        raise NotTheirs
    if row.session_state != Session.State.PLANNED:
        raise RoomClosed
    if row.starts_at - OPENS_BEFORE > clock.now():
        raise RoomNotYetOpen
    if row.state is None:
        session = _session(link.object_id)
        _make_room(session, new_room(session, open_seats(session.partnership)))
        return _enter(link, keys)
    return _OpenRoom(link, row, row.state, who)


def _session(session_id: UUID) -> Session:
    return Session.objects.select_related("partnership").get(pk=session_id)


def _make_room(session: Session, state: RoomState, *, version: int = 0) -> Room:
    """Make the row of a room; who enters at the same moment finds that of whoever was first."""
    defaults = {"state": state.as_json(), "version": version}
    room, is_new = Room.objects.get_or_create(session=session, defaults=defaults)
    if is_new:
        Voice.objects.bulk_create(
            Voice(session=session, seat_id=UUID(seat)) for seat in state.people
        )
    return room


class _OpenRoom:
    """One room as it was read: taps go in, rows come out once."""

    def __init__(self, link: SignedLink, row: rows.RoomRow, state: RoomState, who: str) -> None:
        self.link, self.row, self.state, self.who = link, row, state, who
        self.at = clock.now()
        self.read = row.version
        if who not in state.people:  # somebody who took a seat since
            state.people.append(who)
        self.counted = dict(state.counts)
        self.taps: list[rows.NewTap] = []
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
            self.row.version += 1
            detail = {name: tap[name] for name in ("seat", "to", "by", "here") if name in tap}
            self.taps.append(rows.NewTap(self.row.version, key, str(tap["kind"]), detail))

    def write(self) -> tuple[Snapshot, CachedRoom] | None:
        """Write what has changed and let all phones know before others may write; None if late."""
        row, state = self.row, self.state
        if not self.taps:
            return self._shown()
        if state.stage != Stage.WAITING:
            row.started_at = row.started_at or self.at
        if state.stage == Stage.ENDED:
            row.ended_at = row.ended_at or self.at
        counts = {
            seat: turns for seat, turns in state.counts.items() if self.counted.get(seat) != turns
        }
        if not rows.write_room(
            row, read=self.read, at=self.at, seat=self.who, taps=self.taps, counts=counts
        ):
            return None
        if state.stage == Stage.ENDED and self.at < row.starts_at:
            self._begin_anew()
        else:
            self._keep_records()
        shown = self._shown()
        cache.store(self.link.organisation, self.link.object_id, shown[1])
        return shown

    def _begin_anew(self) -> None:
        """End a rehearsal: before its time a session cannot be over, so the room is as new."""
        session = _session(self.row.session_id)
        forget_rehearsal(session)
        state = new_room(session, open_seats(session.partnership))
        state.beat, state.here = self.state.beat, self.state.here
        state.notice = ["rehearsed", self.who, self.who]
        room = _make_room(session, state, version=self.row.version + 1)
        self.state, self.row.id, self.row.version = state, room.pk, room.version

    def _shown(self) -> tuple[Snapshot, CachedRoom]:
        row = self.row
        stamp = stamp_of(row.id, row.version) if row.id else "new"
        shown = Snapshot(row.number, row.starts_at, self.state, stamp, row.people)
        return shown, shown.for_cache()

    def _keep_records(self) -> None:
        for record in self.records:
            if isinstance(record, RoundRecord):
                self._round(record).save()
            else:
                SmallGroup.objects.bulk_create(
                    SmallGroup(
                        session_id=self.row.session_id,
                        step=record.step,
                        seats=list(map(UUID, group)),
                    )
                    for group in record.groups
                )

    def _round(self, record: RoundRecord) -> Round:
        return Round(
            session_id=self.row.session_id,
            step=record.step,
            lap=record.number,
            heard=list(map(UUID, record.heard)),
            passed=list(map(UUID, record.passed)),
            began_at=datetime.fromtimestamp(record.began_at, UTC),
            ended_at=self.at,
        )

    def _draw(self, people: Sequence[str], size: int) -> list[list[str]]:
        seed = self.row.session_id.int + self.state.beat
        return draw_for(self.row.partnership_id, people, size, seed=seed)


def _publish(session: Session, room: Room) -> Snapshot:
    current = snapshot(session=session, room=room)
    cache.store(session.organisation.slug, session.pk, current.for_cache())
    return current
