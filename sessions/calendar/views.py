"""Sessions in people's own calendars: a file for one, an address for all."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.common import clock
from core.members.keys import derived_secret
from core.members.links import absolute
from core.members.models import Key
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view, not_found
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from pairing.partnerships import seats
from sessions.calendar import ics, operations, queries
from sessions.errors import CalendarNotOpen
from sessions.models.sessions import Session

ICS = "text/calendar; charset=utf-8"


@require_safe
@member_view(Permission.TAKE_PART)
def session_ics(request: MemberRequest, session_id: UUID) -> HttpResponse:
    """One session as a file for my calendar; a cancelled one takes itself out again."""
    rows = Session.objects.visible_to(request.member).for_list()
    session = get_object_or_404(rows, id=session_id)
    if seats.seat_of(session.partnership, request.member) is None:
        return not_found(request)  # place and role are the partners', not the coordinator's
    turn = queries.turn_of(session, request.member)
    content = ics.invitation(session=session, member=request.member, turn=turn)
    method = "CANCEL" if session.state == Session.State.CANCELLED else "REQUEST"
    answer = HttpResponse(content, content_type=f"{ICS}; method={method}")
    answer["Content-Disposition"] = f'attachment; filename="session-{session.number}.ics"'
    return answer


@require_safe
@member_view(Permission.TAKE_PART)
def calendar(request: MemberRequest) -> HttpResponse:
    feed = queries.open_feed(request.member)
    address = ""
    if feed:
        address = absolute(f"/calendar/{derived_secret(Key.Kind.CALENDAR, feed.pk)}.ics")
    return render(request, "sessions/calendar.html", {"feed": feed, "address": address})


@require_POST
@member_view(Permission.TAKE_PART)
def open_calendar(request: MemberRequest) -> HttpResponse:
    operations.open_calendar(by=request.member)
    return redirect("sessions:calendar", request.member.organisation.slug)


@require_POST
@member_view(Permission.TAKE_PART)
def close_calendar(request: MemberRequest) -> HttpResponse:
    feed = queries.open_feed(request.member)
    if feed is None:
        raise CalendarNotOpen
    operations.close_calendar(feed=feed, by=request.member)
    return redirect("sessions:calendar", request.member.organisation.slug)


@require_safe
@login_not_required
def feed(request: HttpRequest, key: str) -> HttpResponse:
    """A person's calendar, by its secret alone; bad, expired and closed are one 404."""
    link = queries.calendar_link(key)
    if link is None:
        return not_found(request)
    organisation, feed_id = link
    with tenant(organisation):
        member = queries.calendar_member(feed_id)
        if member is None:
            return not_found(request)
        sessions, turns = queries.calendar_content(member=member, at=clock.now())
        with translation.override(settings_in_force().locale):
            name = _("Sessions at %(organisation)s") % {"organisation": organisation.name}
            body = ics.feed(sessions=sessions, turns=turns, name=name)
    answer = HttpResponse(body, content_type=ICS)
    answer["Cache-Control"] = "private, max-age=300"
    answer["X-Robots-Tag"] = "noindex"
    return answer
