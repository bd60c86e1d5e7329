"""Webhooks: which addresses are told of what was written, with every message and its tries."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core.accounts.forms import ChangeEndpointForm, EndpointForm, OverlapForm
from core.accounts.operations import outgoing
from core.accounts.views.answers import settings_tabs
from core.accounts.views.sign_in import confirmed
from core.common.pages import page
from core.members.limits import spend
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.notifications.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from core.ui.pages import form_page

MESSAGES_A_PAGE = 50


@never_cache
@sensitive_post_parameters("address")  # many hold a key
@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
@confirmed
def webhooks(request: MemberRequest) -> HttpResponse:
    form = EndpointForm(request.POST or None, initial=_typed(request))
    if form.is_valid():
        spend(request.member, "token")
        made, secret = outgoing.add_endpoint(by=request.member, **form.cleaned_data)
        return _page(request, made, secret=secret)
    rows = WebhookEndpoint.objects.visible_to(request.member).order_by("name", "id")
    tabs = settings_tabs(request.member, "accounts:webhooks")
    return form_page(request, "accounts/webhooks.html", form, {"tabs": tabs, "rows": rows})


@never_cache
@sensitive_post_parameters("address")
@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
@confirmed
def webhook(request: MemberRequest, endpoint_id: UUID) -> HttpResponse:
    row = _endpoint(request, endpoint_id)
    stands = {"name": row.name, "lists": row.lists}
    form = ChangeEndpointForm(request.POST or None, initial=stands | _typed(request))
    if form.is_valid():
        outgoing.change_endpoint(endpoint=row, by=request.member, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("accounts:webhook", request.member.organisation.slug, row.pk)
    return _page(request, row, form=form)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def switch_webhook(request: MemberRequest, endpoint_id: UUID) -> HttpResponse:
    """Switch it on for `enabled=yes`, off for anything else."""
    row, enabled = _endpoint(request, endpoint_id), request.POST.get("enabled") == "yes"
    outgoing.change_endpoint(endpoint=row, by=request.member, enabled=enabled)
    messages.success(
        request,
        _("Switched on. It is sent what it missed.")
        if enabled
        else _("Switched off. Nothing is sent there until you switch it on."),
    )
    return redirect("accounts:webhook", request.member.organisation.slug, row.pk)


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
@confirmed
def rotate_webhook(request: MemberRequest, endpoint_id: UUID) -> HttpResponse:
    """A new secret on POST; who comes back from confirming presses the button again."""
    row = _endpoint(request, endpoint_id)
    if request.method != "POST":
        return redirect("accounts:webhook", request.member.organisation.slug, row.pk)
    rotate = OverlapForm(request.POST)
    if not rotate.is_valid():
        return _page(request, row, rotate=rotate)
    spend(request.member, "token")
    row, secret = outgoing.rotate_endpoint(endpoint=row, by=request.member, **rotate.cleaned_data)
    return _page(request, row, secret=secret)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def test_webhook(request: MemberRequest, endpoint_id: UUID) -> HttpResponse:
    row = _endpoint(request, endpoint_id)
    outgoing.send_test(endpoint=row, by=request.member)
    messages.success(
        request, _("A test is on its way. Look again in a minute: this page says what came of it.")
    )
    return redirect("accounts:webhook", request.member.organisation.slug, row.pk)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def remove_webhook(request: MemberRequest, endpoint_id: UUID) -> HttpResponse:
    outgoing.remove_endpoint(endpoint=_endpoint(request, endpoint_id), by=request.member)
    messages.success(request, _("Removed. Nothing is sent there any more."))
    return redirect("accounts:webhooks", request.member.organisation.slug)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def replay_message(request: MemberRequest, message_id: UUID) -> HttpResponse:
    rows = WebhookMessage.objects.visible_to(request.member).select_related("endpoint")
    message = get_object_or_404(rows, pk=message_id)
    outgoing.replay(message=message, by=request.member)
    messages.success(request, _("It is sent again, as it was."))
    return redirect("accounts:webhook", request.member.organisation.slug, message.endpoint_id)


def _typed(request: MemberRequest) -> dict[str, object]:
    """What comes back from confirming who one is."""
    lists = request.GET.getlist("lists")
    typed: dict[str, object] = {"lists": lists} if lists else {}
    return typed | ({"name": request.GET["name"]} if "name" in request.GET else {})


def _endpoint(request: MemberRequest, endpoint_id: UUID) -> WebhookEndpoint:
    rows = WebhookEndpoint.objects.visible_to(request.member).select_related("set_by")
    return get_object_or_404(rows, pk=endpoint_id)


def _page(
    request: MemberRequest,
    row: WebhookEndpoint,
    *,
    secret: str = "",
    form: ChangeEndpointForm | None = None,
    rotate: OverlapForm | None = None,
) -> HttpResponse:
    told = WebhookMessage.objects.visible_to(request.member).filter(endpoint=row)
    attempts = WebhookAttempt.objects.visible_to(request.member).order_by("id")
    told = told.prefetch_related(Prefetch("attempts", attempts))
    more = page(told, cursor=request.GET.get("after", ""), size=MESSAGES_A_PAGE)
    context = {
        "endpoint": row,
        "secret": secret,
        "more": more,
        "change": form or ChangeEndpointForm(initial={"name": row.name, "lists": row.lists}),
        "rotate": rotate or OverlapForm(),
    }
    return form_page(request, "accounts/webhook.html", form or rotate, context)
