"""Profiles: what I say of myself, and what I read of somebody of a cohort of mine."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.accounts.views.answers import own_tabs
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.profiles import operations, queries
from programs.profiles.forms import ProfileForm


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def my_profile(request: MemberRequest) -> HttpResponse:
    """What I say of myself, and for each field who reads it."""
    member = request.member
    form = ProfileForm(request.POST or None, entries=queries.own_entries(member))
    if act(lambda: operations.set_profile(by=member, **form.profile), form):
        messages.success(request, _("What others read of you is saved."))
        return redirect("programs:my_profile", member.organisation.slug)
    context = {
        "tabs": own_tabs(member, "programs:my_profile"),
        "bounds": queries.bounds_of(member),
        "languages": ", ".join(member.languages),
    }
    return form_page(request, "programs/profiles/mine.html", form, context)


@require_safe
@member_view(Permission.TAKE_PART)
def profile(request: MemberRequest, member_id: UUID) -> HttpResponse:
    """What somebody says of themselves, as far as I read it; other pages borrow it."""
    person = queries.person_met(request.member, member_id)
    if person is None:
        raise Http404
    context = {
        "profile": queries.profile_of(person, request.member),
        "is_own": person.pk == request.member.pk,
    }
    if request.htmx:
        return render(request, "programs/profiles/_section.html", context)
    return render(request, "programs/profiles/profile.html", context)
