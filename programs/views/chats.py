"""Slack and Teams chats in which the news of one program is posted, for those who run it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from core.accounts.views.chats import ChatsPlace, chats_page, removed, tested
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from programs.models.programs import Program
from programs.views.common import find_program


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def program_chats(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    context = {"program": program}
    return chats_page(request, "programs/chats.html", _place(request, program), context)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def test_chat(request: MemberRequest, program_id: UUID, webhook_id: UUID) -> HttpResponse:
    return tested(request, _place(request, find_program(request, program_id)), webhook_id)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def remove_chat(request: MemberRequest, program_id: UUID, webhook_id: UUID) -> HttpResponse:
    return removed(request, _place(request, find_program(request, program_id)), webhook_id)


def _place(request: MemberRequest, program: Program) -> ChatsPlace:
    slug = request.member.organisation.slug
    return ChatsPlace(
        url=reverse("programs:chats", args=[slug, program.pk]),
        url_of=lambda act, pk: reverse(f"programs:{act}_chat", args=[slug, program.pk, pk]),
        program_id=program.pk,
    )
