"""Computing a run in a worker, and the sweeps that keep runs and seats in step."""

from __future__ import annotations

from django.urls import reverse

from core.common import clock
from core.jobs.models import Job
from core.jobs.progress import Reporter
from core.jobs.sweeps import sweep
from core.jobs.work import Outcome, job_task
from core.tenancy.days import today
from pairing.partnerships.operations import partnerships, repairing
from pairing.requests.operations import sweeping
from pairing.runs.operations import runs


@job_task("pairing.compute_match_run")
def compute_match_run(organisation_id: int, job: Job, report: Reporter) -> Outcome:
    run_id = runs.compute_match_run(organisation_id, job, report)
    path = reverse("pairing:match_run", args=[job.organisation.slug, run_id])
    return Outcome(result={"run": str(run_id)}, path=path)


@sweep(name="pairing.settle_runs")
def settle_runs() -> None:
    """Every half minute: runs whose job was cancelled or given up are closed too."""
    runs.settle_runs()


@sweep(name="pairing.look_after_requests")
def look_after_requests() -> None:
    """Every minute: requests lapse or become pointless, and the next wish is asked."""
    sweeping.lapse_due_requests(at=clock.now())
    sweeping.close_pointless_requests()
    sweeping.follow_up_requests()


@sweep(name="pairing.resume_rested_partnerships")
def resume_rested_partnerships() -> None:
    """Every five minutes: partnerships whose rest is over go on."""
    repairing.resume_rested_partnerships(today=today())


@sweep(name="pairing.free_seats_of_the_gone")
def free_seats_of_the_gone() -> None:
    """Every minute: people who have withdrawn or left leave their seats."""
    partnerships.free_seats_of_the_gone()
