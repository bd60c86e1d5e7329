"""Starting, claiming, finishing and cancelling long work, each in a short transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.common.errors import DomainError
from core.common.rows import row_by_row
from core.jobs import progress
from core.jobs.models import Job, Recurring, StoredFile
from core.members.models import Member
from core.tenancy import due
from core.tenancy.context import current_organisation_id, tenant

LEASE = timedelta(minutes=5)
HINT_LOST = timedelta(seconds=30)  # a job that still waits then is told to a worker again
MAX_ATTEMPTS = 3


class AlreadyFinished(DomainError):
    code, message = "job_already_finished", _("This has already finished.")


class CannotStop(DomainError):
    code = "job_cannot_stop"
    message = _("It cannot be stopped just now. Try again in a minute.")


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
        now = clock.shared()
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
            lease_until=clock.shared() + LEASE
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

    Raises AlreadyFinished if there is nothing left to stop, CannotStop while the cache is away.
    """
    waiting = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
        state=Job.State.CANCELLED, finished_at=clock.now()
    )
    if not waiting:
        if not Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).exists():
            raise AlreadyFinished
        if not progress.wish_cancelled(job.pk):
            raise CannotStop
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

    def take_up(job: Job) -> None:
        if job.attempts >= MAX_ATTEMPTS:
            Job.objects.filter(pk=job.pk, state=job.state).update(
                state=Job.State.FAILED,
                lease_until=None,
                finished_at=at,
                error="It stopped three times without finishing.",
            )
        else:
            hint(job)

    taken_up = row_by_row(stuck, take_up)
    if Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists():
        due.mark(at=at + HINT_LOST)
    return taken_up


@transaction.atomic
def keep_file(
    *, name: str, content: bytes, by: Member, life: timedelta | None = None
) -> StoredFile:
    """Keep a file for whoever made it, for as long as uploads are kept or as `life` says."""
    return StoredFile.objects.create(
        uploaded_by=by,
        name=name[:200],
        content=content,
        size=len(content),
        expires_at=clock.now() + (life or timedelta(days=settings.KEEP_FILES_DAYS)),
    )


def drop_expired_files(*, at: datetime) -> int:
    """Delete uploads whose time is over; return how many."""
    return StoredFile.objects.filter(expires_at__lt=at).delete()[0]


def drop_old_jobs(*, at: datetime) -> int:
    """Delete long work that ended KEEP_JOBS_DAYS ago; what came of it stays. Return how much."""
    long_ago = at - timedelta(days=settings.KEEP_JOBS_DAYS)
    return Job.objects.filter(finished_at__lt=long_ago).delete()[0]


def take_recurring(name: str, *, every: timedelta) -> bool:
    """Say whether it is due, and if so put it off until the next time: one worker does it.

    What has never been done is due.
    """
    now = clock.now()
    _row, new = Recurring.objects.get_or_create(pk=name, defaults={"due_at": now + every})
    due_now = Recurring.objects.filter(pk=name, due_at__lte=now).update(due_at=now + every)
    return new or bool(due_now)
