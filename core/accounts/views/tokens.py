"""API tokens: what is there, a new one, and of each its secrets, addresses, end and next holder."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.accounts.forms import (
    SCOPE_WORDS,
    NetworksForm,
    OfferTokenForm,
    RotateTokenForm,
    TokenForm,
    TokenLifeForm,
)
from core.accounts.operations import keys
from core.accounts.queries import tokens_seen_by
from core.accounts.views.answers import own_tabs, settings_tabs
from core.accounts.views.sign_in import confirmed
from core.members.limits import spend
from core.members.models import ApiToken, Member
from core.members.permissions import Permission, can
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page

SHOWN = 200
TYPED = ("name", "expires_at", "addresses")  # what comes back from confirming who one is


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.TOKENS_MANAGE)
@confirmed
def tokens(request: MemberRequest) -> HttpResponse:
    owner = can(request.member, Permission.SETTINGS_MANAGE)
    tabs = (settings_tabs if owner else own_tabs)(request.member, "accounts:tokens")
    return tokens_page(request, "accounts/tokens.html", None, {"tabs": tabs})


def tokens_page(
    request: MemberRequest, template: str, program_id: UUID | None, context: Mapping[str, object]
) -> HttpResponse:
    """Show tokens and make one: of everything its member sees, or of one program."""
    typed: dict[str, object] = {name: request.GET[name] for name in TYPED if name in request.GET}
    typed["scopes"] = request.GET.getlist("scopes")
    form = TokenForm(request.POST or None, by=request.member, program_id=program_id, initial=typed)
    secret = made = None
    if form.is_valid():
        spend(request.member, "token")
        made, secret = keys.create_token(
            by=request.member, program_id=program_id, **form.cleaned_data
        )
        form = TokenForm(by=request.member, program_id=program_id)
    rows = tokens_seen_by(request.member).order_by("-id")
    if program_id:
        rows = rows.filter(program_id=program_id)
    lines = [(token, scope_words(token)) for token in rows[:SHOWN]]
    return form_page(
        request, template, form, {"rows": lines, "made": made, "secret": secret, **context}
    )


def scope_words(token: ApiToken) -> list[object]:
    return [SCOPE_WORDS.get(scope, scope) for scope in token.scopes]


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.TOKENS_MANAGE)
@confirmed
def token(request: MemberRequest, token_id: UUID) -> HttpResponse:
    """One token; its form says from where it opens."""
    row = _token(request, token_id)
    form = NetworksForm(request.POST or None, initial={"addresses": "\n".join(row.addresses or ())})
    if act(lambda: keys.restrict_token(token=row, by=request.member, **form.cleaned_data), form):
        messages.success(request, _("Saved. It counts from the next request on."))
        return redirect("accounts:token", request.member.organisation.slug, row.pk)
    return _page(request, row, networks=form)


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.TOKENS_MANAGE)
@confirmed
def rotate_token(request: MemberRequest, token_id: UUID) -> HttpResponse:
    """A new secret on POST; who comes back from confirming presses the button again."""
    row = _token(request, token_id)
    if request.method != "POST":
        return redirect("accounts:token", request.member.organisation.slug, row.pk)
    form, made = RotateTokenForm(request.POST), []
    if act(
        lambda: made.append(keys.rotate_token(token=row, by=request.member, **form.cleaned_data)),
        form,
    ):
        spend(request.member, "token")
        return _page(request, made[0][0], secret=made[0][1])
    return _page(request, row, rotate=form)


@require_POST
@member_view(Permission.TOKENS_MANAGE)
def offer_token(request: MemberRequest, token_id: UUID) -> HttpResponse:
    row = _token(request, token_id)
    form = OfferTokenForm(request.POST, token=row)
    if act(lambda: keys.offer_token(token=row, by=request.member, **form.cleaned_data), form):
        words = _("%(name)s is asked to make it again. Until then nothing changes.")
        messages.success(request, words % {"name": form.cleaned_data["to"].full_name})
        return redirect("accounts:token", request.member.organisation.slug, row.pk)
    return _page(request, row, offer=form)


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.TOKENS_MANAGE)
@confirmed
def take_over_token(request: MemberRequest, token_id: UUID) -> HttpResponse:
    row = _token(request, token_id)
    if request.method != "POST":
        return redirect("accounts:token", request.member.organisation.slug, row.pk)
    form, made = TokenLifeForm(request.POST), []
    if act(
        lambda: made.append(
            keys.take_over_token(token=row, by=request.member, **form.cleaned_data)
        ),
        form,
    ):
        spend(request.member, "token")
        return _page(request, made[0][0], secret=made[0][1])
    return _page(request, row, take=form)


@require_POST
@member_view(Permission.TOKENS_MANAGE)
def revoke_token(request: MemberRequest, token_id: UUID) -> HttpResponse:
    row = _token(request, token_id)
    keys.revoke_token(token=row, by=request.member)
    messages.success(request, _("The token “%(name)s” is revoked.") % {"name": row.name})
    return redirect("accounts:tokens", request.member.organisation.slug)


def _token(request: MemberRequest, token_id: UUID) -> ApiToken:
    return get_object_or_404(tokens_seen_by(request.member), id=token_id)


def _page(
    request: MemberRequest,
    row: ApiToken,
    *,
    secret: str = "",
    networks: NetworksForm | None = None,
    rotate: RotateTokenForm | None = None,
    offer: OfferTokenForm | None = None,
    take: TokenLifeForm | None = None,
) -> HttpResponse:
    own = row.member_id == request.member.pk
    owner = request.member.role == Member.Role.OWNER
    asked = row.offered_to_id == request.member.pk
    refused = next((form for form in (networks, rotate, offer, take) if form), None)
    context = {
        "token": row,
        "scopes": scope_words(row),
        "secret": secret,
        "own": own,
        "may_offer": own or owner,
        "may_take": not own and (asked or (owner and not row.revoked_at)),
        "networks": networks or NetworksForm(initial={"addresses": "\n".join(row.addresses or ())}),
        "rotate": rotate or RotateTokenForm(),
        "offer": offer or OfferTokenForm(token=row),
        "take": take or TokenLifeForm(),
    }
    return form_page(request, "accounts/token.html", refused, context)
