"""The link at which phones ask for a room's news, and the middleware that answers first.

Source: docs/adr/0017-the-room-asks-every-two-seconds.md.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from core.common import clock
from core.members.links import SignedLink, read_link, signed_path
from sessions.room.cache import CachedRoom, cached_room

PURPOSE = "room"
LINK = f"/l/{PURPOSE}/"
LINK_AGE = timedelta(hours=12)
AGAIN_SECONDS = 900


def link(slug: str, member_id: UUID, session_id: UUID) -> str:
    """Return the address that this person's phone asks."""
    return signed_path(PURPOSE, SignedLink(slug, member_id, session_id), at=clock.now())


def answer(room: CachedRoom) -> HttpResponse:
    """Answer a room with the server's time: clocks are drawn by the difference."""
    now = clock.now().timestamp()
    body = f'{{"now": {now:.3f}, "room": {room.body}}}'.encode()
    # what the other middlewares would have added
    headers = {
        "ETag": f'"{room.stamp}"',
        "Cache-Control": "no-store",
        "Content-Length": str(len(body)),
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(body, content_type="application/json", headers=headers)


class RoomMiddleware:
    """Answers a phone that asks whether anything is new, before any other work is done.

    It stands first: no session, no person, no database, one GET of Valkey.  Whatever it cannot
    answer from there goes on to the view.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(LINK) and request.method == "GET":
            token = request.path_info[len(LINK) :].rstrip("/")
            link = _read(token, int(clock.now().timestamp()) // AGAIN_SECONDS)
            room = cached_room(link) if link else None
            if room:
                if request.headers.get("If-None-Match") == f'"{room.stamp}"':
                    return HttpResponse(status=304, headers={"ETag": f'"{room.stamp}"'})
                return answer(room)
        return self.get_response(request)


@lru_cache(maxsize=20_000)
def _read(token: str, _period: int) -> SignedLink | None:
    """Verify a token once in a quarter of an hour, not every two seconds."""
    return read_link(PURPOSE, token, max_age=LINK_AGE)
