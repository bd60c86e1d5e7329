"""The mentor beside a circle: chosen by a coordinator; their own page of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from pairing.companions import operations
from pairing.companions.queries import companion_of
from pairing.models.companions import Companion
from pairing.partnerships.cohorts import is_circles
from pairing.partnerships.seats import open_seats
from pairing.partnerships.views import managed

methods = require_http_methods(["GET", "HEAD", "POST"])


class _CompanionForm(forms.Form):
    """Who is to be beside the circle, by their address: nobody lists 50,000 people."""

    email = forms.EmailField(label=gettext_lazy("Their work e-mail"), max_length=254)

    def __init__(self, data: Any = None, *, by: Member) -> None:
        super().__init__(data)
        self.member: Member | None = None
        self._people = Member.objects.visible_to(by).exclude(state=Member.State.LEFT)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        self.member = self._people.filter(email__iexact=email).first()
        if self.member is None:
            raise forms.ValidationError(_("Nobody here has this address."))
        return email


@methods
@member_view(Permission.PARTNERSHIPS_MANAGE)
def companion(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Put a mentor beside a circle, or end it; the circle reads it at once."""
    partnership = managed(request, partnership_id)
    if not is_circles(partnership.cohort) or not partnership.is_open:
        raise Http404
    current = companion_of(partnership)
    if current and "end" in request.POST:
        operations.take_leave(companion=current, by=request.member)
        messages.success(request, _("The circle goes on without a mentor. All are told."))
        return redirect(partnership)
    form = _CompanionForm(request.POST or None, by=request.member)
    if act(
        lambda: operations.put_beside(
            partnership=partnership, member=_chosen(form), by=request.member
        ),
        form,
    ):
        messages.success(request, _("The circle has a mentor. Everybody there is told."))
        return redirect(partnership)
    context = {"partnership": partnership, "companion": current}
    return form_page(request, "pairing/companion.html", form, context)


def _chosen(form: _CompanionForm) -> Member:
    assert form.member, "a valid form has somebody"
    return form.member


@methods
@member_view(Permission.TAKE_PART)
def accompanied(request: MemberRequest, companion_id: UUID) -> HttpResponse:
    """Show the companion whom they are beside; the circle's words are its own."""
    rows = Companion.objects.visible_to(request.member).beside_now()
    row = get_object_or_404(rows.filter(member=request.member), pk=companion_id)
    if "end" in request.POST:
        operations.take_leave(companion=row, by=request.member)
        messages.success(request, _("You are no longer beside this circle. Everybody is told."))
        return redirect("home", request.member.organisation.slug)
    context = {
        "companion": row,
        "partnership": row.partnership,
        "people": [seat.enrolment.member for seat in open_seats(row.partnership)],
    }
    return form_page(request, "pairing/accompanied.html", None, context)
