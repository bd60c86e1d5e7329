"""From a task's name to work with progress, cancel and one honest end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any
from uuid import UUID

from celery import shared_task

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


def job_task(name: str) -> Callable[[Work], Any]:
    """Make a Celery task `name` of work that is done for a Job row of that kind.

    The work opens its own `tenant(organisation_id)`, once around what must happen together,
    and may be called again for the same job: it has to be safe to repeat.
    """

    def decorate(work: Work) -> Any:
        @shared_task(name=name)
        @wraps(work)
        def run(organisation_id: int, job_id: str) -> None:
            job = operations.claim(organisation_id, UUID(job_id))
            if job is None:
                return
            finish = partial(operations.finish, organisation_id, job)
            keep_alive = partial(operations.extend, organisation_id, job.pk)
            try:
                outcome = work(organisation_id, job, Reporter(organisation_id, job.pk, keep_alive))
            except Cancelled:
                finish(state=Job.State.CANCELLED)
            except DomainError as refusal:
                finish(state=Job.State.FAILED, error=str(refusal))
            except Exception:
                log.exception("job %s failed", job_id)
                error = "Something went wrong on our side. Nothing was changed."
                finish(state=Job.State.FAILED, error=error)
            else:
                finish(state=Job.State.DONE, result=outcome.result, result_path=outcome.path)

        return run

    return decorate
