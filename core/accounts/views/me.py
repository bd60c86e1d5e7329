"""Oneself: profile, e-mails, leaving."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.accounts.forms import EmailsForm, ProfileForm
from core.accounts.operations import people
from core.accounts.queries import (
    has_own_sign_in,
    identity_of,
    open_change_of,
    provider_in_use,
)
from core.accounts.views.answers import own_tabs
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.notifications import operations as notifications_operations
from core.notifications.bounces import bouncing
from core.notifications.queries import email_kinds_of, quiet_hours_of
from core.ui.pages import act, form_page


@require_http_methods(["GET", "POST"])
@member_view(Permission.TAKE_PART)
def me(request: MemberRequest) -> HttpResponse:
    member, own = request.member, request.organisation_settings.own_facts
    form = ProfileForm.about(member, own, request.POST or None)
    if act(lambda: people.update_profile(member=member, **form.cleaned_data), form):
        messages.success(request, _("Your profile is saved."))
        return redirect("accounts:me", member.organisation.slug)
    tabs = own_tabs(member, "accounts:me")
    context = {
        "tabs": tabs,
        "address_change": open_change_of(member),
        "provider": provider_in_use(),
        "identity": identity_of(member),
        "own_sign_in": has_own_sign_in(member),
        "bouncing": bouncing([member]),
    }
    return form_page(request, "accounts/me.html", form, context)


@require_http_methods(["GET", "POST"])
@member_view(Permission.TAKE_PART)
def emails(request: MemberRequest) -> HttpResponse:
    """How much reaches me, and when."""
    member = request.member
    form = EmailsForm(email_kinds_of(member), quiet_hours_of(member), request.POST or None)
    if act(lambda: notifications_operations.choose(member=member, **form.chosen), form):
        messages.success(request, _("Your e-mails come as you have chosen."))
        return redirect("accounts:emails", member.organisation.slug)
    context = {"tabs": own_tabs(member, "accounts:emails")}
    return form_page(request, "accounts/emails.html", form, context)
