"""Starting, claiming, finishing and cancelling long work, each in a short transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.common.errors import DomainError
from core.jobs import progress
from core.jobs.models import Job, StoredFile
from core.members.models import Member
from core.tenancy import due
from core.tenancy.context import current_organisation_id, tenant

LEASE = timedelta(minutes=5)
HINT_LOST = timedelta(seconds=30)  # a job that still waits then is told to a worker again
MAX_ATTEMPTS = 3
FILE_LIFE = timedelta(days=7)


class AlreadyFinished(DomainError):
    code, message = "job_already_finished", _("This has already finished.")


@transaction.atomic
def start(*, kind: str, title: str, by: Member | None, input: Mapping[str, object]) -> Job:
    """Write down long work and return its row; `kind` is the name of the task that does it.

    A worker is told after the commit; if that word is lost, the sweep says it again.
    """
    job = Job.objects.create(kind=kind, title=title, asked_by=by, input=input)
    due.mark(at=clock.now() + HINT_LOST)
    hint(job)
    return job


def hint(job: Job) -> None:
    """Tell a worker, once this transaction is committed, that there is work."""
    name, args = job.kind, [current_organisation_id(), str(job.pk)]
    transaction.on_commit(lambda: current_app.send_task(name, args=args), robust=True)


def claim(organisation_id: int, job_id: UUID) -> Job | None:
    """Take a queued job, or a running one whose lease has run out; None if it is not to be had."""
    with tenant(organisation_id):
        now = clock.now()
        free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now)
        claimed = Job.objects.filter(free, pk=job_id).update(
            state=Job.State.RUNNING,
            lease_until=now + LEASE,
            attempts=F("attempts") + 1,
            started_at=now,
        )
        if not claimed:
            return None
        return Job.objects.select_related("asked_by", "organisation").get(pk=job_id)


def extend(organisation_id: int, job_id: UUID) -> None:
    """Keep hold of a running job: called while its work is alive."""
    with tenant(organisation_id):
        Job.objects.filter(pk=job_id, state=Job.State.RUNNING).update(
            lease_until=clock.now() + LEASE
        )


def finish(
    organisation_id: int,
    job: Job,
    *,
    state: Job.State,
    result: Mapping[str, object] | None = None,
    result_path: str = "",
    error: str = "",
) -> None:
    """Close a running job, unless another worker has taken it over meanwhile."""
    with tenant(organisation_id):
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts).update(
            state=state,
            lease_until=None,
            finished_at=clock.now(),
            result=result or {},
            result_path=result_path,
            error=error[:500],
        )
        due.mark()  # what the work has changed is followed up, as after a page


@transaction.atomic
def cancel(*, job: Job, by: Member) -> Job:
    """Stop a job: at once if it waits, at its next step if it runs.

    Raises AlreadyFinished if there is nothing left to stop.
    """
    waiting = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
        state=Job.State.CANCELLED, finished_at=clock.now()
    )
    if not waiting:
        if not Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).exists():
            raise AlreadyFinished
        progress.wish_cancelled(job.pk)
    job.refresh_from_db()
    return job


def requeue_expired(*, at: datetime) -> int:
    """Say again what a lost hint or a dead worker left behind; return how many jobs that was.

    Looks again by itself as long as there are jobs that have not ended.
    """
    stuck = Job.objects.filter(
        Q(state=Job.State.QUEUED, created_at__lt=at - HINT_LOST)
        | Q(state=Job.State.RUNNING, lease_until__lt=at)
    )
    jobs = list(stuck)
    for job in jobs:
        if job.attempts >= MAX_ATTEMPTS:
            Job.objects.filter(pk=job.pk, state=job.state).update(
                state=Job.State.FAILED,
                lease_until=None,
                finished_at=at,
                error="It stopped three times without finishing.",
            )
        else:
            hint(job)
    if Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists():
        due.mark(at=at + HINT_LOST)
    return len(jobs)


@transaction.atomic
def keep_file(*, name: str, content: bytes, by: Member) -> StoredFile:
    return StoredFile.objects.create(
        uploaded_by=by,
        name=name[:200],
        content=content,
        size=len(content),
        expires_at=clock.now() + FILE_LIFE,
    )


def drop_expired_files(*, at: datetime) -> int:
    """Delete uploads whose time is over; return how many."""
    return StoredFile.objects.filter(expires_at__lt=at).delete()[0]
