"""Imports of people: read, mapped, planned, applied whole or not at all, and undone."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import cast
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.accounts.errors import AlreadyHere, EmployeeIdTaken, MemberInUse
from core.accounts.operations import invitations
from core.accounts.operations.addresses import release_address
from core.accounts.operations.people import mark_left
from core.accounts.operations.removal import remove_member
from core.accounts.operations.work_facts import (
    NewMember,
    enter_members,
    update_work_facts,
)
from core.audit.operations import record
from core.common import clock
from core.jobs import operations as jobs_operations
from core.jobs.models import Job
from core.jobs.progress import Reporter
from core.members.models import Member
from programs.errors import (
    BadMapping,
    EnrolmentInUse,
    ImportNotReady,
    ImportNotUndone,
    KeyUsed,
    PlanChanged,
)
from programs.importing.fields import FACTS
from programs.importing.mapping import (
    COLUMNS,
    UNSAID,
    Options,
    guess_mapping,
    mapping_problems,
    remembered_mapping,
)
from programs.importing.messages import UnreadableFile
from programs.importing.parsing import judge_dates
from programs.importing.planning import Plan, PlannedRow, check_mapping
from programs.importing.questions import UNSAID_LEVEL
from programs.importing.tables import MAX_ROWS, Table, TableRow
from programs.importing.values import PersonValues, fold
from programs.models.imports import (
    ImportPreview,
    ImportReport,
    PeopleImport,
    ReportedRow,
    WrittenPeople,
)
from programs.models.parts import AnswerValue, Question
from programs.models.programs import Cohort, Enrolment
from programs.operations.answers import MAX_ITEMS
from programs.operations.enrolments import NewPerson, enrol_many, remove_enrolment
from programs.queries.imports import (
    plan_people,
    read_file,
    removable,
)

READ_KIND = "programs.read_import"
PLAN_KIND = "programs.plan_import"
JOB_KIND = "programs.apply_import"
UNDO_KIND = "programs.undo_import"

_Progress = Callable[[int, int, str], None]  # a Reporter, or nobody who listens
_State = PeopleImport.State
# At work on a job; if that has stopped, everything is as it was before it began.
_AT_WORK = (_State.READING, _State.PLANNING, _State.APPLYING)


@transaction.atomic
def open_import(*, name: str, content: bytes, by: Member) -> PeopleImport:
    """Keep an uploaded file and start the job that reads it: no page waits for a parser."""
    people_import = PeopleImport.objects.create(
        file=jobs_operations.keep_file(name=name, content=content, by=by),
        file_name=name[:200],
        asked_by=by,
    )
    _start_reading(people_import, by)
    record(by=by, verb="import.opened", target=people_import, bytes=len(content))
    return people_import


def _start_reading(people_import: PeopleImport, by: Member) -> None:
    _at_work(
        people_import,
        jobs_operations.start(
            kind=READ_KIND,
            title=_("Reading %(file)s") % {"file": people_import.file_name},
            by=by,
            input={"import": str(people_import.pk)},
        ),
    )


def _start_planning(people_import: PeopleImport, by: Member) -> None:
    _at_work(
        people_import,
        jobs_operations.start(
            kind=PLAN_KIND,
            title=_("Planning %(file)s") % {"file": people_import.file_name},
            by=by,
            input={"import": str(people_import.pk)},
        ),
    )


def _at_work(people_import: PeopleImport, job: Job) -> Job:
    PeopleImport.objects.filter(pk=people_import.pk).update(job_id=job.pk)
    people_import.refresh_from_db()
    return job


@transaction.atomic
def read_import(*, people_import: PeopleImport, progress: Reporter) -> None:
    """Read an uploaded file and guess its columns, or keep why it cannot be read."""
    being_read = PeopleImport.objects.filter(pk=people_import.pk, state=_State.READING)
    try:
        table = read_file(
            people_import, step=lambda done: progress(done, MAX_ROWS, _("Reading rows"))
        )
    except UnreadableFile as refusal:
        reading: dict[str, object] = {"refusal": refusal.code, "params": refusal.params}
        being_read.update(reading=reading, state=_State.MAPPING)
        return
    mapping = _known_mapping(people_import, table)
    dates = mapping.get("hired_on")
    options = asdict(people_import.said) | {
        "dates": judge_dates(table.column(dates)) if dates is not None else ""
    }
    being_read.update(
        reading={
            "headers": table.headers,
            "encoding": table.encoding,
            "letters": dict(table.letters),
            "rows": len(table.rows),
            "samples": [[cell[:80] for cell in row.cells] for row in table.rows[:5]],
        },
        mapping=mapping,
        options=options,
        state=_State.MAPPING,
    )


def _known_mapping(people_import: PeopleImport, table: Table) -> dict[str, int | None]:
    """Return the columns as this organisation confirmed them last time, guesses for the rest."""
    earlier = PeopleImport.objects.confirmed().exclude(pk=people_import.pk).order_by("-id").first()
    headers = earlier.reading.get("headers", []) if earlier else []
    if earlier is None or not headers:
        return guess_mapping(table.headers)
    used = {name: headers[at] for name, at in earlier.mapping.items() if at is not None}
    before = {name: header for name, header in used.items() if name in COLUMNS}
    unused = [header for header in headers if header not in used.values()]
    return remembered_mapping(table.headers, before, unused)


@transaction.atomic
def read_again(*, people_import: PeopleImport, code_page: str, by: Member) -> PeopleImport:
    """Read the file's letters by another code page; raises ImportNotReady."""
    ready = PeopleImport.objects.filter(_may_begin(people_import), pk=people_import.pk)
    reading = {**people_import.reading, "encoding": code_page}
    if not ready.update(reading=reading, state=_State.READING):
        raise ImportNotReady
    _start_reading(people_import, by)
    return people_import


@transaction.atomic
def confirm_mapping(
    *,
    people_import: PeopleImport,
    mapping: Mapping[str, int | None],
    cohorts: Mapping[str, UUID],
    options: Options = UNSAID,
    is_complete: bool = True,
    by: Member,
) -> PeopleImport:
    """Set which column fills which field, and start planning what the rows would do.

    `cohorts` says into which cohort "peer" and "mentor" rows enrol.  What is not complete is
    kept and planned later: the cohorts just chosen may ask questions of their own.

    Raises BadMapping, ImportNotReady, or ValueError for a column that the file does not have.
    """
    if problems := mapping_problems(mapping):
        raise BadMapping(_(problems[0].code.sentence) % problems[0].params)
    check_mapping(people_import.reading.get("headers", ()), mapping)
    ready = PeopleImport.objects.filter(_may_begin(people_import), pk=people_import.pk)
    if not ready.update(
        mapping=dict(mapping),
        options=asdict(options),
        cohorts={part: str(pk) for part, pk in cohorts.items()},
        answers={},
        state=_State.PLANNING if is_complete else _State.MAPPING,
    ):
        raise ImportNotReady
    people_import.refresh_from_db()
    if is_complete:
        _start_planning(people_import, by)
    return people_import


@transaction.atomic
def plan_again(*, people_import: PeopleImport, by: Member) -> PeopleImport:
    """Plan a confirmed import anew, where people have changed meanwhile; raises ImportNotReady."""
    ready = PeopleImport.objects.filter(_may_begin(people_import), pk=people_import.pk)
    if not ready.exclude(state__in=(_State.READING, _State.MAPPING)).update(state=_State.PLANNING):
        raise ImportNotReady
    _start_planning(people_import, by)
    return people_import


def _may_begin(people_import: PeopleImport) -> Q:
    """Not applied, and no job at work on it: one that stopped has left everything as it was."""
    waiting = Q(state__in=(_State.MAPPING, _State.PREVIEW))
    if people_import.job_id is None:
        return waiting
    over = Job.objects.filter(state__in=(Job.State.FAILED, Job.State.CANCELLED))
    if not over.filter(pk=people_import.job_id).exists():
        return waiting
    return waiting | Q(state__in=_AT_WORK, job_id=people_import.job_id)


@transaction.atomic
def plan_import(*, people_import: PeopleImport, progress: Reporter) -> None:
    """Decide what would happen to each row, and keep it to be looked at.  Raises FileGone."""
    _keep_preview(people_import, _plan(people_import, progress))
    PeopleImport.objects.filter(pk=people_import.pk, state=_State.PLANNING).update(
        state=_State.PREVIEW
    )


def _keep_preview(people_import: PeopleImport, plan: Plan) -> None:
    preview = ImportPreview(
        digest=plan.digest,
        counts={str(verdict): n for verdict, n in plan.counts.items()},
        warned=plan.warned,
        good=sum(row.action in {"create", "update"} for row in plan.rows),
        parts=_parts(plan),
        rows=tuple(map(_reported, plan.rows)),
    )
    at_work = PeopleImport.objects.filter(pk=people_import.pk)
    at_work.filter(state__in=(_State.PLANNING, _State.APPLYING)).update(
        preview=jobs_operations.keep_file(
            name=people_import.file_name, content=preview.as_bytes(), by=people_import.asked_by
        )
    )


def _plan(people_import: PeopleImport, progress: Reporter) -> Plan:
    progress(0, 1, _("Reading the file"))
    table = read_file(people_import)
    total = len(table.rows)
    return plan_people(
        people_import, table, step=lambda done: progress(done, total + 1, _("Planning rows"))
    )


def _parts(plan: Plan) -> dict[str, int]:
    """Count the good rows that have each part, or none: who could be enrolled where."""
    good = (row for row in plan.rows if row.action in {"create", "update", "nothing"})
    repeats = (row for row in good if not (row.action == "nothing" and row.match is None))
    counted = Counter(_cohort_of(row.values.part) for row in repeats)
    return {name: counted[name] for name in ("peer", "mentor", "")}


def _cohort_of(part: str | None) -> str:
    """Return which of the two chosen cohorts a part enrols in; "" for no part."""
    return "" if part is None else "peer" if part == "peer" else "mentor"


@transaction.atomic
def answer_row(*, people_import: PeopleImport, line: int, answer: str, by: Member) -> None:
    """Say of a row about somebody who has left: "back" again, or somebody "else"; "" is unsaid.

    Raises ImportNotReady once the import is applied.
    """
    answers = {key: value for key, value in people_import.answers.items() if key != str(line)}
    if answer:
        answers[str(line)] = answer
    ready = PeopleImport.objects.filter(pk=people_import.pk, state=_State.PREVIEW)
    if not ready.update(answers=answers):
        raise ImportNotReady
    record(by=by, verb="import.answered", target=people_import, line=line, answer=answer)


@transaction.atomic
def begin_import(
    *, people_import: PeopleImport, digest: str, leavers: bool = False, by: Member
) -> Job:
    """Start the job that applies an import exactly as it was shown (`digest`).

    `leavers`: those whom the file lets go are marked as left; else they stay as they are.
    Raises ImportNotReady if it is already under way or applied.
    """
    ready = PeopleImport.objects.filter(_may_begin(people_import), pk=people_import.pk)
    if not ready.exclude(state__in=(_State.READING, _State.MAPPING, _State.PLANNING)).update(
        state=_State.APPLYING
    ):
        raise ImportNotReady
    return _at_work(
        people_import,
        jobs_operations.start(
            kind=JOB_KIND,
            title=_("Import of %(file)s") % {"file": people_import.file_name},
            by=by,
            input={"import": str(people_import.pk), "digest": digest, "leavers": leavers},
        ),
    )


@transaction.atomic
def apply_import(
    *,
    people_import: PeopleImport,
    digest: str,
    leavers: bool = False,
    by: Member,
    progress: Reporter,
) -> ImportReport:
    """Write all good rows of an import, or none, and return the report.

    Managers are linked after all rows; people are enrolled where a cohort was chosen and they
    are not in it yet.  Applied already, it only returns its report.  Raises PlanChanged if the
    decisions are no longer those that were shown, FileGone; Cancelled comes from `progress`.
    """
    people_import = PeopleImport.objects.select_for_update(of=("self",)).get(pk=people_import.pk)
    if people_import.state == _State.APPLIED:
        return ImportReport.from_json(people_import.report)
    plan = _plan(people_import, progress)
    if digest != plan.digest:
        raise PlanChanged
    return _keep_applied(people_import, plan, leavers, by, progress)


def _keep_applied(
    people_import: PeopleImport, plan: Plan, leavers: bool, by: Member, progress: _Progress
) -> ImportReport:
    """Write what was planned, and keep the report and what undoing takes back."""
    try:
        report, written = _write(plan, people_import, leavers, by, progress)
    except (AlreadyHere, EmployeeIdTaken) as error:  # somebody entered one since the preview
        raise PlanChanged from error
    PeopleImport.objects.filter(pk=people_import.pk).update(
        state=_State.APPLIED,
        applied_at=clock.now(),
        report=report.as_json(),
        written=jobs_operations.keep_file(
            name=people_import.file_name, content=written.as_bytes(), by=by
        ),
    )
    people_import.refresh_from_db()
    record(by=by, verb="import.applied", target=people_import, **report.done)
    return report


def _write(
    plan: Plan, people_import: PeopleImport, leavers: bool, by: Member, progress: _Progress
) -> tuple[ImportReport, WrittenPeople]:
    new = [row for row in plan.rows if row.action == "create"]
    changed = [row for row in plan.rows if row.action == "update"]
    others = _answered(plan, people_import.answers, "else")
    _release(others, by)
    new += others
    steps = 3 * (len(new) + len(changed)) or 1
    entered = enter_members(
        people=[_new_member(row.values) for row in new],
        by=by,
        step=lambda done: progress(done, steps, _("Entering people")),
    )
    known = Member.objects.in_bulk([row.match for row in plan.rows if row.match])
    changes = {
        known[row.match]: _facts(row.values, {name for name, _before, _after in row.changes})
        for row in changed
        if row.match
    }
    before = {member: _facts_now(member, plan_row) for member, plan_row in _pairs(changed, known)}
    update_work_facts(
        changes=changes,
        by=by,
        step=lambda done: progress(len(new) + done, steps, _("Changing work facts")),
    )
    members = {row.line: member for row, member in zip(new, entered, strict=True)}
    for row in plan.rows:
        if row.match and row.action in {"update", "nothing"}:
            members.setdefault(row.line, known[row.match])
    back = _bring_back(plan, people_import.answers, known, by)
    members |= back
    _link_managers(plan, members, by)
    progress(2 * (len(new) + len(changed)), steps, _("Enrolling"))
    enrolments = _enrol(plan, people_import, members, by)
    left = _let_go(plan, known, by) if leavers else 0
    ids = {member.pk for member in entered}
    wanted = [row for row in plan.rows if row.line in members and row.values.part is None]
    places = Counter(enrolment.state for enrolment in enrolments)
    report = ImportReport(
        counts={str(verdict): n for verdict, n in plan.counts.items()},
        entered=len(new),
        changed=len(changed),
        enrolled=places[Enrolment.State.ACCEPTED],
        waitlisted=places[Enrolment.State.WAITLISTED],
        left=left,
        back=len(back),
        without_part=len(wanted) if people_import.cohorts else 0,
        rows=tuple(_reported(row) for row in plan.rows if row.problems),
    )
    after = Member.objects.in_bulk([member.pk for member in before])
    written = WrittenPeople(
        entered=[str(pk) for pk in ids],
        enrolled=[str(row.pk) for row in enrolments if row.member_id in ids],
        changed={
            str(member.pk): {
                name: [_kept(value), _kept(getattr(after[member.pk], name))]
                for name, value in facts.items()
            }
            for member, facts in before.items()
        },
    )
    return report, written


@transaction.atomic
def enter_batch(
    *,
    people: Sequence[Mapping[str, str]],
    cohorts: Mapping[str, UUID],
    key: str,
    by: Member,
) -> tuple[PeopleImport, bool]:
    """Enter and change people that a program sends; return the import, and whether it is new.

    What an import of a file would do with these rows is done, all in one, with its report and its
    undoing; a row that it refuses is left out and said.  `people` have cells by the fields of a
    file, `cohorts` is as for `confirm_mapping`.  The same `key` of the same person does nothing
    again.  Raises KeyUsed if it came with something else, PlanChanged, FileGone.
    """
    wanted = {part: str(pk) for part, pk in cohorts.items()}
    sent = json.dumps([list(map(dict, people)), wanted], sort_keys=True)
    digest = hashlib.sha256(sent.encode()).hexdigest()
    # one after the other: the second of two alike finds what the first has done
    Member.objects.select_for_update(of=("self",)).get(pk=by.pk)
    before = PeopleImport.objects.filter(asked_by=by, idempotency_key=key).first()
    if before is not None:
        if before.body_digest != digest:
            raise KeyUsed
        return before, False
    headers = tuple(sorted({name for row in people for name in row}))
    people_import = PeopleImport.objects.create(
        file_name=_("REST, %(n)s people") % {"n": len(people)},
        asked_by=by,
        mapping={name: at for at, name in enumerate(headers)},
        cohorts=wanted,
        idempotency_key=key,
        body_digest=digest,
        state=_State.APPLYING,
    )
    rows = tuple(
        TableRow(line, tuple(row.get(name, "") for name in headers))
        for line, row in enumerate(people, start=1)
    )
    plan = plan_people(people_import, Table(headers, rows, encoding="utf-8"))
    _keep_preview(people_import, plan)
    _keep_applied(people_import, plan, False, by, lambda done, of, what: None)
    return people_import, True


def _pairs(
    rows: Iterable[PlannedRow], known: Mapping[UUID, Member]
) -> Iterator[tuple[Member, PlannedRow]]:
    return ((known[row.match], row) for row in rows if row.match)


def _facts_now(member: Member, row: PlannedRow) -> dict[str, object]:
    """Return what the row is about to change, as columns, before it does."""
    columns = ("manager_id" if name == "manager" else name for name, *_rest in row.changes)
    return {column: getattr(member, column) for column in columns}


def _kept(value: object) -> object:
    return str(value) if isinstance(value, date | UUID) else value


def _bring_back(
    plan: Plan, answers: Mapping[str, str], known: Mapping[UUID, Member], by: Member
) -> dict[int, Member]:
    """Invite again whoever was said to be back; return them by line, with the row's facts."""
    members = {row.line: known[row.match] for row in _answered(plan, answers, "back") if row.match}
    for row in _answered(plan, answers, "back"):
        told = {name for name in FACTS if getattr(row.values, name) not in ("", (), None)}
        update_work_facts(changes={members[row.line]: _facts(row.values, told)}, by=by)
        invitations.send_invitation(member=members[row.line], by=by)
    return members


def _answered(plan: Plan, answers: Mapping[str, str], answer: str) -> list[PlannedRow]:
    rows = (row for row in plan.rows if row.verdict == "question" and row.match)
    return [row for row in rows if answers.get(str(row.line)) == answer]


def _release(rows: Iterable[PlannedRow], by: Member) -> None:
    """Free address and employee id of those who have left, for somebody else who has them now."""
    for member in Member.objects.filter(pk__in=[row.match for row in rows]):
        release_address(member=member, by=by)
        update_work_facts(changes={member: {"employee_id": ""}}, by=by)


def _let_go(plan: Plan, known: Mapping[UUID, Member], by: Member) -> int:
    """Mark as left whom the file lets go; return how many that was."""
    rows = [row for row in plan.rows if row.action == "leave" and row.match in known]
    for row in rows:
        if row.match:
            mark_left(member=known[row.match], by=by)
    return len(rows)


def _new_member(values: PersonValues) -> NewMember:
    has_name = values.given_name or values.family_name
    return NewMember(
        email=values.email,
        given_name=values.given_name if has_name else values.email.partition("@")[0][:150],
        family_name=values.family_name,
        facts=_facts(values, set(FACTS) - {"email", "given_name", "family_name"}),
    )


def _facts(values: PersonValues, names: Collection[str]) -> dict[str, object]:
    """Return the columns of a Member for these facts of a row; managers are linked later."""
    facts: dict[str, object] = {name: getattr(values, name) for name in names if name != "manager"}
    if "level" in facts:
        facts["level"] = "" if values.level is None else str(values.level)
    if "languages" in facts:
        facts["languages"] = [language[:40] for language in values.languages]
    return facts


def _link_managers(plan: Plan, members: Mapping[int, Member], by: Member | None) -> None:
    """Set the managers of new rows, and of others whose manager the row changes."""
    rows = [
        row
        for row in plan.rows
        if row.values.manager
        and (row.action == "create" or "manager" in {name for name, *_rest in row.changes})
    ]
    if not rows:
        return
    ids = {
        fold(employee_id): pk
        for pk, employee_id in Member.objects.exclude(employee_id="").values_list(
            "pk", "employee_id"
        )
    }
    changes = {
        members[row.line]: {"manager_id": ids[fold(row.values.manager)]}
        for row in rows
        if row.line in members and fold(row.values.manager) in ids
    }
    update_work_facts(changes=changes, by=by)


def _enrol(
    plan: Plan, people_import: PeopleImport, members: Mapping[int, Member], by: Member | None
) -> list[Enrolment]:
    """Enrol the rows whose part has a cohort; return what was made."""
    cohorts = {
        part: Cohort.objects.select_related("program").get(pk=pk)
        for part, pk in people_import.cohorts.items()
    }
    made: list[Enrolment] = []
    for part, cohort in cohorts.items():
        inside = set(Enrolment.objects.filter(cohort=cohort).values_list("member_id", flat=True))
        questions = list(cohort.program.questions.all())
        people = []
        for row in plan.rows:
            member = members.get(row.line)
            wanted = row.values.part
            if member is None or wanted is None or _cohort_of(wanted) != part:
                continue
            if member.pk in inside or member.state == Member.State.LEFT:
                continue
            inside.add(member.pk)
            capacity = 1 if row.values.capacity is None else row.values.capacity
            people.append(NewPerson(member, wanted, capacity, answers_from(row.values, questions)))
        made += enrol_many(cohort=cohort, people=people, by=by)
    return made


def answers_from(values: PersonValues, questions: list[Question]) -> dict[str, AnswerValue]:
    """Return a row's answers by question key: its own columns, and fields called like a question.

    A word that is no option of the question is kept under a key made of it.
    """
    own = dict(values.answers)
    answers: dict[str, AnswerValue] = {
        question.key: cast(AnswerValue, own[str(question.pk)])
        for question in questions
        if str(question.pk) in own
    }
    for question in questions:
        value = getattr(values, question.key, None)
        if not value:
            continue
        keys = {fold(option["name"]): option["key"] for option in question.options}
        match question.kind, question.key:
            case Question.Kind.SKILLS, "skills_offered" | "skills_sought":
                answers[question.key] = {
                    _key(keys, skill.name): skill.level or UNSAID_LEVEL
                    for skill in value[:MAX_ITEMS]
                }
            case Question.Kind.CHOICES, "interests":
                words = [_key(keys, word) for word in value[:MAX_ITEMS]]
                answers[question.key] = list(dict.fromkeys(words))
            case Question.Kind.LONG_TEXT, "goal":
                answers[question.key] = value
            case Question.Kind.AVAILABILITY, "availability":
                answers[question.key] = [
                    [slot.weekday, slot.start_minute, slot.end_minute] for slot in value[:MAX_ITEMS]
                ]
    return answers


def _key(keys: Mapping[str, str], word: str) -> str:
    return keys.get(fold(word)) or slugify(word)[:100] or word[:100]


def _reported(row: PlannedRow) -> ReportedRow:
    values = row.values
    return ReportedRow(
        row.line,
        row.verdict,
        row.email,
        f"{values.given_name} {values.family_name}".strip(),
        row.problems,
        warned=row.is_warned,
        part=values.part or "",
        work=", ".join(word for word in (values.department, values.job_title) if word),
        changes=tuple((name, _shown(before), _shown(after)) for name, before, after in row.changes),
    )


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


@transaction.atomic
def begin_undo(*, people_import: PeopleImport, by: Member) -> Job:
    """Start the job that takes an import back; raises ImportNotUndone after a day."""
    if not people_import.may_be_undone:
        raise ImportNotUndone
    over = (Job.State.FAILED, Job.State.CANCELLED, Job.State.DONE)
    idle = Job.objects.filter(pk=str(people_import.job_id), state__in=over).values("pk")
    if not PeopleImport.objects.filter(
        pk=people_import.pk, state__in=(_State.APPLIED, _State.UNDOING), job_id__in=idle
    ).update(state=_State.UNDOING):
        raise ImportNotUndone
    return _at_work(
        people_import,
        jobs_operations.start(
            kind=UNDO_KIND,
            title=_("Undoing the import of %(file)s") % {"file": people_import.file_name},
            by=by,
            input={"import": str(people_import.pk)},
        ),
    )


@transaction.atomic
def undo_import(*, people_import: PeopleImport, by: Member, progress: Reporter) -> ImportReport:
    """Take back what an import wrote, where nothing has come of it since.

    Facts are restored where they are still as the import left them; whom it entered is removed
    unless something hangs on them.  Who was marked as left, came back, or was here before and
    was enrolled stays so: others have been told.
    """
    people_import = (
        PeopleImport.objects.select_for_update(of=("self",))
        .select_related("written")
        .get(pk=people_import.pk)
    )
    report = ImportReport.from_json(people_import.report)
    if people_import.state == _State.UNDONE or people_import.written is None:
        return report
    written = WrittenPeople.from_bytes(bytes(people_import.written.content))
    progress(0, 3, _("Restoring facts"))
    restored = _restore(written, by)
    progress(1, 3, _("Removing people"))
    going, staying = removable(written)
    # reports before managers would need an order; nobody who goes needs a manager
    managed = {member: {"manager_id": None} for member in going if member.manager_id}
    update_work_facts(changes=managed, by=by)
    removed = 0
    for member in going:
        if _remove(member, written, by):
            removed += 1
        else:
            staying.append(member)
    report = replace(
        report,
        removed=removed,
        restored=restored,
        kept=tuple(member.full_name for member in staying),
    )
    PeopleImport.objects.filter(pk=people_import.pk).update(
        state=_State.UNDONE, report=report.as_json(), written=None
    )
    people_import.refresh_from_db()
    record(by=by, verb="import.undone", target=people_import, removed=removed, restored=restored)
    return report


def _restore(written: WrittenPeople, by: Member) -> int:
    members = Member.objects.in_bulk(list(map(UUID, written.changed)))
    changes: dict[Member, dict[str, object]] = {}
    for key, facts in written.changed.items():
        member = members.get(UUID(key))
        if member is None or member.state == Member.State.LEFT:
            continue
        back = {
            name: before
            for name, (before, after) in facts.items()
            if _kept(getattr(member, name)) == after and before != after
        }
        if back:
            changes[member] = back
    return update_work_facts(changes=changes, by=by)


def _remove(member: Member, written: WrittenPeople, by: Member) -> bool:
    """Remove somebody whom an import entered; False if a row of another room holds them."""
    try:
        with transaction.atomic():
            for enrolment in Enrolment.objects.filter(member=member, pk__in=written.enrolled):
                remove_enrolment(enrolment=enrolment)
            remove_member(member=member, by=by)
    except (EnrolmentInUse, MemberInUse):
        return False
    return True


@transaction.atomic
def enrol_chosen(
    *, cohort: Cohort, members: Sequence[Member], part: str, by: Member
) -> list[Enrolment]:
    """Enrol those of these people who are not in the cohort yet; return what was made.

    Raises as `enrol_many`.
    """
    rows = Enrolment.objects.filter(cohort=cohort, member__in=members)
    inside = set(rows.values_list("member_id", flat=True))
    people = [NewPerson(member, part) for member in members if member.pk not in inside]
    return enrol_many(cohort=cohort, people=people, by=by)
