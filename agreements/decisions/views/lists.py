"""The decisions of a partnership, the way to a new one, and the one that is open in the room."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from agreements.decisions.forms import HelperForm, ProposalForm
from agreements.decisions.models import Decision, Quorum
from agreements.decisions.operations import proposing
from agreements.decisions.queries import lists
from agreements.decisions.views.page import room
from core.common.pages import page
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import form_page
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import open_seats, partnership_of, seat_of

NAMES = {
    "running": gettext_lazy("Running"),
    "review": gettext_lazy("Up for review"),
    "adopted": gettext_lazy("In force"),
    "closed": gettext_lazy("Not adopted"),
    "drafts": gettext_lazy("My drafts"),
    "practice": gettext_lazy("Exercises"),
}


@require_safe
@member_view(Permission.TAKE_PART)
def decisions(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Show a partnership's decisions, narrowed by state; without words to its coordinator."""
    partnership = partnership_of(request, partnership_id)
    rows = lists.decisions_of(partnership, request.member)
    counts, state = lists.counts_of(rows), request.GET.get("state", "")
    chips = [(_("All %(n)d") % {"n": counts["all"]}, "?", not state)]
    chips += [
        (f"{name} {counts[key]}", f"?state={key}", state == key)
        for key, name in NAMES.items()
        if counts[key] or state == key
    ]
    if narrowed := lists.FILTERS.get(state):
        rows = rows.filter(narrowed)
    shown = page(rows, order="-number", cursor=request.GET.get("cursor", ""))
    context = {
        "partnership": partnership,
        "lines": lists.with_titles(shown.rows, request.member),
        "chips": chips,
        "state": state,
        "more": shown.next_cursor,
        "any": bool(counts["all"]),
        "seat": seat_of(partnership, request.member),
        "tab": "decisions",
    }
    return render(request, "agreements/decisions/decisions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def new_decision(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Write a draft; two questions help to choose the method."""
    partnership = partnership_of(request, partnership_id)
    others = _others(request, partnership)
    helper = HelperForm(request.GET if "reversible" in request.GET else None)
    method = helper.method if helper.is_valid() else ""
    form = ProposalForm(
        request.POST or None,
        seats=others,
        initial={
            "method": method or "consent",
            "quorum": Quorum.TWO_THIRDS,
            "window_days": 5,
            "review_weeks": 12,
        },
    )
    if form.is_valid():
        draft = proposing.propose(
            partnership=partnership, proposal=form.proposal, by=request.member
        )
        return redirect(draft)
    context = {"partnership": partnership, "helper": helper, "method": method}
    return form_page(request, "agreements/decisions/new_decision.html", form, context)


@require_safe
@member_view(Permission.TAKE_PART)
def decision_in_room(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """The decision that is open, as the meeting room shows it."""
    partnership = partnership_of(request, partnership_id)
    decision = lists.in_the_room(partnership, request.member)
    return room(request, partnership, decision)


@require_safe
@member_view(Permission.TAKE_PART)
def decisions_on_agenda(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """What comes back for review or is under way: the fragment that a session's page borrows.

    Empty for who has never sat at the table, as the page itself shows no words to them.
    """
    partnership = partnership_of(request, partnership_id)
    seats = Seat.objects.filter(partnership=partnership, enrolment__member=request.member)
    rows = lists.for_agenda(partnership) if seats.exists() else Decision.objects.none()
    lines = lists.with_titles(rows, request.member)
    return render(request, "agreements/decisions/_on_agenda.html", {"lines": lines})


def _others(request: MemberRequest, partnership: Partnership) -> list[Seat]:
    """Return the others at the table; 403 for who has no seat at it."""
    seats = open_seats(partnership)
    if all(seat.enrolment.member_id != request.member.pk for seat in seats):
        raise PermissionDenied
    return [seat for seat in seats if seat.enrolment.member_id != request.member.pk]
