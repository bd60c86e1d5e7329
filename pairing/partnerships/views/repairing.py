"""Resting, parting, and who waits for a new partner; nothing here blames anybody."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from pairing.models.partings import Parting
from pairing.models.partnerships import Partnership
from pairing.partnerships.forms import PartingForm, PauseForm
from pairing.partnerships.operations import repairing
from pairing.partnerships.operations.repairing import is_fresh, leaves_others
from pairing.partnerships.queries import waiting
from pairing.partnerships.seats import open_seats, partnership_of, seat_of
from pairing.partnerships.views.partnerships import manages
from pairing.texts.cohorts import is_circles

METHODS = ["GET", "HEAD", "POST"]


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
    form = PauseForm(request.POST if request.method == "POST" else None, partner=partner)
    if form.is_valid():
        repairing.pause_partnership(partnership=partnership, by=request.member, **form.cleaned_data)
        messages.success(request, _("%(name)s is paused.") % {"name": partnership.name})
        return redirect(partnership)
    context = {"partnership": partnership, "form": form}
    status = 422 if form.errors else 200
    return render(request, "pairing/pause_partnership.html", context, status=status)


@require_POST
@member_view(Permission.TAKE_PART)
def resume_partnership(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Let it go on."""
    partnership, _partner = _partner_or_coordinator(request, partnership_id)
    return redirect(repairing.resume_partnership(partnership=partnership, by=request.member))


@require_http_methods(METHODS)
@member_view(Permission.TAKE_PART)
def parting(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """End it as a partner; or after an end, say what should be different and a kind word."""
    partnership = partnership_of(request, partnership_id)
    seat = waiting.parting_seat(partnership, request.member)
    if seat is None:
        raise Http404
    over = seat.left_at is not None
    circles = is_circles(partnership.cohort)
    earlier = Parting.objects.visible_to(request.member).filter(seat=seat).first()
    form = PartingForm(request.POST if request.method == "POST" else None, earlier=earlier)
    if form.is_valid():
        act = repairing.say_what_next if over else repairing.part_ways
        act(partnership=partnership, by=request.member, **form.cleaned_data)
        thanks = _("Thank you.") if circles else _("Thank you. You go first in the next matching.")
        messages.success(request, thanks)
        return redirect("pairing:parting", request.member.organisation.slug, partnership.pk)
    context = {
        "partnership": partnership,
        "form": form,
        "over": over,
        "circles": circles,
        "leaves": leaves_others(partnership, len(open_seats(partnership)))
        or (partnership.is_open and over),
        "said": earlier,
        "may_say": not over or is_fresh(seat),
        "kind_words": waiting.kind_words(partnership, request.member),
    }
    status = 422 if form.errors else 200
    return render(request, "pairing/parting.html", context, status=status)
