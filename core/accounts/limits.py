"""How often one person may do what costs others something: e-mails, exports, secrets."""

from __future__ import annotations

from django.core.cache import cache

from core.accounts.errors import TooMany
from core.common import clock
from core.members.models import Member
from core.tenancy.cache import cache_key

# what may be done how often within how many seconds
LIMITS: dict[str, tuple[int, int]] = {
    "invite": (120, 3600),
    "invite_waiting": (10, 3600),
    "export": (30, 3600),
    "token": (20, 3600),
}


def spend(member: Member, what: str) -> None:
    """Count one use; raises TooMany when this hour's uses are gone."""
    most, seconds = LIMITS[what]
    window = int(clock.now().timestamp()) // seconds
    key = cache_key("limit", what, member.pk, window)
    cache.add(key, 0, seconds)
    if cache.incr(key) > most:
        raise TooMany
