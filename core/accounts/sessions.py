"""How long a web session lives, what proves that it is still its person's, and what it may open.

Sessions live in the machine's time: a demo that moves the clock ends nobody's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from core.members.models import Identity, Member, User
from core.tenancy.models import OrganisationSettings

# with "keep me signed in"; without it the session also ends with the browser
LONGEST_SECONDS = settings.SESSION_COOKIE_AGE
TOUCH_SECONDS = 60
BEGAN, SEEN = "began_at", "seen_at"
# the organisation at whose provider a session was begun (core/accounts/sso/sessions.py)
SSO = "sso"
# what a page of an organisation is made of, and no page itself
ALWAYS_OPEN = frozenset({"accounts:theme"})
# what opens with one's own sign-in where the organisation asks for its provider's
CONNECTING = frozenset({"accounts:connect_sso", "accounts:confirm_sso"})
# what a page asks for by itself, with nobody in front of it: that keeps no session from ending
UNATTENDED = frozenset({"notifications:bell_count"})


def begin_session(request: HttpRequest, user: User, *, confirmed: bool = True) -> None:
    """Note that somebody has just signed in: it counts as a confirmation for ten minutes."""
    now = time.time()
    request.session[BEGAN] = request.session[SEEN] = now
    request.session.pop(SSO, None)
    if not confirmed:
        return
    record_authentication(request, user, method="sign_in", reauthenticated=True)


def has_confirmed(request: HttpRequest) -> bool:
    """Say whether this session's person has signed in or confirmed it within ten minutes."""
    assert isinstance(request.user, User)
    fresh = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)
    return any(record.get("reauthenticated") and record["at"] > fresh for record in records)


def keep_signed_in(request: HttpRequest, keep: bool) -> None:
    request.session.set_expiry(LONGEST_SECONDS if keep else 0)


class SignInMiddleware:
    """Ends sessions that are too old or were left alone, and leads to the second step.

    Inside OrganisationMiddleware, since an organisation may set a shorter idle limit and ask
    for a second step.  Browsers are told to drop what they keep once somebody is signed out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # without its cookie nobody is signed in, and asking would make the answer vary by it
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return self.get_response(request)
        chosen = getattr(request, "organisation_settings", None)
        response = _refused(request, chosen) or self.get_response(request)
        if SESSION_KEY not in request.session:
            response["Clear-Site-Data"] = '"cache"'
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Note that somebody is here, and lead whoever lacks a second step to setting one up."""
        _note_seen(request)
        chosen = getattr(request, "organisation_settings", None)
        # who signs in at the organisation's provider does so as that asks them to
        if chosen is None or SSO in request.session:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in ALWAYS_OPEN:
            return None
        member: Member = request.member  # type: ignore[attr-defined]  # see MemberRequest
        if chosen.asks_sso and member.role != Member.Role.OWNER and name not in CONNECTING:
            return _sent_to(request, _way_of_provider(request))
        if not chosen.asks_second_step or has_second_step(request.user):
            return None
        messages.warning(request, _("This organisation asks for a second step. Set one up here."))
        return _sent_to(request, reverse("mfa_index"))


def _way_of_provider(request: HttpRequest) -> str:
    """Return where to sign in at the provider, or first to connect one's sign-in there."""
    member: Member = request.member  # type: ignore[attr-defined]  # see MemberRequest
    slug = member.organisation.slug
    if not Identity.objects.filter(member=member).exists():
        return reverse("accounts:connect_sso", args=[slug])
    return f"{reverse('sso:begin', args=[slug])}?{urlencode({'next': _page_of(request)})}"


def _refused(request: HttpRequest, chosen: OrganisationSettings | None) -> HttpResponse | None:
    now = time.time()
    began, seen = request.session.get(BEGAN), request.session.get(SEEN)
    if began is None or seen is None:  # begun before there were limits
        request.session[BEGAN] = request.session[SEEN] = began = seen = now
        UserSession.objects.create_from_request(request)
    if now - began > LONGEST_SECONDS or now - seen > _idle_seconds(request, chosen):
        slug = request.session.get(SSO)
        way = reverse("sso:begin", args=[slug]) if slug else reverse("account_login")
        logout(request)
        messages.info(request, _("You were signed out because you were away. Sign in again."))
        return _sent_to(request, f"{way}?{urlencode({'next': _page_of(request)})}")
    return None


def _note_seen(request: HttpRequest) -> None:
    match = request.resolver_match
    if match is None or match.view_name in UNATTENDED or SEEN not in request.session:
        return
    now = time.time()
    if now - request.session[SEEN] > TOUCH_SECONDS:
        request.session[SEEN] = now
        UserSession.objects.create_from_request(request)


def _idle_seconds(request: HttpRequest, chosen: OrganisationSettings | None) -> float:
    """Return how long a session may be left alone.

    Who is kept signed in is so for fourteen days, unless an organisation has chosen less than
    is usual: then that holds on its pages.
    """
    usual = OrganisationSettings.IDLE_MINUTES
    minutes = chosen.idle_minutes if chosen else usual
    kept = not request.session.get_expire_at_browser_close()
    return LONGEST_SECONDS if kept and minutes >= usual else minutes * 60


def has_second_step(user: object) -> bool:
    return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]))


def _sent_to(request: HttpRequest, url: str) -> HttpResponse:
    """Send the whole window there, also where htmx asked for a part of a page."""
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


def _page_of(request: HttpRequest) -> str:
    """Return where to come back to: the page that they saw, never an act."""
    part = "HX-Request" in request.headers
    if request.method == "GET" and not part:
        return request.get_full_path()
    seen = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(seen, allowed_hosts={request.get_host()})
    return urlsplit(seen).path if ours else reverse("organisations")
