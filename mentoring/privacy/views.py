"""My own data; and what owners erase, keep and close."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.accounts.operations import consents as consent_operations
from core.accounts.views.answers import own_tabs, settings_tabs
from core.accounts.views.sign_in import confirmed
from core.audit.names import Names
from core.common import clock
from core.jobs.models import StoredFile
from core.members.limits import spend
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from mentoring.people.queries import what_leaves
from mentoring.privacy import closing, consents, erasing, export
from mentoring.privacy import retention as keeping
from mentoring.privacy import words as old_words
from mentoring.privacy.forms import CloseForm, ConsentForm, ConsentTextForm, EraseForm, WordsForm


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.TAKE_PART)
def my_data(request: MemberRequest) -> HttpResponse:
    """Fetch what is kept of me, or ask that it goes."""
    if request.method == "POST":
        spend(request.member, "export")
        return redirect(export.start_export(by=request.member))
    context = {
        "tabs": own_tabs(request.member, "privacy:my_data"),
        "files": export.exports_of(request.member),
        "days": request.organisation_settings.retention_days,
        "consents": consents.own_consents(request.member),
    }
    return render(request, "privacy/my_data.html", context)


@never_cache
@require_GET
@member_view(Permission.TAKE_PART)
def download(request: MemberRequest, file_id: UUID) -> HttpResponse:
    """The file itself, for whoever had it made, until its time is over."""
    files = StoredFile.objects.visible_to(request.member)
    file = get_object_or_404(files, id=file_id, name=export.NAME, expires_at__gt=clock.now())
    headers = {"Content-Disposition": f'attachment; filename="{export.NAME}"'}
    return HttpResponse(file.content, content_type="application/zip", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def consent(request: MemberRequest, purpose: str) -> HttpResponse:
    """Read what the organisation asks one to agree to, and agree to that version."""
    own = next(
        (row for row in consents.own_consents(request.member) if row.text.purpose == purpose), None
    )
    if own is None:
        raise Http404
    form = ConsentForm(request.POST or None, initial={"version": own.text.version})
    if act(
        lambda: consent_operations.give_consent(
            purpose=purpose, by=request.member, **form.cleaned_data
        ),
        form,
    ):
        messages.success(request, _("You have agreed. You may withdraw it under “My data”."))
        return redirect("home", request.member.organisation.slug)
    return form_page(request, "privacy/consent.html", form, {"own": own})


@require_POST
@member_view(Permission.TAKE_PART)
def withdraw_consent(request: MemberRequest, purpose: str) -> HttpResponse:
    consent_operations.withdraw_consent(purpose=purpose, by=request.member)
    messages.success(request, _("You have withdrawn it."))
    return redirect("privacy:my_data", request.member.organisation.slug)


@require_POST
@member_view(Permission.TAKE_PART)
def ask_erasure(request: MemberRequest) -> HttpResponse:
    keeping.ask_to_be_erased(by=request.member)
    messages.success(request, _("The owners have been asked. Until one does it you may undo this."))
    return redirect("privacy:my_data", request.member.organisation.slug)


@require_POST
@member_view(Permission.TAKE_PART)
def withdraw_erasure(request: MemberRequest) -> HttpResponse:
    keeping.withdraw_asking(by=request.member)
    messages.success(request, _("Nothing will be erased."))
    return redirect("privacy:my_data", request.member.organisation.slug)


@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
@confirmed
def erase(request: MemberRequest, member_id: UUID) -> HttpResponse:
    """Say what goes with somebody's words and names, then erase them."""
    rows = Member.objects.visible_to(request.member).filter(erased_at=None)
    person = get_object_or_404(rows.for_list(), id=member_id)
    form = EraseForm(request.POST if request.method == "POST" else None)
    leaving = what_leaves(person, at=clock.now())
    if act(lambda: erasing.erase_member(member=person, by=request.member), form):
        messages.success(request, _("The words and names are erased. What happened stays."))
        return redirect("privacy:retention", request.member.organisation.slug)
    return form_page(request, "privacy/erase.html", form, {"person": person, "leaving": leaving})


@require_GET
@member_view(Permission.SETTINGS_MANAGE)
def retention(request: MemberRequest) -> HttpResponse:
    """Who is erased by itself and when, who has asked for it, and who has been."""
    log = keeping.erased_lately()
    names = Names.in_acts(log)
    context = {
        "tabs": settings_tabs(request.member, "privacy:retention"),
        "days": request.organisation_settings.retention_days,
        "consents": consents.consent_states(request.member),
        "asked": keeping.asked_to_be_erased(),
        "erasures": keeping.erasures_to_come(),
        "words_months": request.organisation_settings.words_months,
        "words_log": old_words.words_erased_lately(),
        "log": [(act_, names.target(act_), names.actor(act_)) for act_ in log],
    }
    return render(request, "privacy/retention.html", context)


@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
@confirmed
def words(request: MemberRequest) -> HttpResponse:
    """Choose how long words are kept: a first POST counts what goes at once, the second does it."""
    now = {"months": request.organisation_settings.words_months}
    form = WordsForm(request.POST if request.method == "POST" else None, initial=now)
    slug, counted = request.member.organisation.slug, None
    if form.is_valid() and "confirm" in request.POST:
        old_words.keep_words(by=request.member, **form.cleaned_data)
        messages.success(request, _("That is how long words are kept from now on."))
        return redirect("privacy:retention", slug)
    if form.is_valid() and (months := form.cleaned_data["months"]):
        counted = old_words.old_words(months=months, at=clock.now())
    return form_page(request, "privacy/words.html", form, {"counted": counted})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
def consent_text(request: MemberRequest, purpose: str) -> HttpResponse:
    """Write what people are asked to agree to; says how many are asked again."""
    states = {str(state.purpose): state for state in consents.consent_states(request.member)}
    state = states.get(purpose)
    if state is None:
        raise Http404
    form = ConsentTextForm(request.POST or None, newest=state.text)
    if text := act(
        lambda: consent_operations.publish_consent_text(
            purpose=purpose, by=request.member, **form.cleaned_data
        ),
        form,
    ):
        messages.success(request, consents.what_follows(text, state.people))
        return redirect("privacy:retention", request.member.organisation.slug)
    return form_page(request, "privacy/consent_text.html", form, {"state": state})


@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
@confirmed
def close(request: MemberRequest) -> HttpResponse:
    """Count what ends, then close the organisation."""
    data = request.POST if request.method == "POST" else None
    form = CloseForm(data, organisation=request.member.organisation)
    if act(lambda: closing.close_organisation(by=request.member), form):
        return redirect("organisations")
    return form_page(request, "privacy/close.html", form, {"closing": closing.what_closes()})
