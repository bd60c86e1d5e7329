"""Oneself: profile, e-mails, leaving."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.accounts.forms import ProfileForm
from core.accounts.operations import people
from core.accounts.views.answers import own_tabs
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.notifications import operations as notifications_operations
from core.notifications.kinds import email_kinds_of
from core.ui.pages import act, form_page


@require_http_methods(["GET", "POST"])
@member_view(Permission.TAKE_PART)
def me(request: MemberRequest) -> HttpResponse:
    member = request.member
    fields = ("given_name", "family_name", "time_zone", "location", "country")
    form = ProfileForm(
        request.POST or None, initial={name: getattr(member, name) for name in fields}
    )
    if act(lambda: people.update_profile(member=member, **form.cleaned_data), form):
        messages.success(request, _("Your profile is saved."))
        return redirect("accounts:me", member.organisation.slug)
    tabs = own_tabs(member, "accounts:me")
    return form_page(request, "accounts/me.html", form, {"tabs": tabs})


@require_GET
@member_view(Permission.TAKE_PART)
def emails(request: MemberRequest) -> HttpResponse:
    context = {
        "tabs": own_tabs(request.member, "accounts:emails"),
        "kinds": email_kinds_of(request.member),
    }
    return render(request, "accounts/emails.html", context)


@require_POST
@member_view(Permission.TAKE_PART)
def mute_emails(request: MemberRequest) -> HttpResponse:
    kind, channel = request.POST.get("kind", ""), request.POST.get("channel", "email")
    if (kind, channel) not in {(row.kind, row.channel) for row in email_kinds_of(request.member)}:
        raise Http404
    change = (
        notifications_operations.mute
        if request.POST.get("mute") == "yes"
        else notifications_operations.unmute
    )
    change(member=request.member, kind=kind, channel=channel)
    return redirect("accounts:emails", request.member.organisation.slug)


@require_http_methods(["GET", "POST"])
@member_view(Permission.TAKE_PART)
def leave(request: MemberRequest) -> HttpResponse:
    if request.method == "GET":
        return render(request, "accounts/leave.html")
    people.mark_left(member=request.member, by=request.member)
    return redirect("organisations")
