"""What every request passes first: whose address, which host, how large, how often; and what may
be kept of its answer."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.defaults import bad_request

from core.common.problems import problem
from core.members.limits import TooMany, spend_of_address

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
# who asks is a member there, or a directory, and counted as one
INSIDE = ("/o/", "/api/", "/scim/")
# who is signed in there is not looked up, nor that they were here
WITHOUT_A_TRACE = "/c/"
NOT_KEPT = "no-store"
# characters of an address that a program asks for: path and parameters
LONGEST = 8000
REFUSED = {401, 403, 404}


class EdgeMiddleware:
    """Settles the address of who asks and the host, refuses what is too large, keeps no answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["REMOTE_ADDR"] = client_address(request)
        if request.path_info.startswith(WITHOUT_A_TRACE):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        try:
            _settle_host(request)
        except DisallowedHost as error:  # no error of ours: anybody may name any host
            return bad_request(request, error)
        if is_too_long(request):
            answer: HttpResponse = problem(
                414, "too_long", f"An address may have {LONGEST} characters."
            )
        else:
            answer = too_large(request) if is_too_large(request) else self.get_response(request)
        # static files, themes and whatever else may be kept says so itself
        answer.headers.setdefault("Cache-Control", NOT_KEPT)
        return answer


def _settle_host(request: HttpRequest) -> None:
    """Refuse another host than ours, and take SITE_URL's port for any that the browser names.

    Django compares names and lets every port pass: into the links of e-mails and redirects.
    """
    name, _port = split_domain_port(request.get_host())
    site = urlsplit(settings.SITE_URL)
    if name == site.hostname:
        request.META["HTTP_HOST"] = site.netloc


def client_address(request: HttpRequest) -> str:
    """Return the address that our own proxies vouch for, each having added one at the end."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if not 0 < settings.TRUSTED_PROXIES <= len(told):
        return direct
    vouched = told[-settings.TRUSTED_PROXIES].strip()
    try:
        return str(ip_address(vouched))
    except ValueError:
        return direct


def is_too_long(request: HttpRequest) -> bool:
    """Say whether a program's address is longer than any of ours; servers before us take twice."""
    if not request.path_info.startswith("/api/"):
        return False
    return len(request.path_info) + len(request.META.get("QUERY_STRING", "")) > LONGEST


def is_too_large(request: HttpRequest) -> bool:
    if "HTTP_TRANSFER_ENCODING" in request.META:
        return True  # of no stated length: browsers always state it
    try:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return True
    if size <= settings.MAX_BODY:
        return size < 0
    if size > settings.MAX_BODY_SIGNED_IN:
        return True
    # an e-mail brings attachments; its view reads it only from who has the key
    return not (request.path_info.startswith("/mail/") or _has_session(request))


def _has_session(request: HttpRequest) -> bool:
    """Look the session up: anybody can send a cookie, and this is asked of large bodies alone."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key:
        return False
    session: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return SESSION_KEY in session


def too_large(request: HttpRequest) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        return problem(413, "too_large", "The body of a request may have 1 MB.")
    return render(request, "413.html", status=413)


class LimitMiddleware:
    """Limits by address what is open to everybody: forms outside an organisation, secret links.

    Every form is held, whoever writes it next year; a link that is right is never refused for the
    wrong ones that came from the same address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(INSIDE):
            return self.get_response(request)
        try:
            if request.method not in SAFE_METHODS:
                spend_of_address(request, "public", request.path_info)
            answer = self.get_response(request)
            if answer.status_code in REFUSED and _opens_by_secret(request.path_info):
                spend_of_address(request, "bad_secret")
        except TooMany as error:
            answer = too_many(request, error.seconds)
        if answer.status_code == TooMany.status:
            answer.headers.setdefault("Retry-After", "60")  # where a library has refused
        return answer


def _opens_by_secret(path: str) -> bool:
    try:
        return bool(resolve(path).kwargs)
    except Resolver404:
        return False


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """Say that it was too much, and after how long it goes on."""
    answer: HttpResponse
    if request.path_info.startswith("/api/"):
        answer = problem(429, TooMany.code, str(TooMany.message))
    else:
        answer = render(request, "429.html", status=429)
    answer["Retry-After"] = str(seconds)
    return answer
