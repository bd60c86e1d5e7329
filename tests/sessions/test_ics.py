"""What we write for calendars, read by icalendar and by a strict reader of our own."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django_settings
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from core.common import clock
from core.common.zones import zone_words
from core.members.models import Member
from core.notifications.channels.email import mail_of
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.models import Organisation, OrganisationSettings
from core.tenancy.queries import settings_in_force
from pairing.models.partnerships import Partnership
from programs.models.parts import MeetingRole
from programs.models.programs import Cohort, Program
from sessions.attendance.operations import replies
from sessions.calendar import ics
from sessions.models.replies import Rsvp
from sessions.models.sessions import Session, Turn
from sessions.planning.engine.cadence import Cadence
from sessions.planning.operations import changes, planning
from tests.cast import Cast, make_member
from tests.profile import cases
from tests.sessions.build import NOON, let_emails_go, make_cohort, make_partnership, plan
from tests.sessions.conftest import Circle
from tests.sessions.strict_ics import check, method_of

# what a database stores and a person may paste: anything but NUL and half a surrogate pair
ANYTHING = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=200
)
COORDINATOR = "cora@acme.example"
NAMES = (
    st.sampled_from(['O"Neil; Zoë, "the\\Nth"', "Łukasz\r\nBCC: x", "李小龍" * 40, "a:b;c=d^n"])
    | ANYTHING
)


def a_session(**parts: Any) -> Session:
    """Make a session that no database knows."""
    acme = Organisation(pk=1, slug="acme", name=parts.pop("organisation", "Acme"))
    program = Program(organisation=acme)
    partnership = Partnership(
        organisation=acme,
        name=parts.pop("partnership", "Circle Wye"),
        cohort=Cohort(organisation=acme, program=program),
    )
    given = {
        "number": 1,
        "starts_at": NOON,
        "duration_minutes": 60,
        "changed_at": NOON,
        "agenda": [],
    }
    session = Session(organisation=acme, **{**given, **parts})
    session.partnership = partnership
    return session


@cases(38)
@given(NAMES, NAMES, ANYTHING, ANYTHING, NAMES, st.integers(0, 2**31 - 1))
def test_whatever_people_write_an_invitation_keeps_the_grammar(
    circle_name: str, person: str, place: str, duties: str, role: str, sequence: int
):
    session = a_session(
        partnership=circle_name,
        organisation=person,
        place=place,
        sequence=sequence,
        agenda=[{"title": duties, "minutes": 5}, "odd", {"minutes": "x"}],
        video_url="https://meet.example/a;b,c?d=e&f=ü",
    )
    member = Member(
        organisation=session.organisation,
        email="zoe@acme.example",
        given_name=person,
        family_name=role,
    )
    acme = session.organisation
    turn = Turn(organisation=acme, role=MeetingRole(organisation=acme, name=role, duties=duties))

    body = ics.invitation(session=session, member=member, turn=turn, organizer=COORDINATOR)

    (event,) = check(body)
    assert event["SEQUENCE"].value == str(sequence)
    where = ics.plain(place) or session.video_url
    assert event["LOCATION"].text == where
    (read,) = Calendar.from_ical(body).walk("VEVENT")
    assert str(read["LOCATION"]) == where
    assert read.decoded("DTSTART") == NOON
    assert body == ics.invitation(session=session, member=member, turn=turn, organizer=COORDINATOR)


def test_a_feed_keeps_the_grammar_and_takes_out_what_is_off():
    sessions = [a_session(number=n, place="Room; 7, left") for n in range(3)]
    sessions[1].state = Session.State.CANCELLED
    sessions[2].state = Session.State.MISSED
    organizers = {each.partnership.cohort.program_id: COORDINATOR for each in sessions}
    body = ics.feed(sessions=sessions, turns={}, name="Zoë; Acme", organizers=organizers)
    events = check(body)
    assert [e["STATUS"].value for e in events] == ["CONFIRMED", "CANCELLED", "CANCELLED"]
    assert events[0]["LOCATION"].text == "Room; 7, left"


def calendar_parts(email: Email) -> list[bytes]:
    """Return the calendars that an e-mail brings as its mail carries them, each once."""
    with tenant(email.organisation_id):
        row = Email.objects.select_related("member", "organisation").get(pk=email.pk)
        message = mail_of(row, settings_in_force()).message()
    assert mail_bytes(email) == message.as_bytes()
    read = message_from_bytes(message.as_bytes(), policy=policy.default)
    attached = list(read.iter_attachments())
    # on the wire each line ends with CRLF; here as the message was written
    files = [part.get_content().replace("\n", "\r\n").encode() for part in attached]
    for part, file in zip(attached, files, strict=True):
        assert part.get_content_type() == "text/calendar"
        assert part["Content-Type"].params["method"] == method_of(file)
        assert part.get_filename().endswith(".ics")
    asked = [file for file in files if method_of(file) != "PUBLISH"]
    shown = [
        part
        for part in read.walk()
        if part.get_content_type() == "text/calendar" and not part.get_filename()
    ]
    assert len(shown) == bool(asked)
    for alternative in shown:
        assert alternative.get_content().replace("\n", "\r\n").encode() == asked[0]
        assert alternative["Content-Type"].params["method"] == method_of(asked[0])
    return files


def mail_bytes(email: Email) -> bytes:
    with tenant(email.organisation_id), clock.at(clock.now() + timedelta(days=1)):
        row = Email.objects.select_related("member", "organisation").get(pk=email.pk)
        return bytes(mail_of(row, settings_in_force()).message().as_bytes())


def emails(member: Member, kind: str) -> list[Email]:
    rows = Email.objects.filter(member=member, kind=kind, withdrawn_at=None)
    return list(rows.order_by("dedupe_key"))  # one moment, so that ids say no order


def test_the_season_s_email_brings_all_dates_in_one_file(cast: Cast, circle: Circle):
    with tenant(cast.acme):
        (email,) = emails(cast.petra, "sessions.invitation")
        roles = dict(
            Turn.objects.filter(seat=circle.seat("Petra")).values_list("session", "role__name")
        )
    (file,) = calendar_parts(email)
    events = check(file)

    assert method_of(file) == "PUBLISH"
    assert [e["UID"].value for e in events] == [f"{s.pk}@127.0.0.1" for s in circle.sessions]
    assert {e["SEQUENCE"].value for e in events} == {"0"}
    assert {e["ORGANIZER"].value for e in events} == {f"mailto:{cast.cora.email}"}
    assert {e["ORGANIZER"].parameters["CN"] for e in events} == {cast.acme.name}
    assert [e["SUMMARY"].text for e in events] == [
        f"{circle.partnership.name} (you: {roles[s.pk]})"
        if s.pk in roles
        else circle.partnership.name
        for s in circle.sessions
    ]
    links = {e["CONFERENCE"].value for e in events}
    assert len(links) == 1  # the season's own room
    assert links.pop().startswith("https://meet.jit.si/roundtable-")


def test_a_season_of_one_session_is_an_invitation_to_answer(cast: Cast):
    with clock.at(NOON):
        cohort = make_cohort(cast.acme, sessions_planned=1)
        plan(make_partnership(cohort, [cast.petra, cast.pavel]))
    with tenant(cast.acme):
        (email,) = emails(cast.petra, "sessions.invitation")
    (file,) = calendar_parts(email)
    assert method_of(file) == "REQUEST"
    assert check(file)[0]["ATTENDEE"].value == f"mailto:{cast.petra.email}"


def test_without_a_coordinator_the_site_itself_is_behind_an_event(cast: Cast):
    with clock.at(NOON):
        with tenant(cast.acme):
            Member.objects.filter(role="coordinator").update(role="hr")
        plan(make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel]))
    with tenant(cast.acme):
        (email,) = emails(cast.petra, "sessions.invitation")
    (file,) = calendar_parts(email)
    site = parseaddr(django_settings.DEFAULT_FROM_EMAIL)[1]
    assert {e["ORGANIZER"].value for e in check(file)} == {f"mailto:{site}"}


def test_each_change_brings_the_same_uid_with_a_higher_sequence_and_cancel_ends_it(
    cast: Cast, circle: Circle
):
    session = circle.sessions[0]
    with tenant(cast.acme):
        let_emails_go()
        replies.accept_invitation(session=session, seat=circle.seat("Petra"), by=cast.petra)
        changes.describe_session(session=session, topic="", place="Room 7", by=cast.pavel)
        (elsewhere,) = emails(cast.petra, "sessions.changed")
        Email.objects.filter(pk=elsewhere.pk).update(sent_at=clock.now())
        later = session.starts_at + timedelta(days=1)
        changes.reschedule(session=session, starts_at=later, by=cast.petra)
        moved = emails(cast.petra, "sessions.changed")[1]
        Email.objects.filter(pk=moved.pk).update(sent_at=clock.now())
        changes.cancel(session=session, cause="workload", by=None)
        off = emails(cast.petra, "sessions.changed")[2]

    found = [check(part)[0] for each in (elsewhere, moved, off) for part in calendar_parts(each)]

    assert len({e["UID"].value for e in found}) == 1
    assert [int(e["SEQUENCE"].value) for e in found] == [1, 2, 3]
    assert [e["STATUS"].value for e in found] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    # who comes is asked afresh when the time is another
    said = [e["ATTENDEE"].parameters["PARTSTAT"] for e in found]
    assert said == ["ACCEPTED", "NEEDS-ACTION", "NEEDS-ACTION"]
    assert found[0]["LOCATION"].value == "Room 7"
    with tenant(cast.acme):
        assert not Rsvp.objects.exists()


def test_a_season_that_moves_sends_one_email_that_moves_all_events(cast: Cast, circle: Circle):
    with tenant(cast.acme):
        moved = planning.move_season(
            partnership=circle.partnership,
            first_at=datetime(2026, 3, 12, 9, 0, tzinfo=UTC),
            cadence=Cadence(1, "weeks"),
            by=cast.petra,
        )
        (email,) = emails(cast.pavel, "sessions.invitation")  # the first was not sent yet
        again = planning.move_season(
            partnership=circle.partnership,
            first_at=moved[0].starts_at,
            cadence=Cadence(1, "weeks"),
            by=cast.petra,
        )
        assert emails(cast.pavel, "sessions.invitation") == [email]
    (file,) = calendar_parts(email)
    events = check(file)
    assert [e["UID"].value for e in events] == [f"{s.pk}@127.0.0.1" for s in circle.sessions]
    assert {e["SEQUENCE"].value for e in events} == {"1"}
    assert [s.sequence for s in again] == [1] * 6


def test_nothing_is_said_of_sessions_that_have_begun(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    with tenant(cast.acme), clock.at(session.starts_at + timedelta(days=1)):
        changes.cancel(session=session, cause="workload", by=None)
        assert not Email.objects.filter(kind="sessions.changed").exists()


@pytest.mark.parametrize(
    ("zone", "first", "walls"),
    [
        ("Europe/Berlin", date(2026, 3, 17), {timedelta(hours=1), timedelta(hours=2)}),
        ("America/New_York", date(2026, 3, 3), {timedelta(hours=-5), timedelta(hours=-4)}),
        ("Africa/Johannesburg", date(2026, 3, 17), {timedelta(hours=2)}),
        ("Asia/Kolkata", date(2026, 3, 17), {timedelta(hours=5, minutes=30)}),
    ],
)
def test_a_season_keeps_its_wall_time_and_calendars_read_it_back(
    cast: Cast, zone: str, first: date, walls: set[timedelta]
):
    here = ZoneInfo(zone)
    with clock.at(NOON - timedelta(days=5)):
        people = [make_member(cast.acme, name, time_zone=zone) for name in ("Ada", "Bo", "Cy")]
        circle = make_partnership(make_cohort(cast.acme, starts_on=date(2026, 2, 25)), people)
        plan(circle, first_at=datetime.combine(first, time(14, 0), here))
        with tenant(cast.acme):
            (email,) = emails(people[0], "sessions.invitation")
            parts = calendar_parts(email)
    (file,) = parts
    starts = [
        event.decoded("DTSTART").astimezone(here)
        for event in Calendar.from_ical(file).walk("VEVENT")
    ]
    assert {start.time() for start in starts} == {time(14, 0)}
    assert {start.utcoffset() for start in starts} == walls
    assert email.context["dates"][0]["when"].endswith(f"14:00 ({zone_words(zone)})")


def test_people_in_different_zones_read_the_same_instant(cast: Cast):
    with clock.at(NOON):
        with tenant(cast.acme):
            OrganisationSettings.objects.update(time_zone="Europe/Berlin")
        people = [
            make_member(cast.acme, name, time_zone=zone)
            for name, zone in (
                ("Ada", "America/New_York"),
                ("Bo", "Asia/Kolkata"),
                ("Cy", "Africa/Johannesburg"),
            )
        ]
        circle = make_partnership(make_cohort(cast.acme), people)
        plan(circle, first_at=datetime(2026, 3, 24, 14, 0, tzinfo=UTC))
        with tenant(cast.acme):
            said = [emails(each, "sessions.invitation")[0].context["dates"] for each in people]
    # 15:00 in Berlin before its change and after
    assert [dates[0]["when"].partition(", ")[2] for dates in said] == [
        "10:00 (New York time)",
        "19:30 (Kolkata time)",
        "16:00 (Johannesburg time)",
    ]
    assert [dates[1]["when"].partition(", ")[2] for dates in said] == [
        "09:00 (New York time)",
        "18:30 (Kolkata time)",
        "15:00 (Johannesburg time)",
    ]
