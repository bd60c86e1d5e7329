"""The charter of a partnership: written section by section, signed by each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.charters import operations, queries
from agreements.charters.forms import NewSectionForm, ObjectForm, SectionForm, SignForm
from agreements.charters.models import Charter, CharterSection
from agreements.errors import SectionChanged
from core.common.diff import compare
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import form_page
from pairing.models.partnerships import Partnership
from pairing.partnerships import seats
from pairing.partnerships.seats import partnership_of


@require_safe
@member_view(Permission.TAKE_PART)
def charter(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """The charter and who has signed it; for its coordinator that alone."""
    return _page(request, partnership_of(request, partnership_id))


@require_POST
@member_view(Permission.TAKE_PART)
def begin_charter(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Lay out its sections."""
    partnership = partnership_of(request, partnership_id)
    operations.begin_charter(partnership=partnership, by=request.member)
    return _to_charter(request, partnership)


@require_POST
@member_view(Permission.TAKE_PART)
def add_section(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Add a section of one's own."""
    partnership = partnership_of(request, partnership_id)
    found = _charter_of(request, partnership)
    form = NewSectionForm(request.POST)
    if not form.is_valid():
        return _page(request, partnership, section_form=form)
    section = operations.add_section(
        charter=found, title=form.cleaned_data["title"], by=request.member
    )
    slug = request.member.organisation.slug
    return redirect("agreements:edit_section", slug, partnership.pk, section.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def edit_section(request: MemberRequest, partnership_id: UUID, section_id: UUID) -> HttpResponse:
    """Write a section; if somebody was faster, show both texts and let them be made one."""
    partnership = partnership_of(request, partnership_id)
    rows = CharterSection.objects.visible_to(request.member).select_related("charter")
    section = get_object_or_404(rows, id=section_id, charter__partnership=partnership)
    if seats.seat_of(partnership, request.member) is None:
        raise PermissionDenied
    form = SectionForm(
        request.POST or None, initial={"text": section.text, "version": section.version}
    )
    context: dict[str, Any] = {"partnership": partnership, "section": section}
    status = 200
    if form.is_valid():
        try:
            operations.edit_section(section=section, by=request.member, **form.cleaned_data)
            return _to_charter(request, partnership)
        except SectionChanged as changed:
            mine = form.cleaned_data["text"]
            form = SectionForm(initial={"text": mine, "version": changed.version})
            pieces = compare(changed.text, mine)
            context |= {"refusal": str(changed), "theirs": changed.text, "pieces": pieces}
            status = 409
    context |= {"earlier": queries.earlier_texts(section, request.member)}
    if status == 409:
        context["form"] = form
        return render(request, "agreements/edit_section.html", context, status=status)
    return form_page(request, "agreements/edit_section.html", form, context)


@require_POST
@member_view(Permission.TAKE_PART)
def sign_charter(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Sign what was read."""
    partnership = partnership_of(request, partnership_id)
    found = _charter_of(request, partnership)
    form = SignForm(request.POST)
    if not form.is_valid():
        return _page(request, partnership, status=422)
    operations.sign_charter(charter=found, by=request.member, **form.cleaned_data)
    messages.success(request, _("You have signed the charter."))
    return _to_charter(request, partnership)


@require_POST
@member_view(Permission.TAKE_PART)
def object_to_charter(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Say why one cannot sign."""
    partnership = partnership_of(request, partnership_id)
    found = _charter_of(request, partnership)
    form = ObjectForm(request.POST)
    if not form.is_valid():
        return _page(request, partnership, object_form=form)
    operations.object_to_charter(charter=found, by=request.member, **form.cleaned_data)
    return _to_charter(request, partnership)


def _page(
    request: MemberRequest, partnership: Partnership, *, status: int = 200, **given: Any
) -> HttpResponse:
    sheet = queries.charter_sheet(partnership=partnership, member=request.member)
    revision = sheet.charter.revision if sheet.charter else 0
    context = {
        "partnership": partnership,
        "sheet": sheet,
        "facts": queries.charter_facts([partnership.pk])[partnership.pk],
        "section_form": NewSectionForm(),
        "sign_form": SignForm(initial={"revision": revision}),
        "object_form": ObjectForm(initial={"revision": revision}),
        **given,
    }
    return render(request, "agreements/charter.html", context, status=422 if given else status)


def _charter_of(request: MemberRequest, partnership: Partnership) -> Charter:
    return get_object_or_404(Charter.objects.visible_to(request.member), partnership=partnership)


def _to_charter(request: MemberRequest, partnership: Partnership) -> HttpResponse:
    return redirect("agreements:charter", request.member.organisation.slug, partnership.pk)
