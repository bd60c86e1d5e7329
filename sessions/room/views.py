"""The meeting room: its page, and what is written in it.  Taps are taken by `live`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common import clock
from core.members.links import signed_link
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view, not_found
from core.ui.pages import form_page
from core.ui.steps import StepsForm
from core.ui.table import SeatView, TableDrawing, round_table
from pairing.partnerships import seats
from programs.models.agenda import HOW_IT_WORKS, StepKind
from programs.queries.agendas import READY_AGENDAS
from sessions.actions import operations as actions_operations
from sessions.actions.forms import DoneForm, PromiseForm
from sessions.attendance.forms import LinesForm
from sessions.attendance.operations import recording
from sessions.models import sessions
from sessions.models.actions import Action
from sessions.models.sessions import Session
from sessions.room import cache, live, operations, queries
from sessions.room.engine.formats import FORMATS
from sessions.room.engine.state import Stage
from sessions.room.engine.taps import MOVES
from sessions.room.forms import CardForm
from sessions.room.queries import Snapshot

WORDS = "sessions/_room_words.html"


def _session(member: Member, session_id: UUID) -> Session:
    rows = Session.objects.visible_to(member).for_list()
    return get_object_or_404(rows, id=session_id)


def _snapshot(session: Session) -> Snapshot:
    return queries.snapshot(session=session, room=queries.room_of(session))


@require_safe
@member_view(Permission.TAKE_PART)
def room(request: MemberRequest, session_id: UUID) -> HttpResponse:
    """The room, for those who sit at the table; without a script only the agenda."""
    session = _session(request.member, session_id)
    seat = seats.seat_of(session.partnership, request.member)
    if seat is None:
        return not_found(request)  # what is said and how often stays with the partners
    if not session.is_planned:
        return redirect(session)
    shown = _snapshot(session)
    at_table = queries.seats_in(shown.state)
    members = [each.enrolment.member for each in at_table]
    # so that the phone's first question finds it
    cache.store(session.organisation.slug, session.pk, shown.for_cache(), only_if_none=True)
    context = {
        "session": session,
        "seat": seat,
        "is_open": sessions.room_is_open(session, clock.now()),
        "steps": [(step, HOW_IT_WORKS.get(step.kind, "")) for step in shown.state.steps],
        "drawing": _table(members),
        "seats": at_table,
        "told": {
            "now": clock.now().timestamp(),
            "room": shown.values,
            "every": settings.ROOM_EVERY_SECONDS,
            "me": str(seat.pk),
            "link": live.link(session.organisation.slug, request.member.pk, session.pk),
            "words": _phone_words(),
            "moves": sorted(MOVES),
            "written": [kind for kind, how in FORMATS.items() if how.has_words],
        },
    }
    return render(request, "sessions/room.html", context)


@require_safe
@signed_link(live.PURPOSE, max_age=live.LINK_AGE)
def room_link(request: HttpRequest, member: Member, session_id: UUID) -> HttpResponse:
    """How the room stands from its rows, where RoomMiddleware found nothing cached."""
    session = _session(member, session_id)
    if seats.seat_of(session.partnership, member) is None:
        return not_found(request)
    cached = _snapshot(session).for_cache()
    cache.store(session.organisation.slug, session.pk, cached, only_if_none=True)
    return live.answer(cached)


@require_safe
@member_view(Permission.TAKE_PART)
def room_words(request: MemberRequest, session_id: UUID) -> HttpResponse:
    """What partners have written that belongs to this step: fetched when it has changed."""
    return _words(request, _session(request.member, session_id))


@require_POST
@member_view(Permission.TAKE_PART)
def write_card(request: MemberRequest, session_id: UUID) -> HttpResponse:
    session = _session(request.member, session_id)
    form = CardForm(request.POST)
    if not form.is_valid():
        return _words(request, session, card_form=form)
    operations.write_card(session=session, by=request.member, **form.cleaned_data)
    return _to_words(request, session)


@require_POST
@member_view(Permission.TAKE_PART)
def promise_in_room(request: MemberRequest, session_id: UUID) -> HttpResponse:
    """Write down what somebody at the table promises; one phone is enough for all."""
    session = _session(request.member, session_id)
    seat = seats.require_seat(session.partnership, request.member)
    form = PromiseForm(request.POST, seats=seats.open_seats(session.partnership), mine=seat)
    if not form.is_valid():
        return _words(request, session, promise_form=form)
    actions_operations.promise_action(session=session, by=request.member, **form.cleaned_data)
    operations.tell_room(session=session, by=request.member)
    return _to_words(request, session)


@require_POST
@member_view(Permission.TAKE_PART)
def lines_in_room(request: MemberRequest, session_id: UUID) -> HttpResponse:
    session = _session(request.member, session_id)
    form = LinesForm(request.POST)
    if not form.is_valid():
        return _words(request, session, lines_form=form)
    recording.write_retrospective(session=session, lines=form.lines, by=request.member)
    operations.tell_room(session=session, by=request.member)
    return _to_words(request, session)


@require_POST
@member_view(Permission.TAKE_PART)
def done_in_room(request: MemberRequest, session_id: UUID) -> HttpResponse:
    session = _session(request.member, session_id)
    seats.require_seat(session.partnership, request.member)
    form = DoneForm(request.POST)
    if not form.is_valid():
        return _words(request, session, done_form=form)
    rows = Action.objects.visible_to(request.member).filter(partnership=session.partnership_id)
    action = get_object_or_404(rows, id=form.cleaned_data["action"])
    actions_operations.do_action(action=action, by=request.member)
    operations.tell_room(session=session, by=request.member)
    return _to_words(request, session)


def _to_words(request: MemberRequest, session: Session) -> HttpResponse:
    """Answer to htmx with the words as they are now; without a script, with the room."""
    if request.htmx:
        return _words(request, session)
    return redirect("sessions:room", request.member.organisation.slug, session.pk)


def _words(request: MemberRequest, session: Session, **forms: Any) -> HttpResponse:
    seat = seats.seat_of(session.partnership, request.member)
    if seat is None:
        return not_found(request)
    shown = _snapshot(session)
    words = queries.room_words(session=session, state=shown.state, member=request.member, seat=seat)
    wrong = any(form.errors for form in forms.values())
    context = {
        "session": session,
        "words": words,
        "card_form": CardForm(initial={"words": words.my_card, "step": shown.state.step}),
        "promise_form": PromiseForm(seats=seats.open_seats(session.partnership), mine=seat),
        "lines_form": LinesForm(initial=words.my_lines),
        **forms,
    }
    return render(request, WORDS, context, status=422 if wrong else 200)


def _table(people: Sequence[Member]) -> TableDrawing:
    names = ", ".join(person.full_name for person in people)
    return round_table(
        [SeatView(initials=person.initials, name=person.full_name) for person in people],
        timer_left=100,
        centre=" ",
        under=" ",
        sentence=_("The table, with the time that is left around it: %(names)s.")
        % {"names": names},
    )


def _phone_words() -> dict[str, str]:
    """Return the few words that a phone puts together itself."""
    return {
        "speaks": _("%s speaks"),
        "of": _("of %s"),
        "starts": _("we begin"),
        "over": _("Time is up"),
        "paused": _("Paused"),
        "turns": _("turns"),
        "turn": _("turn"),
        "speaking": _("speaks now"),
        "unheard": _("not yet"),
        "away": _("not here"),
        "here": _("here"),
        "count": _("Count a turn for %s"),
        "toggle": _("%s is here"),
        "follows": _("The room moves on as soon as you are connected again."),
        "offline": _("Offline. Your taps are kept."),
        "unsent": _("Offline. Taps kept: %s"),
        "back": _("Connected again."),
        "host": _("%s runs the meeting"),
        "you": _("You run the meeting"),
        "nobody": _("Nobody runs the meeting yet. Whoever taps first does."),
        "counts": _("%s counts turns"),
        "youcount": _("Tap a name to count a turn"),
        "gone": _("This page is too old. Reload it."),
        "own": _("%s: you are here"),
        "kept": _("You had typed this and not sent it:"),
        "sendit": _("Send it now"),
        "drop": _("Throw it away"),
        "notsent": _("It could not be sent. It is still here."),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def change_agenda(request: MemberRequest, session_id: UUID) -> HttpResponse:
    session = _session(request.member, session_id)
    shown = _snapshot(session)
    running = shown.state.stage == Stage.RUNNING
    begun = shown.state.step + 1 if running else 0
    steps = [asdict(step) for step in shown.state.steps]
    form = StepsForm(request.POST or None, steps=steps, kinds=StepKind.choices, begun=begun)
    act = request.POST.get("act", "")
    ready = READY_AGENDAS.get(act.removeprefix("fill-"))
    if ready and not begun:
        fitted = ready.fitted(session.duration_minutes)
        form = form.filled(fitted)
    elif act:
        form = form.rearranged(act)
    elif form.is_valid():
        operations.change_agenda(session=session, steps=form.steps, by=request.member)
        return redirect(
            "sessions:room" if running else "sessions:session",
            request.member.organisation.slug,
            session.pk,
        )
    context = {
        "session": session,
        "in_room": running,
        "ready": [(key, agenda.name) for key, agenda in READY_AGENDAS.items()],
    }
    return form_page(request, "sessions/change_agenda.html", form, context)
