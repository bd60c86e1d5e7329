"""Ways in from outside: an invitation, and another organisation of one's own."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.accounts.errors import AlreadyHere, NotToBeFound
from core.accounts.forms import JoinForm, OrganisationNameForm
from core.accounts.operations import addresses, invitations, organisations
from core.accounts.operations.addresses import sign_in_of
from core.accounts.queries import open_change, open_invitation, provider_in_use
from core.accounts.views.answers import closed_link
from core.accounts.views.sign_in import SIGN_UP, sign_up_closed
from core.members.keys import find_key
from core.members.models import Invitation, Key, User
from core.members.requests import kept_or_undone
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from core.ui.pages import act, form_page


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_organisation(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    if settings.SIGN_UP == "closed":
        return sign_up_closed(request)
    form = OrganisationNameForm(request.POST or None, initial=request.session.get(SIGN_UP, {}))
    user = request.user
    if owner := act(lambda: organisations.create_organisation(user=user, **form.owner), form):
        request.session.pop(SIGN_UP, None)
        return redirect(owner.organisation)
    return form_page(request, "accounts/new_organisation.html", form, {})


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, key: str) -> HttpResponse:
    """An invitation: says by whom and into what; only POST lets the person in, once."""
    opened = find_key(Key.Kind.INVITATION, key)
    if opened is None:
        return closed_link(request)
    with tenant(opened.organisation_id):
        row = open_invitation(opened)
        if row is None:
            return closed_link(request)
        try:
            with timezone.override(row.member.time_zone or settings_in_force().time_zone):
                return kept_or_undone(request, _answer(request, opened, row, key))
        except NotToBeFound:
            # somebody was faster: the same page as for every closed link
            return closed_link(request)


def _answer(request: HttpRequest, key: Key, row: Invitation, secret: str) -> HttpResponse:
    way = reverse("sso:begin", args=[row.organisation.slug])
    context = {
        "invitation": row,
        "organisation": row.organisation,
        "provider": provider_in_use(),
        "way": f"{way}?{urlencode({'invitation': secret})}",
    }
    if "decline" in request.POST:
        invitations.decline_invitation(key=key, invitation=row)
        return render(request, "accounts/invitation_declined.html", context)
    signed_in = request.user if isinstance(request.user, User) else None
    user = sign_in_of(row.member, signed_in=signed_in)
    context["begins_anew"] = row.member.may_have_joined and user != row.member.user
    if signed_in and signed_in != (user or row.member.user):
        return render(request, "accounts/invitation_other.html", context)
    if user and not signed_in:
        if open_invitation(key) is None:  # accepted since it was read: the sign-in is theirs
            raise NotToBeFound
        return render(request, "accounts/invitation_sign_in.html", context)
    form = JoinForm(
        request.POST if request.method == "POST" else None,
        invitation=row,
        known=user is not None,
        accepted=request.headers.get("Accept-Language", ""),
    )
    if form.is_valid():
        member = invitations.accept_invitation(
            key=key, invitation=row, signed_in=signed_in, **form.cleaned_data
        )
        if user is None:
            home = member.organisation.get_absolute_url()
            answer: HttpResponse = perform_login(request, member.user, redirect_url=home)
            return answer
        return redirect(member.organisation)
    return form_page(request, "accounts/invitation.html", form, {**context, "known": user})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, key: str) -> HttpResponse:
    """A new work e-mail: says whose and where; only POST confirms it, once."""
    opened = find_key(Key.Kind.ADDRESS, key)
    if opened is None:
        return closed_link(request)
    with tenant(opened.organisation_id):
        change = open_change(opened)
        if change is None:
            return closed_link(request)
        context = {"change": change, "organisation": change.organisation}
        if request.method != "POST":
            return render(request, "accounts/address.html", context)
        try:
            member = addresses.confirm_address(key=opened, change=change)
        except (NotToBeFound, AlreadyHere):
            return closed_link(request)
        answer = render(request, "accounts/address_confirmed.html", {**context, "member": member})
        return kept_or_undone(request, answer)
