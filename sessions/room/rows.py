"""What a tap reads and writes, in as few statements as can be, so that it costs a room little.

A tap is read, played by plain Python and written where nobody was faster: the UPDATE names the
version that was read.  Source: docs/adr/0023-the-rooms-taps.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from core.common.ids import new_id
from core.members.models import Member
from core.tenancy.context import current_organisation_id
from pairing.models.partnerships import Seat
from sessions.room.engine.state import RoomState
from sessions.room.queries import Person

READ = """
    SELECT room.id, room.version, room.state, room.started_at, room.ended_at,
        session.number, session.starts_at, session.state, session.partnership_id,
        ARRAY(
            SELECT tap.key FROM mentoring_sessions_tap tap
            WHERE tap.session_id = session.id AND tap.key = ANY(%(keys)s)
        )
    FROM mentoring_sessions_session session
    LEFT JOIN mentoring_sessions_room room ON room.session_id = session.id
    WHERE session.id = %(session)s
"""
LOCK = "SELECT 1 FROM mentoring_sessions_room WHERE session_id = %(session)s FOR UPDATE"
# what is not moved, because somebody was faster, keeps nothing
WRITE = """
    WITH moved AS (
        UPDATE mentoring_sessions_room SET state = %(state)s, version = %(version)s,
            started_at = %(started_at)s, ended_at = %(ended_at)s
        WHERE id = %(room)s AND version = %(read)s
        RETURNING id
    ), kept AS (
        INSERT INTO mentoring_sessions_tap (
            id, organisation_id, created_at, session_id, number, key, seat_id, kind, detail,
            tapped_at
        )
        SELECT new.id, %(organisation)s, %(at)s, %(session)s, new.number, new.key, %(seat)s,
            new.kind, new.detail::jsonb, %(at)s
        FROM moved, unnest(
            %(ids)s::uuid[], %(numbers)s::int[], %(keys)s::uuid[], %(kinds)s::text[],
            %(details)s::text[]
        ) AS new (id, number, key, kind, detail)
    ), counted AS (
        INSERT INTO mentoring_sessions_voice (
            id, organisation_id, created_at, session_id, seat_id, turns
        )
        SELECT new.id, %(organisation)s, %(at)s, %(session)s, new.seat, new.turns
        FROM moved, unnest(%(voices)s::uuid[], %(seats)s::uuid[], %(turns)s::int[])
            AS new (id, seat, turns)
        ON CONFLICT (organisation_id, session_id, seat_id) DO UPDATE SET turns = excluded.turns
    )
    SELECT count(*) FROM moved
"""


WHO = ("member_id", "member__given_name", "member__family_name")


@dataclass(frozen=True)
class NewTap:
    """A tap that changed the room, as it is kept."""

    number: int
    key: UUID
    kind: str
    detail: Mapping[str, object]


@dataclass
class RoomRow:
    """A room and all that a tap needs to know of its session, as one statement reads it."""

    id: UUID | None  # None while nobody has entered it
    version: int
    state: RoomState | None
    started_at: datetime | None
    ended_at: datetime | None
    session_id: UUID
    number: int
    starts_at: datetime
    session_state: str
    partnership_id: UUID
    known: set[str]  # keys of these taps that are settled
    people: dict[str, Person]

    def seat_of(self, member_id: UUID) -> str | None:
        """Return the open seat of this person, if there is one."""
        mine = (
            seat
            for seat, person in self.people.items()
            if person.seated and person.member_id == member_id
        )
        return next(mine, None)


def read_room(session_id: UUID, keys: Sequence[UUID]) -> RoomRow | None:
    """Return the room of a session as it stands, and which of these keys it knows."""
    with connection.cursor() as cursor:
        cursor.execute(READ, {"session": session_id, "keys": list(keys)})
        row = cursor.fetchone()
    if row is None:
        return None
    state = RoomState.from_json(_loaded(row[2])) if row[0] else None
    drawn = state.people if state else ()
    people = {
        str(seat): Person(member, given, f"{given} {family}".strip(), seated)
        for seat, member, given, family, left_at, member_state in Seat.objects.filter(
            partnership=row[8]
        )
        .order_by("id")
        .values_list(
            "pk", *(f"enrolment__{name}" for name in WHO), "left_at", "enrolment__member__state"
        )
        if (seated := left_at is None and member_state != Member.State.LEFT) or str(seat) in drawn
    }
    known = set(map(str, row[9]))
    return RoomRow(
        id=row[0],
        version=row[1] or 0,
        state=state,
        started_at=row[3],
        ended_at=row[4],
        session_id=session_id,
        number=row[5],
        starts_at=row[6],
        session_state=row[7],
        partnership_id=row[8],
        known=known,
        people=people,
    )


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def lock_room(session_id: UUID) -> None:
    """Wait until nobody else writes this room, and let nobody write it before we have."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"session": session_id})


def write_room(
    row: RoomRow,
    *,
    read: int,
    at: datetime,
    seat: str,
    taps: Sequence[NewTap],
    counts: Mapping[str, int],
) -> bool:
    """Write a room, its new taps and whose turns have changed; False where somebody was faster."""
    values: dict[str, Any] = {
        "organisation": current_organisation_id(),
        "session": row.session_id,
        "at": at,
        "room": row.id,
        "read": read,
        "version": row.version,
        "state": json.dumps(row.state.as_json() if row.state else {}),
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "seat": UUID(seat),
        "ids": [new_id() for _tap in taps],
        "numbers": [tap.number for tap in taps],
        "keys": [tap.key for tap in taps],
        "kinds": [tap.kind for tap in taps],
        "details": [json.dumps(tap.detail) for tap in taps],
        "voices": [new_id() for _seat in counts],
        "seats": list(map(UUID, counts)),
        "turns": list(counts.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)
        return bool(cursor.fetchone()[0])
