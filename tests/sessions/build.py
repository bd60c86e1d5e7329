"""Builders of sessions, parent first: a partnership, its season, a session held."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import TypeVar

from django.db import connection

from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import MeetingRole
from programs.models.programs import Cohort, Enrolment, Program
from sessions.attendance.operations import recording
from sessions.models.sessions import Attendance, Session, Turn
from sessions.planning.operations import planning

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday
FIRST_DAY = NOON.date()
AGENDA = [
    {"title": "Arrive", "minutes": 5, "kind": "check_in"},
    {"title": "Round", "minutes": 40, "kind": "round"},
    {"title": "Look back", "minutes": 15, "kind": "retrospective"},
]
ROLES = ("facilitator", "timekeeper", "note_taker", "voice_watcher")
_numbers = count(1)
T = TypeVar("T")


def make_cohort(
    organisation: Organisation,
    *,
    format: str = Program.Format.CIRCLES,
    roles: Iterable[str] = ROLES,
    cadence_weeks: int = 2,
    sessions_planned: int = 6,
    starts_on: date = FIRST_DAY,
    days: int = 180,
) -> Cohort:
    """Make a running cohort of a new program with meeting roles and an agenda."""
    with tenant(organisation):
        program = Program.objects.create(
            name=f"Program {next(_numbers)}",
            format=format,
            cadence_every=cadence_weeks,
            sessions_planned=sessions_planned,
            circle_min=3,
            circle_max=12,
            agenda=AGENDA,
        )
        for priority, key in enumerate(roles):
            MeetingRole.objects.create(
                program=program,
                key=key,
                name=key.replace("_", "-").capitalize(),
                duties=f"Duties of the {key}.",
                priority=priority,
                leads=priority == 0,
            )
        return Cohort.objects.create(
            program=program,
            name="Spring",
            phase=Cohort.Phase.RUNNING,
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=days),
        )


def make_partnership(
    cohort: Cohort, members: Iterable[Member], *, name: str = "", parts: Iterable[str] = ()
) -> Partnership:
    """Make an active partnership of these people; peers unless `parts` says otherwise."""
    with tenant(cohort.organisation_id):
        partnership = Partnership.objects.create(
            cohort=cohort,
            name=name or f"Circle {next(_numbers)}",
            starts_on=cohort.starts_on,
            ends_on=cohort.ends_on,
            published_at=clock.now(),
        )
        given = list(parts)
        for position, member in enumerate(members):
            part = given[position] if given else Enrolment.Part.PEER
            take_seat(partnership, member, part=part)
    return partnership


def take_seat(partnership: Partnership, member: Member, *, part: str = Enrolment.Part.PEER) -> Seat:
    """Let somebody take a seat now."""
    with tenant(partnership.organisation_id):
        enrolment, _ = Enrolment.objects.get_or_create(
            cohort=partnership.cohort,
            member=member,
            defaults={
                "part": part,
                "state": Enrolment.State.ACTIVE,
                "applied_at": clock.now(),
                "accepted_at": clock.now(),
                "started_at": clock.now(),
            },
        )
        return Seat.objects.create(
            partnership=partnership, enrolment=enrolment, part=part, taken_at=clock.now()
        )


def seats_of(partnership: Partnership) -> list[Seat]:
    """Return the open seats in the order in which they were taken."""
    rows = Seat.objects.open().filter(partnership=partnership)
    return list(rows.select_related("enrolment__member").order_by("id"))


def plan(partnership: Partnership, *, first_at: datetime | None = None) -> list[Session]:
    """Plan the season of a partnership, inside its organisation."""
    with tenant(partnership.organisation_id):
        return planning.plan_season(
            partnership=partnership, by=None, first_at=first_at or NOON + timedelta(days=3)
        )


def everyone(session: Session, *, but: Iterable[Seat] = ()) -> dict[Seat, str]:
    """Return an attendance in which all are present but those named."""
    away = {seat.pk for seat in but}
    return {
        seat: Attendance.Kind.ABSENT if seat.pk in away else Attendance.Kind.PRESENT
        for seat in seats_of(session.partnership)
    }


def let_emails_go() -> None:
    """Mark every e-mail of the organisation in force as sent: people have read it."""
    Email.objects.filter(sent_at=None, withdrawn_at=None).update(sent_at=clock.now())


def hold_session(
    session: Session, *, by: Member | None = None, but: Iterable[Seat] = ()
) -> Session:
    """Let a session be held, an hour after it began, with all but those named."""
    with tenant(session.organisation_id), clock.at(session.starts_at + timedelta(hours=1)):
        return recording.record_session(
            session=session, attendance=everyone(session, but=but), by=by
        )


def leaders(partnership: Partnership) -> list[str]:
    """Return the given names of who leads each session that counts, in order of time."""
    turns = Turn.objects.filter(
        session__partnership=partnership,
        session__state__in=[Session.State.PLANNED, Session.State.HELD],
        role__leads=True,
    ).select_related("seat__enrolment__member")
    return [turn.seat.enrolment.member.given_name for turn in turns.order_by("session__starts_at")]


def twice_at_once(
    organisation: Organisation, sweep: Callable[..., int], *, at: datetime
) -> tuple[int, int]:
    """Run a sweep in two transactions, the first of which ends only when the second waits for it.

    Returns what each of them did; for tests with `transaction=True`.
    """
    return meanwhile(organisation, lambda: sweep(at=at), sweep, at=at)


def meanwhile(
    organisation: Organisation, act: Callable[[], T], sweep: Callable[..., int], *, at: datetime
) -> tuple[T, int]:
    """Let an act end only when a sweep, which does not see it yet, waits for it.

    Returns what each of them returned; for tests with `transaction=True`.
    """

    def again() -> int:
        try:
            with clock.at(at), tenant(organisation):
                return sweep(at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with clock.at(at), tenant(organisation):
            first = act()
            second = thread.submit(again)
            _until_somebody_waits()
        return first, second.result(timeout=20)


def _until_somebody_waits() -> None:
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("the second transaction does not wait for the first")
