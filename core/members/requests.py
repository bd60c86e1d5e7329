"""From a request to a Member: the middlewares that open the tenant, and `member_view`."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import wraps
from hashlib import sha256
from typing import Any, Concatenate
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
)
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from core.common import own_words
from core.common.errors import DomainError
from core.common.pages import CURSORS, BadCursor
from core.common.problems import problem
from core.members.edge import SAFE_METHODS, too_many
from core.members.keys import find_key
from core.members.languages import language_of
from core.members.limits import TooMany, spend, spend_of_address
from core.members.models import ApiToken, Key, Member, User
from core.members.permissions import ROLE_PERMISSIONS, Permission, can
from core.tenancy import due
from core.tenancy.context import look_as, signed_in_user, tenant
from core.tenancy.models import Organisation, OrganisationSettings
from core.tenancy.queries import organisation_at, settings_in_force

GetResponse = Callable[[HttpRequest], HttpResponse]


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
    """Make a view of `/o/<organisation>/…` that needs a permission; 403 says whom to ask.

    Strangers never come here: OrganisationMiddleware has answered them 404.
    """

    def decorate(
        view: MemberView,
    ) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def wrapped(request: MemberRequest, organisation: str, **kwargs: Any) -> HttpResponseBase:
            if not can(request.member, permission):
                raise PermissionDenied(_whom_to_ask(permission))
            own_words.about(kwargs.values())
            return view(request, **kwargs)

        wrapped.permission = permission  # type: ignore[attr-defined]  # read by the guard test
        return wrapped

    return decorate


def documentation(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Make a page about the product itself: for whoever has signed in, unless PUBLIC_DOCS."""

    @login_not_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.PUBLIC_DOCS and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        return view(request, *args, **kwargs)

    return wrapped


ASKED = 3


def _whom_to_ask(permission: Permission) -> str:
    """Return who could open a page or give the role for it, by name: the owners."""
    people = Member.objects.live().filter(role=Member.Role.OWNER).order_by("pk")[:ASKED]
    names = ", ".join(person.full_name for person in people)
    if permission in ROLE_PERMISSIONS[Member.Role.COORDINATOR]:
        words = _("It is for coordinators. Ask an owner if you should be one: %(names)s.")
    else:
        words = _("It is for owners: %(names)s. Ask them if you need something of it.")
    return words % {"names": names}


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


def _at_its_new_address(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Lead on from an address that the organisation had; a form that was sent there goes along.

    Not for ever (no 301): the organisation may take its old address back, and browsers remember.
    """
    _empty, _o, _slug, rest = request.get_full_path().split("/", 3)
    answer = HttpResponse(status=302 if request.method in SAFE_METHODS else 307)
    answer["Location"] = f"/o/{organisation.slug}/{rest}"
    return answer


class OrganisationMiddleware(_Middleware):
    """Opens the organisation of `/o/<slug>/…` for a live Member, around the whole view."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/o/"):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        slug = request.path_info.split("/")[2]
        organisation = organisation_at(slug)
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
            if organisation.slug != slug:
                return _at_its_new_address(request, organisation)
            look_as(member.pk)
            return self._answer(request, member)

    def _answer(self, request: HttpRequest, member: Member) -> HttpResponse:
        chosen = settings_in_force()
        request.member = member  # type: ignore[attr-defined]  # see MemberRequest
        request.organisation_settings = chosen  # type: ignore[attr-defined]  # as above
        # as LocaleMiddleware does, for what is streamed later too; it sets each request anew
        translation.activate(language_of(member, otherwise=translation.get_language() or ""))
        with timezone.override(member.time_zone or chosen.time_zone), own_words.of_a_page():
            response = count_export(request, member, self.get_response(request))
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
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        key = find_key(Key.Kind.API_TOKEN, secret.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            return unauthorised(request)
        with tenant(key.organisation_id):
            token = (
                ApiToken.objects.select_related("organisation", "member__organisation")
                .filter(pk=key.object_id, member__state=Member.State.LIVE)
                .first()
            )
            if token is None:
                return unauthorised(request)
            if not token.opens_from(request.META.get("REMOTE_ADDR", "")):
                return problem(403, "address_not_allowed", "This token opens from other addresses.")
            try:
                spend(token.member, "api")
            except TooMany as error:
                return too_many(request, error.seconds)
            look_as(token.member_id)
            request.member = token.member  # type: ignore[attr-defined]  # see rest.py
            request.token = token  # type: ignore[attr-defined]  # see rest.py
            answer = count_export(request, token.member, self.get_response(request))
            return sent_once(request, kept_or_undone(request, answer))

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """As for pages: what failed is undone."""
        if request.path_info.startswith("/api/"):
            roll_back_if_open()


# an answer to a token holds no secret that a length could tell of
_gzip = GZipMiddleware(lambda request: HttpResponse())


def sent_once(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Answer 304 to who has this already, and the others as small as they can read."""
    if request.method in {"GET", "HEAD"} and answer.status_code == 200 and not answer.streaming:
        if not answer.has_header("ETag"):
            answer["ETag"] = quote_etag(sha256(answer.content).hexdigest()[:32])
        answer = get_conditional_response(request, answer["ETag"], response=answer) or answer
    _gzip.process_response(request, answer)  # it writes into the answer
    return answer


def count_export(request: HttpRequest, member: Member, answer: HttpResponse) -> HttpResponse:
    """Count what is taken away as a file, or refuse it; what is streamed has cost nothing yet.

    Here and not in each view: also the file that somebody offers next year is counted.
    """
    if not answer.get("Content-Disposition", "").startswith("attachment"):
        return answer
    try:
        spend(member, "export")
    except TooMany as error:
        return too_many(request, error.seconds)
    return answer


def unauthorised(request: HttpRequest) -> HttpResponse:
    """Answer a missing, unknown, expired or revoked token: one answer for all four."""
    try:
        spend_of_address(request, "bad_secret")
    except TooMany as error:
        return too_many(request, error.seconds)
    answer = problem(401, "not_authenticated", "A valid token is needed.")
    answer["WWW-Authenticate"] = 'Bearer realm="api"'
    return answer


class DomainErrorMiddleware(_Middleware):
    """Answers a rule's refusal on the page where the person was; to htmx with the sentence.

    The status is the refusal's own: 409, and 429 where a limit is used up.
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, BadCursor):
            return start_again(request)
        if not isinstance(exception, DomainError):
            return None
        status, context = exception.status, {"refusal": str(exception)}
        if getattr(request, "htmx", None):
            answer = render(request, "core/_refused.html", context, status=status)
        else:
            page = page_where_they_were(request, str(exception), status)
            answer = page or render(request, f"{status}.html", context, status=status)
        if isinstance(exception, TooMany):
            answer["Retry-After"] = str(exception.seconds)
        return answer


def start_again(request: HttpRequest) -> HttpResponse:
    """Show a list from its beginning, narrowed and ordered as it was, and say why."""
    query = request.GET.copy()
    for name in CURSORS:
        query.pop(name, None)
    messages.info(request, _("That link into the list is not valid. It starts again here."))
    return redirect(f"{request.path}?{query.urlencode()}" if query else request.path)


def page_where_they_were(request: HttpRequest, refusal: str, status: int) -> HttpResponse | None:
    """Return the page that a refused form was on, as it is now, with the sentence on top.

    None where the browser does not say which page that was, or it is no page of ours any more.
    What was typed into the form comes back by app.js; a form that `act()` answers needs none.
    """
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host():
        return None
    try:
        match = resolve(came_from.path)
    except Resolver404:
        return None
    here = request.resolver_match.kwargs if request.resolver_match else {}
    if match.kwargs.get("organisation") != here.get("organisation"):
        return None  # only the organisation that is in force can be shown
    page = copy(request)
    page.method = "GET"
    page.META = {**request.META, "REQUEST_METHOD": "GET", "QUERY_STRING": came_from.query}
    page.path = page.path_info = came_from.path
    page.resolver_match = match
    page.GET = QueryDict(came_from.query)
    page.POST = QueryDict()
    page.refusal = {"sentence": refusal, "action": request.path}  # type: ignore[attr-defined]  # read by core/base.html
    try:
        with transaction.atomic():
            answer: HttpResponse = match.func(page, *match.args, **match.kwargs)
    except (DomainError, Http404, PermissionDenied):
        return None
    whole = answer.status_code == 200 and not answer.streaming
    if not whole or not answer.get("Content-Type", "").startswith("text/html"):
        return None
    answer.status_code = status
    return answer


def roll_back_if_open() -> None:
    if connection.in_atomic_block:
        transaction.set_rollback(True)


class HostileInputMiddleware(_Middleware):
    """Refuses NUL characters, which PostgreSQL cannot store, before a form or query sees them."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            if request.path_info.startswith("/api/"):
                detail = "A NUL character cannot be read."
                return problem(400, "invalid", detail, fields={})
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
