"""The parts of a design: competencies, meeting roles, questions and criteria."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, ProtectedError, Q

from core.audit.operations import changes_of, record
from core.common.errors import refusing
from core.members.models import Member
from programs.errors import (
    ComesAfterItself,
    ObjectiveTwice,
    OneLeads,
    PartInUse,
    QuestionCompared,
    QuestionFollowed,
    QuestionInUse,
)
from programs.models.parts import (
    Answer,
    AnswerValue,
    Competency,
    Criterion,
    MeetingRole,
    Objective,
    Question,
    free_key,
)
from programs.models.programs import Program

DesignPart = Competency | MeetingRole | Question | Criterion | Objective


def _save(
    model: type[Any], program: Program, row: Any | None, by: Member, name_field: str, fields: Any
) -> Any:
    """Change a part, or add one at the end under a key of its own that never changes."""
    noun = model._meta.model_name
    if row is not None:
        changes = changes_of(row, fields)
        for name, value in fields.items():
            setattr(row, name, value)
        row.save(update_fields=list(fields))
        verb = f"{noun}.edited"
        record(by=by, verb=verb, target=row, program=program.name, changes=changes)
        return row
    rows = model.objects.filter(program=program)
    order = "priority" if model is MeetingRole else "position"
    last = rows.aggregate(last=Max(order))["last"]
    fields.setdefault(order, 0 if last is None else last + 1)
    key = free_key(fields[name_field], set(rows.values_list("key", flat=True)))
    row = model.objects.create(program=program, key=key, **fields)
    record(by=by, verb=f"{noun}.added", target=row, program=program.name)
    return row


@transaction.atomic
def remove_part(*, row: DesignPart, by: Member) -> None:
    """Take a part out of the design; what was planned or computed with it keeps its own copy.

    Raises PartInUse; for a question QuestionInUse or QuestionCompared.
    """
    if isinstance(row, Question):
        if Answer.objects.filter(question=row).exists():
            raise QuestionInUse
        compared = Q(seeker_field=f"answer:{row.key}") | Q(offerer_field=f"answer:{row.key}")
        if Criterion.objects.filter(compared, program=row.program_id).exists():
            raise QuestionCompared
        _refuse_to_lose_followers(row, options=())
    record(by=by, verb=f"{row._meta.model_name}.removed", target=row, program=row.program.name)
    try:
        row.delete()
    except ProtectedError as error:
        raise PartInUse(str(row)) from error


@transaction.atomic
def save_competency(
    *, program: Program, by: Member, competency: Competency | None = None, name: str, rubric: str
) -> Competency:
    fields = {"name": name, "rubric": rubric}
    saved: Competency = _save(Competency, program, competency, by, "name", fields)
    return saved


@transaction.atomic
def save_meeting_role(
    *,
    program: Program,
    by: Member,
    meeting_role: MeetingRole | None = None,
    name: str,
    duties: str,
    leads: bool,
    competency: Competency | None,
    priority: int | None = None,
    after: MeetingRole | None = None,
    needs_level: int = 0,
) -> MeetingRole:
    """Change a meeting role, or add one; raises OneLeads if another already leads, and
    ComesAfterItself if the roles it comes after lead back to it."""
    fields = {
        "name": name,
        "duties": duties,
        "leads": leads,
        "competency": competency,
        "after": after,
        "needs_level": needs_level,
    }
    _refuse_a_circle(program, meeting_role, after)
    if priority is not None:
        fields["priority"] = priority
    with refusing("meeting_role_one_leads", OneLeads()):
        saved: MeetingRole = _save(MeetingRole, program, meeting_role, by, "name", fields)
    return saved


def _refuse_a_circle(program: Program, role: MeetingRole | None, after: MeetingRole | None) -> None:
    before = {other.pk: other.after_id for other in program.meeting_roles.select_for_update()}
    at = after.pk if after else None
    while role and at:
        if at == role.pk:
            raise ComesAfterItself
        at = before.get(at)


@transaction.atomic
def save_question(
    *,
    program: Program,
    by: Member,
    question: Question | None = None,
    kind: str,
    label: str,
    help: str = "",
    options: Sequence[Mapping[str, str]] = (),
    required: bool = False,
    asked_of: str = Question.AskedOf.EVERYONE,
    only_if: str = "",
) -> Question:
    """Change a question, or add one at the end; what was answered by an option that goes, goes.

    Raises QuestionInUse if its kind would change although people have answered it, and
    QuestionFollowed if an answer would go after which another question is asked.
    """
    if question and question.kind != kind and Answer.objects.filter(question=question).exists():
        raise QuestionInUse
    fields = {
        "kind": kind,
        "label": label,
        "help": help,
        "options": [dict(option) for option in options],
        "required": required,
        "asked_of": asked_of,
        "only_if": only_if,
    }
    if question:
        kept = [option["key"] for option in options] if kind == Question.Kind.CHOICE else []
        _refuse_to_lose_followers(question, kept)
    saved: Question = _save(Question, program, question, by, "label", fields)
    if kind in Question.WITH_OPTIONS:
        _drop_answers_of_gone_options(saved)
    return saved


def _refuse_to_lose_followers(question: Question, options: Collection[str]) -> None:
    followers = Question.objects.filter(
        program=question.program_id, only_if__startswith=f"{question.key}="
    )
    if not {row.only_if.partition("=")[2] for row in followers} <= set(options):
        raise QuestionFollowed


@transaction.atomic
def copy_question(*, source: Question, program: Program, by: Member) -> Question:
    """Add a question of another program at the end, with its options; answers stay there."""
    return save_question(
        program=program,
        by=by,
        kind=source.kind,
        label=source.label,
        help=source.help,
        options=source.options,
        required=source.required,
        asked_of=source.asked_of,
    )


@transaction.atomic
def move_question(*, question: Question, by: Member, places: int) -> list[Question]:
    """Move a question up (less than 0) or down the list people are asked by; at an end it stays."""
    rows = list(Question.objects.select_for_update().filter(program=question.program_id))
    at = next(place for place, row in enumerate(rows) if row.pk == question.pk)
    to = min(max(at + places, 0), len(rows) - 1)
    rows.insert(to, rows.pop(at))
    for position, row in enumerate(rows):
        row.position = position
    Question.objects.bulk_update(rows, ["position"])
    if to != at:
        record(by=by, verb="question.moved", target=question, places=to - at)
    return rows


def _drop_answers_of_gone_options(question: Question) -> None:
    """Leave no answer that nobody can read: it names an option that is no longer there."""
    keys = {option["key"] for option in question.options}
    for answer in Answer.objects.filter(question=question):
        if isinstance(answer.value, str):
            value: AnswerValue = answer.value if answer.value in keys else ""
        elif isinstance(answer.value, dict):
            value = {key: level for key, level in answer.value.items() if key in keys}
        else:
            value = [key for key in answer.value if key in keys]
        if value == answer.value:
            continue
        if value:
            Answer.objects.filter(pk=answer.pk).update(value=value)
        else:
            answer.delete()


@transaction.atomic
def save_criterion(
    *,
    program: Program,
    by: Member,
    criterion: Criterion | None = None,
    kind: str,
    sort: str,
    label: str,
    seeker_field: str,
    offerer_field: str,
    weight: int,
    parameters: Mapping[str, Any],
) -> Criterion:
    """Change a criterion or a rule, or add one at the end; `weight` is 0–10."""
    fields = {
        "kind": kind,
        "sort": sort,
        "label": label,
        "seeker_field": seeker_field,
        "offerer_field": offerer_field,
        "weight": weight,
        "parameters": dict(parameters),
    }
    saved: Criterion = _save(Criterion, program, criterion, by, "label", fields)
    return saved


@transaction.atomic
def save_objective(
    *,
    program: Program,
    by: Member,
    objective: Objective | None = None,
    metric: str,
    value: Decimal,
    week: int,
) -> Objective:
    """Change an objective, or add one; raises ObjectiveTwice if its figure has one already."""
    fields = {"metric": metric, "value": value, "week": week}
    with refusing("objective_once", ObjectiveTwice()):
        if objective is None:
            objective = Objective.objects.create(program=program, **fields)
            record(by=by, verb="objective.added", target=objective, program=program.name)
            return objective
        changes = changes_of(objective, fields)
        for name, chosen in fields.items():
            setattr(objective, name, chosen)
        objective.save(update_fields=list(fields))
    record(by=by, verb="objective.edited", target=objective, program=program.name, changes=changes)
    return objective


@transaction.atomic
def set_weights(*, program: Program, weights: Mapping[UUID, int], by: Member) -> list[Criterion]:
    """Set the weights (0–10) of several criteria at once; return those that changed."""
    changed, changes = [], {}
    for criterion in program.criteria.filter(pk__in=weights):
        if criterion.weight != weights[criterion.pk]:
            changes[criterion.key] = [criterion.weight, weights[criterion.pk]]
            criterion.weight = weights[criterion.pk]
            criterion.save(update_fields=["weight"])
            changed.append(criterion)
    if changed:
        now = {criterion.key: criterion.weight for criterion in changed}
        record(by=by, verb="program.weights_set", target=program, weights=now, changes=changes)
    return changed
