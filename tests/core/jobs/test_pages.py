"""Long work: its page (how far, stopped, done; the fragment is what a reload shows), its worker."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.common import clock
from core.jobs import operations as jobs_operations
from core.jobs.models import Job
from core.members.models import Member
from core.tenancy.cache import cache_key_of
from core.tenancy.context import tenant
from tests.cast import Cast, main_of, sign_in

HTMX = {"HX-Request": "true"}


def make_job(by: Member, state: str = "queued", **columns: object) -> Job:
    """Ask for long work; put it into a state as the worker would."""
    with tenant(by.organisation):
        job = jobs_operations.start(
            kind="tests.nothing", title="Import 240 people", by=by, input={}
        )
        if state != "queued":
            jobs_operations.claim(by.organisation_id, job.pk)
        if state not in {"queued", "running"}:
            job.refresh_from_db()
            jobs_operations.finish(by.organisation_id, job, state=Job.State(state), **columns)
        job.refresh_from_db()
        return job


def page_of(job: Job) -> str:
    return reverse("jobs:job", args=["acme", job.pk])


def without_token(html: str) -> str:
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", html)


@pytest.mark.parametrize("state", ["queued", "running", "done", "failed", "cancelled"])
def test_the_fragment_is_what_a_reload_shows(cast: Cast, state: str):
    job, browser = make_job(cast.cora, state), sign_in(cast.cora)
    whole = without_token(browser.get(page_of(job)).content.decode())
    fragment = without_token(browser.get(page_of(job), headers=HTMX).content.decode())
    assert "<html" not in fragment
    assert fragment.strip() in whole
    assert ('hx-trigger="every 1s"' in fragment) == (state in {"queued", "running"})


def test_progress_is_shown_and_survives_a_reload(cast: Cast):
    job, browser = make_job(cast.cora, "running"), sign_in(cast.cora)
    key = cache_key_of(cast.acme.pk, "job", job.pk, "progress")
    cache.set(key, [1188, 2400, "Row 1188, checking managers"], 60)
    for _look in range(2):
        page = browser.get(page_of(job)).content.decode()
        assert 'value="1188" max="2400"' in page
        assert "Row 1188, checking managers" in page


def test_the_answer_is_never_kept_and_varies_by_who_asks(cast: Cast):
    response = sign_in(cast.cora).get(page_of(make_job(cast.cora)))
    assert "no-store" in response.headers["Cache-Control"]
    assert "HX-Request" in response.headers["Vary"]


def test_done_work_leads_to_its_result(cast: Cast):
    job = make_job(cast.cora, "done", result_path="/o/acme/people/")
    page = sign_in(cast.cora).get(page_of(job)).content.decode()
    assert 'href="/o/acme/people/"' in page.partition("<main")[2]


def test_failed_work_says_why(cast: Cast):
    job = make_job(cast.cora, "failed", error="The file has <no> e-mail column.")
    page = sign_in(cast.cora).get(page_of(job)).content.decode()
    assert "The file has &lt;no&gt; e-mail column." in page


def test_waiting_work_is_cancelled_at_once_and_the_second_click_is_refused(cast: Cast):
    job, browser = make_job(cast.cora), sign_in(cast.cora)
    url = reverse("jobs:cancel_job", args=["acme", job.pk])
    assert browser.post(url).headers["Location"] == page_of(job)
    with tenant(cast.acme):
        job.refresh_from_db()
    assert (job.state, job.finished_at <= clock.now()) == ("cancelled", True)
    again = browser.post(url, headers=HTMX)
    assert again.status_code == 409
    assert "already finished" in again.content.decode()


def test_running_work_is_asked_to_stop(cast: Cast):
    job, browser = make_job(cast.cora, "running"), sign_in(cast.cora)
    answer = browser.post(reverse("jobs:cancel_job", args=["acme", job.pk]), headers=HTMX)
    assert answer.status_code == 200
    assert cache.get(cache_key_of(cast.acme.pk, "job", job.pk, "cancel")) is True


def test_cancelling_is_never_a_get(cast: Cast):
    job = make_job(cast.cora)
    url = reverse("jobs:cancel_job", args=["acme", job.pk])
    assert sign_in(cast.cora).get(url).status_code == 405


@pytest.mark.parametrize(
    ("who", "status"),
    [("olga", 200), ("cora", 200), ("hugo", 404), ("petra", 404), ("greta", 404)],
)
def test_work_is_seen_by_who_asked_and_by_who_runs_programs(cast: Cast, who: str, status: int):
    job, browser = make_job(cast.cora), sign_in(getattr(cast, who))
    assert browser.get(page_of(job)).status_code == status
    cancel = reverse("jobs:cancel_job", args=["acme", job.pk])
    assert browser.post(cancel).status_code == (302 if status == 200 else 404)


def test_foreign_and_unknown_work_are_the_same(cast: Cast):
    browser, foreign = sign_in(cast.olga), make_job(cast.gina)
    pages = [
        browser.get(reverse("jobs:job", args=["acme", job_id])) for job_id in (foreign.pk, uuid4())
    ]
    assert pages[0].status_code == pages[1].status_code == 404
    assert main_of(pages[0]) == main_of(pages[1])


def test_the_page_costs_the_same_with_three(cast: Cast):
    browser, costs = sign_in(cast.cora), []
    for _more in range(3):
        job = make_job(cast.cora)
        browser.get(page_of(job))
        with CaptureQueriesContext(connection) as caught:
            browser.get(page_of(job))
        costs.append(len(caught))
    assert len(set(costs)) == 1


def test_a_worker_keeps_hold_of_running_work_and_of_no_other(cast: Cast):
    waiting, running = make_job(cast.cora), make_job(cast.cora, "running")
    later = clock.now() + timedelta(minutes=4)
    with clock.at(later):
        for job in (waiting, running):
            jobs_operations.extend(cast.acme.pk, job.pk)
    with tenant(cast.acme):
        waiting.refresh_from_db()
        running.refresh_from_db()
    assert (waiting.state, waiting.lease_until) == ("queued", None)
    assert (running.state, running.lease_until) == ("running", later + jobs_operations.LEASE)


def test_lost_work_is_told_to_a_worker_again(cast: Cast, django_capture_on_commit_callbacks):
    waiting, running = make_job(cast.cora), make_job(cast.cora, "running")
    now = clock.now()
    for at, told in [
        (now + timedelta(seconds=20), 0),
        (now + timedelta(minutes=1), 1),
        (now + timedelta(minutes=6), 2),
    ]:
        with tenant(cast.acme), django_capture_on_commit_callbacks() as hints:
            assert jobs_operations.requeue_expired(at=at) == told
        assert len(hints) == told
    with tenant(cast.acme):
        waiting.refresh_from_db()
        running.refresh_from_db()
    assert (waiting.state, running.state) == ("queued", "running")


def test_work_that_lost_its_worker_three_times_has_failed(
    cast: Cast, django_capture_on_commit_callbacks
):
    job, now = make_job(cast.cora), clock.now()
    for attempt in range(jobs_operations.MAX_ATTEMPTS):
        with clock.at(now + attempt * timedelta(minutes=6)):
            assert jobs_operations.claim(cast.acme.pk, job.pk)
    at = now + timedelta(minutes=18)
    with tenant(cast.acme), django_capture_on_commit_callbacks() as hints:
        assert jobs_operations.requeue_expired(at=at) == 1
        assert jobs_operations.requeue_expired(at=at) == 0
        job.refresh_from_db()
    assert hints == []
    assert (job.state, job.attempts, job.lease_until) == ("failed", 3, None)
    assert job.finished_at == at
    assert job.error == "It stopped three times without finishing."
    with clock.at(at):
        assert jobs_operations.claim(cast.acme.pk, job.pk) is None
