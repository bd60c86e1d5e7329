"""The decisions of a partnership, the way to a new one, and the one that is open in the room."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.decisions import counting
from agreements.decisions.exercises import EXERCISES, exercise_of
from agreements.decisions.forms import ProposalForm
from agreements.decisions.models import Decision, Quorum
from agreements.decisions.operations import proposing
from agreements.decisions.operations.proposing import Proposal
from agreements.decisions.queries import lists
from agreements.decisions.views.page import room
from core.common.pages import page
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.forms import Taps
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


class _MethodForm(forms.Form):
    reversible = forms.ChoiceField(
        label=gettext_lazy("Could you undo it without harm?"),
        choices=[("yes", gettext_lazy("Easily")), ("no", gettext_lazy("Hardly"))],
        widget=Taps,
    )
    affected = forms.ChoiceField(
        label=gettext_lazy("Whom does it affect?"),
        choices=[("few", gettext_lazy("One or two")), ("all", gettext_lazy("All of us"))],
        widget=Taps,
    )

    @property
    def method(self) -> str:
        """The method that fits; only of a valid form."""
        return counting.proposed_method(
            reversible=self.cleaned_data["reversible"] == "yes",
            few_affected=self.cleaned_data["affected"] == "few",
        )


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
    rows = rows.with_title(request.member)
    shown = page(rows, order="-number", cursor=request.GET.get("cursor", ""))
    context = {
        "partnership": partnership,
        "decisions": shown.rows,
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
    helper = _MethodForm(request.GET if "reversible" in request.GET else None)
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
        proposal = Proposal(**form.cleaned_data)
        by = request.member
        return redirect(proposing.propose(partnership=partnership, proposal=proposal, by=by))
    context = {"partnership": partnership, "helper": helper, "method": method}
    return form_page(request, "agreements/decisions/new_decision.html", form, context)


@require_safe
@member_view(Permission.TAKE_PART)
def exercises(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Show the exercises with the way through each, to who may start one."""
    partnership = partnership_of(request, partnership_id)
    _others(request, partnership)
    context = {"partnership": partnership, "exercises": EXERCISES}
    return render(request, "agreements/decisions/exercises.html", context)


@require_POST
@member_view(Permission.TAKE_PART)
def start_exercise(request: MemberRequest, partnership_id: UUID, exercise: str) -> HttpResponse:
    partnership = partnership_of(request, partnership_id)
    _others(request, partnership)
    chosen = exercise_of(exercise)
    if chosen is None:
        raise Http404
    by = request.member
    return redirect(proposing.start_exercise(partnership=partnership, exercise=chosen, by=by))


@require_safe
@member_view(Permission.TAKE_PART)
def decision_in_room(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
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
    has_sat = partnership.seats.filter(enrolment__member=request.member).exists()
    seen = Decision.objects.visible_to(request.member).values("pk")
    rows = lists.for_agenda(partnership).filter(pk__in=seen) if has_sat else Decision.objects.none()
    context = {"decisions": rows.with_title(request.member)}
    return render(request, "agreements/decisions/_on_agenda.html", context)


def _others(request: MemberRequest, partnership: Partnership) -> list[Seat]:
    """Return the others at the table; 403 for who has no seat at it."""
    seats = open_seats(partnership)
    if all(seat.enrolment.member_id != request.member.pk for seat in seats):
        raise PermissionDenied
    return [seat for seat in seats if seat.enrolment.member_id != request.member.pk]
