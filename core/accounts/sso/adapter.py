"""What allauth's OpenID Connect asks of us: requests that are guarded, and no app of its own."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from core.accounts.sso.http import ProviderSession


class SsoAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def get_requests_session(self) -> ProviderSession:
        return ProviderSession()

    def list_apps(self, request: HttpRequest, **wanted: Any) -> list[Any]:
        """Return none: a provider is a row of an organisation, found by the organisation."""
        return []

    def is_open_for_signup(self, request: HttpRequest, sociallogin: object) -> bool:
        return False
