"""The parts of a design: competencies, meeting roles, questions and criteria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, ProtectedError, Q

from core.audit.operations import record
from core.common.errors import refusing
from core.members.models import Member
from programs.errors import ComesAfterItself, OneLeads, PartInUse, QuestionCompared, QuestionInUse
from programs.models.parts import Answer, Competency, Criterion, MeetingRole, Question, free_key
from programs.models.programs import Program

DesignPart = Competency | MeetingRole | Question | Criterion


def _save(
    model: type[Any], program: Program, row: Any | None, by: Member, name_field: str, fields: Any
) -> Any:
    """Change a part, or add one at the end under a key of its own that never changes."""
    noun = model._meta.model_name
    if row is not None:
        for name, value in fields.items():
            setattr(row, name, value)
        row.save(update_fields=list(fields))
        record(by=by, verb=f"{noun}.edited", target=row, program=program.name)
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
) -> Question:
    """Change a question, or add one at the end.

    Raises QuestionInUse if its kind would change although people have answered it.
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
    }
    saved: Question = _save(Question, program, question, by, "label", fields)
    return saved


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
def set_weights(*, program: Program, weights: Mapping[UUID, int], by: Member) -> list[Criterion]:
    """Set the weights (0–10) of several criteria at once; return those that changed."""
    changed = []
    for criterion in program.criteria.filter(pk__in=weights):
        if criterion.weight != weights[criterion.pk]:
            criterion.weight = weights[criterion.pk]
            criterion.save(update_fields=["weight"])
            changed.append(criterion)
    if changed:
        now = {criterion.key: criterion.weight for criterion in changed}
        record(by=by, verb="program.weights_set", target=program, weights=now)
    return changed
