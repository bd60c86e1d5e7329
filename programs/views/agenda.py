"""The agenda that the sessions of a program begin with."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from core.ui.steps import StepsForm
from programs.forms.design import SeasonForm
from programs.models.agenda import HOW_IT_WORKS, StepKind
from programs.operations import designs
from programs.queries.agendas import READY_AGENDAS
from programs.views.common import find_program


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def edit_agenda(request: MemberRequest, program_id: UUID) -> HttpResponse:
    """Add, move, remove and change steps; nothing is saved before the last button."""
    program = find_program(request, program_id)
    form = StepsForm(request.POST or None, steps=program.agenda, kinds=StepKind.choices)
    button = request.POST.get("act", "")
    if ready := READY_AGENDAS.get(button.removeprefix("fill-")):
        form = form.filled(ready.fitted(program.session_minutes))
    elif button:
        form = form.rearranged(button)
    elif form.is_valid():
        designs.edit_program(program=program, by=request.member, agenda=form.steps)
        messages.success(request, _("The agenda is saved. New sessions begin with it."))
        return redirect("programs:design", request.member.organisation.slug, program.pk)
    context = {
        "program": program,
        "ready": [(key, agenda.name) for key, agenda in READY_AGENDAS.items()],
        "kinds": [(kind.label, HOW_IT_WORKS[kind]) for kind in StepKind],
    }
    return form_page(request, "programs/agenda.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def edit_season(request: MemberRequest, program_id: UUID) -> HttpResponse:
    """Say session by session what it is about; sessions that are planned keep theirs."""
    program = find_program(request, program_id)
    form = SeasonForm(request.POST or None, program=program)
    if act(
        lambda: designs.edit_program(program=program, by=request.member, season=form.season()), form
    ):
        messages.success(request, _("The season is saved. Seasons to be planned follow it."))
        return redirect("programs:design", request.member.organisation.slug, program.pk)
    context = {"program": program, "title": _("Session by session"), "remove_url": ""}
    return form_page(request, "programs/edit_part.html", form, context)
