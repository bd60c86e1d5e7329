"""How far running work is, and whether somebody wants it to stop: in the cache, for an hour.

While the cache is away the work goes on and nobody hears how far it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.core.cache import cache
from django.db import OperationalError

from core.tenancy.cache import cache_key, cache_key_of

KEPT_SECONDS = 3600
REPORT_EVERY = 0.2  # seconds between two writes: a loop may report each row
HEARTBEAT_EVERY = 30.0


class Cancelled(Exception):
    """Somebody wished the running work to stop; nothing of it is kept."""


@dataclass(frozen=True)
class _Progress:
    done: int
    of: int
    what: str

    @property
    def percent(self) -> int:
        return 100 * self.done // self.of if self.of else 0


class Reporter:
    """Handed to the work, which calls it now and then: reports, keeps the lease, or cancels."""

    def __init__(self, organisation_id: int, job_id: UUID, keep_alive: Callable[[], None]) -> None:
        self._cancel_key = cache_key_of(organisation_id, "job", job_id, "cancel")
        self._progress_key = cache_key_of(organisation_id, "job", job_id, "progress")
        self._keep_alive = keep_alive
        self._reported = 0.0
        self._alive = time.monotonic()

    def __call__(self, done: int, of: int, what: str) -> None:
        """Report; raises Cancelled when somebody has asked for that."""
        moment = time.monotonic()
        if moment - self._reported < REPORT_EVERY and done < of:
            return
        self._reported = moment
        if cache.get(self._cancel_key):
            raise Cancelled
        cache.set(self._progress_key, [done, of, what], KEPT_SECONDS)
        if moment - self._alive > HEARTBEAT_EVERY:
            self._alive = moment
            with suppress(OperationalError):  # PostgreSQL is away: the lease lasts some minutes yet
                self._keep_alive()


def wish_cancelled(job_id: UUID) -> bool:
    """Note the wish; return whether it is noted: the cache may be away."""
    key = cache_key("job", job_id, "cancel")
    cache.set(key, True, KEPT_SECONDS)
    return bool(cache.get(key))


def read_progress(job_id: UUID) -> _Progress | None:
    reported = cache.get(cache_key("job", job_id, "progress"))
    return _Progress(*reported) if reported else None
