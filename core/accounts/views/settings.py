"""What owners choose and read: the organisation, the audit trail; and everybody's API tokens."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.accounts.forms import SCOPE_WORDS, AuditForm, OrganisationForm, TokenForm
from core.accounts.limits import spend
from core.accounts.operations import keys, organisations
from core.accounts.queries import tokens_seen_by
from core.accounts.views.answers import own_tabs, settings_tabs
from core.audit.queries import actors, audit_trail, verbs
from core.audit.sentences import act as act_in_words
from core.audit.sentences import sentence
from core.common.pages import page
from core.members.permissions import ROLES, Permission, can
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from core.ui.theme import ACCENTS


@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
def settings(request: MemberRequest) -> HttpResponse:
    chosen = request.organisation_settings
    fields = ("time_zone", "accent", "video_template", "threshold", "retention_days")
    known = {name: getattr(chosen, name) for name in fields}
    known["name"] = request.member.organisation.name
    form = OrganisationForm(request.POST or None, initial=known)
    if act(lambda: organisations.update_organisation(by=request.member, **form.cleaned_data), form):
        messages.success(request, _("The settings are saved."))
        return redirect("accounts:settings", request.member.organisation.slug)
    tabs = settings_tabs(request.member, "accounts:settings")
    return form_page(request, "accounts/settings.html", form, {"tabs": tabs, "roles": ROLES})


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.TOKENS_MANAGE)
def tokens(request: MemberRequest) -> HttpResponse:
    form = TokenForm(request.POST or None, by=request.member)
    secret = made = None
    if form.is_valid():
        spend(request.member, "token")
        made, secret = keys.create_token(by=request.member, **form.cleaned_data)
        form = TokenForm(by=request.member)
    owner = can(request.member, Permission.SETTINGS_MANAGE)
    tabs_of = settings_tabs if owner else own_tabs
    seen = tokens_seen_by(request.member).order_by("-id")
    rows = [
        (token, [SCOPE_WORDS.get(scope, scope) for scope in token.scopes]) for token in seen[:200]
    ]
    context = {
        "tabs": tabs_of(request.member, "accounts:tokens"),
        "rows": rows,
        "made": made,
        "secret": secret,
    }
    return form_page(request, "accounts/tokens.html", form, context)


@require_POST
@member_view(Permission.TOKENS_MANAGE)
def revoke_token(request: MemberRequest, token_id: UUID) -> HttpResponse:
    token = get_object_or_404(tokens_seen_by(request.member), id=token_id)
    keys.revoke_token(token=token, by=request.member)
    messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
    return redirect("accounts:tokens", request.member.organisation.slug)


@require_GET
@member_view(Permission.AUDIT_READ)
def audit(request: MemberRequest) -> HttpResponse:
    everything = audit_trail(request.member)
    acts = [(verb, act_in_words(verb)) for verb in verbs(everything)]
    people = [(str(actor_id), name) for actor_id, name in actors(everything)]
    # what a URL asks for and nobody has done is left out
    verb = next((value for value, _words in acts if value == request.GET.get("verb")), "")
    by = next((value for value, _name in people if value == request.GET.get("by")), "")
    rows = audit_trail(request.member, verb=verb, actor_id=UUID(by) if by else None)
    shown = page(rows, cursor=request.GET.get("after", ""))
    kept = {key: value for key, value in (("verb", verb), ("by", by)) if value}
    more = f"?{urlencode({**kept, 'after': shown.next_cursor})}" if shown.next_cursor else ""
    context = {
        "tabs": settings_tabs(request.member, "accounts:audit"),
        "form": AuditForm(initial=kept, verbs=acts, people=people),
        "events": [(event, sentence(event)) for event in shown.rows],
        "more": more,
        "narrow": bool(kept),
    }
    return render(request, "accounts/audit.html", context)


@require_GET
@member_view(Permission.TAKE_PART)
def theme(request: MemberRequest, hash: str) -> HttpResponse:
    """An accent as a stylesheet, named by its content: kept by the browser for a year."""
    accent = next((accent for accent in ACCENTS if accent.digest == hash), None)
    if accent is None:
        raise Http404
    answer = HttpResponse(accent.css, content_type="text/css; charset=utf-8")
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer
