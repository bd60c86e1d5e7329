"""Celery on a machine whose clock is ten minutes ahead: `python -m tests.faults.ahead worker …`."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, tzinfo

from celery.__main__ import main

from core.common import clock

AHEAD = timedelta(minutes=10)


class _Ahead(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # no _Ahead
        return datetime.now(tz) + AHEAD  # noqa: TID251  this is the wrong clock


if __name__ == "__main__":
    setattr(clock, "datetime", _Ahead)  # noqa: B010  the one place that asks the machine
    sys.argv[0] = "celery"
    main()
