"""Opening an organisation once a mailbox is proved, confirming who one is, ending sessions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.accounts.codes import LIFE_SECONDS, awaited_from, is_code, send_code
from core.accounts.forms import CodeForm, SignUpForm
from core.accounts.operations import addresses, organisations
from core.accounts.sessions import SSO, has_confirmed
from core.members.models import User
from core.members.requests import MemberRequest
from core.ui.pages import form_page

# where the session keeps what was typed, and the codes that are on their way
SIGN_UP, SIGN_UP_CODE, CONFIRM_CODE = "sign_up", "sign_up_code", "confirm_code"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask who opens which organisation; nothing is made of it before the code is typed.

    A known and an unknown e-mail are one path: the same answer, e-mail and time.
    """
    if request.user.is_authenticated:
        return redirect("accounts_public:new_organisation")
    if not get_adapter().is_open_for_signup(request):
        return sign_up_closed(request)
    form = SignUpForm(request.POST or None, initial=request.session.get(SIGN_UP, {}))
    if not form.is_valid():
        return form_page(request, "account/signup.html", form)
    email = form.cleaned_data["email"].strip().casefold()
    if refused := too_many(request, "signup") or too_many(request, "request_login_code", key=email):
        return refused
    request.session[SIGN_UP] = form.cleaned_data | {"email": email}
    request.session.set_expiry(LIFE_SECONDS)
    send_code(request, SIGN_UP_CODE, email=email, template=template_of("email_confirmation_signup"))
    return redirect("account_sign_up_code")


def sign_up_closed(request: HttpRequest) -> HttpResponse:
    return render(request, "account/signup_closed.html", status=403)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_code(request: HttpRequest) -> HttpResponse:
    """The code that proves the mailbox: now user and organisation are made."""
    typed, email = request.session.get(SIGN_UP), awaited_from(request, SIGN_UP_CODE)
    if not typed or not email or not get_adapter().is_open_for_signup(request):
        return redirect("account_signup")
    if request.POST.get("action") == "resend":
        return _send_again(request, SIGN_UP_CODE, email, template_of("email_confirmation_signup"))
    form = CodeForm(request.POST or None, check=lambda code: is_code(request, SIGN_UP_CODE, code))
    if form.is_valid():
        return _open(request, SignUpForm(typed))
    if not awaited_from(request, SIGN_UP_CODE):
        messages.error(request, _("Too many wrong codes. Have a new one sent."))
        return redirect("account_signup")
    return form_page(request, "accounts/sign_up_code.html", None, code_page(form, email))


def _open(request: HttpRequest, typed: SignUpForm) -> HttpResponse:
    """Make what was typed; who has a sign-in is led to the page for another organisation.

    There everything is filled in: a second step may have to be passed before.
    """
    assert typed.is_valid()
    user, first = addresses.prove_mailbox(email=typed.cleaned_data["email"])
    target = reverse("accounts_public:new_organisation")
    if first:
        owner = organisations.create_organisation(user=user, **typed.owner)
        target = owner.organisation.get_absolute_url()
        del request.session[SIGN_UP]
    answer: HttpResponse = perform_login(request, user, redirect_url=target)
    return answer


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_by_code(request: HttpRequest) -> HttpResponse:
    """A code confirms who has neither password nor app, before their sign-in is changed."""
    assert isinstance(request.user, User)
    here = f"{reverse('account_confirm_by_code')}?{urlencode({'next': _next_of(request)})}"
    email = awaited_from(request, CONFIRM_CODE)
    if request.POST.get("action") == "resend" or not email:
        if request.method != "POST":
            return render(request, "accounts/confirm.html", {"action": here})
        return _send_again(
            request, CONFIRM_CODE, request.user.email, template_of("login_code"), here
        )
    form = CodeForm(request.POST or None, check=lambda code: is_code(request, CONFIRM_CODE, code))
    if form.is_valid():
        record_authentication(
            request, request.user, method="code_confirmed", email=email, reauthenticated=True
        )
        answer: HttpResponse = resume_request(request) or redirect("account_email")
        return answer
    if not awaited_from(request, CONFIRM_CODE):
        messages.error(request, _("Too many wrong codes. Have a new one sent."))
        return redirect(here)
    return form_page(request, "accounts/confirm_code.html", None, code_page(form, email, here))


def confirmed(
    view: Callable[Concatenate[MemberRequest, ...], HttpResponseBase],
) -> Callable[Concatenate[MemberRequest, ...], HttpResponseBase]:
    """Let a POST of ours pass for who has signed in or confirmed it within ten minutes.

    The others confirm it first and come back to the page; what they had typed is in its address,
    but for what the view calls sensitive: addresses are kept by browsers and by logs.
    """

    @wraps(view)
    def wrapped(request: MemberRequest, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST" or has_confirmed(request):
            return view(request, **kwargs)
        typed = request.POST.copy()
        for name in ("csrfmiddlewaretoken", *getattr(request, "sensitive_post_parameters", ())):
            typed.pop(name, None)
        back = f"{request.path}?{typed.urlencode()}"
        if slug := request.session.get(SSO):
            query = urlencode({"next": back, "again": "yes"})
            return HttpResponseRedirect(f"{reverse('sso:begin', args=[slug])}?{query}")
        way = get_adapter().get_reauthentication_methods(request.user)[0]["url"]
        return HttpResponseRedirect(f"{way}?{urlencode({'next': back})}")

    return wrapped


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of this person, this one too."""
    assert isinstance(request.user, User)
    addresses.end_sessions(request.user)
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("account_login")


def template_of(kind: str) -> str:
    return f"account/email/{kind}"


def _next_of(request: HttpRequest) -> str:
    target = request.GET.get("next", "")
    return target if get_adapter().is_safe_url(target) else ""


def code_page(form: CodeForm, email: str, action: str = "") -> dict[str, Any]:
    return {
        "verify_form": form,
        "email": email,
        "can_resend": True,
        "cancel_url": reverse("account_email" if action else "account_signup"),
        "action": action or reverse("account_sign_up_code"),
    }


def _send_again(
    request: HttpRequest, name: str, email: str, template: str, here: str = ""
) -> HttpResponse:
    if refused := too_many(request, "request_login_code", key=email):
        return refused
    send_code(request, name, email=email, template=template)
    return redirect(here or request.path)


def too_many(request: HttpRequest, action: str, key: str | None = None) -> HttpResponse | None:
    refused: HttpResponse | None = ratelimit.consume_or_429(request, action=action, key=key)
    return refused
