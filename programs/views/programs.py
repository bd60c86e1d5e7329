"""Programs: the list with their health, one of them, its design."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mentoring.identity.http import MemberRequest, member_view
from mentoring.identity.permissions import Permission
from programs import operations, queries
from programs.errors import NameTaken
from programs.forms import DesignForm, NewProgramForm, WeightsForm
from programs.forms.criteria import KIND_NAMES, WORK_FACTS
from programs.models import Cohort
from programs.templates_catalog import TEMPLATES
from programs.views.common import find_program, show


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def programs(request: MemberRequest) -> HttpResponse:
    archived = "archived" in request.GET
    rows = queries.programs_with_health(request.member, archived=archived)
    return render(request, "programs/programs.html", {"rows": rows, "archived": archived})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def new_program(request: MemberRequest) -> HttpResponse:
    form = NewProgramForm(request.POST or None)
    if form.is_valid():
        try:
            made = operations.create_program(by=request.member, **form.cleaned_data)
        except NameTaken as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect(made)
    context = {"form": form, "templates": list(TEMPLATES.values())}
    return show(request, "programs/new_program.html", context, form)


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def program(request: MemberRequest, program_id: UUID) -> HttpResponse:
    found = find_program(request, program_id)
    cohorts = Cohort.objects.visible_to(request.member).for_list().filter(program=found)
    context = {
        "program": found,
        "cohorts": list(cohorts.order_by("-starts_on", "id")),
        "competencies": list(found.competencies.all()),
        "roles": list(found.meeting_roles.all()),
    }
    return render(request, "programs/program.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def design(request: MemberRequest, program_id: UUID) -> HttpResponse:
    found = find_program(request, program_id)
    form = DesignForm(request.POST or None, program=found)
    if form.is_valid():
        try:
            operations.edit_program(program=found, by=request.member, **form.cleaned_data)
        except NameTaken as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("The design is saved."))
            return redirect("programs:design", request.member.organisation.slug, found.pk)
    criteria = list(found.criteria.all())
    questions = list(found.questions.all())
    fields = {name: str(words) for name, words in WORK_FACTS}
    fields |= {f"answer:{each.key}": each.label for each in questions}
    context = {
        "program": found,
        "form": form,
        "competencies": list(found.competencies.all()),
        "roles": list(found.meeting_roles.select_related("competency")),
        "questions": questions,
        "criteria": [
            {
                "row": each,
                "kind": KIND_NAMES.get(each.kind, each.kind),
                "seeker": fields.get(each.seeker_field, each.seeker_field),
                "offerer": fields.get(each.offerer_field, each.offerer_field),
            }
            for each in criteria
        ],
        "weights": WeightsForm(criteria=[each for each in criteria if each.sort == "score"]),
    }
    return show(request, "programs/design.html", context, form)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def set_weights(request: MemberRequest, program_id: UUID) -> HttpResponse:
    found = find_program(request, program_id)
    form = WeightsForm(request.POST, criteria=found.criteria.filter(sort="score"))
    if not form.is_valid():
        return show(request, "programs/weights.html", {"program": found, "form": form}, form)
    operations.set_weights(program=found, weights=form.weights(), by=request.member)
    messages.success(request, _("The weights are saved."))
    return redirect("programs:design", request.member.organisation.slug, found.pk)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def duplicate_program(request: MemberRequest, program_id: UUID) -> HttpResponse:
    found = find_program(request, program_id)
    copy = operations.duplicate_program(program=found, by=request.member)
    messages.success(request, _("This is the copy. Cohorts and people stayed with the original."))
    return redirect(copy)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def archive_program(request: MemberRequest, program_id: UUID) -> HttpResponse:
    found = find_program(request, program_id)
    return redirect(operations.archive_program(program=found, by=request.member))


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def unarchive_program(request: MemberRequest, program_id: UUID) -> HttpResponse:
    found = find_program(request, program_id)
    return redirect(operations.unarchive_program(program=found, by=request.member))
