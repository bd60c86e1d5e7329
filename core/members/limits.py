"""How often what costs others something may be done: by a person, an address, an organisation.

Each limit is a bucket that fills by itself (GCRA): one number in the cache, the moment at which it
will be full again.  It is real time, not the platform's clock: whoever knocks does so now.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_network
from math import ceil

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError
from core.members.models import DirectoryToken, Member
from core.tenancy.cache import cache_key

HOUR, DAY = 3600, 86_400


@dataclass(frozen=True)
class Limit:
    """So many uses within so many seconds, and at once as many as `burst` (or as many again)."""

    most: int
    seconds: int
    burst: int = 0

    @property
    def pause(self) -> int:
        """Return after how many milliseconds one more use comes back."""
        return max(1, self.seconds * 1000 // self.most)


LIMITS: dict[str, Limit] = {
    # a person's own
    "invite": Limit(120, HOUR),
    "invite_many": Limit(10, HOUR),
    "export": Limit(30, HOUR),
    "token": Limit(20, HOUR),
    "sso_test": Limit(20, HOUR),
    "domain": Limit(30, HOUR),
    # of a directory: 20,000 people are entered within an hour
    "scim": Limit(600, 60),
    # of an API token's member; bad tokens, and links that are not ours, of an address
    "api": Limit(60, 60, burst=120),
    "bad_secret": Limit(30, 60, burst=60),
    # forms outside an organisation: one form (or one link) from one address
    "public": Limit(60, 60, burst=120),
    # of a whole organisation
    "invitations": Limit(settings.INVITATIONS_A_DAY, DAY),
}


class TooMany(DomainError):
    """A limit is used up; `seconds` says after how long this one use would be possible."""

    code, status = "too_many", 429
    message = _("That was a lot at once. Wait a while and try again.")

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


class TooManyInvitations(TooMany):
    code = "too_many_invitations"
    message = _(
        "Your organisation has sent as many invitations as one day allows."
        " Invite fewer people at once, or go on tomorrow."
    )


def spend(who: Member | DirectoryToken, what: str) -> None:
    """Count one use by this person or directory; raises TooMany when theirs are used up."""
    _spend(LIMITS[what], cache_key("limit", what, who.pk))


def spend_of_organisation(what: str, n: int) -> None:
    """Count `n` uses of the organisation in force, or none; raises TooManyInvitations."""
    try:
        _spend(LIMITS[what], cache_key("limit", what), n)
    except TooMany as error:
        raise TooManyInvitations(error.seconds) from None


def spend_of_address(request: HttpRequest, what: str, of: str = "") -> None:
    """Count one use by the address that asks (see edge.py); raises TooMany.

    What was asked for may hold a secret, so only its hash is kept.
    """
    digest = sha256(f"{client_network(request)} {of}".encode()).hexdigest()[:32]
    _spend(LIMITS[what], f"limit:{what}:{digest}")


def client_network(request: HttpRequest) -> str:
    """Return the address that asks; of IPv6 the network of 64 bits that one customer is given."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address


def _spend(limit: Limit, key: str, n: int = 1) -> None:
    now, cost = int(time.time() * 1000), n * limit.pause
    kept = 2 * (limit.seconds + (limit.burst or limit.most) * limit.pause // 1000)
    cache.add(key, now, kept)
    try:
        full_at = cache.incr(key, cost)
    except ValueError:  # the cache is away: nothing is counted, and nobody is shut out
        return
    if full_at < now + cost:  # it had been full for a while
        full_at = now + cost
        cache.set(key, full_at, kept)
    late = full_at - now - (limit.burst or limit.most) * limit.pause
    if late > 0:
        cache.decr(key, cost)
        raise TooMany(ceil(late / 1000))
