"""Asking everybody about times: opening a poll, answering it by two links, deciding it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
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
from core.ui.pages import BY_LINK, SIGNED_IN, act, form_page
from pairing.errors import PartnershipNotActive
from pairing.models.runs import COORDINATING
from pairing.partnerships.seats import acting_at
from sessions.calendar.views import ended_page
from sessions.errors import NoSuchTime
from sessions.models.polls import PollTime, TimePoll
from sessions.models.sessions import Session
from sessions.planning.forms import PollAnswerForm, PollForm
from sessions.planning.operations import polls
from sessions.planning.queries import availability
from sessions.planning.queries import polls as planning_polls
from sessions.planning.queries.clashes import clashes, poll_clashes

LINK_AGE = timedelta(days=60)
NOTICE = timedelta(days=4)  # times to ask about lie after the three days that a poll is open


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def open_poll(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Propose three to six times, for the season or with ?session= for one session."""
    partnership = acting_at(request, partnership_id)
    standing = planning_polls.poll_in_force(partnership)
    if standing:
        return redirect(standing)
    if partnership.state != partnership.State.ACTIVE:
        raise PartnershipNotActive
    session, at = _session_asked(request, partnership.pk), clock.now()
    earliest = max(at + NOTICE, session.starts_at - timedelta(days=3)) if session else at + NOTICE
    proposals = availability.proposed_times(
        gathering=availability.gather(partnership=partnership, at=at),
        count=1 if session else None,
        earliest=earliest,
    )
    form = PollForm(request.POST or None, proposals=proposals, at=at)
    warnings: list[str] = []
    if form.is_valid() and not form.warned():
        minutes = partnership.cohort.program.session_minutes
        wanted = form.cleaned_data["wanted"]
        warnings = clashes(partnership, wanted, minutes=minutes, at=at)
    if warnings:
        form.warn()
    elif form.is_valid():
        values = form.cleaned_data
        poll = polls.open_poll(
            partnership=partnership,
            session=session,
            times=values["wanted"],
            closes_at=values["closes_at"],
            confirms_itself=values["confirms_itself"],
            by=request.member,
        )
        messages.success(request, _("Everybody is asked. You see here what they say."))
        return redirect(poll)
    context = {"partnership": partnership, "session": session, "warnings": warnings}
    return form_page(request, "sessions/open_poll.html", form, context)


def _session_asked(request: MemberRequest, partnership_id: UUID) -> Session | None:
    """Return the session that is to be moved, if the address names one of this partnership."""
    session_id = request.GET.get("session", "")
    if not session_id:
        return None
    rows = Session.objects.visible_to(request.member).for_list().filter(partnership=partnership_id)
    try:
        return get_object_or_404(rows, pk=UUID(session_id))
    except ValueError:
        return get_object_or_404(rows.none())


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def poll(request: MemberRequest, poll_id: UUID) -> HttpResponse:
    """A poll: my answers, what the others said, and the decision."""
    return _poll(request, request.member, poll_id, SIGNED_IN)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_link(polls.TIMES, max_age=LINK_AGE)
def open_times(request: HttpRequest, member: Member, poll_id: UUID) -> HttpResponse:
    return _poll(request, member, poll_id, BY_LINK)


def _poll(
    request: HttpRequest,
    member: Member,
    poll_id: UUID,
    frame: str,
    warned: Mapping[str, object] | None = None,
) -> HttpResponse:
    rows = TimePoll.objects.visible_to(member).for_list()
    row = get_object_or_404(rows, pk=poll_id)
    results = planning_polls.poll_results(row)
    seat = next((s for s in results.seats if s.enrolment.member_id == member.pk), None)
    if seat is None and frame == BY_LINK:
        return ended_page(request, row.partnership, member)
    answered = seat is not None and seat not in results.undecided
    is_open = row.is_open and row.closes_at > clock.now()
    theirs = frame == SIGNED_IN or is_theirs(request, member, row.pk)
    # by the link alone: what is asked, until it is answered or closed
    if not theirs and (answered or (not is_open and request.method != "POST")):
        if request.method == "POST":
            return redirect(request.path)
        return settled_page(request, member, own_page=row.get_absolute_url(), answered=answered)
    page: dict[str, object] = {
        "frame": frame,
        "member": member,
        "poll": row,
        "results": results,
        "seat": seat,
        "answered": answered,
        "named": theirs or is_open,
        "shows_others": frame == SIGNED_IN or is_signed_in(request, member),
        "best": results.best(after=clock.now()),
        "decides": frame == SIGNED_IN
        and (row.opened_by_id == member.pk or member.role in COORDINATING),
        "chosen": row.best_at,
        **(warned or {}),
    }
    if seat is None or warned:
        return render(request, "sessions/poll.html", page)
    form = PollAnswerForm(
        request.POST if request.method == "POST" else None,
        times=[result.time for result in results.times],
        answers=results.answers_of(seat),
    )
    if not is_open:
        late = {"typed": form.typed} if form.is_bound else {}
        return render(request, "sessions/poll.html", {**page, **late}, status=409 if late else 200)
    if act(lambda: polls.answer_poll(poll=row, seat=seat, says=form.says, by=member), form):
        if frame == BY_LINK:
            remember_answer(request, member, row.pk)
        return redirect(request.path)
    return form_page(request, "sessions/poll.html", form, page)


@require_POST
@member_view(Permission.TAKE_PART)
def close_poll(request: MemberRequest, poll_id: UUID) -> HttpResponse:
    row = get_object_or_404(TimePoll.objects.visible_to(request.member).for_list(), pk=poll_id)
    return redirect(polls.close_poll(poll=row, by=request.member))


@require_POST
@member_view(Permission.TAKE_PART)
def withdraw_poll(request: MemberRequest, poll_id: UUID) -> HttpResponse:
    row = get_object_or_404(TimePoll.objects.visible_to(request.member).for_list(), pk=poll_id)
    return redirect(polls.withdraw_poll(poll=row, by=request.member))


@require_POST
@member_view(Permission.TAKE_PART)
def confirm_poll(request: MemberRequest, poll_id: UUID) -> HttpResponse:
    """Take one of the times; where somebody meets elsewhere then it is said first, once."""
    row = get_object_or_404(TimePoll.objects.visible_to(request.member).for_list(), pk=poll_id)
    times = {str(t.pk): t for t in PollTime.objects.visible_to(request.member).filter(poll=row)}
    chosen = times.get(request.POST.get("time", ""))
    if chosen is None:
        raise NoSuchTime
    if row.state == TimePoll.State.CLOSED and "anyway" not in request.POST:
        warnings = poll_clashes(row, chosen.starts_at, at=clock.now())
        if warnings:
            page = {"warnings": warnings, "chosen": chosen.starts_at}
            return _poll(request, request.member, poll_id, SIGNED_IN, page)
    row = polls.confirm_poll(poll=row, starts_at=chosen.starts_at, by=request.member)
    messages.success(request, _("It is decided. Everybody gets one e-mail."))
    return redirect(row)
