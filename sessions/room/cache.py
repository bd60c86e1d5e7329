"""How a room stands, kept in Valkey: what every phone at the table asks for all the time.

No word of anybody's is kept there, only names, turns and the clock.  A tap keeps the new
snapshot while it holds the room's lock, so that a later one cannot be overtaken; a reader
who finds none puts back what PostgreSQL has, but only where nobody was faster.
Source: docs/adr/0017-the-room-asks-every-two-seconds.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.cache import cache

from core.members.links import SignedLink
from core.tenancy.cache import cache_key_by_slug

KEPT_SECONDS = 60  # so long at most may somebody look who has left the table


@dataclass(frozen=True)
class Kept:
    """One snapshot: its stamp, who may read it, and its JSON."""

    stamp: str
    readers: frozenset[str]
    body: str


def keep(slug: str, session_id: UUID, kept: Kept, *, only_if_none: bool = False) -> None:
    """Keep a snapshot for a minute; without Valkey phones are answered from PostgreSQL."""
    put: Any = cache.add if only_if_none else cache.set
    values = [kept.stamp, sorted(kept.readers), kept.body]
    with suppress(Exception):  # any failure of the cache; the rows are the truth
        put(_key(slug, session_id), values, KEPT_SECONDS)


def kept_for(link: SignedLink) -> Kept | None:
    """Return the snapshot that is kept, if this person may read it."""
    try:
        found = cache.get(_key(link.organisation, link.object_id))
    except Exception:  # as above
        return None
    if not found:
        return None
    stamp, readers, body = found
    return Kept(stamp, frozenset(readers), body) if link.member_id.hex in readers else None


def readers(member_ids: Iterable[UUID]) -> frozenset[str]:
    """Return members as a snapshot names them."""
    return frozenset(each.hex for each in member_ids)


def _key(slug: str, session_id: UUID) -> str:
    return cache_key_by_slug(slug, "room", session_id)
