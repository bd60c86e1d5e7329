"""The season of a partnership: the table, its turns, and what nobody planned."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import form_page
from pairing.partnerships import seats as partnerships_seats
from pairing.partnerships.seats import partnership_of
from sessions.attendance.forms import RecordForm
from sessions.attendance.operations import recording


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def record_extra_session(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Write down a session that was held but never planned."""
    partnership = partnership_of(request, partnership_id)
    seats = partnerships_seats.open_seats(partnership)
    form = RecordForm(
        request.POST or None,
        seats=seats,
        given={},
        lines=any(seat.enrolment.member_id == request.member.pk for seat in seats),
        asks_when=True,
    )
    if form.is_valid():
        session = recording.record_extra_session(
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
