"""The parts of a design: add, change, remove.  Four kinds, one way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.forms.criteria import CriterionForm
from programs.forms.design import CompetencyForm, MeetingRoleForm, PartForm, QuestionForm
from programs.models.parts import Competency, Criterion, MeetingRole, Question
from programs.models.programs import Program
from programs.operations import parts
from programs.views.common import find_program


@dataclass(frozen=True)
class _DesignPart:
    """One kind of part; `noun` is what its URL names and the arguments of `save` call it."""

    noun: str
    folder: str
    remove_address: str
    model: type[Any]
    form: type[PartForm]
    save: Callable[..., object]
    new_title: str | Promise


PARTS = (
    _DesignPart(
        "competency",
        "competencies",
        "programs:remove_competency",
        Competency,
        CompetencyForm,
        parts.save_competency,
        _("New competency"),
    ),
    _DesignPart(
        "meeting_role",
        "roles",
        "programs:remove_meeting_role",
        MeetingRole,
        MeetingRoleForm,
        parts.save_meeting_role,
        _("New meeting role"),
    ),
    _DesignPart(
        "question",
        "questions",
        "programs:remove_question",
        Question,
        QuestionForm,
        parts.save_question,
        _("New question"),
    ),
    _DesignPart(
        "criterion",
        "criteria",
        "programs:remove_criterion",
        Criterion,
        CriterionForm,
        parts.save_criterion,
        _("New criterion"),
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


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def remove_part(request: MemberRequest, part: _DesignPart, **ids: UUID) -> HttpResponse:
    row = _find_row(request, part, ids)
    parts.remove_part(row=row, by=request.member)
    return _to_design(request, row.program)


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
