"""OpenID Connect with one organisation's provider: there with a nonce, back with a signed token."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from typing import Any

import jwt
from allauth.socialaccount.internal import jwtkit, statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from requests import RequestException

from core.accounts.errors import ProviderRefused
from core.accounts.operations.single_sign_on import SECRET_PURPOSE
from core.accounts.sso.signed_in import SignedIn, is_fresh
from core.common.secrets import unseal
from core.members.links import absolute
from core.members.models import IdentityProvider

# signed by a key of the provider's alone: with a shared one or none anybody could sign
ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}


class _Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth ships no types
    def __init__(self, request: HttpRequest, row: IdentityProvider) -> None:
        super().__init__(request, str(row.pk))
        self.row = row
        app = SocialApp(
            provider="openid_connect",
            provider_id=str(row.pk),
            name=row.name,
            client_id=row.client_id,
            secret=unseal(row.secret, purpose=SECRET_PURPOSE) or "",
            settings={"server_url": row.issuer.rstrip("/"), "oauth_pkce_enabled": True},
        )
        self.provider = OpenIDConnectProvider(request, app)

    def get_provider(self) -> OpenIDConnectProvider:
        return self.provider

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return callback_url(self.row)


def callback_url(row: IdentityProvider) -> str:
    return absolute(reverse("sso:callback", args=[row.known_slug]))


def send_there(
    request: HttpRequest, row: IdentityProvider, asked: Mapping[str, Any], *, again: bool = False
) -> HttpResponseRedirect:
    """Send somebody to the provider; `again` has them sign in there anew.

    Raises ProviderRefused.
    """
    adapter = _Adapter(request, row)
    client = _client(request, adapter)
    pkce = adapter.provider.get_pkce_params()
    nonce = secrets.token_urlsafe(32)
    kept = {"asked": dict(asked), "nonce": nonce, "verifier": pkce.pop("code_verifier")}
    parameters = {"nonce": nonce, **pkce}
    if again:
        parameters |= {"prompt": "login", "max_age": "0"}
    client.state = statekit.stash_state(request, provider_id=str(row.pk), state=kept)
    scope = ["openid", "profile", "email"]
    try:
        url = client.get_redirect_url(adapter.authorize_url, scope, parameters)
    except _FAILURES as failure:
        raise _refused(failure) from failure
    return HttpResponseRedirect(url)


def come_back(request: HttpRequest, row: IdentityProvider) -> SignedIn:
    """Return whom the provider has signed in; raises ProviderRefused for anything that is wrong."""
    adapter = _Adapter(request, row)
    kept = statekit.unstash_state(
        request, provider_id=str(row.pk), state_id=request.GET.get("state", "")
    )
    if kept is None:
        raise ProviderRefused(_("This sign-in was not begun here, or too long ago. Begin again."))
    if "code" not in request.GET:
        raise ProviderRefused(_("The provider has not signed you in."))
    try:
        tokens = adapter.get_access_token_data(
            request,
            adapter.provider.app,
            _client(request, adapter),
            pkce_code_verifier=kept["verifier"],
        )
        claims = _claims(adapter, tokens.get("id_token"))
        _check(claims, row, kept["nonce"])
    except _FAILURES as failure:
        raise _refused(failure) from failure
    return SignedIn(
        subject=str(claims[row.subject_claim]),
        called=str(claims.get("preferred_username") or claims.get("email") or claims["sub"])[:254],
        fresh=_is_fresh(claims),
        asked=kept["asked"],
    )


# a provider may answer anything: what is not there or of another kind is wrong as well
_FAILURES = (OAuth2Error, RequestException, jwt.PyJWTError, KeyError, TypeError, ValueError)


def _client(request: HttpRequest, adapter: _Adapter) -> Any:
    try:
        return adapter.get_client(request, adapter.provider.app)
    except _FAILURES as failure:
        raise _refused(failure) from failure


def _claims(adapter: _Adapter, id_token: object) -> dict[str, Any]:
    if not isinstance(id_token, str):
        raise OAuth2Error("no id_token")
    if jwt.get_unverified_header(id_token).get("alg") not in ALGORITHMS:
        raise OAuth2Error("signed in a way that proves nothing")
    if adapter.openid_config["issuer"].rstrip("/") != adapter.row.issuer.rstrip("/"):
        raise OAuth2Error("another issuer")
    claims: dict[str, Any] = jwtkit.verify_and_decode(
        credential=id_token,
        keys_url=adapter.openid_config["jwks_uri"],
        issuer=adapter.openid_config["issuer"],
        audience=adapter.row.client_id,
        lookup_kid=jwtkit.lookup_kid_jwk,
    )
    return claims


def _check(claims: Mapping[str, Any], row: IdentityProvider, nonce: str) -> None:
    """Check what the library leaves to us."""
    if not hmac.compare_digest(str(claims.get("nonce", "")), nonce):
        raise OAuth2Error("another nonce")
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", audiences[0] if len(audiences) == 1 else "") != row.client_id:
        raise OAuth2Error("meant for another client")
    if not claims["exp"] or not str(claims[row.subject_claim]):
        raise OAuth2Error("no subject")
    if len(str(claims[row.subject_claim])) > 255:
        raise OAuth2Error("too long a subject")


def _is_fresh(claims: Mapping[str, Any]) -> bool:
    at = claims.get("auth_time")
    return isinstance(at, int | float) and is_fresh(at)


def _refused(failure: Exception) -> ProviderRefused:
    if isinstance(failure, RequestException):
        return ProviderRefused(_("The provider could not be reached. Try again in a while."))
    return ProviderRefused(
        _("The provider’s answer could not be trusted (%(why)s). Nobody was signed in.")
        % {"why": str(failure)[:120] or type(failure).__name__}
    )
