"""What organisations cost in which nothing is due: a day of passes over a thousand of them.

    python -m bench.sweeps [--quick]

Half of them are new and empty, half have a cohort that runs, with partnerships, sessions and
check-ins.  Prints one JSON line a row and ends with the goals; asserts nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bench._database import analyse, database, make_owner
from bench._lines import Lines, asked_quick

HOURS, MINUTES = 23, 24 * 60  # a day has that many looks by the hour, and one whole pass


def make_organisations(count: int) -> list[Any]:
    """Open so many; every second one has a circle at work."""
    from bench.metrics import Shape, make_history
    from core.common import clock

    owners = [make_owner(f"bench{number}") for number in range(count)]
    for owner in owners[::2]:
        make_history(owner, Shape(1, 2, 4), clock.now().date())
    return owners


def rest() -> int:
    """Follow up until nothing is due any more; return how many passes that took."""
    from mentoring.follow_ups import follow_up_due

    passes = 0
    while done := follow_up_due():
        passes += done
    return passes


def look(moment: Any, whole: Sequence[Any] = ()) -> tuple[float, int, float]:
    """Follow up what the hour marks, or these whole; return seconds, passes and seconds of CPU."""
    from core.common import clock
    from core.tenancy import due
    from core.tenancy.context import tenant

    with clock.at(moment):
        for owner in whole:
            with tenant(owner.organisation):
                due.mark()
        if not whole:
            due.mark_hour()
        cpu, wall = time.process_time(), time.perf_counter()
        passes = rest()
        return time.perf_counter() - wall, passes, time.process_time() - cpu


def most_statements(owner: Any) -> Counter[str]:
    """Return how many statements each follow-up needs where nothing is to be done."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from core.common import clock
    from core.tenancy.context import tenant
    from mentoring.follow_ups import FOLLOW_UPS

    counted: Counter[str] = Counter()
    for step in FOLLOW_UPS:
        with tenant(owner.organisation), CaptureQueriesContext(connection) as statements:
            step(at=clock.now())
        name = getattr(step, "__name__", "") or f"{step.func.__name__} {step.args[0].name}"  # type: ignore[attr-defined]  # a partial
        counted[name] = len(statements)
    return counted


def main() -> None:
    organisations = 40 if asked_quick(__doc__) else 1000
    lines = Lines("sweeps")
    with database("sweeps"):
        from core.common import clock

        owners = make_organisations(organisations)
        analyse()
        size, start = f"{organisations} idle organisations", clock.now()
        seconds, passes, first = look(start)
        lines.row("first passes", size, "ours", seconds, passes, cpu_s=round(first, 3))
        seconds, passes, hour = look(start + timedelta(hours=1))
        lines.row("hourly look", size, "ours", seconds, passes, cpu_s=round(hour, 3))
        seconds, passes, whole = look(start + timedelta(hours=2), whole=owners)
        lines.row("whole pass", size, "ours", seconds, passes, cpu_s=round(whole, 3))
        for name, number in most_statements(owners[0]).most_common(8):
            lines.row(name, "one organisation", "nothing due", 0.0, statements=number)
    a_minute = (hour * HOURS + whole) / MINUTES * 1000 / organisations
    lines.goal("1,000 idle organisations, s of worker CPU a minute", 1, a_minute, a_minute < 1)
    lines.end()


if __name__ == "__main__":
    main()
