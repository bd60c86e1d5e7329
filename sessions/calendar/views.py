"""Sessions in people's own calendars: a file for one, an address for all."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.common import clock
from core.members.languages import in_language_of
from core.members.links import settled_page
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view, not_found
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from core.ui.pages import act, form_page
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships import seats
from sessions.calendar import ics, operations, queries
from sessions.calendar.forms import BusyForm
from sessions.errors import CalendarNotOpen, JustRead, NoBusyCalendar
from sessions.models.replies import PartStat
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
    answered = queries.answers_by_member(session).get(request.member.pk, PartStat.NEEDS_ACTION)
    (organizer,) = queries.organizers_of([session]).values()
    content = ics.invitation(
        session=session,
        member=request.member,
        turn=turn,
        organizer=queries.organizer_for(request.member, organizer),
        answered=answered,
    )
    method = ics.method_of(session)
    answer = HttpResponse(content, content_type=f"{ICS}; method={method}")
    answer["Content-Disposition"] = f'attachment; filename="session-{session.number}.ics"'
    return answer


@require_safe
@member_view(Permission.TAKE_PART)
def calendar(request: MemberRequest) -> HttpResponse:
    return _page(request, BusyForm())


def _page(request: MemberRequest, form: BusyForm) -> HttpResponse:
    """My sessions for my calendar, and my calendar for our proposals."""
    feed = queries.open_feed(request.member)
    name = _feed_name(request.member.organisation)
    busy = queries.busy_calendar_of(request.member)
    page = {
        "feed": feed,
        "subscription": queries.subscription_to(feed, name=name) if feed else None,
        "busy": busy,
        "busy_address": queries.address_of(busy) if busy else "",
    }
    return form_page(request, "sessions/calendar.html", form, page)


@require_POST
@member_view(Permission.TAKE_PART)
def open_calendar(request: MemberRequest) -> HttpResponse:
    operations.open_calendar(by=request.member)
    return _to_calendar(request)


@require_POST
@member_view(Permission.TAKE_PART)
def close_calendar(request: MemberRequest) -> HttpResponse:
    feed = queries.open_feed(request.member)
    if feed is None:
        raise CalendarNotOpen
    operations.close_calendar(feed=feed, by=request.member)
    return _to_calendar(request)


@require_POST
@member_view(Permission.TAKE_PART)
def add_busy_calendar(request: MemberRequest) -> HttpResponse:
    form = BusyForm(request.POST)
    if act(lambda: operations.add_busy_calendar(by=request.member, **form.cleaned_data), form):
        return _to_calendar(request)
    return _page(request, form)


@require_POST
@member_view(Permission.TAKE_PART)
def read_busy_calendar(request: MemberRequest) -> HttpResponse:
    try:
        operations.read_again(by=request.member)
    except (JustRead, NoBusyCalendar) as refusal:
        messages.warning(request, str(refusal))
    return _to_calendar(request)


@require_POST
@member_view(Permission.TAKE_PART)
def remove_busy_calendar(request: MemberRequest) -> HttpResponse:
    try:
        operations.remove_busy_calendar(by=request.member)
    except NoBusyCalendar as refusal:
        messages.warning(request, str(refusal))
    return _to_calendar(request)


def _to_calendar(request: MemberRequest) -> HttpResponse:
    return redirect("sessions:calendar", request.member.organisation.slug)


def _feed_name(organisation: Organisation) -> str:
    return _("Sessions at %(organisation)s") % {"organisation": organisation.name}


def ended_page(request: HttpRequest, partnership: Partnership, member: Member) -> HttpResponse:
    """Answer a link of an e-mail whose reader sits there no more: that it has ended, or 404.

    Without names: a link may be forwarded.
    """
    mine = Seat.objects.visible_to(member).filter(partnership=partnership)
    if not mine.filter(enrolment__member=member).exists():
        return not_found(request)
    status = 409 if request.method == "POST" else 200
    return settled_page(request, member, own_page=partnership.get_absolute_url(), status=status)


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
        with in_language_of(member):
            name = _feed_name(organisation)
            body = ics.feed(
                sessions=sessions,
                turns=turns,
                name=name,
                organizers={
                    program: queries.organizer_for(member, address)
                    for program, address in queries.organizers_of(sessions).items()
                },
            )
        # a browser says how it fetches, a calendar does not; who asks by HEAD has read nothing
        if request.method == "GET" and "Sec-Fetch-Mode" not in request.headers:
            operations.note_reading(feed_id=feed_id)
    answer = HttpResponse(body, content_type=ICS)
    answer["Cache-Control"] = "private, max-age=300"
    answer["X-Robots-Tag"] = "noindex"
    return answer
