"""What owners choose and read: the organisation, the audit trail; and everybody's API tokens."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.accounts.errors import SlugTaken
from core.accounts.forms import (
    AuditForm,
    LogoForm,
    OrganisationForm,
    SlugForm,
)
from core.accounts.operations import organisations
from core.accounts.queries import AuditFilter
from core.accounts.views.answers import settings_tabs
from core.accounts.views.sign_in import confirmed
from core.audit.names import Names
from core.audit.queries import AuditLine, actors, audit_trail, lines_of, verbs
from core.audit.sentences import act as act_in_words
from core.audit.sentences import sentence
from core.common import csv
from core.common.errors import DomainError
from core.common.pages import page
from core.members.models import Member
from core.members.permissions import ROLES, Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.context import tenant
from core.ui.pages import act, form_page
from core.ui.theme import ACCENTS

ACTS_A_PAGE = 200
ACTS_A_BATCH = 500
AUDIT_COLUMNS = ("at", "who", "act", "what", "sentence")


@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
def settings(request: MemberRequest) -> HttpResponse:
    organisation = request.member.organisation
    form = OrganisationForm.about(organisation, request.organisation_settings, request.POST or None)
    if act(lambda: organisations.update_organisation(by=request.member, **form.chosen), form):
        messages.success(request, _("The settings are saved."))
        return redirect("accounts:settings", organisation.slug)
    tabs = settings_tabs(request.member, "accounts:settings")
    return form_page(request, "accounts/settings.html", form, {"tabs": tabs, "roles": ROLES})


@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
def logo(request: MemberRequest) -> HttpResponse:
    form = LogoForm(request.POST or None, request.FILES or None)
    if act(
        lambda: organisations.set_logo(content=form.cleaned_data["logo"], by=request.member), form
    ):
        messages.success(request, _("This is the logo on your pages now."))
        return redirect("accounts:logo", request.member.organisation.slug)
    return form_page(request, "accounts/logo.html", form)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def remove_logo(request: MemberRequest) -> HttpResponse:
    organisations.set_logo(content=b"", by=request.member)
    messages.success(request, _("The logo is removed."))
    return redirect("accounts:logo", request.member.organisation.slug)


@require_GET
@member_view(Permission.TAKE_PART)
def logo_picture(request: MemberRequest, logo: str) -> HttpResponse:
    """The organisation's logo, named by its content: kept by the browser for a year."""
    chosen = request.organisation_settings
    if not chosen.logo_digest or chosen.logo_digest != logo:
        raise Http404
    answer = HttpResponse(bytes(chosen.logo), content_type="image/png")
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer


@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
@confirmed
def slug(request: MemberRequest) -> HttpResponse:
    """Count what follows another address, then give it."""
    form = SlugForm(request.POST or None, initial={"slug": request.member.organisation.slug})
    if organisation := act(
        lambda: organisations.change_slug(by=request.member, **form.cleaned_data),
        form,
        at={SlugTaken: "slug", DomainError: None},
    ):
        messages.success(request, _("This is the new address. The old one leads here for a year."))
        return redirect("accounts:settings", organisation.slug)
    context = {"change": organisations.what_a_new_slug_changes()}
    return form_page(request, "accounts/slug.html", form, context)


@require_GET
@member_view(Permission.AUDIT_READ)
def audit(request: MemberRequest) -> HttpResponse:
    everything = audit_trail(request.member)
    acts = [(verb, act_in_words(verb)) for verb in verbs(everything)]
    people = [(str(actor_id), name) for actor_id, name in actors(everything)]
    wanted = AuditFilter.read(request.GET).among(dict(acts), dict(people))
    rows = wanted.trail(request.member)
    shown = page(rows, cursor=request.GET.get("after", ""), size=ACTS_A_PAGE)
    # whoever asks for one kind of act wants each of them
    lines = [AuditLine(e) for e in shown.rows] if wanted.verb else lines_of(shown.rows)
    names = Names.in_acts(line.event for line in lines)
    context = {
        "tabs": settings_tabs(request.member, "accounts:audit"),
        "form": AuditForm(initial=wanted.parts, verbs=acts, people=people),
        "lines": [
            (line, sentence(line.event, names), wanted.url(verb=line.event.verb)) for line in lines
        ],
        "total": rows.count(),
        "query": wanted.url(),
        "more": wanted.url(after=shown.next_cursor) if shown.next_cursor else "",
    }
    return render(request, "accounts/audit.html", context)


@require_GET
@member_view(Permission.AUDIT_READ)
def export_audit(request: MemberRequest) -> StreamingHttpResponse:
    """Exactly the acts that are filtered, each on a line, as CSV."""
    lines = csv.lines(AUDIT_COLUMNS, _acts(request.member, AuditFilter.read(request.GET)))
    return csv.download(lines, "audit.csv")


def _acts(member: Member, wanted: AuditFilter) -> Iterator[tuple[object, ...]]:
    with tenant(member.organisation, member=member.pk):
        events = wanted.trail(member).order_by("-id").iterator(chunk_size=ACTS_A_BATCH)
        while batch := list(islice(events, ACTS_A_BATCH)):
            names = Names.in_acts(batch)
            for event in batch:
                who, what = names.actor(event), names.target(event)
                yield event.at, who, event.verb, what, sentence(event, names)


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
