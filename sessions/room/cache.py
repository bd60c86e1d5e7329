"""How a room stands, cached in Valkey: what every phone at the table asks for all the time.

No word of anybody's is in it, only names, turns and the clock.  A tap stores the new
state while it holds the room's lock, so that a later one cannot be overtaken; a reader
who finds none puts back what PostgreSQL has, but only where nobody was faster.
Source: docs/adr/0017-the-room-asks-every-two-seconds.md.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.cache import cache

from core.members.links import SignedLink
from core.tenancy.cache import cache_key_by_slug

LIFE_SECONDS = 60  # so long at most may somebody look who has left the table


@dataclass(frozen=True)
class CachedRoom:
    """How a room stands, ready to be sent: its stamp, who may read it, and its JSON."""

    stamp: str
    readers: frozenset[str]
    body: str


def store(slug: str, session_id: UUID, room: CachedRoom, *, only_if_none: bool = False) -> None:
    """Cache a room for a minute; without Valkey phones are answered from PostgreSQL."""
    put: Any = cache.add if only_if_none else cache.set
    values = [room.stamp, sorted(room.readers), room.body]
    with suppress(Exception):  # any failure of the cache; the rows are the truth
        put(_key(slug, session_id), values, LIFE_SECONDS)


def cached_room(link: SignedLink) -> CachedRoom | None:
    """Return the room that is cached, if this person may read it."""
    try:
        values = cache.get(_key(link.organisation, link.object_id))
    except Exception:  # as above
        return None
    if not values:
        return None
    stamp, readers, body = values
    return CachedRoom(stamp, frozenset(readers), body) if link.member_id.hex in readers else None


def _key(slug: str, session_id: UUID) -> str:
    return cache_key_by_slug(slug, "room", session_id)
