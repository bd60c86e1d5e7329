"""Who runs this program: named on it, or marked to run all of them."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from core.accounts.operations import people
from core.members.models import Member
from core.members.permissions import Permission, is_below, runs_all_programs
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.models.programs import Program, ProgramStaff
from programs.operations import staff
from programs.views.common import find_program


class _NameForm(forms.Form):
    member = forms.ModelChoiceField(
        queryset=Member.objects.none(), label=gettext_lazy("Coordinator"), empty_label=None
    )


def _coordinators(request: MemberRequest) -> list[Member]:
    rows = Member.objects.visible_to(request.member).reachable()
    return list(rows.filter(role=Member.Role.COORDINATOR).order_by("given_name", "pk"))


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def program_staff(request: MemberRequest, program_id: UUID) -> HttpResponse:
    """Show who runs the program, and name another coordinator on it."""
    program = find_program(request, program_id)
    named = ProgramStaff.objects.visible_to(request.member).filter(program=program)
    ids = set(named.values_list("member", flat=True))
    coordinators = _coordinators(request)
    form = _NameForm(request.POST or None)
    field = form.fields["member"]
    assert isinstance(field, forms.ModelChoiceField)
    others = [member.pk for member in coordinators if member.pk not in ids and not member.runs_all]
    field.queryset = Member.objects.visible_to(request.member).filter(pk__in=others)
    if act(
        lambda: staff.name_coordinator(program=program, by=request.member, **form.cleaned_data),
        form,
    ):
        messages.success(request, _("Saved. They see this program now."))
        return _again(request, program)
    by = request.member
    context = {
        "program": program,
        "rows": [
            {
                "member": member,
                "named": member.pk in ids,
                "may_remove": member.pk in ids and (member.pk == by.pk or is_below(member, by)),
                "may_mark": runs_all_programs(by)
                and (not member.runs_all or member.pk == by.pk or is_below(member, by)),
            }
            for member in coordinators
            if member.runs_all or member.pk in ids
        ],
        "others": bool(others),
    }
    return form_page(request, "programs/program_staff.html", form, context)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def remove_staff(request: MemberRequest, program_id: UUID, member_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    member = get_object_or_404(Member.objects.visible_to(request.member), pk=member_id)
    staff.remove_coordinator(program=program, member=member, by=request.member)
    messages.success(request, _("They do not run this program any more."))
    if not Program.objects.visible_to(request.member).filter(pk=program.pk).exists():
        return redirect("programs:programs", request.member.organisation.slug)
    return _again(request, program)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def mark_runs_all(request: MemberRequest, program_id: UUID, member_id: UUID) -> HttpResponse:
    """Let a coordinator run all programs, or only those that name them."""
    program = find_program(request, program_id)
    member = get_object_or_404(Member.objects.visible_to(request.member), pk=member_id)
    people.set_runs_all(member=member, runs_all="all" in request.POST, by=request.member)
    messages.success(request, _("Saved."))
    if not Program.objects.visible_to(request.member).filter(pk=program.pk).exists():
        return redirect("programs:programs", request.member.organisation.slug)
    return _again(request, program)


def _again(request: MemberRequest, program: Program) -> HttpResponse:
    return redirect("programs:program_staff", request.member.organisation.slug, program.pk)
