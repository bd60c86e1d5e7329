"""The cache as something that may be away: then nothing is known, and nobody waits for it.

A page or a job that finds Valkey gone goes on from PostgreSQL.  What counts in it counts each
time from the beginning, and a lock is had by whoever asks.  So limits are off meanwhile: nobody
outside can bring the cache down, and one that holds without counting would keep everybody out.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import redis
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

Value = TypeVar("Value")

AWAY_SECONDS = 1.0  # so long it is not asked again, by any thread: a page asks it several times
CONNECT_SECONDS = 0.5
ANSWER_SECONDS = 1.0


class Cache(RedisCache):
    """Django's cache in Valkey, whose absence is a miss."""

    _away_until: ClassVar[dict[str, float]] = {}

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        # one more try at once, for a connection that was kept and is dead; no pause before it
        options = {
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_timeout": ANSWER_SECONDS,
            "retry": Retry(NoBackoff(), 1),
        }
        super().__init__(server, {**params, "OPTIONS": options | params.get("OPTIONS", {})})
        self._server = server

    def answers(self) -> bool:
        """Say whether Valkey is there, asking it now."""
        return self._or(False, lambda: bool(self._cache.get_client().ping()), now=True)

    def _or(self, otherwise: Value, ask: Callable[[], Value], *, now: bool = False) -> Value:
        if not now and time.monotonic() < self._away_until.get(self._server, 0):
            return otherwise
        try:
            return ask()
        except (redis.ConnectionError, redis.TimeoutError) as error:
            log.warning("the cache is away: %s", type(error).__name__)
            self._away_until[self._server] = time.monotonic() + AWAY_SECONDS
            return otherwise

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return self._or(True, lambda: RedisCache.add(self, *args, **kwargs))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._or(default, lambda: RedisCache.get(self, key, default, version))

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._or(None, lambda: RedisCache.set(self, *args, **kwargs))

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return self._or(False, lambda: RedisCache.touch(self, *args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._or(False, lambda: RedisCache.delete(self, *args, **kwargs))

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return self._or({}, lambda: RedisCache.get_many(self, *args, **kwargs))

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return self._or(False, lambda: RedisCache.has_key(self, *args, **kwargs))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return self._or(delta, lambda: RedisCache.incr(self, key, delta, version))

    def set_many(self, data: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return self._or(list(data), lambda: RedisCache.set_many(self, data, *args, **kwargs))

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._or(None, lambda: RedisCache.delete_many(self, *args, **kwargs))

    def clear(self) -> None:
        self._or(None, lambda: RedisCache.clear(self))
