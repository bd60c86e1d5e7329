"""Making, changing, copying and archiving programs."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.audit.operations import changes_of, record
from core.common import clock
from core.common.errors import refusing
from core.common.own_words import in_words
from core.members.models import Member
from core.notifications import words
from core.notifications.models import EmailText
from programs.errors import FormatIsFixed, NameTaken, ProgramInUse
from programs.models.parts import Competency, Criterion, MeetingRole, Objective, Question
from programs.models.programs import WORD_FIELDS, Cohort, Enrolment, Program, ProgramStaff
from programs.models.training import PathStep
from programs.templates_catalog import TEMPLATES, ProgramTemplate

EXPECTATIONS = ("expectations", "expectations_mentors", "expectations_mentees")
EDITABLE = frozenset(
    {
        "name",
        "purpose",
        "format",
        *EXPECTATIONS,
        "mentor_criteria",
        "cadence_every",
        "cadence_unit",
        "session_minutes",
        "sessions_planned",
        "sessions_agreed",
        "circle_min",
        "circle_max",
        "check_in_weeks",
        "second_person",
        "agenda",
        "season",
        "self_match",
        "request_days",
        "requests_asking",
        "requests_asked",
        "profiles_to_cohort",
        "profiles_to_coordinators",
        "alumni_post",
        *WORD_FIELDS.values(),
    }
)


@transaction.atomic
def create_program(*, template: str, name: str, by: Member | None) -> Program:
    """Make a program from a template (a key of TEMPLATES) and return it.

    Raises NameTaken if the organisation has one of that name, KeyError for no such template.
    """
    chosen = TEMPLATES[template]
    with in_words(chosen.own_words):
        program = _written(chosen, name)
    keep_in_sight(program, by)
    record(by=by, verb="program.created", target=program, template=chosen.key)
    return program


def _written(chosen: ProgramTemplate, name: str) -> Program:
    """Write down what a template says, in the language and the words that are spoken."""
    with refusing("program_name_once", NameTaken()):
        program = Program.objects.create(
            name=name.strip(),
            purpose=str(chosen.purpose),
            format=chosen.format,
            template=chosen.key,
            expectations=str(chosen.expectations),
            expectations_mentors=str(chosen.expectations_mentors),
            expectations_mentees=str(chosen.expectations_mentees),
            cadence_every=chosen.cadence_weeks,
            session_minutes=chosen.session_minutes,
            sessions_planned=chosen.sessions_planned,
            sessions_agreed=chosen.sessions_agreed,
            circle_min=chosen.circle_min,
            circle_max=chosen.circle_max,
            **{WORD_FIELDS[notion]: word for notion, word in chosen.own_words},
            check_in_weeks=chosen.check_in_weeks,
            agenda=[
                {"title": str(title), "minutes": minutes, "kind": kind}
                for title, minutes, kind in chosen.agenda
            ],
            season=[
                {"theme": str(theme), "agenda": agenda, "milestone": str(milestone)}
                for theme, agenda, milestone in chosen.season
            ],
        )
    _copy_template(program, chosen)
    return program


def _copy_template(program: Program, template: ProgramTemplate) -> None:
    competencies = {
        key: Competency(
            program=program, key=key, name=str(name), rubric=str(rubric), position=position
        )
        for position, (key, name, rubric) in enumerate(template.competencies)
    }
    Competency.objects.bulk_create(competencies.values())
    MeetingRole.objects.bulk_create(
        MeetingRole(
            program=program,
            key=key,
            name=str(name),
            duties=str(duties),
            priority=priority,
            leads=priority == 0,
            competency=competencies[grows],
        )
        for priority, (key, name, duties, grows) in enumerate(template.roles)
    )
    Question.objects.bulk_create(
        Question(
            program=program,
            key=key,
            kind=kind,
            label=str(label),
            help=str(help_text),
            options=[{"key": option, "name": str(name)} for option, name in options],
            asked_of=asked_of,
            required=required,
            position=position,
        )
        for position, (key, kind, asked_of, label, help_text, options, required) in enumerate(
            template.questions
        )
    )
    Objective.objects.bulk_create(
        Objective(program=program, metric=metric, value=value, week=week)
        for metric, value, week in template.objectives
    )
    PathStep.objects.bulk_create(
        PathStep(program=program, key=key, part=part, when=PathStep.When(when), position=position)
        for position, (key, part, when) in enumerate(template.path)
    )
    EmailText.objects.bulk_create(
        EmailText(
            program_id=program.pk,
            kind=kind,
            case=case,
            subject=str(subject),
            button=str(button),
            body=str(body),
        )
        for kind, case, subject, button, body in template.emails
    )
    criteria = [(Criterion.Sort.SCORE, row) for row in template.criteria]
    criteria += [(Criterion.Sort.RULE, row) for row in template.rules]
    Criterion.objects.bulk_create(
        Criterion(
            program=program,
            key=key,
            sort=sort,
            kind=kind,
            label=str(label),
            seeker_field=seeker,
            offerer_field=offerer,
            weight=weight,
            parameters=dict(parameters),
            position=position,
        )
        for position, (sort, (key, kind, label, seeker, offerer, weight, parameters)) in enumerate(
            criteria
        )
    )


def keep_in_sight(program: Program, by: Member | None) -> None:
    """A coordinator who does not run all programs sees those that name them: so does their own."""
    if by and by.role == Member.Role.COORDINATOR and not by.runs_all:
        ProgramStaff.objects.create(program=program, member=by)


@transaction.atomic
def edit_program(*, program: Program, by: Member, **fields: Any) -> Program:
    """Change what the design says; raises NameTaken, or FormatIsFixed once people enrolled.

    Changed expectations are a new version: everybody is asked to accept them again.
    Raises ValueError for a field that is not one of the design's.
    """
    if unknown := set(fields) - EDITABLE:
        raise ValueError(f"not of the design: {sorted(unknown)}")
    changed = sorted(name for name, value in fields.items() if getattr(program, name) != value)
    if "format" in changed and Enrolment.objects.filter(cohort__program=program).exists():
        raise FormatIsFixed
    if not changed:
        return program
    changes = {name: fields[name] for name in changed}
    if set(changed) & set(EXPECTATIONS):
        changes["expectations_version"] = F("expectations_version") + 1
    before = changes_of(program, {name: fields[name] for name in changed})
    with refusing("program_name_once", NameTaken()):
        Program.objects.filter(pk=program.pk).update(**changes)
    program.refresh_from_db()
    words.forget()
    record(by=by, verb="program.edited", target=program, fields=changed, changes=before)
    return program


@transaction.atomic
def duplicate_program(*, program: Program, by: Member, name: str = "") -> Program:
    """Copy the design with its questions, criteria, roles, path and texts; no people.

    Raises NameTaken if a name is given that is taken; without one a free name is found.
    """
    with refusing("program_name_once", NameTaken()):
        copy: Program = _clone(
            program, name=name.strip() or _free_name(program), archived_at=None, copied_from=program
        )
    competencies = {
        competency.pk: _clone(competency, program=copy) for competency in program.competencies.all()
    }
    for question in program.questions.all():
        _clone(question, program=copy)
    for criterion in program.criteria.all():
        _clone(criterion, program=copy)
    for objective in program.objectives.all():
        _clone(objective, program=copy)
    roles = {}
    for role in program.meeting_roles.all():
        grown = competencies.get(role.competency_id) if role.competency_id else None
        roles[role.pk] = _clone(role, program=copy, competency=grown, after=None)
    for role in program.meeting_roles.all():
        if role.after_id:
            MeetingRole.objects.filter(pk=roles[role.pk].pk).update(after=roles[role.after_id])
    keep_in_sight(copy, by)
    for step in PathStep.objects.on_path().filter(program=program):
        _clone(step, program=copy)
    for text in EmailText.objects.filter(program_id=program.pk):
        _clone(text, program_id=copy.pk)
    record(by=by, verb="program.duplicated", target=copy, source=str(program.pk))
    return copy


def _clone(row: Any, **changes: Any) -> Any:
    kept = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in {"id", "created_at", *changes}
    }
    return type(row).objects.create(**kept, **changes)


def _free_name(program: Program) -> str:
    names = set(Program.objects.values_list("name", flat=True))
    number = 2
    while (name := _("%(name)s, copy %(number)s") % _named(program, number)) in names:
        number += 1
    return name


def _named(program: Program, number: int) -> dict[str, object]:
    return {"name": program.name[:100], "number": number}


@transaction.atomic
def archive_program(*, program: Program, by: Member) -> Program:
    """Put a program away; raises ProgramInUse while one of its cohorts is under way."""
    if Cohort.objects.filter(program=program, phase__in=Cohort.UNDER_WAY).exists():
        raise ProgramInUse
    if Program.objects.filter(pk=program.pk, archived_at=None).update(archived_at=clock.now()):
        record(by=by, verb="program.archived", target=program)
    program.refresh_from_db(fields=["archived_at"])
    return program


@transaction.atomic
def unarchive_program(*, program: Program, by: Member) -> Program:
    archived = Program.objects.filter(pk=program.pk, archived_at__isnull=False)
    if archived.update(archived_at=None):
        record(by=by, verb="program.brought_back", target=program)
    program.refresh_from_db(fields=["archived_at"])
    return program
