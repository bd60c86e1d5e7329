"""Saved segments of people: filters of the directory, named, renamed and deleted."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.accounts.errors import NothingNarrowed, SegmentNameTaken, TooManySegments
from core.accounts.forms import SegmentForm
from core.accounts.operations import segments as operations
from core.accounts.queries import PeopleFilter, filters_in_words
from core.members.models import Member, Segment
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page


@require_http_methods(["GET", "POST"])
@member_view(Permission.PEOPLE_MANAGE)
def new_segment(request: MemberRequest) -> HttpResponse:
    """Name the filters that the address of this page says, as the list does."""
    wanted = PeopleFilter.read(request.GET)
    form = SegmentForm(request.POST or None)
    segment = act(
        lambda: operations.save_segment(wanted=wanted, by=request.member, **form.cleaned_data),
        form,
        at={SegmentNameTaken: "name", TooManySegments: None, NothingNarrowed: None},
    )
    people = reverse("accounts:people", args=[request.member.organisation.slug]) + wanted.url()
    if segment:
        messages.success(request, _("“%(name)s” is saved.") % {"name": segment.name})
        return redirect(people)
    rows = wanted.apply(Member.objects.visible_to(request.member))
    context = {"words": filters_in_words(wanted), "number": rows.count(), "people": people}
    return form_page(request, "accounts/new_segment.html", form, context)


@require_http_methods(["GET", "POST"])
@member_view(Permission.PEOPLE_MANAGE)
def edit_segment(request: MemberRequest, segment_id: UUID) -> HttpResponse:
    """Rename it; what it asks for stays as it was saved."""
    segment = _segment(request, segment_id)
    form = SegmentForm(request.POST or None, initial={"name": segment.name})
    renamed = act(
        lambda: operations.rename_segment(segment=segment, by=request.member, **form.cleaned_data),
        form,
        at={SegmentNameTaken: "name"},
    )
    people = _people(segment)
    if renamed:
        messages.success(request, _("It is called “%(name)s” now.") % {"name": renamed.name})
        return redirect(people)
    context = {"segment": segment, "words": _words(segment), "people": people}
    return form_page(request, "accounts/edit_segment.html", form, context)


@require_http_methods(["GET", "POST"])
@member_view(Permission.PEOPLE_MANAGE)
def delete_segment(request: MemberRequest, segment_id: UUID) -> HttpResponse:
    """Ask first, by GET; afterwards the list shows the same people as before."""
    segment = _segment(request, segment_id)
    if request.method == "POST":
        people = _people(segment)
        operations.delete_segment(segment=segment, by=request.member)
        messages.success(request, _("The segment is deleted. Its people stay as they are."))
        return redirect(people)
    context = {"segment": segment, "words": _words(segment)}
    return render(request, "accounts/delete_segment.html", context)


def _segment(request: MemberRequest, segment_id: UUID) -> Segment:
    rows = Segment.objects.visible_to(request.member).select_related("organisation", "made_by")
    return get_object_or_404(rows, id=segment_id)


def _people(segment: Segment) -> str:
    """Return the address of the people in it; of everybody, if its filters are not known."""
    wanted = PeopleFilter.of(segment)
    people = reverse("accounts:people", args=[segment.organisation.slug])
    return people + wanted.url() if wanted else people


def _words(segment: Segment) -> list[tuple[str, str]]:
    wanted = PeopleFilter.of(segment)
    return filters_in_words(wanted) if wanted else []
