"""Long work of this app, done for a Job row."""

from __future__ import annotations

from uuid import UUID

from core.jobs.models import Job
from core.jobs.progress import Reporter
from core.jobs.work import Outcome, job_task
from core.tenancy.context import tenant
from programs.models.imports import PeopleImport
from programs.operations import imports


@job_task("programs.apply_import")
def apply_import(organisation_id: int, job: Job, progress: Reporter) -> Outcome:
    """Write all good rows of an import in one transaction, or none of them."""
    with tenant(organisation_id):
        people_import = PeopleImport.objects.for_list().get(pk=UUID(job.input["import"]))
        report = imports.apply_import(
            people_import=people_import,
            digest=job.input["digest"],
            by=job.asked_by,
            progress=progress,
        )
        return Outcome(result=report.done, path=people_import.get_absolute_url())
