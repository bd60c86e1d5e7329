"""Sessions in calendars: what a calendar program reads, and a link that closes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from icalendar import Calendar, Event

from core.common import clock
from core.members.keys import derived_secret
from core.members.models import Key, Member
from core.tenancy.context import tenant
from sessions.attendance.operations import recording
from sessions.calendar import operations as calendar_operations
from sessions.errors import CalendarAlreadyOpen, CalendarNotOpen
from sessions.models.replies import CalendarFeed
from sessions.models.sessions import RetrospectiveLines, Session, Turn
from sessions.planning.operations import changes
from tests.cast import Cast, sign_in
from tests.sessions.build import everyone
from tests.sessions.conftest import Circle


def events(body: bytes) -> list[Event]:
    calendar = Calendar.from_ical(body)
    assert calendar["VERSION"] == "2.0"
    return list(calendar.walk("VEVENT"))


def ics(member: Member, session: Session) -> tuple[str, Event]:
    answer = sign_in(member).get(f"/o/acme/sessions/{session.pk}/invitation.ics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/calendar")
    (event,) = events(answer.content)
    return str(Calendar.from_ical(answer.content)["METHOD"]), event


def test_an_invitation_says_when_and_my_role(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    with tenant(cast.acme):
        turn = Turn.objects.select_related("role", "seat__enrolment__member__user").get(
            session=session, role__leads=True
        )
        leader = turn.seat.enrolment.member
    method, event = ics(leader, session)

    assert method == "REQUEST"
    assert event["UID"] == f"{session.pk}@127.0.0.1"
    assert event["SEQUENCE"] == 0
    assert event.decoded("DTSTART") == session.starts_at
    assert event.decoded("DTEND") == session.ends_at
    assert event["SUMMARY"] == f"{circle.partnership.name} (you: Facilitator)"
    assert "40 min: Round" in event["DESCRIPTION"]
    assert "Duties of the facilitator." in event["DESCRIPTION"]
    assert event["ATTENDEE"] == f"mailto:{leader.email}"


def test_a_change_has_the_same_uid_and_a_higher_sequence(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    _, before = ics(cast.petra, session)
    with tenant(cast.acme):
        changes.reschedule(
            session=session, starts_at=session.starts_at + timedelta(days=1), by=None
        )
    _, after = ics(cast.petra, session)
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after.decoded("DTSTART") - before.decoded("DTSTART") == timedelta(days=1)


def test_a_cancelled_session_takes_itself_out(cast: Cast, circle: Circle):
    with tenant(cast.acme):
        changes.cancel(session=circle.sessions[0], cause="other", by=None)
    method, event = ics(cast.petra, circle.sessions[0])
    assert (method, event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert event["SEQUENCE"] >= 1


def test_a_coordinator_has_no_seat_and_gets_no_invitation(cast: Cast, circle: Circle):
    answer = sign_in(cast.cora).get(f"/o/acme/sessions/{circle.sessions[0].pk}/invitation.ics")
    assert answer.status_code == 404


def feed_url(feed: CalendarFeed) -> str:
    return f"/calendar/{derived_secret(Key.Kind.CALENDAR, feed.pk)}.ics"


@pytest.fixture
def feed(cast: Cast, circle: Circle) -> CalendarFeed:
    with tenant(cast.acme):
        return calendar_operations.open_calendar(by=cast.petra)


def test_the_feed_has_my_sessions_and_nobody_s_words(cast: Cast, circle: Circle, feed):
    with tenant(cast.acme):
        changes.describe_session(
            session=circle.sessions[1], topic="Secret topic", place="Room 7", by=None
        )
        with clock.at(circle.sessions[0].starts_at):
            recording.record_session(
                session=circle.sessions[0],
                attendance=everyone(circle.sessions[0]),
                retrospective=RetrospectiveLines(change="Secret change"),
                by=cast.petra,
            )
    answer = Client().get(feed_url(feed))

    assert answer.status_code == 200
    found = events(answer.content)
    assert len(found) == 6
    assert found[1]["LOCATION"] == "Room 7"
    assert b"Secret" not in answer.content
    assert Client().get(feed_url(feed)).content == answer.content


def test_a_closed_bad_or_foreign_address_is_one_404(cast: Cast, circle: Circle, feed):
    anybody = Client()
    bad = anybody.get("/calendar/nothing-at-all.ics")
    with tenant(cast.acme):
        calendar_operations.close_calendar(feed=feed, by=cast.petra)
    closed = anybody.get(feed_url(feed))
    assert (bad.status_code, closed.status_code) == (404, 404)
    assert closed.content == bad.content


def test_who_has_left_shows_nothing_any_more(cast: Cast, circle: Circle, feed):
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(state="left", left_at=clock.now())
    assert Client().get(feed_url(feed)).status_code == 404


def test_an_address_is_made_shown_and_closed_on_a_page(cast: Cast, circle: Circle):
    petra = sign_in(cast.petra)
    page = "/o/acme/calendar/"
    assert "/calendar/" not in petra.get(page).content.decode().split("<main")[1].replace(page, "")
    assert petra.post(f"{page}open/").status_code == 302
    assert petra.post(f"{page}open/").status_code == 409
    with tenant(cast.acme):
        address = feed_url(CalendarFeed.objects.get())
    assert address in petra.get(page).content.decode()
    assert petra.post(f"{page}close/").status_code == 302
    assert petra.post(f"{page}close/").status_code == 409
    assert Client().get(address).status_code == 404


def test_an_address_is_opened_once_and_closed_by_its_owner(cast: Cast, circle: Circle, feed):
    with tenant(cast.acme):
        with pytest.raises(CalendarAlreadyOpen):
            calendar_operations.open_calendar(by=cast.petra)
        with pytest.raises(CalendarNotOpen):
            calendar_operations.close_calendar(feed=feed, by=cast.pavel)
