"""How a room stands, kept in Valkey: what every phone at the table asks for all the time.

No word of anybody's is kept there, only names, turns and the clock.  A tap keeps the new
snapshot while it holds the room's lock, so that a later one cannot be overtaken; a reader
who finds none puts back what PostgreSQL has, but only where nobody was faster.
Source: docs/adr/0017-the-room-asks-every-two-seconds.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from mentoring.common import clock
from mentoring.identity.cache import cache_key_by_slug
from mentoring.identity.links import SignedLink, read_link, signed_path

PURPOSE = "room"
DOOR = f"/l/{PURPOSE}/"
DOOR_AGE = timedelta(hours=12)
AGAIN_SECONDS = 900
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


def door(slug: str, member_id: UUID, session_id: UUID) -> str:
    """Return the address that this person's phone asks."""
    return signed_path(PURPOSE, SignedLink(slug, member_id, session_id), at=clock.now())


def answer(kept: Kept) -> HttpResponse:
    """Answer a snapshot with the server's time: clocks are drawn by the difference."""
    now = clock.now().timestamp()
    body = f'{{"now": {now:.3f}, "room": {kept.body}}}'.encode()
    # what the other middlewares would have added
    headers = {
        "ETag": f'"{kept.stamp}"',
        "Cache-Control": "no-store",
        "Content-Length": str(len(body)),
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(body, content_type="application/json", headers=headers)


class RoomDoor:
    """Answers a phone that asks whether anything is new, before any other work is done.

    It stands first: no session, no person, no database, one GET of Valkey.  Whatever it cannot
    answer from there goes on to the view.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(DOOR) and request.method == "GET":
            token = request.path_info[len(DOOR) :].rstrip("/")
            link = _read(token, int(clock.now().timestamp()) // AGAIN_SECONDS)
            kept = kept_for(link) if link else None
            if kept:
                if request.headers.get("If-None-Match") == f'"{kept.stamp}"':
                    return HttpResponse(status=304, headers={"ETag": f'"{kept.stamp}"'})
                return answer(kept)
        return self.get_response(request)


@lru_cache(maxsize=20_000)
def _read(token: str, _period: int) -> SignedLink | None:
    """Verify a token once in a quarter of an hour, not every two seconds."""
    return read_link(PURPOSE, token, max_age=DOOR_AGE)


def _key(slug: str, session_id: UUID) -> str:
    return cache_key_by_slug(slug, "room", session_id)
