"""Texts of the e-mails of one program, for those who run it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from core.accounts.views.texts import TextsPlace, shows_emails, text_page, texts_page
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from programs.models.programs import Program
from programs.views.common import find_program


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def program_texts(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    context = {"program": program}
    return texts_page(request, "programs/texts.html", _place(request, program), context)


@require_http_methods(["GET", "HEAD", "POST"])
@shows_emails
@member_view(Permission.PROGRAMS_MANAGE)
def program_text(request: MemberRequest, program_id: UUID, kind: str, case: str) -> HttpResponse:
    return text_page(request, _place(request, find_program(request, program_id)), kind, case)


def _place(request: MemberRequest, program: Program) -> TextsPlace:
    slug = request.member.organisation.slug
    return TextsPlace(
        list_url=reverse("programs:texts", args=[slug, program.pk]),
        url=lambda kind, case: reverse("programs:text", args=[slug, program.pk, kind, case]),
        program_id=program.pk,
    )
