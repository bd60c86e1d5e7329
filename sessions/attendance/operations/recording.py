"""What came of a session: who was there, what was learnt; and those nobody wrote down."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from core.tenancy.days import day_of
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import (
    lock_partnership,
    require_partner_or_coordinator,
    require_seat,
)
from sessions.errors import BeforeItBegan, NobodyMet, NotHeld, NotPlanned, NotYetBegun
from sessions.models.rooms import Room
from sessions.models.sessions import (
    Absence,
    Attendance,
    Retrospective,
    RetrospectiveLines,
    Session,
    renumber,
)
from sessions.rotation.operations.rotation import replan

MISSED_AFTER = timedelta(days=7)
A_MEETING_TAKES = 2


@transaction.atomic
def record_session(
    *,
    session: Session,
    attendance: Mapping[Seat, str],
    by: Member | None,
    retrospective: RetrospectiveLines | None = None,
) -> Session:
    """Write down that a session was held and who was there; a missed one can still be recorded.

    `attendance` gives a kind by seat; a seat left out is excused if its person had said so, and
    absent otherwise.  Turns of people who were not there do not count as held.

    Raises NotPlanned, NotYetBegun, NobodyMet, NotTheirs; ValueError for a strange seat or kind.
    """
    require_partner_or_coordinator(partnership=session.partnership, by=by)
    lock_partnership(session.partnership)
    session.refresh_from_db()
    at = clock.now()
    if session.starts_at > at:
        raise NotYetBegun
    whole = _whole_attendance(session, attendance)
    recordable = Session.objects.filter(
        pk=session.pk, state__in=[Session.State.PLANNED, Session.State.MISSED]
    )
    if not recordable.update(state=Session.State.HELD, held_at=session.starts_at, changed_at=at):
        raise NotPlanned
    _write_attendance(session, whole)
    session.refresh_from_db()
    if retrospective and by:
        write_retrospective(session=session, lines=retrospective, by=by)
    record(by=by, verb="session.recorded", target=session, present=_present(whole))
    replan(partnership=session.partnership)
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
    and BeforeItBegan for a day before the partnership's first."""
    require_partner_or_coordinator(partnership=partnership, by=by)
    partnership = lock_partnership(partnership)
    at = clock.now()
    if held_at > at:
        raise NotYetBegun
    day = day_of(held_at)
    if day < partnership.starts_on:
        raise BeforeItBegan
    program = partnership.cohort.program
    numbers = Session.objects.filter(partnership=partnership).aggregate(last=Max("number"))
    session = Session.objects.create(
        partnership=partnership,
        number=(numbers["last"] or 0) + 1,
        starts_at=held_at,
        duration_minutes=duration_minutes or program.session_minutes,
        day=day,
        agenda=copy.deepcopy(program.agenda),
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

    Raises NotHeld, NobodyMet, NotTheirs.
    """
    require_partner_or_coordinator(partnership=session.partnership, by=by)
    lock_partnership(session.partnership)
    session.refresh_from_db()
    if not session.is_held:
        raise NotHeld
    recorded = {row.seat: row.kind for row in session.attendance.select_related("seat")}
    _check(session, attendance)
    whole = recorded | dict(attendance)
    if _present(whole) < A_MEETING_TAKES:
        raise NobodyMet
    _write_attendance(session, whole)
    Session.objects.filter(pk=session.pk).update(changed_at=clock.now())
    record(by=by, verb="session.corrected", target=session, present=_present(whole))
    replan(partnership=session.partnership)
    session.refresh_from_db()
    return session


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
        defaults={"worked": lines.worked, "change": lines.change, "thanks": lines.thanks},
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
    partnerships: dict[object, Partnership] = {}
    missed = 0
    for session in overdue:
        if session.ends_at + MISSED_AFTER > at:
            continue
        hit = Session.objects.filter(pk=session.pk, state=Session.State.PLANNED).update(
            state=Session.State.MISSED, changed_at=at
        )
        if hit:
            missed += 1
            record(by=None, verb="session.missed", target=session)
            partnerships[session.partnership_id] = session.partnership
    for partnership in partnerships.values():
        replan(partnership=partnership)
    return missed


def _whole_attendance(session: Session, attendance: Mapping[Seat, str]) -> dict[Seat, str]:
    """Return a kind for everybody expected: people in open seats, and whoever is named."""
    _check(session, attendance)
    away = set(Absence.objects.filter(session=session).values_list("seat", flat=True))
    whole: dict[Seat, str] = {}
    for seat in Seat.objects.open().filter(partnership=session.partnership).order_by("id"):
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
