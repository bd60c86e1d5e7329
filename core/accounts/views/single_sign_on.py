"""An organisation's own provider: what its owner sets up, and how people connect with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from core.accounts import queries
from core.accounts.codes import awaited_from, is_code, send_code
from core.accounts.errors import ProviderRefused
from core.accounts.forms import (
    CodeForm,
    ConnectForm,
    OwnSignInForm,
    ProviderForm,
    RemoveProviderForm,
    RequireProviderForm,
    SamlProviderForm,
)
from core.accounts.operations import single_sign_on
from core.accounts.queries import (
    address_confirmed_since,
    has_own_sign_in,
    identity_of,
    only_at_provider,
)
from core.accounts.sessions import SSO, has_confirmed
from core.accounts.sso import saml
from core.accounts.sso.certificates import valid_until
from core.accounts.sso.metadata import Metadata, metadata_of
from core.accounts.sso.protocols import send_there
from core.accounts.sso.sessions import sign_in_through_provider
from core.accounts.sso.views import CONNECTING
from core.accounts.views.answers import own_tabs, protocol_tabs, settings_tabs
from core.accounts.views.sign_in import code_page, confirmed, template_of, too_many
from core.members.limits import spend
from core.members.links import absolute
from core.members.models import IdentityProvider
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page

OWN_CODE = "own_sign_in_code"


def _provider_or_404() -> IdentityProvider:
    if row := queries.provider():
        return row
    raise Http404


# ── the owner's ──
def _save_saml(
    *,
    metadata_url: str,
    metadata: str,
    entity_id: str,
    sign_in_url: str,
    certificates: str,
    **others: Any,
) -> IdentityProvider:
    by_hand = Metadata(entity_id, sign_in_url, certificates)
    wanted = metadata_of(url=metadata_url, text=metadata, by_hand=by_hand)
    return single_sign_on.save_saml_provider(**asdict(wanted), **others)


_FORMS: dict[str, tuple[type[ProviderForm | SamlProviderForm], Callable[..., IdentityProvider]]] = {
    IdentityProvider.Protocol.OIDC: (ProviderForm, single_sign_on.save_provider),
    IdentityProvider.Protocol.SAML: (SamlProviderForm, _save_saml),
}


def _protocol_wanted(request: MemberRequest, provider: IdentityProvider | None) -> str:
    """Return what the provider speaks; before there is one, what the owner has chosen."""
    if provider:
        return provider.protocol
    wanted = request.POST.get("protocol") or request.GET.get("protocol", "")
    return wanted if wanted in _FORMS else IdentityProvider.Protocol.OIDC


@never_cache
@sensitive_post_parameters("secret")
@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
@confirmed
def sso(request: MemberRequest) -> HttpResponse:
    provider, slug = queries.provider(), request.member.organisation.slug
    known = provider.known_slug if provider else slug
    protocol = _protocol_wanted(request, provider)
    kind, save = _FORMS[protocol]
    form = kind.about(provider, request.POST or None)
    if act(lambda: save(by=request.member, **form.cleaned_data), form):
        messages.success(request, _("The provider is saved. Test the sign-in now."))
        return redirect("accounts:sso", slug)
    context = {
        "tabs": settings_tabs(request.member, "accounts:sso"),
        "protocols": protocol_tabs(request.member, protocol),
        "protocol": protocol,
        "provider": provider,
        "entity_id": saml.entity_id(known),
        "acs": saml.acs_url(known),
        "valid_until": valid_until(provider.certificates) if provider else None,
        "callback": absolute(reverse("sso:callback", args=[known])),
        "begin": absolute(reverse("sso:begin", args=[slug])),
        "connected": queries.connected_at(provider),
        "required": RequireProviderForm(
            initial={"required": request.organisation_settings.asks_sso}
        ),
    }
    return form_page(request, "accounts/sso.html", form, context)


@require_GET
@member_view(Permission.SETTINGS_MANAGE)
def test_sso(request: MemberRequest) -> HttpResponse:
    """Send the owner there and back; a link, since a form may not lead to another site."""
    spend(request.member, "sso_test")
    asked = {"what": "test", "member": str(request.member.pk)}
    try:
        return send_there(request, _provider_or_404(), asked)
    except ProviderRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("accounts:sso", request.member.organisation.slug)


@require_http_methods(["POST"])
@member_view(Permission.SETTINGS_MANAGE)
@confirmed
def require_sso(request: MemberRequest) -> HttpResponse:
    form, slug = RequireProviderForm(request.POST), request.member.organisation.slug
    if form.is_valid():
        single_sign_on.require_provider(
            provider=_provider_or_404(), by=request.member, **form.cleaned_data
        )
        messages.success(request, _("That is saved."))
    return redirect("accounts:sso", slug)


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
@confirmed
def remove_sso(request: MemberRequest) -> HttpResponse:
    """Count who has no other sign-in, then forget the provider."""
    provider, slug = _provider_or_404(), request.member.organisation.slug
    form = RemoveProviderForm(request.POST if request.method == "POST" else None)
    if act(lambda: single_sign_on.remove_provider(provider=provider, by=request.member), form):
        messages.success(request, _("The provider is removed."))
        return redirect("accounts:sso", slug)
    context = {
        "provider": provider,
        "connected": queries.connected_at(provider),
        "only_there": only_at_provider(provider).filter(~address_confirmed_since()).count(),
        "anew": only_at_provider(provider).filter(address_confirmed_since()).count(),
    }
    return form_page(request, "accounts/remove_sso.html", form, context)


# ── everybody's own ──
@never_cache
@require_GET
@member_view(Permission.TAKE_PART)
def connect_sso(request: MemberRequest) -> HttpResponse:
    """Lead to the provider who has confirmed it is them; before, say what it is about."""
    provider = _provider_or_404()
    identity = identity_of(request.member)
    if "go" in request.GET and identity is None and provider.tested_at:
        if not has_confirmed(request):
            way = get_adapter().get_reauthentication_methods(request.user)[0]["url"]
            return redirect(f"{way}?{urlencode({'next': request.get_full_path()})}")
        asked = {"what": "connect", "member": str(request.member.pk)}
        try:
            return send_there(request, provider, asked)
        except ProviderRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("accounts:connect_sso", request.member.organisation.slug)
    context = {
        "tabs": own_tabs(request.member, "accounts:me"),
        "provider": provider,
        "identity": identity,
        "asked": request.organisation_settings.asks_sso,
    }
    return render(request, "accounts/connect_sso.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.TAKE_PART)
@confirmed
def confirm_sso(request: MemberRequest) -> HttpResponse:
    """Show whom the provider has signed in, and connect them on yes."""
    waiting, provider = request.session.get(CONNECTING), _provider_or_404()
    slug = request.member.organisation.slug
    here = {"provider": str(provider.pk), "member": str(request.member.pk)}
    if not waiting or here.items() - waiting.items():
        return redirect("accounts:connect_sso", slug)
    form = ConnectForm(request.POST if request.method == "POST" else None)
    if act(
        lambda: single_sign_on.connect(
            provider=provider, subject=waiting["subject"], member=request.member
        ),
        form,
    ):
        del request.session[CONNECTING]
        messages.success(request, _("Connected: from now on you can sign in there."))
        return redirect("accounts:me", slug)
    context = {"provider": provider, "called": waiting["called"]}
    return form_page(request, "accounts/confirm_sso.html", form, context)


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.TAKE_PART)
@confirmed
def own_sign_in(request: MemberRequest) -> HttpResponse:
    """Ask who has none for an e-mail to sign in with, and send the code that proves it."""
    slug = request.member.organisation.slug
    if has_own_sign_in(request.member):
        return redirect("accounts:me", slug)
    form = OwnSignInForm(request.POST or None, initial={"email": request.member.email})
    if form.is_valid():
        email = form.cleaned_data["email"].strip().casefold()
        if refused := too_many(request, "request_login_code", key=email):
            return refused
        send_code(request, OWN_CODE, email=email, template=template_of("email_confirmation"))
        return redirect("accounts:own_sign_in_code", slug)
    return form_page(request, "accounts/own_sign_in.html", form)


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.TAKE_PART)
def own_sign_in_code(request: MemberRequest) -> HttpResponse:
    slug, email = request.member.organisation.slug, awaited_from(request, OWN_CODE)
    if not email or has_own_sign_in(request.member):
        return redirect("accounts:own_sign_in", slug)
    form = CodeForm(request.POST or None, check=lambda code: is_code(request, OWN_CODE, code))
    member = act(lambda: single_sign_on.give_own_sign_in(member=request.member, email=email), form)
    if member:
        if SSO in request.session:  # its User is another one now
            sign_in_through_provider(request, member, fresh=False)
        messages.success(
            request, _("From now on you can also sign in with %(email)s.") % {"email": email}
        )
        return redirect("accounts:me", slug)
    page = code_page(form, email, reverse("accounts:own_sign_in_code", args=[slug]))
    page |= {"can_resend": False, "cancel_url": reverse("accounts:own_sign_in", args=[slug])}
    return form_page(request, "accounts/sign_up_code.html", form, page)
