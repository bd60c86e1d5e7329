"""Long work of exports, done for a Job row."""

from __future__ import annotations

from django.urls import reverse

from core.jobs.models import Job
from core.jobs.progress import Reporter
from core.jobs.work import Outcome, job_task
from mentoring.exports.operations import KIND, write_export


@job_task(KIND)
def export_list(organisation_id: int, job: Job, report: Reporter) -> Outcome:
    """Write a list as whoever asked for it sees it."""
    result = write_export(organisation_id, job, report)
    return Outcome(result, path=reverse("exports:exports", args=[job.organisation.slug]))
