"""From a task's name to work with progress, cancel and one honest end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db import OperationalError, connection

from core.common.errors import DomainError
from core.jobs import operations
from core.jobs.models import Job
from core.jobs.progress import Cancelled, Reporter

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What the work leaves on its job: facts, and where to read on."""

    result: Mapping[str, object] = field(default_factory=dict)
    path: str = ""


Work = Callable[[int, Job, Reporter], Outcome]


def _extend_apart(organisation_id: int, job_id: UUID) -> None:
    """Extend the lease on a connection of its own.

    The work may stand in the middle of a long transaction: what that writes nobody else sees before
    its end, and whoever looks at the row meanwhile waits for it.
    """

    def extend() -> None:
        try:
            operations.extend(organisation_id, job_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(copy_context().run, extend).result()


def job_task(name: str) -> Callable[[Work], Any]:
    """Make a Celery task `name` of work that is done for a Job row of that kind.

    The work opens its own `tenant(organisation_id)`, once around what must happen together,
    and may be called again for the same job: it has to be safe to repeat.
    """

    def decorate(work: Work) -> Any:
        @shared_task(name=name)
        @wraps(work)
        def run(organisation_id: int, job_id: str) -> str | None:
            job = operations.claim(organisation_id, UUID(job_id))
            if job is None:
                return None
            finish = partial(operations.finish, organisation_id, job)
            keep_alive = partial(_extend_apart, organisation_id, job.pk)
            try:
                outcome = work(organisation_id, job, Reporter(organisation_id, job.pk, keep_alive))
            except Cancelled:
                state = Job.State.CANCELLED
                finish(state=state)
            except DomainError as refusal:
                state = Job.State.FAILED
                finish(state=state, error=str(refusal))
            except OperationalError:
                # PostgreSQL is away: no fault of the work, which is taken up when the lease ends
                log.exception("job %s was interrupted", job_id)
                return "interrupted"
            except Exception:
                log.exception("job %s failed", job_id)
                error = "Something went wrong on our side. Nothing was changed."
                state = Job.State.FAILED
                finish(state=state, error=error)
            else:
                state = Job.State.DONE
                finish(state=state, result=outcome.result, result_path=outcome.path)
            return state.value

        return run

    return decorate
