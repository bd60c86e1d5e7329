"""Long work of this app, done for a Job row."""

from __future__ import annotations

from django.urls import reverse

from core.jobs.models import Job
from core.jobs.progress import Reporter
from core.jobs.work import Outcome, job_task
from pairing.runs.operations import runs


@job_task("pairing.compute_match_run")
def compute_match_run(organisation_id: int, job: Job, report: Reporter) -> Outcome:
    run_id = runs.compute_match_run(organisation_id, job, report)
    path = reverse("pairing:match_run", args=[job.organisation.slug, run_id])
    return Outcome(result={"run": str(run_id)}, path=path)
