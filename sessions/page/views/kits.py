"""The facilitator's kit: what whoever leads a session needs, on one page."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from core.common import clock
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view, not_found
from pairing.partnerships import seats
from sessions.models.sessions import Session
from sessions.page.queries import kits


@require_safe
@member_view(Permission.TAKE_PART)
def kit(request: MemberRequest, session_id: UUID) -> HttpResponse:
    """The facilitator's kit of one session; promises and thanks are its partners' alone."""
    rows = Session.objects.visible_to(request.member).for_list()
    session = get_object_or_404(rows, id=session_id)
    if seats.seat_of(session.partnership, request.member) is None:
        return not_found(request)
    kit = kits.kit_sheet(session=session, member=request.member, at=clock.now())
    return render(request, "sessions/kit.html", {"kit": kit, "partnership": session.partnership})
