"""Long work of this app, done for a Job row."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from core.jobs.models import Job
from core.jobs.progress import Reporter
from core.jobs.work import Outcome, job_task
from core.tenancy.context import tenant
from metrics.impact import operations
from metrics.models import RecordImport
from metrics.readers import PRINT, CohortGone, keep_report
from programs.models.programs import Cohort


def _import_of(job: Job) -> RecordImport:
    rows = RecordImport.objects.for_list().select_related("file")
    return rows.get(pk=UUID(job.input["import"]))


@job_task(operations.READ_KIND)
def read_records(organisation_id: int, job: Job, progress: Reporter) -> Outcome:
    """Read an uploaded file of HR records: which columns it has."""
    with tenant(organisation_id):
        record_import = _import_of(job)
        operations.read_records(record_import=record_import, progress=progress)
        return Outcome(path=record_import.get_absolute_url())


@job_task(operations.PLAN_KIND)
def plan_records(organisation_id: int, job: Job, progress: Reporter) -> Outcome:
    """Decide what would happen to each row of a file of HR records."""
    with tenant(organisation_id):
        record_import = _import_of(job)
        operations.plan_record_import(record_import=record_import, progress=progress)
        return Outcome(path=record_import.get_absolute_url())


@job_task(operations.APPLY_KIND)
def apply_records(organisation_id: int, job: Job, progress: Reporter) -> Outcome:
    """Write all good rows of a file of HR records in one transaction, or none of them."""
    with tenant(organisation_id):
        record_import, by = _import_of(job), job.asked_by
        assert by is not None  # nobody but a person begins an import
        counts = operations.apply_record_import(
            record_import=record_import, digest=job.input["digest"], by=by, progress=progress
        )
        return Outcome(result=counts, path=record_import.get_absolute_url())


@job_task(operations.UNDO_KIND)
def undo_records(organisation_id: int, job: Job, progress: Reporter) -> Outcome:
    """Take an import of HR records back, in one transaction."""
    with tenant(organisation_id):
        record_import, by = _import_of(job), job.asked_by
        assert by is not None  # nobody but a person undoes an import
        counts = operations.undo_record_import(
            record_import=record_import, by=by, progress=progress
        )
        return Outcome(result=counts, path=record_import.get_absolute_url())


@job_task(PRINT)
def print_report(organisation_id: int, job: Job, report: Reporter) -> Outcome:
    """Print a cohort's report as whoever asked for it sees it."""
    by = job.asked_by
    assert by is not None  # nobody but a person asks for a report
    with tenant(organisation_id, member=by.pk):
        cohort = Cohort.objects.visible_to(by).for_list().filter(pk=job.input["cohort"]).first()
        if cohort is None:
            raise CohortGone
        keep_report(cohort=cohort, by=by)
        return Outcome(path=reverse("metrics:printed", args=[job.organisation.slug, cohort.pk]))
