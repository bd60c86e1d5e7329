"""From a request to a Member: the middlewares that open the tenant, and `member_view`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from core.common.errors import DomainError
from core.members.keys import find_key
from core.members.models import ApiToken, Key, Member, User
from core.members.permissions import Permission, can
from core.tenancy import due
from core.tenancy.context import look_as, signed_in_user, tenant
from core.tenancy.models import Organisation, OrganisationSettings

GetResponse = Callable[[HttpRequest], HttpResponse]
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}


class MemberRequest(HttpRequest):
    """A request below `/o/<organisation>/`: who asks is known."""

    user: User
    member: Member
    organisation_settings: OrganisationSettings
    htmx: HtmxDetails


MemberView = Callable[Concatenate[MemberRequest, ...], HttpResponseBase]


def member_view(
    permission: Permission,
) -> Callable[[MemberView], Callable[..., HttpResponseBase]]:
    """Make a view of `/o/<organisation>/…` that needs a permission: 403 without it.

    Strangers never come here: OrganisationMiddleware has answered them 404.
    """

    def decorate(
        view: MemberView,
    ) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def wrapped(request: MemberRequest, organisation: str, **kwargs: Any) -> HttpResponseBase:
            if not can(request.member, permission):
                raise PermissionDenied
            return view(request, **kwargs)

        wrapped.permission = permission  # type: ignore[attr-defined]  # read by the guard test
        return wrapped

    return decorate


def not_found(request: HttpRequest) -> HttpResponse:
    """Answer foreign and unknown alike: one static page without nonce, form, name or id."""
    return render(request, "404.html", status=404)


def kept_or_undone(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Undo what a failed request wrote, or have followed up what another one may have changed.

    Marked here and not in each operation: whatever comes in by a page, by REST or by a signed
    link is seen, also the operation that somebody writes next year.
    """
    if response.status_code >= 500:
        transaction.set_rollback(True)
    elif request.method not in SAFE_METHODS and response.status_code < 400:
        due.mark()
    return response


class _Middleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class OrganisationMiddleware(_Middleware):
    """Opens the organisation of `/o/<slug>/…` for a live Member, around the whole view."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/o/"):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        slug = request.path_info.split("/")[2]
        organisation = Organisation.objects.filter(slug=slug, closed_at=None).first()
        if organisation is None:
            return not_found(request)
        with tenant(organisation):
            member = (
                Member.objects.live()
                .select_related("organisation")
                .filter(user_id=request.user.pk)
                .first()
            )
            if member is None:
                return not_found(request)
            look_as(member.pk)
            return self._answer(request, member)

    def _answer(self, request: HttpRequest, member: Member) -> HttpResponse:
        chosen = OrganisationSettings.objects.get()
        request.member = member  # type: ignore[attr-defined]  # see MemberRequest
        request.organisation_settings = chosen  # type: ignore[attr-defined]  # as above
        with timezone.override(member.time_zone or chosen.time_zone):
            response = self.get_response(request)
        return kept_or_undone(request, response)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Undo a failed request: the handler answers inside our transaction, which would commit."""
        if request.path_info.startswith("/o/"):
            roll_back_if_open()


class TokenMiddleware(_Middleware):
    """Opens the organisation of a Bearer token on `/api/…`; the token acts for its Member."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/v"):
            return self.get_response(request)
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        key = find_key(Key.Kind.API_TOKEN, secret.strip()) if scheme == "Bearer" else None
        if key is None:
            return unauthorised()
        with tenant(key.organisation_id):
            token = (
                ApiToken.objects.select_related("member__organisation")
                .filter(pk=key.object_id, member__state=Member.State.LIVE)
                .first()
            )
            if token is None:
                return unauthorised()
            look_as(token.member_id)
            request.member = token.member  # type: ignore[attr-defined]  # see rest.py
            request.token = token  # type: ignore[attr-defined]  # see rest.py
            return kept_or_undone(request, self.get_response(request))

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """As for pages: what failed is undone."""
        if request.path_info.startswith("/api/"):
            roll_back_if_open()


def unauthorised() -> JsonResponse:
    """Answer a missing, unknown, expired or revoked token: one answer for all four."""
    answer = JsonResponse(
        {"code": "not_authenticated", "detail": "A valid token is needed."}, status=401
    )
    answer["WWW-Authenticate"] = 'Bearer realm="api"'
    return answer


class DomainErrorMiddleware(_Middleware):
    """Answers a rule's refusal with 409: a page, or for htmx the sentence alone."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DomainError):
            return None
        htmx = getattr(request, "htmx", None)
        template = "core/_refused.html" if htmx else "409.html"
        return render(request, template, {"refusal": str(exception)}, status=409)


def roll_back_if_open() -> None:
    if connection.in_atomic_block:
        transaction.set_rollback(True)


class HostileInputMiddleware(_Middleware):
    """Refuses NUL characters, which PostgreSQL cannot store, before a form or query sees them."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return render(request, "400.html", status=400)
        return self.get_response(request)


def members_of(user_id: UUID) -> list[Member]:
    """Return this user's live Members of open organisations, by name of organisation.

    A plain QuerySet on purpose: no organisation is in force, and the database's `own` policy
    shows the rows of exactly this user.
    """
    with signed_in_user(user_id):
        return list(
            models.QuerySet(model=Member)
            .filter(user_id=user_id, state=Member.State.LIVE, organisation__closed_at=None)
            .select_related("organisation")
            .order_by("organisation__name")
        )
