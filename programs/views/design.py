"""The parts of a design: add, change, remove.  Four kinds, one way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from mentoring.common.errors import DomainError
from mentoring.identity.http import MemberRequest, member_view
from mentoring.identity.permissions import Permission
from programs import operations
from programs.forms import CompetencyForm, CriterionForm, MeetingRoleForm, QuestionForm
from programs.models import Competency, Criterion, MeetingRole, Program, Question
from programs.views.common import find_program, show

METHODS = ["GET", "HEAD", "POST"]


def _edit(
    request: MemberRequest,
    program: Program,
    form: Form,
    title: str | Promise,
    save: Callable[[], object],
    remove_url: str = "",
) -> HttpResponse:
    """Show the form of a part, or save it and go back to the design."""
    if form.is_bound and form.is_valid():
        try:
            save()
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return _to_design(request, program)
    context = {"program": program, "form": form, "title": title, "remove_url": remove_url}
    return show(request, "programs/edit_part.html", context, form)


def _to_design(request: MemberRequest, program: Program) -> HttpResponse:
    return redirect("programs:design", request.member.organisation.slug, program.pk)


def _row(request: MemberRequest, model: type[Any], row_id: UUID) -> Any:
    """Return a part of a program that this member may see."""
    programs = Program.objects.visible_to(request.member)
    rows = model.objects.visible_to(request.member).filter(program__in=programs)
    return get_object_or_404(rows.select_related("program__organisation"), pk=row_id)


def _address(request: MemberRequest, name: str, row: Any) -> str:
    return reverse(name, args=[request.member.organisation.slug, row.pk])


def _initial(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


@require_http_methods(METHODS)
@member_view(Permission.PROGRAMS_MANAGE)
def new_competency(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    form = CompetencyForm(request.POST or None)
    return _edit(
        request,
        program,
        form,
        _("New competency"),
        lambda: operations.save_competency(program=program, by=request.member, **form.cleaned_data),
    )


@require_http_methods(METHODS)
@member_view(Permission.PROGRAMS_MANAGE)
def edit_competency(request: MemberRequest, competency_id: UUID) -> HttpResponse:
    row: Competency = _row(request, Competency, competency_id)
    form = CompetencyForm(request.POST or None, initial=_initial(row, "name", "rubric"))
    return _edit(
        request,
        row.program,
        form,
        row.name,
        lambda: operations.save_competency(
            program=row.program, competency=row, by=request.member, **form.cleaned_data
        ),
        _address(request, "programs:remove_competency", row),
    )


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def remove_competency(request: MemberRequest, competency_id: UUID) -> HttpResponse:
    row: Competency = _row(request, Competency, competency_id)
    operations.remove_competency(competency=row, by=request.member)
    return _to_design(request, row.program)


@require_http_methods(METHODS)
@member_view(Permission.PROGRAMS_MANAGE)
def new_meeting_role(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    form = MeetingRoleForm(request.POST or None, program=program, initial={"priority": 9})
    return _edit(
        request,
        program,
        form,
        _("New meeting role"),
        lambda: operations.save_meeting_role(
            program=program, by=request.member, **form.cleaned_data
        ),
    )


@require_http_methods(METHODS)
@member_view(Permission.PROGRAMS_MANAGE)
def edit_meeting_role(request: MemberRequest, meeting_role_id: UUID) -> HttpResponse:
    row: MeetingRole = _row(request, MeetingRole, meeting_role_id)
    initial = _initial(
        row, "name", "duties", "priority", "leads", "competency", "after", "needs_level"
    )
    form = MeetingRoleForm(request.POST or None, program=row.program, row=row, initial=initial)
    return _edit(
        request,
        row.program,
        form,
        row.name,
        lambda: operations.save_meeting_role(
            program=row.program, meeting_role=row, by=request.member, **form.cleaned_data
        ),
        _address(request, "programs:remove_meeting_role", row),
    )


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def remove_meeting_role(request: MemberRequest, meeting_role_id: UUID) -> HttpResponse:
    row: MeetingRole = _row(request, MeetingRole, meeting_role_id)
    operations.remove_meeting_role(meeting_role=row, by=request.member)
    return _to_design(request, row.program)


@require_http_methods(METHODS)
@member_view(Permission.PROGRAMS_MANAGE)
def new_question(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    form = QuestionForm(request.POST or None)
    return _edit(
        request,
        program,
        form,
        _("New question"),
        lambda: operations.save_question(program=program, by=request.member, **form.cleaned_data),
    )


@require_http_methods(METHODS)
@member_view(Permission.PROGRAMS_MANAGE)
def edit_question(request: MemberRequest, question_id: UUID) -> HttpResponse:
    row: Question = _row(request, Question, question_id)
    initial = _initial(row, "label", "help", "kind", "options", "asked_of", "required")
    form = QuestionForm(request.POST or None, initial=initial)
    return _edit(
        request,
        row.program,
        form,
        row.label,
        lambda: operations.save_question(
            program=row.program, question=row, by=request.member, **form.cleaned_data
        ),
        _address(request, "programs:remove_question", row),
    )


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def remove_question(request: MemberRequest, question_id: UUID) -> HttpResponse:
    row: Question = _row(request, Question, question_id)
    operations.remove_question(question=row, by=request.member)
    return _to_design(request, row.program)


@require_http_methods(METHODS)
@member_view(Permission.PROGRAMS_MANAGE)
def new_criterion(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    form = CriterionForm(request.POST or None, program=program)
    return _edit(
        request,
        program,
        form,
        _("New criterion"),
        lambda: operations.save_criterion(
            program=program, by=request.member, **form.fields_for_operation()
        ),
    )


@require_http_methods(METHODS)
@member_view(Permission.PROGRAMS_MANAGE)
def edit_criterion(request: MemberRequest, criterion_id: UUID) -> HttpResponse:
    row: Criterion = _row(request, Criterion, criterion_id)
    form = CriterionForm(request.POST or None, program=row.program, criterion=row)
    return _edit(
        request,
        row.program,
        form,
        row.label,
        lambda: operations.save_criterion(
            program=row.program,
            criterion=row,
            by=request.member,
            **form.fields_for_operation(),
        ),
        _address(request, "programs:remove_criterion", row),
    )


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def remove_criterion(request: MemberRequest, criterion_id: UUID) -> HttpResponse:
    row: Criterion = _row(request, Criterion, criterion_id)
    operations.remove_criterion(criterion=row, by=request.member)
    return _to_design(request, row.program)
