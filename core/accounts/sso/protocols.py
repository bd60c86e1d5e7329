"""There and back with an organisation's provider, by the protocol that it speaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect

from core.accounts.sso import oidc, saml
from core.accounts.sso.signed_in import SignedIn
from core.members.models import IdentityProvider

_SEND: dict[str, Callable[..., HttpResponseRedirect]] = {
    IdentityProvider.Protocol.OIDC: oidc.send_there,
    IdentityProvider.Protocol.SAML: saml.send_there,
}
_COME_BACK: dict[str, Callable[[HttpRequest, IdentityProvider], SignedIn]] = {
    IdentityProvider.Protocol.OIDC: oidc.come_back,
    IdentityProvider.Protocol.SAML: saml.come_back,
}


def send_there(
    request: HttpRequest, row: IdentityProvider, asked: Mapping[str, Any], *, again: bool = False
) -> HttpResponseRedirect:
    """Send somebody to the provider; `again` has them sign in there anew.

    Raises ProviderRefused.
    """
    return _SEND[row.protocol](request, row, asked, again=again)


def come_back(request: HttpRequest, row: IdentityProvider) -> SignedIn:
    """Return whom the provider has signed in; raises ProviderRefused for anything that is wrong."""
    return _COME_BACK[row.protocol](request, row)
