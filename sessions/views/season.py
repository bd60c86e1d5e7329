"""The season of a partnership: the table, its turns, and what nobody planned."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mentoring.common import clock
from mentoring.identity.http import MemberRequest, member_view
from mentoring.identity.permissions import Permission
from sessions import operations, queries
from sessions.errors import NotForYouToAssign
from sessions.forms import RecordForm, SwapForm
from sessions.views.common import form_page, partnership_of


@require_safe
@member_view(Permission.TAKE_PART)
def partnership_sessions(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """The season; for htmx its fragment, which the partnership's page borrows."""
    partnership = partnership_of(request, partnership_id)
    season = queries.season_table(partnership=partnership, member=request.member, at=clock.now())
    template = "sessions/_season.html" if request.htmx else "sessions/partnership_sessions.html"
    return render(request, template, {"season": season, "partnership": partnership})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def record_extra_session(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Write down a session that was held but never planned."""
    partnership = partnership_of(request, partnership_id)
    seats = queries.open_seats(partnership)
    form = RecordForm(
        request.POST or None,
        seats=seats,
        given={},
        lines=any(seat.enrolment.member_id == request.member.pk for seat in seats),
        asks_when=True,
    )
    if form.is_valid():
        session = operations.record_extra_session(
            partnership=partnership,
            held_at=form.cleaned_data["held_at"],
            attendance=form.attendance,
            retrospective=form.lines,
            by=request.member,
        )
        messages.success(request, _("The session is recorded."))
        return redirect(session)
    return form_page(
        request, "sessions/record_extra_session.html", form, {"partnership": partnership}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def swap_turns(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Exchange two turns of the season, of one session or of two."""
    partnership = partnership_of(request, partnership_id)
    turns = queries.turns_to_swap(partnership=partnership, member=request.member, at=clock.now())
    if not turns:
        raise NotForYouToAssign
    form = SwapForm(request.POST or None, turns=turns)
    if form.is_valid():
        first, second = form.chosen
        operations.swap_turns(first=first, second=second, by=request.member)
        messages.success(request, _("The turns are swapped. Later turns even out."))
        return redirect("sessions:partnership_sessions", _slug(request), partnership.pk)
    return form_page(request, "sessions/swap_turns.html", form, {"partnership": partnership})


def _slug(request: MemberRequest) -> str:
    return request.member.organisation.slug
