"""Long work while the cache or PostgreSQL is away: it goes on, or is taken up again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError

from core.common import clock
from core.common.valkey import Cache
from core.jobs import operations, progress
from core.jobs.models import Job, Recurring, StoredFile
from core.jobs.work import Outcome, job_task
from core.tenancy.context import tenant
from tests.core.jobs.test_pages import make_job


@pytest.fixture
def cache_away(monkeypatch):
    monkeypatch.setattr(progress, "cache", Cache("redis://127.0.0.1:1/0", {}))


def done(job: Job, work) -> Job:
    """Let a worker do it, by a task made for it."""
    job_task(f"tests.{work.__name__}")(work)(job.organisation_id, str(job.pk))
    with tenant(job.organisation_id):
        return Job.objects.get(pk=job.pk)


def test_work_goes_on_while_the_cache_is_away(cast, cache_away):
    def reports(_organisation_id, _job, report):
        for row in range(3):
            report(row + 1, 3, "rows")
        return Outcome(result={"rows": 3})

    after = done(make_job(cast.olga), reports)
    assert (after.state, after.result, after.attempts) == ("done", {"rows": 3}, 1)


def test_work_goes_on_while_its_lease_cannot_be_extended(monkeypatch):
    def away() -> None:
        raise OperationalError("away")

    report = progress.Reporter(1, "job", away)
    monkeypatch.setattr(progress, "HEARTBEAT_EVERY", -1.0)
    report(1, 2, "rows")
    assert cache.get("o:1:job:job:progress") == [1, 2, "rows"]


def test_work_that_lost_the_database_is_taken_up_again_and_not_called_failed(cast):
    def breaks(_organisation_id, _job, _report):
        raise OperationalError("the connection is lost")

    def goes(_organisation_id, _job, _report):
        return Outcome(result={"rows": 3})

    job = done(make_job(cast.olga), breaks)
    assert (job.state, job.attempts, job.error) == ("running", 1, "")
    with clock.at(job.lease_until + timedelta(seconds=1)):
        with tenant(job.organisation_id):
            assert operations.requeue_expired(at=clock.now()) == 1
        job = done(job, goes)
    assert (job.state, job.attempts) == ("done", 2)


def test_who_cannot_stop_it_just_now_is_told_so(cast, cache_away):
    job = make_job(cast.olga, "running")
    with (
        tenant(job.organisation_id),
        pytest.raises(operations.CannotStop, match="cannot be stopped just now"),
    ):
        operations.cancel(job=job, by=cast.olga)


def test_what_recurs_is_done_once_a_period_by_whoever_comes_first(db):
    day = timedelta(days=1)
    began = clock.now()
    assert operations.take_recurring("something", every=day)
    assert not operations.take_recurring("something", every=day)
    assert operations.take_recurring("something else", every=day)
    for hours, due in [(23, False), (25, True), (26, False), (50, True)]:
        with clock.at(began + timedelta(hours=hours)):
            assert operations.take_recurring("something", every=day) is due
    assert Recurring.objects.count() == 2


def test_jobs_and_uploads_go_when_their_time_is_over(cast, settings):
    settings.KEEP_JOBS_DAYS, settings.KEEP_FILES_DAYS = 10, 3
    ended = make_job(cast.olga, "done")
    running = make_job(cast.olga, "running")
    with tenant(cast.acme):
        file = operations.keep_file(name="people.csv", content=b"x", by=cast.olga)
        assert file.expires_at - clock.now() > timedelta(days=2, hours=23)
        at = clock.now()
        for days, files, jobs in [(2, 1, 2), (4, 0, 2), (9, 0, 2), (11, 0, 1)]:
            moment = at + timedelta(days=days)
            operations.drop_expired_files(at=moment)
            operations.drop_old_jobs(at=moment)
            assert StoredFile.objects.count() == files
            assert Job.objects.filter(pk__in=[ended.pk, running.pk]).count() == jobs
        assert Job.objects.filter(pk=running.pk).exists()
