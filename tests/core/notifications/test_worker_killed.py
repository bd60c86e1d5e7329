"""A real Celery worker, killed with -9 in the middle of 200 reminders: none lost."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from urllib.parse import quote

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection

from core.notifications.models import Email, Envelope
from core.notifications.operations import Draft, Link, enqueue_all
from core.tenancy.context import tenant
from devtools import mail_server
from tests.cast import Cast
from tests.core.notifications.build import CONTEXT

EMAILS = 200
IN_FLIGHT = 1  # one worker with one process has one e-mail in its hands
# A broker database of its own: nobody else's hints reach this worker.
BROKER = re.sub(r"(virtual_host=|/)\d+$", r"\g<1>7", settings.CELERY_BROKER_URL)


@contextmanager
def working(port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker on the test's database that posts to `port`; whatever is left of it is ended."""
    base = connection.settings_dict
    url = f"postgresql://{base['USER']}:{quote(base['PASSWORD'])}@/{base['NAME']}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"{url}?host={quote(base['HOST'], safe='')}&port={base['PORT'] or 5432}",
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "NOTIFICATION_LEASE_SECONDS": "2",
        "DB_POOL": "no",
    }
    command = [sys.executable, "-m", "celery", "-A", "mentoring.celery", "worker"]
    options = ["--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "ERROR"]
    with (
        log.open("ab") as output,
        subprocess.Popen(
            [*command, *options],
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        ) as worker,
    ):
        try:
            yield worker
        finally:
            kill(worker)


def kill(worker: subprocess.Popen[bytes]) -> None:
    """End the worker and its pool with -9, as a machine that goes dark would."""
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def wait_until(true: Callable[[], bool], *, seconds: float, log: Path) -> None:
    """Wait, and say "look now" twice a second, as the sweep does."""
    with Celery(broker=BROKER, set_as_current=False) as app:
        ends = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < ends, log.read_text()[-3000:]
            app.send_task("notifications.dispatch", queue="emails", expires=5, ignore_result=True)
            for _ in range(25):
                if true():
                    break
                time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_200_reminders_loses_none(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", BROKER)  # Celery heeds it before any argument
    folder, log = tmp_path / "mail", tmp_path / "worker.log"
    with tenant(cast.acme):
        enqueue_all(
            [
                Draft(
                    cast.petra if number % 2 else cast.pavel,
                    "feedback.check_in_reminder",
                    f"reminder:{number}",
                    Link(signed="check-in", object_id=cast.petra.pk),
                    {**CONTEXT, "until": "30 November"},
                )
                for number in range(EMAILS)
            ]
        )

    def arrived() -> int:
        return len(list(folder.glob("*.eml")))

    with mail_server.running(folder) as port:
        with working(port, log) as worker:
            wait_until(lambda: arrived() >= EMAILS // 3, seconds=20, log=log)
            kill(worker)
        at_the_kill = arrived()
        with working(port, log):
            wait_until(
                lambda: not Envelope.objects.filter(state=Envelope.State.DUE).exists(),
                seconds=20,
                log=log,
            )

    assert EMAILS // 3 <= at_the_kill < EMAILS  # it was in the middle
    mails = [path.read_bytes() for path in folder.glob("*.eml")]
    ids = Counter(str(message_from_bytes(raw)["Message-ID"]) for raw in mails)
    assert len(ids) == EMAILS
    assert len(mails) - EMAILS <= IN_FLIGHT
    assert len(set(mails)) == EMAILS  # a repeat is the same byte for byte
    assert Envelope.objects.filter(state=Envelope.State.SENT).count() == EMAILS
    with tenant(cast.acme):
        assert Email.objects.filter(sent_at=None).count() == 0
