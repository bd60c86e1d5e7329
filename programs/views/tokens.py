"""API tokens that read one program alone, for those who run it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.accounts.views.sign_in import confirmed
from core.accounts.views.tokens import tokens_page
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from programs.views.common import find_program


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
@confirmed
def program_tokens(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    return tokens_page(request, "programs/tokens.html", program.pk, {"program": program})
