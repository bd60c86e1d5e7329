"""What a Celery worker and beat would have done by now, done at once: pytest runs neither.

A journey calls `catch_up` between two steps of a page, so that it decides itself what has
happened when, and a failure is raised in the test instead of logged where nobody looks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from celery import current_app

from core.common import clock
from core.jobs.models import Job
from core.notifications import sign_in
from core.tenancy import due
from core.tenancy.context import tenant
from core.tenancy.queries import live_organisations
from mentoring.follow_ups import follow_up_due

DISPATCH = "notifications.dispatch"


def catch_up() -> None:
    """Do the queued jobs, follow up every organisation to the end, then send what is due."""
    work_off()
    for organisation in live_organisations():  # operations of a test mark nothing by themselves
        with tenant(organisation):
            due.mark()
    with _errors_raised():
        while follow_up_due():  # what did something is looked at again
            pass
    run(DISPATCH)


class SignInMail(list[Any]):
    """mail.outbox of a test that signs in: looked into, it has what a worker would have sent."""

    def __iter__(self) -> Iterator[Any]:
        sign_in.send_due()
        return super().__iter__()

    def __len__(self) -> int:
        sign_in.send_due()
        return super().__len__()

    def __getitem__(self, index: Any) -> Any:
        sign_in.send_due()
        return super().__getitem__(index)

    def clear(self) -> None:
        sign_in.send_due()
        super().clear()


def everywhere(*steps: Callable[..., object]) -> None:
    """Run follow-ups in each open organisation, as a pass over all of them does."""
    for organisation in live_organisations():
        for step in steps:
            with tenant(organisation):
                step(at=clock.now())


def work_off() -> int:
    """Do the queued jobs of all organisations, oldest first; return how many."""
    waiting = []
    for organisation in live_organisations():
        with tenant(organisation):
            queued = Job.objects.filter(state=Job.State.QUEUED).order_by("id")
            waiting += [(job.kind, organisation.pk, str(job.pk)) for job in queued]
    for kind, organisation_id, job_id in waiting:
        run(kind, organisation_id, job_id)
    return len(waiting)


def run(name: str, *args: object) -> None:
    """Do one task as a worker does; what it would only log as an error is raised."""
    current_app.loader.import_default_modules()  # a worker does this when it starts
    with _errors_raised():
        current_app.tasks[name](*args)


@contextmanager
def _errors_raised() -> Iterator[None]:
    heard: list[logging.LogRecord] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record)

    root, ear = logging.getLogger(), Ear(level=logging.WARNING)
    root.addHandler(ear)
    try:
        yield
    finally:
        root.removeHandler(ear)
    if heard:
        first = heard[0]
        raise AssertionError(f"{first.name}: {first.getMessage()}") from (
            first.exc_info[1] if first.exc_info else None
        )
