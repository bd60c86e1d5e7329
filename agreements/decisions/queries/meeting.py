"""The meeting that is on: who holds it, who is there, and so who may take a decision further."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from agreements.decisions.models import Decision
from pairing.models.partnerships import Partnership, Seat
from sessions.models.rooms import Room
from sessions.models.sessions import Session
from sessions.room.engine.state import RoomState


@dataclass(frozen=True)
class Meeting:
    """A room that has begun and not ended: the seat that hosts it, and those who are in it."""

    host: UUID | None
    here: frozenset[UUID]


def meeting_of(partnership: Partnership) -> Meeting | None:
    """Return the meeting of a partnership that is going on, if there is one."""
    room = (
        Room.objects.filter(
            session__partnership=partnership,
            session__state=Session.State.PLANNED,
            started_at__isnull=False,
            ended_at=None,
        )
        .order_by("-started_at")
        .first()
    )
    if room is None:
        return None
    state = RoomState.from_json(room.state)
    return Meeting(UUID(state.host) if state.host else None, frozenset(map(UUID, state.here)))


def steers(decision: Decision, seat: Seat, meeting: Meeting | None) -> bool:
    """Say whether this partner takes a decision from step to step.

    Who may do so anyway; and in a meeting its host, while the proposer is not there.
    """
    if decision.steered_by(seat):
        return True
    hosts = meeting is not None and meeting.host == seat.pk
    return meeting is not None and hosts and decision.proposer_id not in meeting.here


def here(seats: Iterable[Seat], meeting: Meeting | None) -> list[Seat]:
    """Return those who can be heard now: in a meeting who is there, otherwise everybody."""
    return [seat for seat in seats if meeting is None or seat.pk in meeting.here]
