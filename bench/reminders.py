"""How fast due e-mails are claimed, beside one UPDATE of all of them as the limit.

    python -m bench.reminders [--quick]

Four in five e-mails are not due yet. Prints one JSON line a row and ends with the goals;
asserts nothing. Sending is not measured: a mail server's time is its own.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

from bench._database import analyse, database, make_owner
from bench._lines import Lines, asked_quick, timed

FILL = """
    INSERT INTO notifications_envelope (
        id, organisation_id, email_id, channel, due_at, state, attempts, created_at
    )
    SELECT gen_random_uuid(), %(organisation)s, gen_random_uuid(), 'email',
        now() + make_interval(secs => CASE WHEN n %% 5 = 0 THEN -60 - n ELSE 86400 END),
        'due', 0, now()
    FROM generate_series(1, %(count)s) AS n
"""
ONE_UPDATE = """
    UPDATE notifications_envelope SET lease_until = now() + interval '5 minutes', attempts = 1
    WHERE state = 'due' AND due_at <= now() AND lease_until IS NULL
"""


def fill(organisation_id: int, count: int) -> int:
    """Make so many envelopes anew, a fifth of them due; return how many are due."""
    from django.db import connection

    from core.notifications.models import Envelope

    Envelope.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"organisation": organisation_id, "count": count})
    analyse()
    return count // 5


def one_update() -> int:
    """Claim all in one statement; return how many."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(ONE_UPDATE)
        return int(cursor.rowcount)


def claim_all(most: int) -> list[Any]:
    """Claim as dispatch does, batch by batch, until `most` are claimed or none is due."""
    from core.notifications.dispatch import claim

    found: list[Any] = []
    while len(found) < most:
        claims = claim("email")
        found += [envelope_id for mine in claims for envelope_id in mine.envelope_ids]
        if not claims:
            break
    return found


def one_by_one(most: int) -> list[Any]:
    """Claim one row a transaction, as a task a row would."""
    from core.common import clock
    from core.notifications.models import Envelope

    due = Envelope.objects.filter(state="due", due_at__lte=clock.now(), lease_until=None)
    found = list(due.values_list("pk", flat=True)[:most])
    until = clock.now() + timedelta(minutes=5)
    for envelope_id in found:
        due.filter(pk=envelope_id).update(lease_until=until, attempts=1)
    return found


def one_task_each(most: int) -> list[Any]:
    """Put a Celery task a row into the broker, and let a worker of this process do them."""
    from celery import Celery
    from celery.contrib.testing.worker import start_worker

    from core.common import clock
    from core.notifications.models import Envelope

    broker = os.environ["CELERY_BROKER_URL"]
    app = Celery("bench", broker=broker, set_as_current=False)
    app.conf.update(worker_hijack_root_logger=False, task_ignore_result=True)
    due = Envelope.objects.filter(state="due", due_at__lte=clock.now(), lease_until=None)
    until, claimed, done = clock.now() + timedelta(minutes=5), [], Event()

    @app.task(name="bench.claim")
    def claim_one(envelope_id: str) -> None:
        if due.filter(pk=envelope_id).update(lease_until=until, attempts=1):
            claimed.append(envelope_id)
        if len(claimed) == len(ids):
            done.set()

    ids = list(due.values_list("pk", flat=True)[:most])
    with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR"):
        for envelope_id in ids:
            claim_one.delay(str(envelope_id))
        done.wait(timeout=600)
    return claimed


def by_workers(count: int, work: Callable[[], list[Any]]) -> list[Any]:
    """Return what so many threads have claimed, each over a connection of its own."""
    from django.db import connection

    found: list[Any] = []

    def run() -> None:
        try:
            found.extend(work())
        finally:
            connection.close()

    threads = [Thread(target=run) for _worker in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def idle() -> float:
    """Ask what a sweep asks when nothing is due; return the milliseconds PostgreSQL took."""
    from django.db import connection

    from core.common import clock
    from core.notifications.dispatch import DUE

    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {DUE}",
            {"now": clock.moved(), "channel": "email"},
        )
        (plans,) = cursor.fetchone()
    return float(plans[0]["Execution Time"])


def main() -> None:
    quick = asked_quick(__doc__)
    count, sample = (100_000, 5_000) if quick else (1_000_000, 20_000)
    lines = Lines("reminders")
    with database("reminders"):
        organisation_id = make_owner().organisation.pk
        due = fill(organisation_id, count)
        size = f"{due} due of {count}"

        seconds, claimed = timed(one_update)
        limit = claimed / seconds
        lines.row("claim", size, "one UPDATE", seconds, claimed)
        rates = {}
        doubled = 0
        methods: dict[str, tuple[int, Callable[[], list[Any]]]] = {
            "ours, 1 worker": (1, partial(claim_all, sample)),
            "ours, 2 workers": (2, partial(claim_all, sample // 2)),
            "one row at a time": (1, partial(one_by_one, sample // 5)),
            "one Celery task each": (1, partial(one_task_each, sample // 10)),
        }
        for method, (workers, work) in methods.items():
            fill(organisation_id, count)
            seconds, found = timed(partial(by_workers, workers, work))
            twice = sum(1 for times in Counter(found).values() if times > 1)
            rates[method] = len(found) / seconds
            ratio = round(rates[method] / limit, 4)
            lines.row("claim", size, method, seconds, len(found), ratio=ratio, doubled=twice)
            doubled += twice

        one_update()
        from core.notifications.models import Envelope

        Envelope.objects.filter(attempts__gt=0).update(state="sent")
        analyse()
        scan = min(idle() for _run in range(50))
        lines.row("idle", f"0 due of {count - due} pending", "dispatch", scan / 1000)
    ours = rates["ours, 1 worker"]
    lines.goal("claims of one worker at 0.5 of one UPDATE", 0.5, ours / limit, ours / limit >= 0.5)
    single = ours / rates["one Celery task each"]
    lines.goal("claims over one Celery task each", 100, single, single >= 100)
    lines.goal("claimed twice", 0, doubled, doubled == 0)
    lines.goal("idle dispatch, ms of SQL", 0.1, scan, scan <= 0.1)
    lines.end()


if __name__ == "__main__":
    main()
