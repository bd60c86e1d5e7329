"""Long work of this app, done for a Job row."""

from __future__ import annotations

from uuid import UUID

from core.jobs.models import Job
from core.jobs.progress import Reporter
from core.jobs.work import Outcome, job_task
from core.members.models import Member
from core.tenancy.context import tenant
from programs.models.imports import PeopleImport
from programs.operations import imports


def _import_of(job: Job) -> PeopleImport:
    rows = PeopleImport.objects.for_list().select_related("file")
    return rows.get(pk=UUID(job.input["import"]))


def _asked_by(job: Job) -> Member:
    by: Member | None = job.asked_by
    assert by is not None  # nobody but a person begins an import
    return by


@job_task("programs.read_import")
def read_import(organisation_id: int, job: Job, progress: Reporter) -> Outcome:
    """Read an uploaded file: how it is written, which columns it has."""
    with tenant(organisation_id):
        people_import = _import_of(job)
        imports.read_import(people_import=people_import, progress=progress)
        return Outcome(path=people_import.get_absolute_url())


@job_task("programs.plan_import")
def plan_import(organisation_id: int, job: Job, progress: Reporter) -> Outcome:
    """Decide what would happen to each row of an import."""
    with tenant(organisation_id):
        people_import = _import_of(job)
        imports.plan_import(people_import=people_import, progress=progress)
        return Outcome(path=people_import.get_absolute_url())


@job_task("programs.apply_import")
def apply_import(organisation_id: int, job: Job, progress: Reporter) -> Outcome:
    """Write all good rows of an import in one transaction, or none of them."""
    with tenant(organisation_id):
        people_import = _import_of(job)
        report = imports.apply_import(
            people_import=people_import,
            digest=job.input["digest"],
            leavers=job.input.get("leavers", False),
            by=_asked_by(job),
            progress=progress,
        )
        return Outcome(result=report.done, path=people_import.get_absolute_url())


@job_task("programs.undo_import")
def undo_import(organisation_id: int, job: Job, progress: Reporter) -> Outcome:
    """Take an import back, in one transaction."""
    with tenant(organisation_id):
        people_import = _import_of(job)
        report = imports.undo_import(
            people_import=people_import, by=_asked_by(job), progress=progress
        )
        result = {"removed": report.removed, "restored": report.restored}
        return Outcome(result=result, path=people_import.get_absolute_url())
