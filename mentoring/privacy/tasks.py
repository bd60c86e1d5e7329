"""Long work of privacy, done for a Job row."""

from __future__ import annotations

from django.urls import reverse

from core.jobs.models import Job
from core.jobs.progress import Reporter
from core.jobs.work import Outcome, job_task
from core.tenancy.context import tenant
from mentoring.privacy.export import KIND, keep_export


@job_task(KIND)
def export_person(organisation_id: int, job: Job, progress: Reporter) -> Outcome:
    """Put together what is whoever asked's own: read as themselves, and by nobody else."""
    by = job.asked_by
    assert by is not None  # nobody but a person asks for their own data
    with tenant(organisation_id, member=by.pk):
        keep_export(by=by)
        return Outcome(path=reverse("privacy:my_data", args=[by.organisation.slug]))
