"""HR records on their way in, and the comparisons that are released of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core.audit.operations import record
from core.common import clock
from core.common.statistics import rounded
from core.jobs import operations as jobs_operations
from core.jobs.models import Job
from core.jobs.progress import Reporter
from core.members.models import Member
from core.tenancy.days import today
from core.tenancy.queries import settings_in_force
from feedback.released import thresholds
from metrics.comparing import Balance, Matching, match
from metrics.impact.queries import (
    existing_records,
    people,
    read_file,
    undoing_of,
    waiting_cohorts,
)
from metrics.impact.records import (
    COLUMNS,
    DAYS,
    PlannedRecord,
    guess_columns,
    mapping_problems,
    plan_records,
    preview_of,
)
from metrics.models import Comparison, HrRecord, RecordImport
from metrics.queries.compared import OUTCOMES, Records
from programs.errors import BadMapping, ImportNotReady, ImportNotUndone, KeyUsed, PlanChanged
from programs.importing.mapping import normalise
from programs.importing.messages import UnreadableFile
from programs.importing.parsing import judge_dates, parse_date
from programs.importing.tables import MAX_ROWS, TableRow
from programs.models.programs import Program

READ_KIND = "metrics.read_records"
PLAN_KIND = "metrics.plan_records"
APPLY_KIND = "metrics.apply_records"
UNDO_KIND = "metrics.undo_records"
ROWS_AT_ONCE = 1000

_State = RecordImport.State
_AT_WORK = (_State.PLANNING, _State.APPLYING)


@transaction.atomic
def open_record_import(*, name: str, content: bytes, by: Member) -> RecordImport:
    """Keep an uploaded file and start the job that reads it: no page waits for a parser."""
    row = RecordImport.objects.create(
        file=jobs_operations.keep_file(name=name, content=content, by=by),
        file_name=name[:200],
        asked_by=by,
    )
    job = jobs_operations.start(
        kind=READ_KIND,
        title=_("Reading %(file)s") % {"file": row.file_name},
        by=by,
        input={"import": str(row.pk)},
    )
    _at_work(row, job)
    record(by=by, verb="record_import.opened", target=row, bytes=len(content))
    return row


def _at_work(row: RecordImport, job: Job) -> None:
    RecordImport.objects.filter(pk=row.pk).update(job_id=job.pk)
    row.refresh_from_db()


def _may_begin(row: RecordImport, *states: str, at_work: Sequence[str] = _AT_WORK) -> Q:
    """It waits, or its job has stopped and left everything as it was."""
    waiting = Q(state__in=states)
    over = Job.objects.filter(state__in=(Job.State.FAILED, Job.State.CANCELLED))
    if row.job_id is None or not over.filter(pk=row.job_id).exists():
        return waiting
    return waiting | Q(state__in=at_work, job_id=row.job_id)


@transaction.atomic
def read_records(*, record_import: RecordImport, progress: Reporter) -> None:
    """Read an uploaded file and guess its columns, or keep why it cannot be read."""
    rows = RecordImport.objects.filter(pk=record_import.pk, state=_State.READING)
    try:
        table = read_file(
            record_import, step=lambda done: progress(done, MAX_ROWS, _("Reading rows"))
        )
    except UnreadableFile as refusal:
        reading: dict[str, object] = {"refusal": refusal.code, "params": refusal.params}
        rows.update(reading=reading, state=_State.MAPPING)
        return
    mapping = _remembered(table.headers) or guess_columns(table.headers)
    days = [at for name in DAYS if (at := mapping.get(name)) is not None]
    rows.update(
        reading={
            "headers": table.headers,
            "encoding": table.encoding,
            "rows": len(table.rows),
            "samples": [[cell[:80] for cell in row.cells] for row in table.rows[:5]],
        },
        mapping=mapping,
        date_order=judge_dates(cell for at in days for cell in table.column(at)),
        state=_State.MAPPING,
    )


def _remembered(headers: Sequence[str]) -> dict[str, int | None] | None:
    """Return the columns as they were confirmed last time, where the headings are the same."""
    words = [normalise(header) for header in headers]
    applied = RecordImport.objects.filter(state=_State.APPLIED, idempotency_key="")
    before = applied.order_by("-applied_at").first()
    if before is None or words != [normalise(one) for one in before.reading.get("headers", ())]:
        return None
    return dict(before.mapping)


@transaction.atomic
def confirm_record_columns(
    *,
    record_import: RecordImport,
    mapping: Mapping[str, int | None],
    known_on: date | None,
    date_order: str,
    by: Member,
) -> RecordImport:
    """Set which column fills which field, and start planning what the rows would do.

    `known_on` is the day of rows that name none.  Raises BadMapping, ImportNotReady.
    """
    if problems := mapping_problems(mapping, known_on):
        raise BadMapping(_(problems[0].code.sentence))
    ready = RecordImport.objects.filter(
        _may_begin(record_import, _State.MAPPING, _State.PREVIEW), pk=record_import.pk
    )
    if not ready.update(
        mapping=dict(mapping), known_on=known_on, date_order=date_order, state=_State.PLANNING
    ):
        raise ImportNotReady
    job = jobs_operations.start(
        kind=PLAN_KIND,
        title=_("Planning %(file)s") % {"file": record_import.file_name},
        by=by,
        input={"import": str(record_import.pk)},
    )
    _at_work(record_import, job)
    return record_import


@transaction.atomic
def plan_record_import(*, record_import: RecordImport, progress: Reporter) -> None:
    """Decide what would happen to each row, and keep it to be looked at.  Raises FileGone."""
    planned = _planned(record_import, progress)
    _keep_preview(record_import, planned, _State.PREVIEW)


def _planned(record_import: RecordImport, progress: Reporter) -> list[PlannedRecord]:
    table = read_file(record_import)
    total = len(table.rows)
    step = partial(_planning, progress, total)
    return _plan(record_import, table.rows, step)


def _planning(progress: Reporter, total: int, done: int) -> None:
    progress(done, total + 1, _("Planning rows"))


def _plan(
    record_import: RecordImport,
    rows: Sequence[TableRow],
    step: Callable[[int], None] = lambda done: None,
) -> list[PlannedRecord]:
    mapping, order = record_import.mapping, record_import.date_order
    at = mapping.get("known_on")
    days = (
        {parse_date(row.cells[at], order=order).value for row in rows} if at is not None else set()
    )
    return plan_records(
        rows,
        mapping=mapping,
        known_on=record_import.known_on,
        order=order,
        today=today(),
        people=people(),
        existing=existing_records(day for day in {*days, record_import.known_on} if day),
        step=step,
    )


def _keep_preview(row: RecordImport, planned: Sequence[PlannedRecord], state: str) -> str:
    preview = preview_of(planned)
    RecordImport.objects.filter(pk=row.pk).update(
        preview=jobs_operations.keep_file(
            name=row.file_name, content=preview.as_bytes(), by=row.asked_by
        ),
        state=state,
    )
    return preview.digest


@transaction.atomic
def begin_record_import(*, record_import: RecordImport, digest: str, by: Member) -> RecordImport:
    """Start the job that writes the good rows exactly as they were shown (`digest`).

    Raises ImportNotReady if it is already under way or applied.
    """
    ready = RecordImport.objects.filter(
        _may_begin(record_import, _State.PREVIEW), pk=record_import.pk
    )
    if not ready.update(state=_State.APPLYING):
        raise ImportNotReady
    job = jobs_operations.start(
        kind=APPLY_KIND,
        title=_("Import of %(file)s") % {"file": record_import.file_name},
        by=by,
        input={"import": str(record_import.pk), "digest": digest},
    )
    _at_work(record_import, job)
    return record_import


@transaction.atomic
def apply_record_import(
    *, record_import: RecordImport, digest: str, by: Member, progress: Reporter
) -> dict[str, int]:
    """Write the good rows of an import, all or none; return the rows by verdict.

    Raises PlanChanged where they would no longer be what was shown, ImportNotReady, FileGone.
    """
    claimed = RecordImport.objects.select_for_update(of=("self",))
    if not claimed.filter(pk=record_import.pk, state=_State.APPLYING).exists():
        raise ImportNotReady
    planned = _planned(record_import, progress)
    preview = preview_of(planned)
    if preview.digest != digest:
        raise PlanChanged
    _write(record_import, planned, by, progress)
    return dict(preview.counts)


def _write(
    record_import: RecordImport,
    planned: Sequence[PlannedRecord],
    by: Member,
    progress: Reporter | None = None,
) -> None:
    rows = [
        HrRecord(member_id=row.person.pk, known_on=row.known_on, **row.values)
        for row in planned
        if row.person and row.known_on and row.verdict in {"new", "changed"}
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        HrRecord.objects.bulk_create(
            rows[start : start + ROWS_AT_ONCE],
            update_conflicts=True,  # a record of that day has changed, or just come otherwise
            unique_fields=["organisation", "member", "known_on"],
            update_fields=list(HrRecord.FACTS),
        )
        if progress is not None:
            progress(start, len(rows) + 1, _("Writing records"))
    counts = dict(preview_of(planned).counts)
    RecordImport.objects.filter(pk=record_import.pk).update(
        state=_State.APPLIED, counts=counts, applied_at=clock.now()
    )
    record(by=by, verb="record_import.applied", target=record_import, **counts)


@transaction.atomic
def begin_undo(*, record_import: RecordImport, by: Member) -> RecordImport:
    """Start the job that takes an import back; raises ImportNotUndone where nothing can be."""
    ready = RecordImport.objects.filter(
        _may_begin(record_import, _State.APPLIED, at_work=(_State.UNDOING,)), pk=record_import.pk
    )
    if not record_import.may_be_undone or not ready.update(state=_State.UNDOING):
        raise ImportNotUndone
    job = jobs_operations.start(
        kind=UNDO_KIND,
        title=_("Undoing the import of %(file)s") % {"file": record_import.file_name},
        by=by,
        input={"import": str(record_import.pk)},
    )
    _at_work(record_import, job)
    return record_import


@transaction.atomic
def undo_record_import(
    *, record_import: RecordImport, by: Member, progress: Reporter
) -> dict[str, int]:
    """Take back what an import wrote, where it stands as the import left it; return how many.

    What has been released of comparisons stays.  Raises ImportNotReady, FileGone.
    """
    claimed = RecordImport.objects.select_for_update(of=("self",))
    if not claimed.filter(pk=record_import.pk, state=_State.UNDOING).exists():
        raise ImportNotReady
    undoing = undoing_of(record_import)
    total = len(undoing.removed) + len(undoing.restored) + 1
    for start in range(0, len(undoing.removed), ROWS_AT_ONCE):
        progress(start, total, _("Removing records"))
        HrRecord.objects.filter(pk__in=undoing.removed[start : start + ROWS_AT_ONCE]).delete()
    for start in range(0, len(undoing.restored), ROWS_AT_ONCE):
        progress(len(undoing.removed) + start, total, _("Restoring records"))
        HrRecord.objects.bulk_update(undoing.restored[start : start + ROWS_AT_ONCE], HrRecord.FACTS)
    counts = undoing.counts
    RecordImport.objects.filter(pk=record_import.pk).update(
        state=_State.UNDONE, counts=record_import.counts | counts
    )
    record(by=by, verb="record_import.undone", target=record_import, **counts)
    return counts


@transaction.atomic
def enter_records(
    *, records: Sequence[Mapping[str, str]], key: str, by: Member
) -> tuple[RecordImport, bool]:
    """Write records that a program sends; return the import, and whether it is new.

    What an import of a file with these rows would do is done; a row that it refuses is left out
    and said.  The same `key` of the same person does nothing again.  Raises KeyUsed if it came
    with something else.
    """
    sent = json.dumps(list(map(dict, records)), sort_keys=True)
    digest = hashlib.sha256(sent.encode()).hexdigest()
    # one after the other: the second of two alike finds what the first has done
    Member.objects.select_for_update(of=("self",)).get(pk=by.pk)
    before = RecordImport.objects.filter(asked_by=by, idempotency_key=key).first()
    if before is not None:
        if before.body_digest != digest:
            raise KeyUsed
        return before, False
    row = RecordImport.objects.create(
        file_name=_("REST, %(n)s records") % {"n": len(records)},
        asked_by=by,
        mapping={name: at for at, name in enumerate(COLUMNS)},
        idempotency_key=key,
        body_digest=digest,
        state=_State.APPLYING,
    )
    rows = [
        TableRow(line, tuple(cells.get(name, "") for name in COLUMNS))
        for line, cells in enumerate(records, start=1)
    ]
    planned = _plan(row, rows)
    _keep_preview(row, planned, _State.APPLYING)
    _write(row, planned, by)
    row.refresh_from_db()
    return row, True


@transaction.atomic
def compare_participants(*, program: Program, by: Member) -> list[Comparison]:
    """Compare the cohorts of a program whose time has come, once and for all; return what was made.

    Each cohort alone where it is large enough, the others together; an outcome in which even
    they are too few is refused with its reason, and may be compared again.
    """
    # two people at once would release the same cohorts twice
    Program.objects.select_for_update(of=("self",)).get(pk=program.pk)
    chosen, day, records = settings_in_force(), today(), Records()
    made = []
    for key in OUTCOMES:
        cohorts = waiting_cohorts(program, key, records, day)
        if not cohorts:
            continue
        Comparison.objects.filter(program=program, key=key).exclude(refusal="").delete()
        k = max(thresholds([row.pk for row in cohorts], chosen.threshold).values())
        made += _compare(program, key, [row.pk for row in cohorts], records, k, day)
    for row in made:
        result = row.refusal or "released"
        record(by=by, verb="comparison.made", target=program, outcome=row.key, result=result)
    return made


def _compare(
    program: Program, key: str, cohorts: Sequence[UUID], records: Records, k: int, day: date
) -> list[Comparison]:
    """Release each cohort that can stand alone, then the rest together or not at all."""
    alone = {pk: match(records.subjects([pk], key)) for pk in cohorts}
    rest = [pk for pk, matching in alone.items() if matching.refusal(k)]
    made = [
        _keep(program, key, [pk], matching, "", day)
        for pk, matching in alone.items()
        if pk not in rest
    ]
    if rest:
        together = match(records.subjects(rest, key))
        made.append(_keep(program, key, rest, together, together.refusal(k) or "", day))
    return made


def _keep(
    program: Program,
    key: str,
    cohorts: Sequence[UUID],
    matching: Matching,
    refusal: str,
    day: date,
) -> Comparison:
    groups = [
        number
        for group in matching.groups
        for number in (group.participants, group.participants_so, group.others, group.others_so)
    ]
    return Comparison.objects.create(
        program=program,
        key=key,
        cohorts=list(cohorts),
        compared_on=day,
        refusal=refusal,
        groups=[] if refusal else groups,
        participants=matching.participants,
        participants_so=0 if refusal else matching.participants_so,
        others=matching.others,
        others_so=0 if refusal else matching.others_so,
        unmatched=matching.unmatched,
        balance=[] if refusal else [_plain(row) for row in matching.balance],
    )


def _plain(row: Balance) -> list[str | None]:
    values = (None if value is None else rounded(value) for value in (row.before, row.after))
    return [row.trait, *(None if value is None else str(value) for value in values)]
