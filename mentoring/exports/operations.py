"""Having a whole list written as a file by a worker: for lists that no browser waits for.

A file is kept in parts, as no row may be longer than an upload, for a day, for whoever asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.audit.operations import record
from core.common import clock
from core.jobs import operations as jobs
from core.jobs.models import Job, StoredFile
from core.jobs.progress import Reporter
from core.members.access import RESOURCES
from core.members.files import Tally, csv_blocks, json_blocks, typed_rows
from core.members.models import Member
from core.members.permissions import ROLE_PERMISSIONS
from core.members.sheets import write_parquet, write_workbook
from core.tenancy.context import tenant
from mentoring.exports.lists import WORDS, dictionary, meanings_of
from mentoring.resources import FILES

KIND = "exports.list"
LIFE = timedelta(hours=24)
PART = 8 * 1024 * 1024  # of a file, as a row
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


@transaction.atomic
def start_export(*, list: str, format: str, separator: str, bom: bool, by: Member) -> Job:
    """Have a list written as it is for this person; returns the work, which they may stop."""
    title = _("%(list)s as %(format)s") % {"list": WORDS[list], "format": format.upper()}
    job = jobs.start(
        kind=KIND,
        title=title,
        by=by,
        input={
            "list": list,
            "format": format,
            "separator": separator,
            "bom": bom,
            # what stood closed to them: the file is not given to somebody who may see less now
            "closed": sorted(closed_to(by, list)),
        },
    )
    record(by=by, verb="export.started", target=job)
    return job


def closed_to(member: Member, name: str) -> set[str]:
    """Return the columns of a list that somebody's role does not open."""
    return RESOURCES[name].closed_to(ROLE_PERMISSIONS[member.role])


def exports_of(member: Member) -> QuerySet[Job]:
    """Return what somebody has had written and can fetch now, newest first."""
    rows = Job.objects.visible_to(member).filter(kind=KIND, asked_by=member)
    kept = rows.filter(state=Job.State.DONE, finished_at__gt=clock.now() - LIFE)
    return kept.order_by("-finished_at")


def may_fetch(member: Member, job: Job) -> bool:
    """Say whether nothing in a file has been closed to this person since it was written."""
    return closed_to(member, job.input["list"]) <= set(job.input["closed"])


def write_export(organisation_id: int, job: Job, report: Reporter) -> dict[str, object]:
    """Write the file and keep it; return what stands on the job.

    Read in one transaction and kept in the next: one connection cannot send and take at once.
    """
    by, what = job.asked_by, job.input
    assert by is not None  # nobody but a person asks for a file
    with TemporaryFile() as file:
        with tenant(organisation_id, member=by.pk):
            rows = _write(file, by, what, report)
        size = file.tell()
        file.seek(0)
        with tenant(organisation_id, member=by.pk):
            name = f"{what['list']}.{what['format']}"
            parts = [
                jobs.keep_file(name=name, content=content, by=by, life=LIFE)
                for content in iter(lambda: file.read(PART), b"")
            ]
    return {"files": [str(part.pk) for part in parts], "rows": rows, "bytes": size}


def _write(file: IO[bytes], by: Member, what: dict[str, Any], report: Reporter) -> int:
    """Write the rows; return how many there are.  The reporter raises where work is to stop."""
    rows, columns = FILES[what["list"]].file_for(by)
    of, form, words = rows.count(), what["format"], str(WORDS[what["list"]])
    report(0, of, words)
    if form in ("csv", "jsonl"):
        tally = Tally()
        blocks = (
            csv_blocks(by, rows, columns, tally, separator=what["separator"], bom=what["bom"])
            if form == "csv"
            else json_blocks(by, rows, columns, tally)
        )
        for block in blocks:
            file.write(block)
            report(min(tally.rows, of), of, words)
        return of
    told = _reported(typed_rows(rows, columns), of, words, report)
    if form == "xlsx":
        write_workbook(file, columns, told, [*dictionary(by, what["list"])])
    else:
        write_parquet(file, columns, told, meanings_of(what["list"], columns))
    file.seek(0, 2)
    return of


def _reported(
    rows: Iterator[tuple[Any, ...]], of: int, words: str, report: Reporter
) -> Iterator[tuple[Any, ...]]:
    for done, row in enumerate(rows):
        if done % 500 == 0:
            report(min(done, of), of, words)
        yield row


def parts_of(member: Member, job: Job) -> Iterator[bytes]:
    """Yield the file part by part; the tenant is opened here, after the request's own."""
    for part_id in job.result["files"]:
        with tenant(member.organisation, member=member.pk):
            file = StoredFile.objects.visible_to(member).filter(pk=part_id).first()
            if file is None:  # the day has ended meanwhile: a short file is no whole one
                raise FileGone
            content = bytes(file.content)
        yield content


class FileGone(RuntimeError):
    """A file's time was over while it was sent."""
