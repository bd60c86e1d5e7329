"""Joining by a mailbox of the organisation's domain, and the domains that an owner has proved."""

from __future__ import annotations

from uuid import UUID

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.accounts.codes import awaited_from, is_code, send_code
from core.accounts.forms import CodeForm, DomainEmailForm, DomainForm, DomainJoinForm
from core.accounts.operations import addresses, domains
from core.accounts.queries import domains_of, join_domain_of
from core.accounts.views.answers import settings_tabs
from core.accounts.views.sign_in import code_page, template_of, too_many
from core.common.errors import DomainError
from core.members.keys import find_key
from core.members.limits import spend
from core.members.models import JoinDomain, Key, Member, User
from core.members.permissions import Permission
from core.members.requests import MemberRequest, kept_or_undone, member_view
from core.tenancy.context import tenant
from core.ui.pages import act, form_page

JOIN_CODE = "join_code"


# ── the owner's ──
@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
def join_domains(request: MemberRequest) -> HttpResponse:
    form = DomainForm(request.POST or None)
    if act(lambda: domains.add_domain(by=request.member, **form.cleaned_data), form):
        messages.success(request, _("Added. Now prove that it is yours."))
        return redirect("accounts:join_domains", request.member.organisation.slug)
    context = {
        "tabs": settings_tabs(request.member, "accounts:join_domains"),
        "rows": JoinDomain.objects.visible_to(request.member).order_by("domain")[:100],
    }
    return form_page(request, "accounts/join_domains.html", form, context)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def prove_join_domain(request: MemberRequest, join_domain_id: UUID) -> HttpResponse:
    row = _row(request, join_domain_id)
    spend(request.member, "domain")
    domains.prove_domain(domain=row, by=request.member)
    words = _("%(domain)s is proved: whoever proves a mailbox there may join as a participant.")
    messages.success(request, words % {"domain": row.domain})
    return redirect("accounts:join_domains", request.member.organisation.slug)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def remove_join_domain(request: MemberRequest, join_domain_id: UUID) -> HttpResponse:
    row = _row(request, join_domain_id)
    domains.remove_domain(domain=row, by=request.member)
    words = _("%(domain)s is removed: nobody joins by it any more. Who has joined stays.")
    messages.success(request, words % {"domain": row.domain})
    return redirect("accounts:join_domains", request.member.organisation.slug)


def _row(request: MemberRequest, row_id: UUID) -> JoinDomain:
    return get_object_or_404(JoinDomain.objects.visible_to(request.member), id=row_id)


# ── whoever has a mailbox there ──
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Ask for the mailbox; the answer is the same whoever it is and whatever its domain."""
    if request.user.is_authenticated:
        return redirect("accounts_public:join_organisation")
    form = DomainEmailForm(request.POST or None)
    if not form.is_valid():
        return form_page(request, "accounts/join.html", form)
    email = form.cleaned_data["email"].strip().casefold()
    if refused := too_many(request, "signup") or too_many(request, "request_login_code", key=email):
        return refused
    send_code(request, JOIN_CODE, email=email, template=template_of("email_confirmation"))
    return redirect("account_join_code")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_code(request: HttpRequest) -> HttpResponse:
    """The code proves the mailbox; a sign-in is made where its domain is an organisation's."""
    email = awaited_from(request, JOIN_CODE)
    if not email:
        return redirect("account_join")
    form = CodeForm(request.POST or None, check=lambda code: is_code(request, JOIN_CODE, code))
    if form.is_valid():
        domain = email.rpartition("@")[2]
        known = find_key(Key.Kind.DOMAIN, domains.domain_secret(domain))
        if known is None and not addresses.users_by_address([email]):
            return render(request, "accounts/join_nowhere.html", {"domain": domain}, status=403)
        user, _first = addresses.prove_mailbox(email=email)
        target = reverse("accounts_public:join_organisation")
        answer: HttpResponse = perform_login(request, user, redirect_url=target)
        return answer
    if not awaited_from(request, JOIN_CODE):
        messages.error(request, _("Too many wrong codes. Have a new one sent."))
        return redirect("account_join")
    page = code_page(form, email, reverse("account_join_code"))
    page |= {"can_resend": False, "cancel_url": reverse("account_join")}
    return form_page(request, "accounts/sign_up_code.html", form, page)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_organisation(request: HttpRequest) -> HttpResponse:
    """Say which organisations take this person for their mailbox, and let them in on POST."""
    assert isinstance(request.user, User)
    user, keys = request.user, domains_of(request.user)
    form = DomainJoinForm(request.POST if request.method == "POST" else None, keys=keys)
    if keys and form.is_valid():
        try:
            member = _join(request, user, form)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(member.organisation)
    return form_page(request, "accounts/join_organisation.html", form, {"keys": keys})


def _join(request: HttpRequest, user: User, form: DomainJoinForm) -> Member:
    values = dict(form.cleaned_data)
    key = values.pop("key")
    with tenant(key.organisation_id):
        row = join_domain_of(key)
        member = domains.join_by_domain(domain=row, user=user, **values)
        kept_or_undone(request, HttpResponse())
    return member
