"""Programs: the list with their health, one of them, its design."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.errors import NameTaken
from programs.forms.criteria import KIND_NAMES, WORK_FACTS, WeightsForm
from programs.forms.design import DesignForm, NewProgramForm
from programs.models.programs import Cohort
from programs.operations import designs as programs_designs
from programs.operations import parts
from programs.queries import designs
from programs.queries.agendas import season_lines
from programs.templates_catalog import TEMPLATES
from programs.training.queries import lessons, lessons_brought
from programs.views.common import find_program


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def programs(request: MemberRequest) -> HttpResponse:
    archived = "archived" in request.GET
    rows = designs.programs_with_health(request.member, archived=archived)
    return render(request, "programs/programs.html", {"rows": rows, "archived": archived})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def new_program(request: MemberRequest) -> HttpResponse:
    form = NewProgramForm(request.POST or None)
    if program := act(
        lambda: programs_designs.create_program(by=request.member, **form.cleaned_data),
        form,
        at={NameTaken: "name"},
    ):
        return redirect("programs:set_up_purpose", request.member.organisation.slug, program.pk)
    known = lessons()
    context = {"templates": [(item, lessons_brought(item, known)) for item in TEMPLATES.values()]}
    return form_page(request, "programs/new_program.html", form, context)


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def program(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    cohorts = Cohort.objects.visible_to(request.member).for_list().filter(program=program)
    context = {
        "program": program,
        "cohorts": list(cohorts.order_by("-starts_on", "id")),
        "competencies": list(program.competencies.all()),
        "roles": list(program.meeting_roles.all()),
        "objectives": list(program.objectives.all()),
        "season": season_lines(program),
    }
    return render(request, "programs/program.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def design(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    form = DesignForm(request.POST or None, program=program)
    if act(
        lambda: programs_designs.edit_program(
            program=program, by=request.member, **form.cleaned_data
        ),
        form,
        at={NameTaken: "name"},
    ):
        messages.success(request, _("The design is saved."))
        return redirect("programs:design", request.member.organisation.slug, program.pk)
    criteria = list(program.criteria.all())
    questions = list(program.questions.all())
    fields = {name: str(words) for name, words in WORK_FACTS}
    fields |= {f"answer:{question.key}": question.label for question in questions}
    context = {
        "program": program,
        "competencies": list(program.competencies.all()),
        "roles": list(program.meeting_roles.select_related("competency")),
        "questions": questions,
        "objectives": list(program.objectives.all()),
        "season": season_lines(program),
        "criteria": [
            {
                "row": criterion,
                "kind": KIND_NAMES.get(criterion.kind, criterion.kind),
                "seeker": fields.get(criterion.seeker_field, criterion.seeker_field),
                "offerer": fields.get(criterion.offerer_field, criterion.offerer_field),
            }
            for criterion in criteria
        ],
        "weights": WeightsForm(
            criteria=[criterion for criterion in criteria if criterion.sort == "score"]
        ),
    }
    return form_page(request, "programs/design.html", form, context)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def set_weights(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    form = WeightsForm(request.POST, criteria=program.criteria.filter(sort="score"))
    if not form.is_valid():
        return form_page(request, "programs/weights.html", form, {"program": program})
    parts.set_weights(program=program, weights=form.weights(), by=request.member)
    messages.success(request, _("The weights are saved."))
    return redirect("programs:design", request.member.organisation.slug, program.pk)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def duplicate_program(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    copy = programs_designs.duplicate_program(program=program, by=request.member)
    messages.success(request, _("This is the copy. Cohorts and people stayed with the original."))
    return redirect(copy)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def archive_program(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    return redirect(programs_designs.archive_program(program=program, by=request.member))


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def unarchive_program(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    return redirect(programs_designs.unarchive_program(program=program, by=request.member))
