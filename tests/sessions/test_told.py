"""Who is told what of a session: before it, after it, and when it changes while e-mails wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from core.audit.models import AuditEvent
from core.common import clock
from core.members.models import Member
from core.notifications.channels.email import mail_of
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from pairing.errors import NotTheirs, PartnershipOver
from pairing.models.partnerships import Partnership
from pairing.partnerships.operations import partnerships
from sessions.attendance import emails as attendance_emails
from sessions.attendance.operations import recording, replies
from sessions.errors import AfterItsEnd, TooLateToRecord, WhilePaused
from sessions.models.sessions import Attendance, CancelCause, Session, Turn
from sessions.planning.operations import changes
from tests.cast import Cast, sign_in
from tests.sessions.build import everyone, hold_session, let_emails_go
from tests.sessions.conftest import Circle
from tests.work import everywhere

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_acme(cast: Cast):
    with tenant(cast.acme):
        yield


def told(kind: str) -> dict[str, Email]:
    """Return the e-mails of a kind that stand, by given name."""
    rows = Email.objects.filter(kind=f"sessions.{kind}", withdrawn_at=None)
    return {row.member.given_name: row for row in rows.select_related("member", "organisation")}


def text_of(email: Email) -> str:
    return str(mail_of(email, OrganisationSettings.objects.get()).body)


# Corrected


def test_a_correction_below_two_makes_it_missed_and_everybody_hears(cast: Cast, circle: Circle):
    two = {circle.seat("Petra"), circle.seat("Pavel")}
    session = hold_session(circle.sessions[0], but=set(circle.seats) - two)
    with clock.at(session.starts_at + DAY):
        recording.correct_attendance(
            session=session, attendance={circle.seat("Pavel"): "absent"}, by=cast.pavel
        )
    session.refresh_from_db()
    assert (session.state, session.held_at) == (Session.State.MISSED, None)
    assert sorted(told("corrected")) == ["Amara", "Jonas", "Leila", "Mei", "Pavel", "Petra"]
    assert "Corrected by Pavel Acme." in text_of(told("corrected")["Petra"])
    assert AuditEvent.objects.get(verb="session.corrected").details == {"present": 1}
    with clock.at(session.starts_at + 2 * DAY):  # and it can be put right again
        recording.record_session(session=session, attendance=everyone(session), by=cast.petra)
    assert session.is_held


def test_what_came_of_a_session_can_be_put_right_for_thirty_days(cast: Cast, circle: Circle):
    session = hold_session(circle.sessions[0])
    last = session.ends_at + timedelta(days=30)
    mei = {circle.seat("Mei"): "absent"}
    with clock.at(last):
        recording.correct_attendance(session=session, attendance=mei, by=cast.petra)
    with clock.at(last + timedelta(seconds=1)):
        with pytest.raises(TooLateToRecord):
            recording.correct_attendance(session=session, attendance=mei, by=cast.cora)
        everywhere(recording.mark_missed_sessions)
        missed = Session.objects.get(pk=circle.sessions[1].pk)
        assert missed.state == Session.State.MISSED
    with (
        clock.at(missed.ends_at + timedelta(days=30, seconds=1)),
        pytest.raises(TooLateToRecord),
    ):
        recording.record_session(session=missed, attendance=everyone(missed), by=cast.petra)


def test_only_who_was_there_or_said_yes_is_preset_as_present(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    replies.accept_invitation(session=session, seat=circle.seat("Petra"), by=None)
    replies.declare_absence(session=session, seat=circle.seat("Mei"), by=None)
    with clock.at(session.ends_at):
        page = sign_in(cast.petra).get(f"/o/acme/sessions/{session.pk}/")
    kinds = {
        field.label: field.value()
        for field in page.context["record_form"]
        if field.name.startswith("seat_")
    }
    assert kinds.pop("Petra Acme") == Attendance.Kind.PRESENT
    assert kinds.pop("Mei Acme") == Attendance.Kind.EXCUSED
    assert set(kinds.values()) <= {None, ""}


# After an end


def test_after_an_end_who_was_there_records_what_took_place_before_it_and_nothing_else(
    cast: Cast, circle: Circle
):
    first, second = circle.sessions[:2]
    with clock.at(first.ends_at):
        partnerships.end_partnership(partnership=circle.partnership, reason="done", by=None)
    with clock.at(first.ends_at + DAY):
        present = dict.fromkeys(circle.seats, "present")
        with pytest.raises(NotTheirs):
            recording.record_session(session=first, attendance=present, by=cast.hugo)
        recording.record_session(session=first, attendance=present, by=cast.petra)
        assert first.is_held
        with pytest.raises(AfterItsEnd):
            recording.record_extra_session(
                partnership=circle.partnership,
                held_at=clock.now(),
                attendance=present,
                by=cast.cora,
            )
        with pytest.raises(PartnershipOver):
            changes.reschedule(session=second, starts_at=second.starts_at + DAY, by=cast.cora)


def test_no_session_moves_behind_the_end_nor_into_a_rest(cast: Cast, circle: Circle):
    session = circle.sessions[5]
    behind = datetime.combine(circle.partnership.ends_on + DAY, session.starts_at.time(), UTC)
    with pytest.raises(AfterItsEnd):
        changes.reschedule(session=session, starts_at=behind, by=cast.petra)
    until = session.day - DAY
    Partnership.objects.filter(pk=circle.partnership.pk).update(state="paused", paused_until=until)
    with pytest.raises(WhilePaused):
        changes.reschedule(session=session, starts_at=session.starts_at - 2 * DAY, by=cast.petra)
    changes.reschedule(session=session, starts_at=session.starts_at + DAY, by=cast.petra)


# While e-mails wait


def test_an_unsent_change_that_is_replaced_still_says_the_move(cast: Cast, circle: Circle):
    let_emails_go()
    session = circle.sessions[0]
    was = session.starts_at
    changes.reschedule(session=session, starts_at=was + DAY, by=cast.pavel)
    changes.describe_session(session=session, topic="", place="Room 7", by=cast.pavel)

    email = told("changed")["Petra"]
    assert (email.context["moved"], email.context["elsewhere"]) == (True, True)
    assert email.context["was_at"] == was.isoformat()
    body = text_of(email)
    for words in ("Thursday 5 March 2026", "Friday 6 March 2026", "Room 7", "Changed by Pavel"):
        assert words in body
    assert len(told("changed")) == 6


def test_why_it_was_called_off_is_said_in_the_language_of_who_reads_it(cast: Cast, circle: Circle):
    let_emails_go()
    Member.objects.filter(pk=cast.petra.pk).update(language="de")
    changes.cancel(session=circle.sessions[0], cause="holiday", by=cast.pavel)
    said = {name: email.context["cause"] for name, email in told("changed").items()}
    english, german = CancelCause.HOLIDAY.label, said.pop("Petra")
    assert set(said.values()) == {str(english)}
    with translation.override("de"):
        assert german == str(english) not in said.values()


def test_what_moves_there_and_back_before_anybody_heard_of_it_is_not_told(
    cast: Cast, circle: Circle
):
    let_emails_go()
    session = circle.sessions[0]
    was = session.starts_at
    changes.reschedule(session=session, starts_at=was + DAY, by=cast.pavel)
    changes.reschedule(session=session, starts_at=was, by=cast.pavel)
    assert told("changed") == {}


def test_an_e_mail_of_another_kind_about_the_session_stands(cast: Cast, circle: Circle):
    let_emails_go()
    session = circle.sessions[0]
    Email.objects.filter(member=cast.petra).update(
        kind="sessions.turn_asked", about_id=session.pk, sent_at=None
    )
    changes.reschedule(session=session, starts_at=session.starts_at + DAY, by=cast.pavel)
    assert list(told("turn_asked")) == ["Petra"]


def test_a_season_that_has_not_left_yet_is_written_anew_and_the_change_said_nowhere_else(
    cast: Cast, circle: Circle
):
    session = circle.sessions[0]
    changes.reschedule(session=session, starts_at=session.starts_at + DAY, by=cast.pavel)
    changes.cancel(session=circle.sessions[5], cause="holiday", by=cast.pavel)

    assert told("changed") == {}
    seasons = told("invitation")
    assert sorted(seasons) == ["Amara", "Jonas", "Leila", "Mei", "Pavel", "Petra"]
    dates = [date["when"] for date in seasons["Petra"].context["dates"]]
    assert (len(dates), dates[0]) == (5, "Friday 6 March 2026, 13:00 (Berlin time)")
    assert len(seasons["Petra"].calendar) == 5


# The day before, and that evening


def test_everybody_who_may_come_is_reminded_once_the_day_before_in_their_own_zone(
    cast: Cast, circle: Circle
):
    session = circle.sessions[0]
    Member.objects.filter(pk=cast.pavel.pk).update(time_zone="America/New_York")
    changes.describe_session(session=session, topic="", place="Room 7", by=None)
    replies.declare_absence(session=session, seat=circle.seat("Mei"), by=None)
    with clock.at(session.starts_at - DAY - timedelta(seconds=1)):
        everywhere(attendance_emails.remind_of_sessions)
    assert told("reminder") == {}
    with clock.at(session.starts_at - DAY):
        everywhere(attendance_emails.remind_of_sessions)
        everywhere(attendance_emails.remind_of_sessions)
    reminders = told("reminder")
    assert sorted(reminders) == ["Amara", "Jonas", "Leila", "Pavel", "Petra"]
    assert Email.objects.filter(kind="sessions.reminder").count() == 5
    place = f"Room 7 · {session.video_url}"
    assert {email.context["place"] for email in reminders.values()} == {place}
    assert reminders["Petra"].context["when"] == "Thursday 5 March 2026, 13:00 (Berlin time)"
    assert reminders["Pavel"].context["when"] == "Thursday 5 March 2026, 07:00 (New York time)"


def test_who_says_no_before_the_reminder_has_left_is_not_reminded(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    with clock.at(session.starts_at - DAY):
        everywhere(attendance_emails.remind_of_sessions)
        replies.declare_absence(session=session, seat=circle.seat("Mei"), by=None)
    assert sorted(told("reminder")) == ["Amara", "Jonas", "Leila", "Pavel", "Petra"]


def test_a_session_that_moves_is_not_reminded_of_at_its_old_time(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    with clock.at(session.starts_at - DAY):
        everywhere(attendance_emails.remind_of_sessions)
        changes.reschedule(session=session, starts_at=session.starts_at + 2 * DAY, by=cast.petra)
    assert told("reminder") == {}
    with clock.at(session.starts_at - DAY):
        everywhere(attendance_emails.remind_of_sessions)
    assert len(told("reminder")) == 6


def test_who_leads_is_asked_to_record_that_evening_and_once_more_two_days_later(
    cast: Cast, circle: Circle
):
    session = circle.sessions[0]
    turn = Turn.objects.select_related("seat__enrolment__member").get(
        session=session, role__leads=True
    )
    leader = turn.seat.enrolment.member.given_name
    evening = datetime(2026, 3, 5, 17, tzinfo=UTC)  # six in Berlin
    asked = []
    for at in (-timedelta(minutes=1), timedelta(), DAY, 2 * DAY, 3 * DAY, 8 * DAY):
        with clock.at(evening + at):
            everywhere(attendance_emails.ask_to_record)
        asked.append(Email.objects.filter(kind__startswith="sessions.record").count())
    assert asked == [0, 1, 1, 2, 2, 2]
    assert list(told("record")) == [leader]


def test_nobody_is_asked_to_record_what_is_recorded(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    with clock.at(session.ends_at + timedelta(hours=6)):
        everywhere(attendance_emails.ask_to_record)
        assert len(told("record")) == 1
        recording.record_session(session=session, attendance=everyone(session), by=cast.petra)
        assert told("record") == {}
    with clock.at(session.ends_at + 3 * DAY):
        everywhere(attendance_emails.ask_to_record)
    assert told("record") == {}


@pytest.mark.parametrize("kind", ["reminder", "record"])
def test_its_e_mails_can_be_written(cast: Cast, circle: Circle, kind: str):
    session = circle.sessions[0]
    with clock.at(session.starts_at - DAY):
        everywhere(attendance_emails.remind_of_sessions)
    with clock.at(session.ends_at + timedelta(hours=6)):
        everywhere(attendance_emails.ask_to_record)
    for email in told(kind).values():
        mail = mail_of(email, OrganisationSettings.objects.get())
        assert "Thursday 5 March 2026, 13:00 (Berlin time)" in mail.subject
        for body in (mail.body, str(mail.alternatives[0][0])):
            assert "{{" not in body
            assert "{%" not in body
