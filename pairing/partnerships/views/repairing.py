"""Resting, parting, and who waits for a new partner; nothing here blames anybody."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.days import today
from core.ui.forms import DateInput
from core.ui.pages import form_page
from pairing.models.partnerships import Cause, Parting, Partnership
from pairing.partnerships import queries
from pairing.partnerships.cohorts import is_circles
from pairing.partnerships.operations import repairing
from pairing.partnerships.operations.repairing import is_fresh, leaves_others
from pairing.partnerships.seats import open_seats, partnership_of, seat_of
from pairing.partnerships.views.partnerships import manages

METHODS = ["GET", "HEAD", "POST"]


def _kind_words(help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("A kind word"),
        help_text=help_text,
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class _PauseForm(forms.Form):
    """Until when; a partner may add a kind word, a coordinator is none of the partners."""

    until = forms.DateField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy(
            "It goes on by itself that day. Without a day, until you resume it."
        ),
        required=False,
        widget=DateInput,
    )
    words = _kind_words(gettext_lazy("Only the partners can read it."))

    def __init__(self, data: Any = None, *, partner: bool) -> None:
        super().__init__(data)
        if not partner:
            del self.fields["words"]

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until is not None and until <= today():
            raise forms.ValidationError(_("Choose a day to come."))
        return until


class _PartingForm(forms.Form):
    """What should be different next time, who may see it, and a kind word."""

    cause = forms.ChoiceField(
        label=gettext_lazy("What should be different next time?"),
        help_text=gettext_lazy(
            "Nobody is blamed, and your partners are not told. The next matching avoids it."
        ),
        choices=Cause.choices,
        widget=forms.RadioSelect,
    )
    coordinator_sees = forms.BooleanField(
        label=gettext_lazy("My coordinator may see this answer"),
        help_text=gettext_lazy("Without it only the matching reads it."),
        initial=True,
        required=False,
    )
    words = _kind_words(gettext_lazy("For the people you worked with; nobody else can read it."))

    def __init__(self, data: Any = None, *, earlier: Parting | None) -> None:
        initial = (
            {"cause": earlier.cause, "coordinator_sees": earlier.coordinator_sees}
            if earlier
            else {}
        )
        super().__init__(data, initial=initial)


def _partner_or_coordinator(
    request: MemberRequest, partnership_id: UUID
) -> tuple[Partnership, bool]:
    """Return the partnership and whether this member sits there; 403 for anybody else."""
    partnership = partnership_of(request, partnership_id)
    partner = seat_of(partnership, request.member) is not None
    if not partner and not manages(request, partnership):
        raise PermissionDenied
    return partnership, partner


@require_http_methods(METHODS)
@member_view(Permission.TAKE_PART)
def pause_partnership(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Ask until when, then let it rest: by a partner or a coordinator."""
    partnership, partner = _partner_or_coordinator(request, partnership_id)
    form = _PauseForm(request.POST if request.method == "POST" else None, partner=partner)
    if form.is_valid():
        repairing.pause_partnership(partnership=partnership, by=request.member, **form.cleaned_data)
        messages.success(request, _("%(name)s rests.") % {"name": partnership.name})
        return redirect(partnership)
    context = {"partnership": partnership}
    return form_page(request, "pairing/pause_partnership.html", form, context)


@require_POST
@member_view(Permission.TAKE_PART)
def resume_partnership(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership, _partner = _partner_or_coordinator(request, partnership_id)
    return redirect(repairing.resume_partnership(partnership=partnership, by=request.member))


@require_http_methods(METHODS)
@member_view(Permission.TAKE_PART)
def parting(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """End it as a partner; or after an end, say what should be different and a kind word."""
    partnership = partnership_of(request, partnership_id)
    seat = queries.parting_seat(partnership, request.member)
    if seat is None:
        raise Http404
    over = seat.left_at is not None
    circles = is_circles(partnership.cohort)
    earlier = Parting.objects.visible_to(request.member).filter(seat=seat).first()
    form = _PartingForm(request.POST if request.method == "POST" else None, earlier=earlier)
    if form.is_valid():
        operation = repairing.say_what_next if over else repairing.part_ways
        operation(partnership=partnership, by=request.member, **form.cleaned_data)
        thanks = _("Thank you.") if circles else _("Thank you. You go first in the next matching.")
        messages.success(request, thanks)
        return redirect("pairing:parting", request.member.organisation.slug, partnership.pk)
    context = {
        "partnership": partnership,
        "over": over,
        "circles": circles,
        "leaves": leaves_others(partnership, len(open_seats(partnership)))
        or (partnership.is_open and over),
        "said": earlier,
        "may_say": not over or is_fresh(seat),
        "kind_words": queries.kind_words(partnership, request.member),
    }
    return form_page(request, "pairing/parting.html", form, context)
