"""Ways in from outside: an invitation, and another organisation of one's own."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.accounts.errors import NotToBeFound
from core.accounts.forms import AcceptForm, OrganisationNameForm
from core.accounts.operations import invitations, organisations
from core.accounts.operations.invitations import has_verified_address
from core.accounts.queries import open_invitation
from core.accounts.views.answers import closed_link
from core.members.keys import find_key
from core.members.models import Invitation, Key, User
from core.tenancy.context import tenant
from core.ui.pages import act, form_page

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_required
@require_http_methods(["GET", "POST"])
def new_organisation(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    form = OrganisationNameForm(request.POST or None)
    user = request.user
    if owner := act(lambda: organisations.create_organisation(user=user, **form.owner), form):
        return redirect(owner.organisation)
    return form_page(request, "accounts/new_organisation.html", form, {})


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, key: str) -> HttpResponse:
    """An invitation: says by whom and into what; only POST lets the person in, once."""
    opened = find_key(Key.Kind.INVITATION, key)
    if opened is None:
        return closed_link(request)
    with tenant(opened.organisation_id):
        row = open_invitation(opened)
        if row is None:
            return closed_link(request)
        return _answer(request, opened, row)


def _answer(request: HttpRequest, key: Key, row: Invitation) -> HttpResponse:
    user, known = row.member.user, has_verified_address(row.member)
    context = {"invitation": row, "organisation": row.organisation}
    if request.user.is_authenticated and request.user.pk != user.pk:
        return render(request, "accounts/invitation_other.html", context)
    if known and not request.user.is_authenticated:
        return render(request, "accounts/invitation_sign_in.html", context)
    without = known or "without_password" in request.POST
    sent = request.method == "POST" and not without
    form = AcceptForm(request.POST if sent else None, user=user)
    if request.method == "POST" and (without or form.is_valid()):
        password = None if without else form.cleaned_data["password"]
        try:
            member = invitations.accept_invitation(key=key, invitation=row, password=password)
        except NotToBeFound:
            # somebody was faster: the same page as for every closed link
            return closed_link(request)
        if not known:
            login(request, member.user, backend=BACKEND)
        return redirect(member.organisation)
    return form_page(request, "accounts/invitation.html", form, {**context, "known": known})
