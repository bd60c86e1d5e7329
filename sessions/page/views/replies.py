"""Answering an invitation, from the session's page or from an e-mail without signing in."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from core.common import clock
from core.members.links import (
    is_signed_in,
    is_theirs,
    remember_answer,
    settled_page,
    signed_link,
)
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from pairing.models.partnerships import Seat
from pairing.partnerships import seats
from sessions.attendance import queries as attendance_queries
from sessions.attendance.forms import ReplyForm
from sessions.attendance.operations import replies as attendance_replies
from sessions.calendar import emails as calendar_emails
from sessions.calendar import queries as calendar_queries
from sessions.calendar.views import ended_page
from sessions.models.sessions import Session
from sessions.page.views.session import sheet_of

LINK_AGE = timedelta(days=400)  # a season is shorter; what may still be said, its state decides


@require_POST
@member_view(Permission.TAKE_PART)
def answer_invitation(request: MemberRequest, session_id: UUID) -> HttpResponse:
    sheet = sheet_of(request, session_id)
    if sheet.seat is None:
        raise PermissionDenied
    form = ReplyForm(request.POST)
    if form.is_valid():
        _answer(form, sheet.session, sheet.seat, request.member)
    return redirect(sheet.session)


def _answer(form: ReplyForm, session: Session, seat: Seat, by: Member) -> None:
    if form.cleaned_data["comes"] == "yes":
        attendance_replies.accept_invitation(session=session, seat=seat, by=by)
    else:
        reason = form.cleaned_data["reason"]
        attendance_replies.decline_invitation(session=session, seat=seat, by=by, reason=reason)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_link(calendar_emails.RSVP, max_age=LINK_AGE)
def rsvp(request: HttpRequest, member: Member, session_id: UUID) -> HttpResponse:
    """Whether I come to this session and to those after it; looking changes nothing.

    By the link alone one answers what is open, and changes it in the same sitting; what was
    answered before, the place and the video link are shown signed in.
    """
    rows = Session.objects.visible_to(member).for_list()
    session = rows.filter(pk=session_id).first()
    if session is None:  # who has left a table sees nothing of what is to come there
        return _ended_or_unknown(request, member, session_id)
    seat = seats.seat_of(session.partnership, member)
    if seat is None:
        return ended_page(request, session.partnership, member)
    at = clock.now()
    coming = list(rows.upcoming(at).filter(partnership=session.partnership))
    form = ReplyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        wanted = form.cleaned_data["session"] or session.pk
        season = rows.filter(partnership=session.partnership)
        chosen = get_object_or_404(season, pk=wanted)  # it may have begun meanwhile: that is said
        if chosen.pk in _answers([chosen], seat, member) and not is_theirs(
            request, member, chosen.pk
        ):
            return redirect(request.path)
        if act(lambda: _answer(form, chosen, seat, member), form):
            remember_answer(request, member, chosen.pk)
            return redirect(request.path)
    answers = _answers([session, *coming], seat, member)
    open_ = session.is_planned and session.starts_at > at
    settled = session.pk in answers or not open_
    if settled and not form.errors and not is_theirs(request, member, session.pk):
        return settled_page(
            request,
            member,
            own_page=session.get_absolute_url(),
            answered=open_,
        )
    page = {
        "member": member,
        "session": session,
        "open": open_,
        "signed_in": is_signed_in(request, member),
        "reply": answers.get(session.pk, attendance_queries.NOTHING_SAID),
        "turn": calendar_queries.turn_of(session, member),
        "others": [
            (other, answers.get(other.pk, attendance_queries.NOTHING_SAID))
            for other in coming
            if other.pk != session.pk
            and (other.pk not in answers or is_theirs(request, member, other.pk))
        ],
    }
    return form_page(request, "sessions/rsvp.html", form, page)


def _ended_or_unknown(request: HttpRequest, member: Member, session_id: UUID) -> HttpResponse:
    partnership = get_object_or_404(calendar_queries.left_by(member, session_id))
    return ended_page(request, partnership, member)


def _answers(
    sessions: list[Session], seat: Seat, member: Member
) -> dict[UUID, attendance_queries.Reply]:
    """Return what this person has said so far, by session."""
    replies = attendance_queries.replies_to(sessions, reader=member)
    said = {pk: by_seat.get(seat.pk) for pk, by_seat in replies.items()}
    return {pk: reply for pk, reply in said.items() if reply and (reply.comes or reply.away)}
