"""The page of a session, and what is done from it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common import clock
from core.common.errors import DomainError
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view, not_found
from core.ui.pages import act, form_page
from pairing.errors import PartnershipOver
from pairing.partnerships import seats
from pairing.partnerships import seats as partnerships_seats
from pairing.partnerships.seats import acting_at
from programs.errors import NotTrainedToLead
from sessions.attendance.forms import LinesForm, RecordForm
from sessions.attendance.operations import recording, replies
from sessions.errors import (
    AfterItsEnd,
    BeforeItBegan,
    HolderAbsent,
    NobodyMet,
    NotForYouToAssign,
    NotHeld,
    NotPlanned,
    NotYetBegun,
    StartsInThePast,
    TooLateToRecord,
    WhilePaused,
)
from sessions.models.offers import TurnOffer
from sessions.models.sessions import Attendance, CancelCause, Session
from sessions.page.queries import kits
from sessions.page.queries.sheet import Presence, SessionSheet, session_sheet
from sessions.planning.forms import CancelForm, MoveForm
from sessions.planning.operations import changes
from sessions.planning.queries.clashes import clashes
from sessions.rotation.forms import AssignForm
from sessions.rotation.operations import rotation, turns


def sheet_of(request: MemberRequest, session_id: UUID) -> SessionSheet:
    """Return a session this member sees with all its page shows, or 404."""
    rows = Session.objects.visible_to(request.member).for_list()
    session = get_object_or_404(rows, id=session_id)
    return session_sheet(session=session, member=request.member, at=clock.now())


@require_safe
@member_view(Permission.TAKE_PART)
def session(request: MemberRequest, session_id: UUID) -> HttpResponse:
    return _page(request, sheet_of(request, session_id))


@require_POST
@member_view(Permission.TAKE_PART)
def record_session(request: MemberRequest, session_id: UUID) -> HttpResponse:
    sheet = sheet_of(request, session_id)
    form = _record_form(request, sheet)
    if not act(
        lambda: recording.record_session(
            session=sheet.session,
            attendance=form.attendance,
            retrospective=form.lines,
            by=request.member,
        ),
        form,
    ):
        return _page(request, sheet, record_form=form)
    messages.success(request, _("The session is recorded."))
    return redirect(sheet.session)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def correct_attendance(request: MemberRequest, session_id: UUID) -> HttpResponse:
    sheet = sheet_of(request, session_id)
    _offer(request, sheet.can_correct, NotHeld())
    form = _record_form(request, sheet, lines=False)
    if act(
        lambda: recording.correct_attendance(
            session=sheet.session, attendance=form.attendance, by=request.member
        ),
        form,
        at={TooLateToRecord: None},
    ):
        return redirect(sheet.session)
    return form_page(request, "sessions/correct_attendance.html", form, {"sheet": sheet})


@require_POST
@member_view(Permission.TAKE_PART)
def write_retrospective(request: MemberRequest, session_id: UUID) -> HttpResponse:
    sheet = sheet_of(request, session_id)
    form = LinesForm(request.POST)
    if not form.is_valid():
        return _page(request, sheet, lines_form=form)
    recording.write_retrospective(session=sheet.session, lines=form.lines, by=request.member)
    return redirect(sheet.session)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def declare_absence(request: MemberRequest, session_id: UUID) -> HttpResponse:
    """I can't make it: first what that comes to, then somebody else is asked for my role."""
    sheet = sheet_of(request, session_id)
    if sheet.seat is None:
        raise PermissionDenied
    if request.method != "POST":
        return render(request, "sessions/declare_absence.html", _without_me(request, sheet))
    replies.declare_absence(session=sheet.session, seat=sheet.seat, by=request.member)
    return _again(request, session_id)


@require_POST
@member_view(Permission.TAKE_PART)
def withdraw_absence(request: MemberRequest, session_id: UUID) -> HttpResponse:
    sheet = sheet_of(request, session_id)
    if sheet.seat is None:
        raise PermissionDenied
    replies.withdraw_absence(session=sheet.session, seat=sheet.seat, by=request.member)
    return _again(request, session_id)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def reschedule(request: MemberRequest, session_id: UUID) -> HttpResponse:
    sheet = sheet_of(request, session_id)
    _offer(request, sheet.can_change, NotPlanned())
    words = sheet.seat is not None
    form = MoveForm(request.POST or None, session=sheet.session, words=words)

    def move() -> Session:
        values = form.cleaned_data
        if words:
            changes.describe_session(
                session=sheet.session,
                topic=values["topic"],
                place=values["place"],
                video_url=values["video_url"],
                by=request.member,
            )
        return changes.reschedule(
            session=sheet.session,
            starts_at=values["starts_at"],
            duration_minutes=values["duration_minutes"],
            by=request.member,
        )

    warnings = _clashes_of(form, sheet)
    moves: list[str] = []
    seen = ""
    if form.is_valid():
        partnership = sheet.partnership
        moves, seen = rotation.unseen_moves(request.POST, partnership=partnership, act=move)
        sheet.session.refresh_from_db()  # it was moved for a moment
    if not (warnings or moves) and act(
        move,
        form,
        at={StartsInThePast: "starts_at", AfterItsEnd: "starts_at", WhilePaused: "starts_at"},
    ):
        return redirect(sheet.session)
    context = {"sheet": sheet, "warnings": warnings, "moves": moves, "seen": seen}
    return form_page(request, "sessions/reschedule.html", form, context)


def _clashes_of(form: MoveForm, sheet: SessionSheet) -> list[str]:
    """Return who has another session then, once; sent again it is saved."""
    if not form.is_valid() or form.warned():
        return []
    values = form.cleaned_data
    starts_at, minutes = values["starts_at"], values["duration_minutes"]
    if starts_at == sheet.session.starts_at:
        return []
    overlaps = clashes(sheet.partnership, [starts_at], minutes=minutes, at=clock.now())
    if overlaps:
        form.warn()
    return overlaps


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def cancel(request: MemberRequest, session_id: UUID) -> HttpResponse:
    sheet = sheet_of(request, session_id)
    _offer(request, sheet.can_change, NotPlanned())
    form = CancelForm(request.POST or None)
    if form.is_valid():
        changes.cancel(session=sheet.session, cause=form.cleaned_data["cause"], by=request.member)
        messages.success(request, _("The session is cancelled, and everybody is told."))
        return redirect(sheet.session)
    context = {"sheet": sheet, "moves": _after_cancelling(request, sheet)}
    return form_page(request, "sessions/cancel.html", form, context)


@require_POST
@member_view(Permission.TAKE_PART)
def mark_nobody_came(request: MemberRequest, session_id: UUID) -> HttpResponse:
    sheet = sheet_of(request, session_id)
    changes.mark_nobody_came(session=sheet.session, by=request.member)
    return redirect(sheet.session)


AT_ASSIGN = {HolderAbsent: "seat", NotTrainedToLead: "seat", NotForYouToAssign: "role"}


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def assign_turn(request: MemberRequest, session_id: UUID) -> HttpResponse:
    sheet = sheet_of(request, session_id)
    refusal = NotForYouToAssign() if sheet.can_change else NotPlanned()
    _offer(request, sheet.can_assign, refusal)
    form = AssignForm(
        request.POST or None,
        roles=[holding.role for holding in sheet.holdings],
        seats=[person.seat for person in sheet.people if not person.away],
    )

    def assign() -> None:
        turns.assign_turn(session=sheet.session, by=request.member, **form.cleaned_data)

    moves: list[str] = []
    seen = ""
    if form.is_valid():
        partnership = sheet.partnership
        moves, seen = rotation.unseen_moves(request.POST, partnership=partnership, act=assign)
    if not moves and act(assign, form, at=AT_ASSIGN):
        return redirect(sheet.session)
    context = {"sheet": sheet, "moves": moves, "seen": seen}
    return form_page(request, "sessions/assign_turn.html", form, context)


def _without_me(request: MemberRequest, sheet: SessionSheet) -> dict[str, object]:
    """Return who would be asked for my role, and which turns would move at once."""
    seat = sheet.seat
    assert seat is not None
    offers_made: list[TurnOffer] = []

    def declare() -> None:
        replies.declare_absence(session=sheet.session, seat=seat, by=request.member)
        offers = TurnOffer.objects.visible_to(request.member).filter(session=sheet.session)
        offers_made.extend(offers.open().filter(giver=seat).for_list())

    moved = rotation.previewed(partnership=sheet.partnership, act=declare)
    return {
        "sheet": sheet,
        "asked": offers_made[0] if offers_made else None,
        "moves": [difference.words() for difference in moved if difference.now or not offers_made],
    }


def _after_cancelling(request: MemberRequest, sheet: SessionSheet) -> list[str]:
    """Say which turns of other sessions would move."""

    def cancel_it() -> None:
        cause = CancelCause.OTHER
        changes.cancel(session=sheet.session, cause=cause, by=request.member)

    moved = rotation.previewed(partnership=sheet.partnership, act=cancel_it)
    sheet.session.refresh_from_db()  # it was cancelled for a moment
    return [difference.words() for difference in moved if difference.session.pk != sheet.session.pk]


def _page(
    request: MemberRequest,
    sheet: SessionSheet,
    *,
    record_form: RecordForm | None = None,
    lines_form: LinesForm | None = None,
) -> HttpResponse:
    wrong = record_form or lines_form
    if record_form is None and sheet.can_record:
        record_form = _record_form(request, sheet, bound=False)
    if lines_form is None and sheet.session.is_held and sheet.seat:
        mine = sheet.mine
        lines = (
            {"worked": mine.worked, "change": mine.change, "thanks": mine.thanks} if mine else None
        )
        lines_form = LinesForm(initial=lines)
    context = {"sheet": sheet, "record_form": record_form, "lines_form": lines_form}
    template = "sessions/_session.html" if request.htmx else "sessions/session.html"
    return render(request, template, context, status=422 if wrong else 200)


def _record_form(
    request: MemberRequest, sheet: SessionSheet, *, bound: bool = True, lines: bool | None = None
) -> RecordForm:
    return RecordForm(
        (request.POST or None) if bound else None,
        seats=[person.seat for person in sheet.people],
        kinds={person.seat.pk: person.kind or _usual(person, sheet) for person in sheet.people},
        lines=sheet.seat is not None if lines is None else lines,
        written=sheet.mine,
    )


def _usual(person: Presence, sheet: SessionSheet) -> str:
    """Return what is proposed as attendance: what people said before, and who was in the room."""
    if person.away:
        return Attendance.Kind.EXCUSED
    if sheet.was_here:
        here = sheet.was_here.get(person.seat.pk, False)
        return Attendance.Kind.PRESENT if here else Attendance.Kind.ABSENT
    return Attendance.Kind.PRESENT if person.comes else ""


def _again(request: MemberRequest, session_id: UUID) -> HttpResponse:
    """Answer what has changed: to htmx the body as a reload would show it."""
    sheet = sheet_of(request, session_id)
    return _page(request, sheet) if request.htmx else redirect(sheet.session)


def _offer(request: MemberRequest, offered: bool, refusal: DomainError) -> None:
    """Show no form whose answer would be refused; what is sent the operation judges."""
    if request.method != "POST" and not offered:
        raise refusal


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def record_extra_session(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = acting_at(request, partnership_id)
    seats = partnerships_seats.open_seats(partnership)
    _offer(request, bool(seats), PartnershipOver())
    form = RecordForm(
        request.POST or None,
        seats=seats,
        kinds={},
        lines=any(seat.enrolment.member_id == request.member.pk for seat in seats),
        asks_when=True,
    )
    if session := act(
        lambda: recording.record_extra_session(
            partnership=partnership,
            held_at=form.cleaned_data["held_at"],
            attendance=form.attendance,
            retrospective=form.lines,
            by=request.member,
        ),
        form,
        at={
            NotYetBegun: "held_at",
            BeforeItBegan: "held_at",
            AfterItsEnd: "held_at",
            TooLateToRecord: "held_at",
            NobodyMet: None,
        },
    ):
        messages.success(request, _("The session is recorded."))
        return redirect(session)
    return form_page(
        request, "sessions/record_extra_session.html", form, {"partnership": partnership}
    )


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
