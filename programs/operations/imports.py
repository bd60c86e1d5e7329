"""Imports of people: opened, mapped, begun, and applied whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.accounts.errors import AlreadyHere, EmployeeIdTaken
from core.accounts.operations import invitations
from core.accounts.operations.work_facts import (
    NewMember,
    enter_members,
    update_work_facts,
    users_by_address,
)
from core.audit.operations import record
from core.common import clock
from core.jobs import operations as jobs_operations
from core.jobs.models import Job
from core.jobs.progress import Reporter
from core.members.models import Invitation, Member
from programs.errors import BadMapping, ImportNotReady, PlanChanged, RowInConflict
from programs.importing.fields import FACTS
from programs.importing.mapping import guess_mapping, mapping_problems
from programs.importing.planning import Plan, PlannedRow, check_mapping
from programs.importing.tables import read_table
from programs.importing.values import PersonValues, fold
from programs.models.imports import ImportReport, PeopleImport, ReportedRow
from programs.models.parts import AnswerValue, Question
from programs.models.programs import Cohort, Enrolment
from programs.operations.answers import MAX_ITEMS
from programs.operations.enrolments import NewPerson, enrol_many
from programs.queries.imports import plan_people

JOB_KIND = "programs.apply_import"
# An offer or a wish without a level counts at the lowest: nothing more was said.
UNSAID_LEVEL = 1


@transaction.atomic
def open_import(*, name: str, content: bytes, by: Member) -> PeopleImport:
    """Keep an uploaded file and guess its columns; raises UnreadableFile for the whole file."""
    table = read_table(content)
    people_import = PeopleImport.objects.create(
        file=jobs_operations.keep_file(name=name, content=content, by=by),
        file_name=name[:200],
        asked_by=by,
        mapping=guess_mapping(table.headers),
    )
    record(by=by, verb="import.opened", target=people_import, rows=len(table.rows))
    return people_import


@transaction.atomic
def confirm_mapping(
    *, people_import: PeopleImport, mapping: Mapping[str, int | None], by: Member
) -> PeopleImport:
    """Set which column fills which field; raises BadMapping, ImportNotReady or FileGone."""
    if problems := mapping_problems(mapping):
        raise BadMapping(_(problems[0].code.sentence) % problems[0].params)
    check_mapping(people_import.table, mapping)
    ready = PeopleImport.objects.filter(_may_begin(people_import), pk=people_import.pk)
    if not ready.update(mapping=dict(mapping), state=PeopleImport.State.PREVIEW):
        raise ImportNotReady
    people_import.refresh_from_db(fields=["mapping", "state"])
    return people_import


def _may_begin(people_import: PeopleImport) -> Q:
    """Not applied, and no job at work on it: one that stopped has left everything as it was."""
    waiting = Q(state__in=(PeopleImport.State.MAPPING, PeopleImport.State.PREVIEW))
    if people_import.job_id is None:
        return waiting
    over = Job.objects.filter(state__in=(Job.State.FAILED, Job.State.CANCELLED))
    if not over.filter(pk=people_import.job_id).exists():
        return waiting
    return waiting | Q(state=PeopleImport.State.APPLYING, job_id=people_import.job_id)


@transaction.atomic
def begin_import(
    *,
    people_import: PeopleImport,
    digest: str,
    cohorts: Mapping[str, UUID],
    by: Member,
) -> Job:
    """Start the job that applies an import exactly as it was shown (`digest`).

    `cohorts` says into which cohort "peer" and "mentor" rows enrol.  Raises ImportNotReady if
    it is already under way or applied.
    """
    ready = PeopleImport.objects.filter(_may_begin(people_import), pk=people_import.pk)
    if not ready.exclude(state=PeopleImport.State.MAPPING).update(
        state=PeopleImport.State.APPLYING, cohorts={part: str(pk) for part, pk in cohorts.items()}
    ):
        raise ImportNotReady
    job = jobs_operations.start(
        kind=JOB_KIND,
        title=_("Import of %(file)s") % {"file": people_import.file_name},
        by=by,
        input={"import": str(people_import.pk), "digest": digest},
    )
    PeopleImport.objects.filter(pk=people_import.pk).update(job_id=job.pk)
    people_import.refresh_from_db(fields=["state", "job_id", "cohorts"])
    return job


@transaction.atomic
def apply_import(
    *, people_import: PeopleImport, digest: str, by: Member | None, progress: Reporter
) -> ImportReport:
    """Write all good rows of an import, or none, and return the report.

    Managers are linked after all rows; people are enrolled where a cohort was chosen and they
    are not in it yet.  Applied already, it only returns its report.  Raises PlanChanged if the
    decisions are no longer those that were shown, RowInConflict, FileGone; Cancelled comes
    from `progress`.
    """
    people_import = PeopleImport.objects.select_for_update(of=("self",)).get(pk=people_import.pk)
    if people_import.state == PeopleImport.State.APPLIED:
        return ImportReport.from_json(people_import.report)
    progress(0, 1, _("Reading the file"))
    plan = plan_people(people_import)
    if digest != plan.digest:
        raise PlanChanged
    try:
        report = _write(plan, people_import, by, progress)
    except (AlreadyHere, EmployeeIdTaken) as error:  # somebody entered one since the preview
        raise PlanChanged from error
    PeopleImport.objects.filter(pk=people_import.pk).update(
        state=PeopleImport.State.APPLIED, applied_at=clock.now(), report=report.as_json()
    )
    people_import.refresh_from_db()
    record(by=by, verb="import.applied", target=people_import, **report.done)
    return report


def _write(
    plan: Plan, people_import: PeopleImport, by: Member | None, progress: Reporter
) -> ImportReport:
    new = [row for row in plan.rows if row.action == "create"]
    changed = [row for row in plan.rows if row.action == "update"]
    steps = 3 * (len(new) + len(changed)) or 1
    _refuse_conflicts(new)
    entered = enter_members(
        people=[_new_member(row.values) for row in new],
        by=by,
        step=lambda done: progress(done, steps, _("Entering people")),
    )
    known = Member.objects.in_bulk([row.match for row in plan.rows if row.match])
    update_work_facts(
        changes={
            known[row.match]: _facts(row.values, {name for name, _before, _after in row.changes})
            for row in changed
            if row.match
        },
        by=by,
        step=lambda done: progress(len(new) + done, steps, _("Changing work facts")),
    )
    members = {row.line: member for row, member in zip(new, entered, strict=True)}
    for row in plan.rows:
        if row.match and row.action in {"update", "nothing"}:
            members.setdefault(row.line, known[row.match])
    _link_managers(plan, members, by)
    progress(2 * (len(new) + len(changed)), steps, _("Enrolling"))
    enrolled, waitlisted = _enrol(plan, people_import, members, by)
    return ImportReport(
        counts={str(verdict): n for verdict, n in plan.counts.items()},
        entered=len(new),
        changed=len(changed),
        enrolled=enrolled,
        waitlisted=waitlisted,
        rows=tuple(_reported(row) for row in plan.rows if row.problems),
    )


def _refuse_conflicts(new: list[PlannedRow]) -> None:
    """One person has one place in an organisation, by whichever address they sign in."""
    users = users_by_address([row.email for row in new])
    here = set(
        Member.objects.filter(user__in=[user.pk for user in users.values()]).values_list(
            "user_id", flat=True
        )
    )
    for row in new:
        user = users.get(row.email)
        if user and user.pk in here:
            raise RowInConflict(row.line)


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
) -> tuple[int, int]:
    """Enrol the rows whose part has a cohort; return how many got a place and how many wait."""
    cohorts = {
        part: Cohort.objects.select_related("program").get(pk=pk)
        for part, pk in people_import.cohorts.items()
    }
    enrolled = waitlisted = 0
    for part, cohort in cohorts.items():
        inside = set(Enrolment.objects.filter(cohort=cohort).values_list("member_id", flat=True))
        questions = list(cohort.program.questions.all())
        people = []
        for row in plan.rows:
            member = members.get(row.line)
            wanted = row.values.part
            if member is None or wanted is None or (wanted == "peer") != (part == "peer"):
                continue
            if member.pk in inside or member.state == Member.State.LEFT:
                continue
            inside.add(member.pk)
            capacity = 1 if row.values.capacity is None else row.values.capacity
            people.append(NewPerson(member, wanted, capacity, answers_from(row.values, questions)))
        for enrolment in enrol_many(cohort=cohort, people=people, by=by):
            if enrolment.state == Enrolment.State.ACCEPTED:
                enrolled += 1
            else:
                waitlisted += 1
    return enrolled, waitlisted


def answers_from(values: PersonValues, questions: list[Question]) -> dict[str, AnswerValue]:
    """Return a row's answers by question key, for the questions that are called like its fields.

    A word that is no option of the question is kept under a key made of it.
    """
    answers: dict[str, AnswerValue] = {}
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
    name = f"{row.values.given_name} {row.values.family_name}".strip()
    return ReportedRow(row.line, row.verdict, row.email, name, row.problems)


@transaction.atomic
def invite_imported(*, cohort: Cohort, by: Member) -> int:
    """Invite everybody of the cohort who has not come in and has no open invitation; how many."""
    open_invitations = Invitation.objects.filter(accepted_at=None, withdrawn_at=None).values(
        "member"
    )
    waiting = Member.objects.filter(
        state=Member.State.INVITED,
        pk__in=Enrolment.objects.filter(cohort=cohort).values("member"),
    ).exclude(pk__in=open_invitations)
    members = list(waiting.select_related("organisation", "user").order_by("id"))
    for member in members:
        invitations.send_invitation(member=member, by=by)
    return len(members)
