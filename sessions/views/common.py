"""What the views of sessions share: the row of an address, and a form on a page of its own."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404

from mentoring.common import clock
from mentoring.design.pages import form_page as form_page
from mentoring.identity.http import MemberRequest
from pairing.partnerships.seats import partnership_of as partnership_of
from sessions import queries
from sessions.models import Session
from sessions.queries import SessionSheet


def sheet_of(request: MemberRequest, session_id: UUID) -> SessionSheet:
    """Return a session this member sees with all its page shows, or 404."""
    rows = Session.objects.visible_to(request.member).for_list()
    session = get_object_or_404(rows, id=session_id)
    return queries.session_sheet(session=session, member=request.member, at=clock.now())
