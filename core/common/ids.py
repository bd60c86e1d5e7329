"""Primary keys: UUID version 7 (RFC 9562), made here and never by the database."""

import os
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime
from itertools import count
from uuid import UUID

from django.conf import settings

from core.common import clock

_seeded: ContextVar[Iterator[int] | None] = ContextVar("ids_seeded", default=None)


def new_id() -> UUID:
    """Return a UUIDv7: 48 bits of milliseconds, then 74 random bits.

    Rows made later sort later, so indexes grow at their end; what is left is unguessable.
    Source: RFC 9562, section 5.7.
    """
    milliseconds = int(clock.now().timestamp() * 1000)
    seeded = _seeded.get()
    low = next(seeded) if seeded else int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= ((low >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= low & (2**62 - 1)
    return UUID(int=value)


def timeless_id() -> UUID:
    """Return a UUIDv4, for what must not say when it was made."""
    seeded = _seeded.get()
    drawn = next(seeded) << 54 if seeded else int.from_bytes(os.urandom(16), "big")
    return UUID(int=drawn, version=4)


def first_id_of(moment: datetime) -> UUID:
    """Return what is smaller than every id made at that moment or later, by `new_id`."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def ids_in(texts: Iterable[str]) -> list[UUID]:
    """Return the ids that a form sent, without what is none."""
    ids = []
    for text in texts:
        with suppress(ValueError):
            ids.append(UUID(text))
    return ids


@contextmanager
def seeded(seed: str) -> Iterator[None]:
    """Let ids come from this seed, those of one moment in the order in which they are made.

    For demo data and tests, whose clock stands still; whoever knows the seed can guess them, so
    that it raises RuntimeError where TIME_TRAVEL is off.  Source: RFC 9562, section 6.2, method 1.
    """
    if not settings.TIME_TRAVEL:
        raise RuntimeError("ids.seeded is for demo and tests")
    token = _seeded.set(_numbered(random.Random(seed)))
    try:
        yield
    finally:
        _seeded.reset(token)


def _numbered(draw: random.Random) -> Iterator[int]:
    """Yield 26 bits that count and 48 that are drawn."""
    return (number << 48 | draw.getrandbits(48) for number in count(1))
