"""One clock.  Everything that asks what time it is asks here; ruff bans the other ways."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import cast

from django.conf import settings
from django.db import connection

_at: ContextVar[datetime | None] = ContextVar("clock_at", default=None)


def now() -> datetime:
    """Return this moment in UTC, or the one that `at` has set."""
    # the one place that may read the machine's time
    return _at.get() or datetime.now(UTC)  # noqa: TID251  this is the clock


def moved() -> datetime | None:
    """Return `now` where time can travel, else None: then SQL takes the database's own clock."""
    return now() if settings.TIME_TRAVEL else None


def shared() -> datetime:
    """Return this moment by the one clock that all machines share, the database's.

    Leases go by it: a machine that runs ahead would take what others are still working on.
    """
    if here := moved():
        return here
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        return cast("datetime", cursor.fetchone()[0])


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Let the platform live at that moment: for demo data and tests, refused in production.

    Raises ValueError for a naive instant and RuntimeError where TIME_TRAVEL is off.
    """
    if not settings.TIME_TRAVEL:
        raise RuntimeError("clock.at is for demo and tests")
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    token = _at.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _at.reset(token)
