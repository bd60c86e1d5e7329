"""What came of a session: who was there, what was learnt; and those nobody wrote down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from core.audit.operations import record
from core.common import clock
from core.common.rows import row_by_row
from core.members.models import Member
from core.notifications.operations import answered, withdraw
from core.tenancy.days import day_of
from pairing.errors import NotTheirs, PartnershipOver
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import COORDINATING
from pairing.partnerships.seats import (
    lock_partnership,
    require_partner_or_coordinator,
    require_seat,
)
from programs.queries.agendas import agenda_for
from sessions.attendance.emails import tell_corrected
from sessions.attendance.queries import expected_at
from sessions.calendar.emails import RECORD
from sessions.errors import (
    AfterItsEnd,
    BeforeItBegan,
    NobodyMet,
    NotHeld,
    NotPlanned,
    NotYetBegun,
    TooLateToRecord,
)
from sessions.models.rooms import Room
from sessions.models.sessions import (
    CORRECTABLE,
    MISSED_AFTER,
    Absence,
    Attendance,
    Retrospective,
    RetrospectiveLines,
    Session,
    renumber,
)
from sessions.rotation.operations.rotation import replan

A_MEETING_TAKES = 2


@transaction.atomic
def record_session(
    *,
    session: Session,
    attendance: Mapping[Seat, str],
    by: Member | None,
    retrospective: RetrospectiveLines | None = None,
) -> Session:
    """Write down that a session was held and who was there; a missed one can be for 30 days.

    `attendance` gives a kind by seat; a seat left out is excused if its person had said so, and
    absent otherwise.  Turns of people who were not there do not count as held.

    After an end, who was there may still write down what took place before it.

    Raises NotPlanned, NotYetBegun, TooLateToRecord, PartnershipOver for what would have begun
    after the end, NobodyMet, NotTheirs; ValueError for a strange seat or kind.
    """
    partnership = _locked(session, by)
    at = clock.now()
    if session.starts_at > at:
        raise NotYetBegun
    _require_in_time(session, at)
    if partnership.ended_at and session.starts_at > partnership.ended_at:
        raise PartnershipOver
    whole = _whole_attendance(session, attendance)
    recordable = Session.objects.filter(
        pk=session.pk, state__in=[Session.State.PLANNED, Session.State.MISSED]
    )
    if not recordable.update(state=Session.State.HELD, held_at=session.starts_at, changed_at=at):
        raise NotPlanned
    _write_attendance(session, whole)
    withdraw(about=session.pk, kind=RECORD)
    answered(about=session.pk)
    session.refresh_from_db()
    if retrospective and by:
        write_retrospective(session=session, lines=retrospective, by=by)
    record(by=by, verb="session.recorded", target=session, present=_present(whole))
    replan(partnership=session.partnership, cause=session.pk)
    return session


@transaction.atomic
def record_extra_session(
    *,
    partnership: Partnership,
    held_at: datetime,
    attendance: Mapping[Seat, str],
    by: Member | None,
    duration_minutes: int | None = None,
    retrospective: RetrospectiveLines | None = None,
) -> Session:
    """Write down a session that was held but never planned; raises as `record_session` does,
    BeforeItBegan for a day before the partnership's first, AfterItsEnd for one after its end."""
    require_partner_or_coordinator(partnership=partnership, by=by)
    partnership = lock_partnership(partnership)
    at = clock.now()
    if held_at > at:
        raise NotYetBegun
    day = day_of(held_at)
    if day < partnership.starts_on:
        raise BeforeItBegan
    if partnership.ended_at and held_at > partnership.ended_at:
        raise AfterItsEnd
    program = partnership.cohort.program
    numbers = Session.objects.filter(partnership=partnership).aggregate(last=Max("number"))
    number = (numbers["last"] or 0) + 1
    session = Session.objects.create(
        partnership=partnership,
        number=number,
        starts_at=held_at,
        duration_minutes=duration_minutes or program.session_minutes,
        day=day,
        agenda=agenda_for(program, number),
        changed_at=at,
    )
    renumber(partnership, at=at)
    return record_session(
        session=session, attendance=attendance, by=by, retrospective=retrospective
    )


@transaction.atomic
def correct_attendance(
    *, session: Session, attendance: Mapping[Seat, str], by: Member | None
) -> Session:
    """Put right who was at a held session; seats left out stay as they were recorded.

    Fewer than two make no meeting: it is missed then, and its people are told.  Raises NotHeld,
    TooLateToRecord, NotTheirs.
    """
    _locked(session, by)
    if not session.is_held:
        raise NotHeld
    at = clock.now()
    _require_in_time(session, at)
    recorded = {row.seat: row.kind for row in session.attendance.select_related("seat")}
    _check(session, attendance)
    whole = recorded | dict(attendance)
    _write_attendance(session, whole)
    met = _present(whole) >= A_MEETING_TAKES
    Session.objects.filter(pk=session.pk).update(
        changed_at=at,
        **({} if met else {"state": Session.State.MISSED, "held_at": None}),
    )
    record(by=by, verb="session.corrected", target=session, present=_present(whole))
    replan(partnership=session.partnership, cause=session.pk)
    session.refresh_from_db()
    if not met:
        tell_corrected(session=session, by=by, at=at)
    return session


def _locked(session: Session, by: Member | None) -> Partnership:
    """Read a session anew under the lock of its partnership.

    Raises NotTheirs unless `by` sits there, sat there when it began, or coordinates.
    """
    session.refresh_from_db()
    session.partnership = partnership = lock_partnership(session.partnership)
    coordinates = by is None or by.role in COORDINATING
    if not coordinates and not expected_at(session).filter(enrolment__member=by).exists():
        raise NotTheirs
    return partnership


def _require_in_time(session: Session, at: datetime) -> None:
    if at > session.ends_at + CORRECTABLE:
        raise TooLateToRecord


@transaction.atomic
def write_retrospective(
    *, session: Session, lines: RetrospectiveLines, by: Member
) -> Retrospective:
    """Write or replace one's own lines about a session that was held, or is held in its room.

    Raises NotHeld, NotTheirs.
    """
    begun = Room.objects.filter(session=session, started_at__isnull=False)
    if not session.is_held and not (session.is_planned and begun.exists()):
        raise NotHeld
    seat = require_seat(session.partnership, by)
    retrospective, _ = Retrospective.objects.update_or_create(
        session=session,
        seat=seat,
        defaults={
            "worked": lines.worked,
            "change": lines.change,
            "thanks": lines.thanks,
            "written_at": clock.now(),
        },
    )
    return retrospective


def mark_missed_sessions(*, at: datetime) -> int:
    """Mark as missed what was planned, ended a week ago and was never recorded; safe to repeat.

    Turns of missed sessions were not held: those to come even out.
    """
    overdue = (
        Session.objects.filter(state=Session.State.PLANNED, starts_at__lte=at - MISSED_AFTER)
        .select_related("partnership", "organisation")
        .order_by("starts_at", "id")
    )

    def mark(session: Session) -> int:
        hit = Session.objects.filter(pk=session.pk, state=Session.State.PLANNED).update(
            state=Session.State.MISSED, changed_at=at
        )
        if hit:
            record(by=None, verb="session.missed", target=session)
            missed[session.partnership_id] = session.partnership
        return hit

    missed: dict[object, Partnership] = {}
    ended = [session for session in overdue if session.ends_at + MISSED_AFTER <= at]
    marked = row_by_row(ended, mark)
    row_by_row(missed.values(), lambda partnership: replan(partnership=partnership))
    return marked


def _whole_attendance(session: Session, attendance: Mapping[Seat, str]) -> dict[Seat, str]:
    """Return a kind for everybody expected: people in open seats, and whoever is named."""
    _check(session, attendance)
    away = set(Absence.objects.filter(session=session).values_list("seat", flat=True))
    whole: dict[Seat, str] = {}
    for seat in expected_at(session).order_by("id"):
        usual = Attendance.Kind.EXCUSED if seat.pk in away else Attendance.Kind.ABSENT
        whole[seat] = attendance.get(seat, usual)
    whole |= dict(attendance)
    if _present(whole) < A_MEETING_TAKES:
        raise NobodyMet
    return whole


def _check(session: Session, attendance: Mapping[Seat, str]) -> None:
    for seat, kind in attendance.items():
        if seat.partnership_id != session.partnership_id:
            raise ValueError("a seat of another partnership")
        Attendance.Kind(kind)


def _write_attendance(session: Session, whole: Mapping[Seat, str]) -> None:
    Attendance.objects.filter(session=session).delete()
    Attendance.objects.bulk_create(
        Attendance(session=session, seat=seat, kind=kind) for seat, kind in whole.items()
    )


def _present(whole: Mapping[Seat, str]) -> int:
    return sum(1 for kind in whole.values() if kind == Attendance.Kind.PRESENT)
