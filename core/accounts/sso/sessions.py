"""A session begun at an organisation's provider: good for that organisation and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from core.accounts.sessions import SSO, begin_session, keep_signed_in
from core.members.models import Member


def sign_in_through_provider(request: HttpRequest, member: Member, *, fresh: bool) -> None:
    """Begin a session of this Member; who was signed in otherwise is so no longer.

    It counts as a confirmation where the provider says that they have just signed in.
    """
    logout(request)
    login(request, member.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    keep_signed_in(request, False)
    begin_session(request, member.user, confirmed=fresh)
    request.session[SSO] = member.organisation.slug
    UserSession.objects.create_from_request(request)


class SsoMiddleware:
    """Makes nobody of such a session outside the pages of its organisation.

    Their User may be of several organisations, or have an account to change; the provider of one
    organisation opens none of that.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            slug = request.session.get(SSO)
            if slug and not _is_open(request.path_info, slug):
                request.user = AnonymousUser()
        return self.get_response(request)


def _is_open(path: str, slug: str) -> bool:
    return path.startswith(f"/o/{slug}/") or path == reverse("account_logout")
