"""Signing in at an organisation's own provider: there, and back with an answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.accounts.errors import NotToBeFound
from core.accounts.forms import ShortNameForm
from core.accounts.operations import single_sign_on
from core.accounts.queries import open_invitation, provider, who_tests
from core.accounts.sso import saml
from core.accounts.sso.protocols import come_back, send_there
from core.accounts.sso.sessions import sign_in_through_provider
from core.accounts.sso.signed_in import SignedIn
from core.common.errors import DomainError
from core.members.keys import find_key
from core.members.limits import spend_of_address
from core.members.models import IdentityProvider, Key, Member
from core.tenancy import due
from core.tenancy.context import tenant
from core.tenancy.queries import organisation_at
from core.ui.pages import form_page

# what waits in the session until its person says yes
CONNECTING = "sso_connecting"
ProviderView = Callable[Concatenate[HttpRequest, IdentityProvider, ...], HttpResponse]


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Ask for the organisation; the way to its provider is a link, which policies let through."""
    target = request.GET.get("next", "")
    parts = target.split("/")
    named = parts[2] if target.startswith("/o/") and len(parts) > 2 else ""
    form = ShortNameForm(request.POST or None, initial={"slug": named})
    slug = form.cleaned_data["slug"] if form.is_valid() else ""
    safe = target if get_adapter().is_safe_url(target) else ""
    return form_page(request, "accounts/sso_find.html", form, {"slug": slug, "target": safe})


def _at_provider(view: ProviderView) -> Callable[..., HttpResponse]:
    """Put the organisation of the address in force, and show a refusal as a page of its own."""

    @login_not_required
    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        spend_of_address(request, "public", request.path_info)  # the provider is asked each time
        organisation = organisation_at(slug, at_any_age=True)
        if organisation is None:
            return render(request, "accounts/sso_unknown.html", status=404)
        try:
            with tenant(organisation):
                row = provider()
                if row is None:
                    return render(request, "accounts/sso_unknown.html", status=404)
                return view(request, row, **kwargs)
        except DomainError as refusal:  # outside the tenant: what was written is undone
            context = {"refusal": str(refusal), "organisation": organisation}
            return render(request, "accounts/sso_refused.html", context, status=403)

    return wrapped


@require_GET
@_at_provider
def begin(request: HttpRequest, row: IdentityProvider) -> HttpResponse:
    """Send somebody to the provider: to sign in, or to accept the invitation they have opened."""
    if row.tested_at is None:
        return render(request, "accounts/sso_unknown.html", status=404)
    if "invitation" in request.GET:
        asked = {"what": "invitation", "key": request.GET["invitation"]}
        return send_there(request, row, asked)
    target = request.GET.get("next", "")
    ours = get_adapter().is_safe_url(target) and target.startswith(f"/o/{row.organisation.slug}/")
    asked = {"what": "sign_in", "next": target if ours else ""}
    return send_there(request, row, asked, again="again" in request.GET)


@require_GET
@_at_provider
def callback(request: HttpRequest, row: IdentityProvider) -> HttpResponse:
    signed_in = come_back(request, row)
    answers = {
        "sign_in": _sign_in,
        "invitation": _accept,
        "test": _passed,
        "connect": _to_be_connected,
    }
    return answers[signed_in.asked["what"]](request, row, signed_in)


@csrf_exempt  # the provider has the browser post it: what it holds is signed, and answers a request
@sensitive_post_parameters("SAMLResponse")
@require_POST
@_at_provider
def acs(request: HttpRequest, row: IdentityProvider) -> HttpResponse:
    """Take the answer of a SAML provider; who it is for shows at the browser's next step."""
    if row.protocol != IdentityProvider.Protocol.SAML:
        return render(request, "accounts/sso_unknown.html", status=404)
    return saml.read_answer(request, row)


@login_not_required
@require_GET
def metadata(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what a SAML provider has to know of us; the same for addresses that are nobody's."""
    context = {"entity_id": saml.entity_id(slug), "acs": saml.acs_url(slug)}
    media_type = "application/samlmetadata+xml"
    return render(request, "accounts/saml_metadata.xml", context, content_type=media_type)


def _sign_in(request: HttpRequest, row: IdentityProvider, signed_in: SignedIn) -> HttpResponse:
    member = single_sign_on.member_of_subject(provider=row, subject=signed_in.subject)
    return _let_in(request, member, signed_in)


def _accept(request: HttpRequest, row: IdentityProvider, signed_in: SignedIn) -> HttpResponse:
    key = find_key(Key.Kind.INVITATION, signed_in.asked["key"])
    invitation = (
        open_invitation(key) if key and key.organisation_id == row.organisation_id else None
    )
    if key is None or invitation is None:
        raise NotToBeFound
    member = single_sign_on.accept_by_subject(
        provider=row, subject=signed_in.subject, key=key, invitation=invitation
    )
    return _let_in(request, member, signed_in)


def _let_in(request: HttpRequest, member: Member, signed_in: SignedIn) -> HttpResponse:
    if not member.user.is_active:
        raise NotToBeFound
    due.mark()  # they may just have joined
    sign_in_through_provider(request, member, fresh=signed_in.fresh)
    return redirect(signed_in.asked.get("next") or member.organisation.get_absolute_url())


def _passed(request: HttpRequest, row: IdentityProvider, signed_in: SignedIn) -> HttpResponse:
    member = who_tests(signed_in.asked["member"])
    if member is None:
        raise NotToBeFound
    single_sign_on.pass_test(provider=row, by=member)
    words = _("The sign-in works. The provider calls you %(called)s, by the subject %(subject)s.")
    messages.success(request, words % {"called": signed_in.called, "subject": signed_in.subject})
    return redirect("accounts:sso", row.organisation.slug)


def _to_be_connected(
    request: HttpRequest, row: IdentityProvider, signed_in: SignedIn
) -> HttpResponse:
    """Ask first: somebody else may have signed this browser in at the provider."""
    request.session[CONNECTING] = {
        "provider": str(row.pk),
        "member": signed_in.asked["member"],
        "subject": signed_in.subject,
        "called": signed_in.called,
    }
    return redirect("accounts:confirm_sso", row.organisation.slug)
