"""The link at which phones ask for a room's news and send their taps, answered before all else.

Source: docs/adr/0017-the-room-asks-every-two-seconds.md, docs/adr/0023-the-rooms-taps.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse

from core.common import clock
from core.common.errors import DomainError
from core.members.limits import spend_of_address
from core.members.links import SignedLink, read_link, signed_path
from core.tenancy.context import NoTenant
from pairing.errors import NotTheirs
from sessions.room import operations
from sessions.room.cache import CachedRoom, cached_room
from sessions.room.forms import read_taps

PURPOSE = "room"
LINK = f"/l/{PURPOSE}/"
LINK_AGE = timedelta(hours=12)
AGAIN_SECONDS = 900


def link(slug: str, member_id: UUID, session_id: UUID) -> str:
    """Return the address that this person's phone asks."""
    return signed_path(PURPOSE, SignedLink(slug, member_id, session_id), at=clock.now())


def answer(room: CachedRoom, more: str = "") -> HttpResponse:
    """Answer a room with the server's time: clocks are drawn by the difference."""
    now = clock.now().timestamp()
    body = f'{{"now": {now:.3f}, "room": {room.body}{more}}}'.encode()
    # what the other middlewares would have added
    headers = {
        "ETag": f'"{room.stamp}"',
        "Cache-Control": "no-store",
        "Content-Length": str(len(body)),
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(body, content_type="application/json", headers=headers)


class RoomMiddleware:
    """Answers the phones of a meeting before any other work is done.

    It stands before sessions.  Whether anything is new costs no session, no person and no
    database, but one GET of Valkey; what cannot be answered from there goes on to the view.  A tap
    is made by whom the link names: nothing follows from it outside of its room, so no organisation
    is marked due.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(LINK) and request.method in {"GET", "POST"}:
            token = request.path_info[len(LINK) :].rstrip("/")
            link = _read(token, int(clock.now().timestamp()) // AGAIN_SECONDS)
            if link and request.method == "POST":
                return _take(request, link)
            room = cached_room(link) if link else None
            if room:
                if request.headers.get("If-None-Match") == f'"{room.stamp}"':
                    return HttpResponse(status=304, headers={"ETag": f'"{room.stamp}"'})
                return answer(room)
        return self.get_response(request)


def _take(request: HttpRequest, link: SignedLink) -> HttpResponse:
    """Take the taps of one phone, in their order; each counts once, however often it is sent."""
    try:
        spend_of_address(request, "public", request.path_info)
        taps = read_taps(request.body.decode("utf-8", "replace"))
        result = operations.tap_by_link(link=link, taps=taps)
    except ValidationError as error:
        return JsonResponse({"detail": error.messages[0]}, status=422)
    except (NotTheirs, NoTenant):
        return JsonResponse({"detail": ""}, status=404)
    except DomainError as error:
        return JsonResponse({"detail": str(error)}, status=error.status)
    refused = {key: str(error) for key, error in result.refused.items()}
    more = f', "done": {json.dumps(result.done)}, "refused": {json.dumps(refused)}'
    return answer(result.room, more)


@lru_cache(maxsize=20_000)
def _read(token: str, _period: int) -> SignedLink | None:
    """Verify a token once in a quarter of an hour, not every two seconds."""
    return read_link(PURPOSE, token, max_age=LINK_AGE)
