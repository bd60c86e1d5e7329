"""A room that people enter, and the taps they make."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.test import Client

from core.members.models import Member
from core.tenancy.context import tenant
from sessions.models.sessions import Session
from sessions.room import live as room_live
from sessions.room import operations as room_operations
from sessions.room import queries as room_queries
from sessions.room.engine.state import RoomState
from sessions.room.engine.taps import MOVES

AGENDA = [
    {"title": "Arrive", "minutes": 6, "kind": "check_in"},
    {"title": "Promises", "minutes": 10, "kind": "actions"},
    {"title": "Think", "minutes": 5, "kind": "silent_write"},
    {"title": "Trios", "minutes": 24, "kind": "troika"},
    {"title": "Look back", "minutes": 5, "kind": "retrospective"},
]


def live_of(session: Session) -> RoomState:
    """Return how the room stands in PostgreSQL."""
    return room_queries.snapshot(session=session, room=room_queries.room_of(session)).state


def a_tap(session: Session, kind: str, **more: Any) -> dict[str, Any]:
    """Return a tap as a phone makes it that has seen the room as it stands."""
    if kind in MOVES:
        more.setdefault("beat", live_of(session).beat)
    return {"key": str(uuid.uuid4()), "kind": kind, **more}


def tap(session: Session, who: Member, kind: str, **more: Any) -> Any:
    """Make one tap, inside the organisation."""
    with tenant(session.organisation_id, member=who.pk):
        return room_operations.tap_room(
            session=session, taps=[a_tap(session, kind, **more)], by=who
        )


def send(member: Member, session: Session, taps: list[dict[str, Any]] | str) -> Any:
    """Send taps as this person's phone does: to the link that their page has given it."""
    body = taps if isinstance(taps, str) else json.dumps(taps)
    link = room_live.link(session.organisation.slug, member.pk, session.pk)
    return Client().post(link, body, content_type="application/json")
