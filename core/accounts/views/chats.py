"""Slack and Teams: where news is posted, of the organisation or of a program, with a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.accounts.forms import WebhookForm
from core.accounts.operations import webhooks
from core.accounts.views.answers import settings_tabs
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.notifications.models import IncomingWebhook
from core.ui.pages import act, form_page


@dataclass(frozen=True)
class ChatsPlace:
    """Whose chats these are: the organisation's (no program), or those of one of its programs."""

    url: str
    url_of: Callable[[str, UUID], str]
    program_id: UUID | None = None

    def find(self, request: MemberRequest, webhook_id: UUID) -> IncomingWebhook:
        rows = IncomingWebhook.objects.visible_to(request.member)
        return get_object_or_404(rows, pk=webhook_id, program_id=self.program_id)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
def chats(request: MemberRequest) -> HttpResponse:
    context = {"tabs": settings_tabs(request.member, "accounts:chats")}
    return chats_page(request, "accounts/chats.html", _organisation(request), context)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def test_chat(request: MemberRequest, webhook_id: UUID) -> HttpResponse:
    return tested(request, _organisation(request), webhook_id)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def remove_chat(request: MemberRequest, webhook_id: UUID) -> HttpResponse:
    return removed(request, _organisation(request), webhook_id)


def _organisation(request: MemberRequest) -> ChatsPlace:
    slug = request.member.organisation.slug
    return ChatsPlace(
        url=reverse("accounts:chats", args=[slug]),
        url_of=lambda act, pk: reverse(f"accounts:{act}_chat", args=[slug, pk]),
    )


def chats_page(
    request: MemberRequest, template: str, place: ChatsPlace, context: Mapping[str, object]
) -> HttpResponse:
    """Show where news is posted and whether it arrives, and add another place."""
    rows = IncomingWebhook.objects.visible_to(request.member).filter(program_id=place.program_id)
    form = WebhookForm(request.POST or None)
    if act(
        lambda: webhooks.add_webhook(
            program_id=place.program_id, by=request.member, **form.cleaned_data
        ),
        form,
    ):
        messages.success(request, _("Saved. Have a test posted to see that it arrives."))
        return redirect(place.url)
    lines = [
        (webhook, place.url_of("test", webhook.pk), place.url_of("remove", webhook.pk))
        for webhook in rows.select_related("set_by").order_by("service")
    ]
    return form_page(request, template, form, {"lines": lines, **context})


def tested(request: MemberRequest, place: ChatsPlace, webhook_id: UUID) -> HttpResponse:
    webhook = place.find(request, webhook_id)
    webhooks.post_test(webhook=webhook, page=place.url, by=request.member)
    messages.success(
        request, _("A test is on its way. Look again in a minute: this page says if it failed.")
    )
    return redirect(place.url)


def removed(request: MemberRequest, place: ChatsPlace, webhook_id: UUID) -> HttpResponse:
    webhook = place.find(request, webhook_id)
    webhooks.remove_webhook(webhook=webhook, by=request.member)
    messages.success(request, _("Removed. Nothing is posted there any more."))
    return redirect(place.url)
