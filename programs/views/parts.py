"""The parts of a design: add, change, remove.  Five kinds, one way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.forms.criteria import CriterionForm
from programs.forms.design import (
    CompetencyForm,
    MeetingRoleForm,
    ObjectiveForm,
    PartForm,
    QuestionForm,
)
from programs.models.parts import Competency, Criterion, MeetingRole, Objective, Question
from programs.models.programs import Program
from programs.operations import parts
from programs.views.common import find_program


@dataclass(frozen=True)
class _DesignPart:
    """One kind of part; `noun` is what its URL names and the arguments of `save` call it."""

    noun: str
    folder: str
    edit_address: str
    remove_address: str
    model: type[Any]
    form: type[PartForm]
    save: Callable[..., object]
    new_title: str | Promise
    without_it: str | Promise  # what follows from removing it


PARTS = (
    _DesignPart(
        "competency",
        "competencies",
        "programs:edit_competency",
        "programs:remove_competency",
        Competency,
        CompetencyForm,
        parts.save_competency,
        _("New competency"),
        _("Meeting roles that grow it grow none then."),
    ),
    _DesignPart(
        "meeting_role",
        "roles",
        "programs:edit_meeting_role",
        "programs:remove_meeting_role",
        MeetingRole,
        MeetingRoleForm,
        parts.save_meeting_role,
        _("New meeting role"),
        _("Sessions that are planned from then on do without it."),
    ),
    _DesignPart(
        "question",
        "questions",
        "programs:edit_question",
        "programs:remove_question",
        Question,
        QuestionForm,
        parts.save_question,
        _("New question"),
        _("Nobody is asked any more."),
    ),
    _DesignPart(
        "criterion",
        "criteria",
        "programs:edit_criterion",
        "programs:remove_criterion",
        Criterion,
        CriterionForm,
        parts.save_criterion,
        _("New criterion"),
        _("The next run of the matching does not look at it."),
    ),
    _DesignPart(
        "objective",
        "objectives",
        "programs:edit_objective",
        "programs:remove_objective",
        Objective,
        ObjectiveForm,
        parts.save_objective,
        _("New objective"),
        _("Reports of its cohorts show their figures without it."),
    ),
)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def new_part(request: MemberRequest, program_id: UUID, part: _DesignPart) -> HttpResponse:
    return _edit(request, part, find_program(request, program_id), None)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def edit_part(request: MemberRequest, part: _DesignPart, **ids: UUID) -> HttpResponse:
    row = _find_row(request, part, ids)
    return _edit(request, part, row.program, row)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def remove_part(request: MemberRequest, part: _DesignPart, **ids: UUID) -> HttpResponse:
    """Ask first: what was written in it cannot be brought back."""
    row = _find_row(request, part, ids)
    if request.method == "POST":
        parts.remove_part(row=row, by=request.member)
        messages.success(request, _("“%(name)s” is removed from the design.") % {"name": row})
        return _to_design(request, row.program)
    context = {
        "program": row.program,
        "row": row,
        "without_it": part.without_it,
        "edit_url": reverse(part.edit_address, args=[request.member.organisation.slug, row.pk]),
    }
    return render(request, "programs/remove_part.html", context)


def _find_row(request: MemberRequest, part: _DesignPart, ids: dict[str, UUID]) -> Any:
    programs = Program.objects.visible_to(request.member)
    rows = part.model.objects.visible_to(request.member).filter(program__in=programs)
    rows = rows.select_related("program__organisation")
    return get_object_or_404(rows, pk=ids[f"{part.noun}_id"])


def _edit(
    request: MemberRequest, part: _DesignPart, program: Program, row: Any | None
) -> HttpResponse:
    form = part.form(request.POST or None, program=program, row=row)
    about = {"program": program, "by": request.member, part.noun: row}
    if act(lambda: part.save(**about, **form.values()), form):
        return _to_design(request, program)
    context = {
        "program": program,
        "title": str(row) if row else part.new_title,
        "remove_url": row
        and reverse(part.remove_address, args=[program.organisation.slug, row.pk]),
    }
    return form_page(request, "programs/edit_part.html", form, context)


def _to_design(request: MemberRequest, program: Program) -> HttpResponse:
    return redirect("programs:design", request.member.organisation.slug, program.pk)
