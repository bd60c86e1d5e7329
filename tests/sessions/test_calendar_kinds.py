"""Each kind of message of docs/calendars.md, as it leaves: one row, one test.

What calendar programs do with them is in that table; here is what we send, with the UID that the
feed and the download have too, and a SEQUENCE that only grows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from core.common import clock
from core.members.keys import derived_secret
from core.members.models import Key
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.models.partnerships import Seat
from sessions.attendance.operations import replies
from sessions.calendar import operations as calendars
from sessions.calendar.queries import subscription_to
from sessions.models.replies import CalendarFeed
from sessions.planning.engine.cadence import Cadence
from sessions.planning.operations import calling_off, changes, planning
from sessions.rotation.operations.turns import assign_turn
from tests.cast import Cast, main_of, sign_in
from tests.sessions.build import NOON, let_emails_go
from tests.sessions.conftest import Circle
from tests.sessions.strict_ics import Line, check, method_of
from tests.sessions.test_ics import calendar_parts


def sent_by(act: Callable[[], object], cast: Cast) -> list[tuple[str, list[dict[str, Line]]]]:
    """Return what Petra's newest e-mail brings after an act, as method and events."""
    with tenant(cast.acme):
        let_emails_go()
        before = set(Email.objects.values_list("pk", flat=True))
        act()
        new = Email.objects.filter(member=cast.petra, withdrawn_at=None).exclude(pk__in=before)
        email = new.exclude(calendar=[]).get()
    return [(method_of(part), check(part)) for part in calendar_parts(email)]


def methods(parts: list[tuple[str, list[dict[str, Line]]]]) -> list[tuple[str, int]]:
    return [(method, len(events)) for method, events in parts]


def move(circle: Circle) -> None:
    session = circle.sessions[0]
    changes.reschedule(session=session, starts_at=session.starts_at + timedelta(days=1), by=None)


def elsewhere(circle: Circle) -> None:
    changes.describe_session(session=circle.sessions[0], topic="", place="Room 7", by=None)


def cancel(circle: Circle) -> None:
    changes.cancel(session=circle.sessions[0], cause="other", by=None)


def move_all(circle: Circle) -> None:
    planning.move_season(
        partnership=circle.partnership,
        first_at=datetime(2026, 3, 12, 9, tzinfo=UTC),
        cadence=Cadence(1, "weeks"),
        by=None,
    )


def leave(circle: Circle) -> None:
    with clock.at(NOON + timedelta(hours=1)):
        Seat.objects.filter(pk=circle.seat("Petra").pk).update(left_at=clock.now())
        calling_off.empty_calendars_of_leavers(at=clock.now())


ROWS = {
    "moved": (move, [("REQUEST", 1)]),
    "elsewhere": (elsewhere, [("REQUEST", 1)]),
    "cancelled": (cancel, [("CANCEL", 1)]),
    "season moved": (move_all, [("PUBLISH", 6)]),
    "left": (leave, [("CANCEL", 1)] * 6),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_kind_of_message_has_its_method_and_goes_on_from_what_was_known(
    row: str, cast: Cast, circle: Circle
):
    act, expected = ROWS[row]
    parts = sent_by(lambda: act(circle), cast)
    assert methods(parts) == expected
    known = {f"{session.pk}@127.0.0.1" for session in circle.sessions}
    for method, events in parts:
        for event in events:
            assert event["UID"].value in known
            assert int(event["SEQUENCE"].value) == 1  # it was 0
            assert event["ORGANIZER"].value == f"mailto:{cast.cora.email}"
            assert ("ATTENDEE" in event) == (method != "PUBLISH")


def test_what_somebody_answered_is_said_in_the_event(cast: Cast, circle: Circle):
    with tenant(cast.acme):
        replies.accept_invitation(
            session=circle.sessions[0], seat=circle.seat("Petra"), by=cast.petra
        )
    ((_, (event,)),) = sent_by(lambda: elsewhere(circle), cast)
    assert event["ATTENDEE"].parameters["PARTSTAT"] == "ACCEPTED"
    answer = sign_in(cast.petra).get(f"/o/acme/sessions/{circle.sessions[0].pk}/invitation.ics")
    (download,) = check(answer.content)
    assert download["ATTENDEE"].parameters["PARTSTAT"] == "ACCEPTED"
    assert download["UID"].value == event["UID"].value
    assert download["SEQUENCE"].value == event["SEQUENCE"].value


def test_another_role_in_several_sessions_is_one_file_and_in_one_an_invitation(
    cast: Cast, circle: Circle
):
    session = circle.sessions[1]
    with tenant(cast.acme):
        taken = session.turns.select_related("role").exclude(seat=circle.seat("Petra"))[0]
    parts = sent_by(
        lambda: assign_turn(
            session=session, role=taken.role, seat=circle.seat("Petra"), by=cast.cora
        ),
        cast,
    )
    (method, events) = parts[0]
    assert len(parts) == 1
    assert method == ("REQUEST" if len(events) == 1 else "PUBLISH")


@pytest.fixture
def feed(cast: Cast, circle: Circle) -> CalendarFeed:
    with tenant(cast.acme):
        return calendars.open_calendar(by=cast.petra)


def path_of(feed: CalendarFeed) -> str:
    return f"/calendar/{derived_secret(Key.Kind.CALENDAR, feed.pk)}.ics"


def test_whose_calendar_reads_the_address_is_brought_nothing_twice(
    cast: Cast, circle: Circle, feed: CalendarFeed
):
    """A move and a season bring no event any more; the feed has them; what goes, still goes."""
    assert Client().get(path_of(feed)).status_code == 200
    with tenant(cast.acme):
        let_emails_go()
        move(circle)
        (email,) = Email.objects.filter(member=cast.petra, kind="sessions.changed")
        assert email.calendar == []
        (other,) = Email.objects.filter(member=cast.pavel, kind="sessions.changed")
        assert [part["method"] for part in other.calendar] == ["REQUEST"]
    moved = check(Client().get(path_of(feed)).content)
    (sent,) = check(other.calendar[0]["text"].encode())
    (here,) = [event for event in moved if event["UID"].value == sent["UID"].value]
    for name in ("SEQUENCE", "DTSTART", "DTEND", "DTSTAMP", "ORGANIZER"):
        assert here[name].value == sent[name].value
    assert methods(sent_by(lambda: cancel(circle), cast)) == [("CANCEL", 1)]


def test_an_address_that_no_calendar_reads_changes_nothing(
    cast: Cast, circle: Circle, feed: CalendarFeed
):
    """Opened only, looked at in a browser, or silent for more than a week."""
    Client().get(path_of(feed), headers={"Sec-Fetch-Mode": "navigate"})
    assert methods(sent_by(lambda: move(circle), cast)) == [("REQUEST", 1)]
    with tenant(cast.acme):
        CalendarFeed.objects.update(read_at=NOON - timedelta(days=9))
    assert methods(sent_by(lambda: elsewhere(circle), cast)) == [("REQUEST", 1)]


def test_the_page_offers_the_address_to_each_program(
    cast: Cast, circle: Circle, feed: CalendarFeed
):
    page = main_of(sign_in(cast.petra).get("/o/acme/calendar/"))
    links = subscription_to(feed, name="Sessions at Acme")
    assert links.webcal == f"webcal://{links.address.partition('://')[2]}"
    assert f'href="{links.webcal}"' in page
    assert 'href="https://calendar.google.com/calendar/render?cid=webcal%3A%2F%2F' in page
    assert 'href="https://outlook.office.com/calendar/addfromweb?url=http' in page
    assert "No calendar has read it yet" in page
    Client().get(path_of(feed))
    assert "A calendar last read it on 2 March 2026" in " ".join(
        main_of(sign_in(cast.petra).get("/o/acme/calendar/")).split()
    )


def test_the_season_s_email_offers_the_subscription_before_the_file(cast: Cast, circle: Circle):
    with tenant(cast.acme):
        email = Email.objects.get(member=cast.petra, kind="sessions.invitation")
    assert email.context["calendar"] == f"{settings.SITE_URL}/o/acme/calendar/"
    text = " ".join(Path("templates/sessions/mail/invitation.md").read_text().split())
    assert text.index("subscribe once") < text.index("open the attached file")


def test_every_row_of_the_table_is_tested():
    """docs/calendars.md names each kind in bold."""
    table = Path("docs/calendars.md").read_text()
    named = {line.split("**")[1] for line in table.splitlines() if line.startswith("| **")}
    assert named == {*ROWS, "season", "season of one", "roles", "download", "feed"}
