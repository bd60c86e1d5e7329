"""Which criteria went with good partnerships: the page, and the button that looks anew."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.common.errors import DomainError
from core.members.permissions import Permission, can
from core.members.requests import MemberRequest, member_view
from metrics.fit.operations import look_at_fit
from metrics.fit.queries import looks
from metrics.fit.study import LEAST
from metrics.fit.words import meanings, program_text
from programs.models.programs import Program


@require_safe
@member_view(Permission.FIGURES_READ)
def fit_page(request: MemberRequest) -> HttpResponse:
    """All programs: what is released, what was refused and why, and which weights are proposed."""
    context = {
        "meanings": meanings(),
        "programs": [program_text(row) for row in looks(request.member)],
        "manages": can(request.member, Permission.PROGRAMS_MANAGE),
        "threshold": request.organisation_settings.threshold,
        "least": LEAST,
    }
    return render(request, "metrics/fit/fit.html", context)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def look_at_program(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = get_object_or_404(Program.objects.visible_to(request.member), pk=program_id)
    try:
        made = look_at_fit(program=program, by=request.member)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        released = sum(not look.refusal for look in made)
        if released:
            messages.success(request, _("Something new is released: see below."))
        else:
            messages.info(request, _("Nothing new can be shown. The page says why."))
    return redirect("metrics:fit", request.member.organisation.slug)
