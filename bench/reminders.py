"""How fast due e-mails are claimed, beside one UPDATE of all of them as the limit.

    python -m bench.reminders [--quick]

Four in five e-mails are not due yet. Prints one JSON line a row and ends with the goals;
asserts nothing. Sending is not measured: a mail server's time is its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Thread
from typing import Any

from bench._database import analyse, database, make_owner
from bench._lines import Lines, asked_quick, best_of, timed

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
        claims, seen = claim("email")
        found += [mine.envelope_id for mine in claims]
        if not seen:
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


def idle() -> int:
    """Run dispatch as a sweep does when nothing is due; return how many e-mails it sent."""
    from django.core.mail import get_connection

    from core.notifications.channels.email import EmailChannel
    from core.notifications.dispatch import dispatch

    return dispatch([EmailChannel(get_connection("django.core.mail.backends.dummy.EmailBackend"))])


def main() -> None:
    quick = asked_quick(__doc__)
    count, sample = (100_000, 5_000) if quick else (1_000_000, 20_000)
    lines = Lines("reminders")
    with database("reminders"):
        organisation_id = make_owner().organisation_id
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
        scan, _sent = best_of(50, idle)
        lines.row("idle", f"0 due of {count - due} pending", "dispatch", scan)
    ours = rates["ours, 2 workers"]
    lines.goal("claims at 0.5 of one UPDATE", 0.5, ours / limit, ours / limit >= 0.5)
    single = ours / rates["one row at a time"]
    lines.goal("claims over one row at a time", 10, single, single >= 10)
    lines.goal("claimed twice", 0, doubled, doubled == 0)
    lines.goal("idle dispatch, ms, with the ORM's own time", 1, scan * 1000, scan <= 0.001)
    lines.end()


if __name__ == "__main__":
    main()
