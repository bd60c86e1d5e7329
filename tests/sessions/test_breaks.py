"""A break of one person in a circle: away, excused and without turns, and back by itself."""

from __future__ import annotations

from datetime import date

from core.common import clock
from core.tenancy.context import tenant
from programs.models.programs import Enrolment
from sessions.attendance.operations import breaks, recording, replies
from sessions.models.replies import Rsvp
from sessions.models.sessions import Absence, Attendance, Turn
from tests.cast import Cast
from tests.sessions.build import everyone
from tests.sessions.conftest import Circle
from tests.work import everywhere


def pause(circle: Circle, name: str, until: date | None) -> None:
    Enrolment.objects.filter(pk=circle.seat(name).enrolment_id).update(paused_until=until)


def away(circle: Circle, name: str) -> list[int]:
    rows = Absence.objects.filter(seat=circle.seat(name)).order_by("session__starts_at")
    return list(rows.values_list("session__number", flat=True))


def test_who_is_on_a_break_is_away_without_turns_until_it_ends(cast: Cast, circle: Circle):
    """The circle meets on 5 and 19 March, 2 and 16 April and so on."""
    with tenant(cast.acme):
        replies.accept_invitation(session=circle.sessions[1], seat=circle.seat("Mei"), by=None)
        pause(circle, "Mei", date(2026, 4, 16))
        everywhere(breaks.keep_breaks)
        assert away(circle, "Mei") == [1, 2, 3]
        turns = Turn.objects.filter(seat=circle.seat("Mei"), session__in=circle.sessions[:3])
        assert not turns.exists()
        assert Turn.objects.filter(session=circle.sessions[0]).count() == 4
        assert not Rsvp.objects.exists()
        changed = [Absence.objects.count(), breaks.keep_breaks(at=circle.sessions[0].created_at)]
        assert changed == [3, 0]


def test_a_break_that_is_shortened_lets_them_come_again(cast: Cast, circle: Circle):
    with tenant(cast.acme):
        pause(circle, "Mei", date(2026, 4, 16))
        everywhere(breaks.keep_breaks)
        pause(circle, "Mei", date(2026, 3, 10))
        everywhere(breaks.keep_breaks)
        assert away(circle, "Mei") == [1]
        pause(circle, "Mei", None)
        everywhere(breaks.keep_breaks)
        assert away(circle, "Mei") == []


def test_an_absence_of_ones_own_stays_when_the_break_goes(cast: Cast, circle: Circle):
    with tenant(cast.acme):
        replies.declare_absence(session=circle.sessions[0], seat=circle.seat("Mei"), by=None)
        pause(circle, "Mei", date(2026, 4, 16))
        everywhere(breaks.keep_breaks)
        pause(circle, "Mei", None)
        everywhere(breaks.keep_breaks)
        assert away(circle, "Mei") == [1]


def test_who_is_on_a_break_is_excused(cast: Cast, circle: Circle):
    session, mei = circle.sessions[0], circle.seat("Mei")
    with tenant(cast.acme):
        pause(circle, "Mei", date(2026, 4, 16))
        everywhere(breaks.keep_breaks)
        present = {seat: kind for seat, kind in everyone(session).items() if seat.pk != mei.pk}
        with clock.at(session.ends_at):
            recording.record_session(session=session, attendance=present, by=None)
        assert Attendance.objects.get(seat=mei).kind == Attendance.Kind.EXCUSED
