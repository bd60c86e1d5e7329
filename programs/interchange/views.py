"""A design as a file: download it, and make a program from one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.errors import NameTaken
from programs.interchange.forms import DesignFileForm
from programs.interchange.operations import import_design
from programs.interchange.reading import design_of
from programs.views.common import find_program


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def export_design(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    answer = JsonResponse(design_of(program), json_dumps_params={"indent": 1})
    name = slugify(program.name) or "program"
    answer["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def new_from_file(request: MemberRequest) -> HttpResponse:
    form = DesignFileForm(request.POST or None, request.FILES or None)
    if program := act(
        lambda: import_design(
            design=form.cleaned_data["file"], name=form.cleaned_data["name"], by=request.member
        ),
        form,
        at={NameTaken: "name"},
    ):
        return redirect("programs:set_up_purpose", request.member.organisation.slug, program.pk)
    return form_page(request, "programs/interchange/import.html", form)
