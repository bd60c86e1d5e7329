"""The charter of a partnership: written section by section, signed by each."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.charters import operations, queries
from agreements.charters.models import Charter, CharterSection
from agreements.errors import SectionChanged
from core.common.diff import compare
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import form_page
from pairing.models.partnerships import Partnership
from pairing.partnerships.seats import partnership_of, seat_of


class _SectionForm(forms.Form):
    """One section; `version` says which text was open, so that nobody writes over another."""

    text = forms.CharField(
        label=gettext_lazy("What we agree on"),
        max_length=4000,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class _NewSectionForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title of the section"), max_length=120)


class _SignForm(forms.Form):
    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class _ObjectForm(_SignForm):
    reason = forms.CharField(
        label=gettext_lazy("What keeps you from signing?"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_safe
@member_view(Permission.TAKE_PART)
def charter(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """The charter and who has signed it; for its coordinator that alone."""
    return _page(request, partnership_of(request, partnership_id))


@require_POST
@member_view(Permission.TAKE_PART)
def begin_charter(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = partnership_of(request, partnership_id)
    operations.begin_charter(partnership=partnership, by=request.member)
    return _to_charter(request, partnership)


@require_POST
@member_view(Permission.TAKE_PART)
def add_section(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = partnership_of(request, partnership_id)
    charter, form = _charter_of(request, partnership), _NewSectionForm(request.POST)
    if not form.is_valid():
        return _page(request, partnership, section_form=form)
    section = operations.add_section(charter=charter, by=request.member, **form.cleaned_data)
    slug = request.member.organisation.slug
    return redirect("agreements:edit_section", slug, partnership.pk, section.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def edit_section(request: MemberRequest, partnership_id: UUID, section_id: UUID) -> HttpResponse:
    """Write a section; if somebody was faster, show both texts and let them be made one."""
    partnership = partnership_of(request, partnership_id)
    rows = CharterSection.objects.visible_to(request.member).select_related("charter")
    section = get_object_or_404(rows, id=section_id, charter__partnership=partnership)
    if seat_of(partnership, request.member) is None:
        raise PermissionDenied
    form = _SectionForm(
        request.POST or None, initial={"text": section.text, "version": section.version}
    )
    context: dict[str, object] = {
        "partnership": partnership,
        "section": section,
        "earlier": queries.earlier_texts(section, request.member),
    }
    if form.is_valid():
        try:
            operations.edit_section(section=section, by=request.member, **form.cleaned_data)
            return _to_charter(request, partnership)
        except SectionChanged as changed:
            mine = form.cleaned_data["text"]
            context |= {
                "form": _SectionForm(initial={"text": mine, "version": changed.version}),
                "refusal": str(changed),
                "theirs": changed.text,
                "pieces": compare(changed.text, mine),
            }
            return render(request, "agreements/edit_section.html", context, status=409)
    return form_page(request, "agreements/edit_section.html", form, context)


@require_POST
@member_view(Permission.TAKE_PART)
def sign_charter(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = partnership_of(request, partnership_id)
    charter, form = _charter_of(request, partnership), _SignForm(request.POST)
    if not form.is_valid():
        return _page(request, partnership, status=422)
    operations.sign_charter(charter=charter, by=request.member, **form.cleaned_data)
    messages.success(request, _("You have signed the charter."))
    return _to_charter(request, partnership)


@require_POST
@member_view(Permission.TAKE_PART)
def object_to_charter(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = partnership_of(request, partnership_id)
    charter, form = _charter_of(request, partnership), _ObjectForm(request.POST)
    if not form.is_valid():
        return _page(request, partnership, object_form=form)
    operations.object_to_charter(charter=charter, by=request.member, **form.cleaned_data)
    return _to_charter(request, partnership)


def _page(
    request: MemberRequest, partnership: Partnership, *, status: int = 200, **shown: forms.Form
) -> HttpResponse:
    sheet = queries.charter_sheet(partnership=partnership, member=request.member)
    revision = sheet.charter.revision if sheet.charter else 0
    context = {
        "partnership": partnership,
        "sheet": sheet,
        "facts": queries.charter_facts([partnership.pk])[partnership.pk],
        "section_form": _NewSectionForm(),
        "sign_form": _SignForm(initial={"revision": revision}),
        "object_form": _ObjectForm(initial={"revision": revision}),
        **shown,
    }
    return render(request, "agreements/charter.html", context, status=422 if shown else status)


def _charter_of(request: MemberRequest, partnership: Partnership) -> Charter:
    return get_object_or_404(Charter.objects.visible_to(request.member), partnership=partnership)


def _to_charter(request: MemberRequest, partnership: Partnership) -> HttpResponse:
    return redirect("agreements:charter", request.member.organisation.slug, partnership.pk)
