"""Answering an invitation, from the session's page or from an e-mail without signing in."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from core.common import clock
from core.members.links import signed_link
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view, not_found
from pairing.models.partnerships import Seat
from pairing.partnerships import seats
from sessions.attendance import queries as attendance_queries
from sessions.attendance.forms import ReplyForm
from sessions.attendance.operations import replies as attendance_replies
from sessions.calendar import emails as calendar_emails
from sessions.calendar import queries as calendar_queries
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
    """Whether I come to this session and to those after it; looking changes nothing."""
    rows = Session.objects.visible_to(member).for_list()
    session = get_object_or_404(rows, pk=session_id)
    seat = seats.seat_of(session.partnership, member)
    if seat is None:
        return not_found(request)
    at = clock.now()
    coming = list(rows.upcoming(at).filter(partnership=session.partnership))
    form = ReplyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        wanted = form.cleaned_data["session"] or session.pk
        chosen = next((other for other in (session, *coming) if other.pk == wanted), None)
        if chosen is None:
            return not_found(request)
        _answer(form, chosen, seat, member)
        return redirect(request.path)
    replies = attendance_queries.replies_to([session, *coming], reader=member)
    answers = {
        pk: by_seat.get(seat.pk, attendance_queries.NOTHING_SAID) for pk, by_seat in replies.items()
    }
    page = {
        "member": member,
        "session": session,
        "open": session.is_planned and session.starts_at > at,
        "reply": answers.get(session.pk, attendance_queries.NOTHING_SAID),
        "turn": calendar_queries.turn_of(session, member),
        "others": [
            (other, answers.get(other.pk, attendance_queries.NOTHING_SAID))
            for other in coming
            if other.pk != session.pk
        ],
        "form": form,
    }
    return render(request, "sessions/rsvp.html", page, status=422 if form.is_bound else 200)
