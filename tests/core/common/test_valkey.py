"""The cache may be away: nothing is known then, nobody waits, and limits are off."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache

from core.common.valkey import AWAY_SECONDS, Cache

pytestmark = pytest.mark.slow


@pytest.fixture(params=["nobody listens", "nobody answers"])
def away(request) -> Iterator[Cache]:
    """A cache whose server has gone, or hangs: the second takes connections and says nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if request.param == "nobody answers":
            server.listen(50)
        yield Cache(f"redis://127.0.0.1:{server.getsockname()[1]}/0", {})


def test_everything_about_a_cache_that_is_away_is_a_miss(away):
    began = time.monotonic()
    assert away.get("key") is None
    assert away.get("key", "otherwise") == "otherwise"
    assert away.get_many(["one", "two"]) == {}
    assert away.has_key("key") is False
    assert away.add("key", 1) is True  # nobody else has it: who locks by it goes on
    assert away.touch("key") is False
    assert away.delete("key") is False
    assert away.set_many({"one": 1}) == ["one"]
    away.set("key", 1)
    away.delete_many(["key"])
    away.clear()
    assert away.get_or_set("key", 7) == 7
    # asked once, with one more try; the others do not ask again
    assert time.monotonic() - began < 4
    assert away.answers() is False


def test_whoever_counts_begins_anew(away):
    assert [away.incr("key"), away.incr("key"), away.incr("key", 5)] == [1, 1, 5]
    assert away.decr("key") == -1


def test_a_key_that_is_not_there_is_still_an_error_while_the_cache_is_there():
    with pytest.raises(ValueError, match="not found"):
        cache.incr("none")


def test_it_is_asked_again_after_a_moment(away, monkeypatch):
    asked = []
    away.get("key")
    monkeypatch.setattr(
        "django.core.cache.backends.redis.RedisCache.get", lambda *_words: asked.append(1)
    )
    away.get("key")
    assert asked == []
    later = time.monotonic() + AWAY_SECONDS
    monkeypatch.setattr("time.monotonic", lambda: later)
    away.get("key")
    assert asked == [1]
