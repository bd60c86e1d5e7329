"""Primary keys: UUID version 7 (RFC 9562), made here and never by the database."""

import os
from uuid import UUID

from mentoring.common import clock


def new_id() -> UUID:
    """Return a UUIDv7: 48 bits of milliseconds, then 74 random bits.

    Rows made later sort later, so indexes grow at their end; what is left is unguessable.
    Source: RFC 9562, section 5.7.
    """
    milliseconds = int(clock.now().timestamp() * 1000)
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= ((random >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random & (2**62 - 1)
    return UUID(int=value)
