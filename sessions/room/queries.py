"""A meeting room as phones draw it: every sentence is made here, phones only show them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from uuid import UUID

from core.members.models import Member
from pairing.models.partnerships import Seat
from pairing.partnerships.seats import open_seats
from sessions.actions.queries import open_actions, promised_in
from sessions.attendance.queries import to_change
from sessions.models.actions import Action
from sessions.models.rooms import Card, Room, SmallGroup
from sessions.models.sessions import Absence, Retrospective, Session, Turn
from sessions.room.cache import CachedRoom
from sessions.room.engine.formats import Step
from sessions.room.engine.groups import draw_groups
from sessions.room.engine.state import RoomState, Stage
from sessions.room.texts import room_texts

WATCHER = "voice_watcher"


@dataclass(frozen=True)
class Person:
    """Somebody who sits at the table, or who sat there and has spoken."""

    member_id: UUID
    given_name: str
    full_name: str
    seated: bool


@dataclass(frozen=True)
class Snapshot:
    """A room for everybody at the table, by seat, and who that is."""

    number: int
    starts_at: datetime
    state: RoomState
    stamp: str
    people: Mapping[str, Person]

    @property
    def values(self) -> dict[str, object]:
        """What a phone is told."""
        texts = room_texts(self.state, self.names(), number=self.number, starts_at=self.starts_at)
        return {"stamp": self.stamp, **texts}

    def for_cache(self) -> CachedRoom:
        """Return it ready to be sent to those who sit there now."""
        readers = frozenset(
            person.member_id.hex for person in self.people.values() if person.seated
        )
        return CachedRoom(self.stamp, readers, json.dumps(self.values, separators=(",", ":")))

    def names(self) -> dict[str, str]:
        """Return given names, or full names where two people share one."""
        counts = Counter(person.given_name for person in self.people.values())
        return {
            seat: person.given_name if counts[person.given_name] == 1 else person.full_name
            for seat, person in self.people.items()
        }


def snapshot(*, session: Session, room: Room | None) -> Snapshot:
    """Return how the room of this session stands; one that nobody has entered yet is new."""
    seats = open_seats(session.partnership)
    state = RoomState.from_json(room.state) if room else new_room(session, seats)
    people = {str(seat.pk): _person(seat, seated=True) for seat in seats}
    missing = [key for key in state.people if key not in people]
    if missing:  # somebody has left since; their turns were theirs all the same
        gone = Seat.objects.filter(pk__in=missing).select_related("enrolment__member")
        people |= {str(seat.pk): _person(seat, seated=False) for seat in gone}
    stamp = stamp_of(room.pk, room.version) if room else "new"
    return Snapshot(session.number, session.starts_at, state, stamp, people)


def seats_in(state: RoomState) -> list[Seat]:
    """Return who is drawn at the table, in its order."""
    rows = Seat.objects.filter(pk__in=state.people).select_related("enrolment__member")
    seats = {str(seat.pk): seat for seat in rows}
    return [seats[key] for key in state.people]


def stamp_of(room_id: UUID, version: int) -> str:
    return f"{room_id.hex[-8:]}-{version}"


def _person(seat: Seat, *, seated: bool) -> Person:
    member = seat.enrolment.member
    return Person(member.pk, member.given_name, member.full_name, seated)


def room_of(session: Session) -> Room | None:
    return Room.objects.filter(session=session).first()


def new_room(session: Session, seats: Sequence[Seat]) -> RoomState:
    """Return the room before the start: nobody is here until their phone or somebody says so."""
    away = {
        str(pk) for pk in Absence.objects.filter(session=session).values_list("seat", flat=True)
    }
    people = [str(seat.pk) for seat in seats]
    turns = Turn.objects.filter(session=session).select_related("role")
    holders = {turn.role.key: str(turn.seat_id) for turn in turns}
    leader = next((str(turn.seat_id) for turn in turns if turn.role.leads), "")
    return RoomState(
        steps=steps_of(session),
        people=people,
        here=[],
        host="" if leader in away else leader,
        watcher=holders.get(WATCHER, ""),
        counts=dict.fromkeys(people, 0),
    )


def steps_of(session: Session) -> list[Step]:
    """Return the agenda as steps; a session without one is one long talk."""
    steps = []
    for item in session.agenda if isinstance(session.agenda, list) else []:
        if isinstance(item, dict) and isinstance(item.get("minutes"), int):
            title, kind = str(item.get("title", "")), str(item.get("kind", "topic"))
            steps.append(Step(title, max(1, item["minutes"]), kind))
    # never its topic: an agenda is a fact that coordinators read, and a topic is the table's own
    return steps or [Step(str(session.partnership), session.duration_minutes, "")]


def draw_for(
    partnership_id: UUID, people: Sequence[str], size: int, *, seed: int
) -> list[list[str]]:
    """Return small groups in which people of this partnership meet those they have met least."""
    rows = SmallGroup.objects.filter(session__partnership=partnership_id)
    met: Counter[frozenset[str]] = Counter()
    for seats in rows.order_by("id").values_list("seats", flat=True):
        met.update(frozenset(map(str, pair)) for pair in combinations(seats, 2))
    return [list(group) for group in draw_groups(people, size, met=met, seed=seed)]


@dataclass(frozen=True)
class _StepWords:
    """What partners have written that belongs to the step that runs, as one of them sees it."""

    kind: str
    ended: bool
    revealed: bool
    cards: tuple[Card, ...]
    my_card: str
    to_change: tuple[Retrospective, ...]
    open_actions: tuple[Action, ...]
    promised: tuple[Action, ...]
    lines: int
    my_lines: dict[str, str]


def room_words(*, session: Session, state: RoomState, member: Member, seat: Seat) -> _StepWords:
    """Return the words of the step that runs, for a partner alone."""
    kind = state.current_step.kind if state.stage == Stage.RUNNING else ""
    cards = _cards(session, state, member, seat) if kind == "silent_write" else []
    retrospectives: list[Retrospective] = []
    if kind == "retrospective":
        rows = Retrospective.objects.visible_to(member).filter(session=session)
        retrospectives = list(rows.order_by("id"))
    mine = next((row for row in retrospectives if row.seat_id == seat.pk), None)
    last = kind == "actions"
    return _StepWords(
        kind=kind,
        ended=state.stage == Stage.ENDED,
        revealed=state.revealed,
        cards=tuple(cards) if state.revealed else (),
        my_card=next((card.words for card in cards if card.seat_id == seat.pk), ""),
        to_change=to_change(session, member) if last else (),
        open_actions=tuple(open_actions(session.partnership)) if last else (),
        promised=promised_in(session, member) if kind == "promises" else (),
        lines=len(retrospectives),
        my_lines={name: getattr(mine, name) for name in ("worked", "change", "thanks")}
        if mine
        else {},
    )


def _cards(session: Session, state: RoomState, member: Member, seat: Seat) -> list[Card]:
    """Return the cards of the silent step: one's own, and once they are shown everybody's."""
    rows = Card.objects.visible_to(member).filter(session=session, step=state.step)
    if not state.revealed:
        rows = rows.filter(seat=seat)
    return list(rows.select_related("seat__enrolment__member").order_by("written_at", "id"))


def presence_in_room(session: Session) -> dict[UUID, bool]:
    """Return who was in the room when it ended or as it stands; empty where nobody opened it."""
    room = room_of(session)
    if room is None or room.started_at is None:
        return {}
    state = RoomState.from_json(room.state)
    return {UUID(seat): seat in state.here for seat in state.people}


def partner_ids(seats: Iterable[Seat]) -> list[UUID]:
    return [seat.enrolment.member_id for seat in seats]
