"""What came of sessions: recorded, corrected, missed, moved, cancelled, and who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.audit.models import AuditEvent
from core.common import clock
from core.notifications.channels.email import mail_of
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from pairing.errors import NotTheirs
from sessions.attendance import queries as attendance_queries
from sessions.attendance.operations import recording, replies
from sessions.errors import BeforeItBegan, NobodyMet, NotHeld, NotPlanned, NotYetBegun
from sessions.models.sessions import Absence, Attendance, Retrospective, RetrospectiveLines, Session
from sessions.planning.operations import changes
from tests.cast import Cast
from tests.sessions.build import (
    NOON,
    everyone,
    hold_session,
    let_emails_go,
    make_cohort,
    make_partnership,
    plan,
)
from tests.sessions.conftest import Circle
from tests.work import everywhere


@pytest.fixture(autouse=True)
def _at_acme(cast: Cast):
    with tenant(cast.acme):
        yield


def test_a_session_is_recorded_with_who_came(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    with clock.at(session.starts_at + timedelta(hours=1)):
        recording.record_session(
            session=session,
            attendance={circle.seat("Petra"): "present", circle.seat("Mei"): "present"},
            retrospective=RetrospectiveLines(thanks="Mei"),
            by=cast.petra,
        )
    assert (session.state, session.held_at) == (Session.State.HELD, session.starts_at)
    kinds = dict(Attendance.objects.values_list("seat__enrolment__member__given_name", "kind"))
    assert kinds == {
        "Petra": "present",
        "Mei": "present",
        **dict.fromkeys(["Pavel", "Amara", "Jonas", "Leila"], "absent"),
    }
    assert Retrospective.objects.get().seat_id == circle.seat("Petra").pk
    event = AuditEvent.objects.get(verb="session.recorded")
    assert event.details == {"present": 2}


def test_who_said_so_before_is_excused(circle: Circle):
    session, mei = circle.sessions[0], circle.seat("Mei")
    replies.declare_absence(session=session, seat=mei, by=None)
    present = {seat: "present" for seat in circle.seats if seat.pk != mei.pk}
    with clock.at(session.starts_at):
        recording.record_session(session=session, attendance=present, by=None)
    assert Attendance.objects.get(seat=mei).kind == Attendance.Kind.EXCUSED


def test_a_session_is_not_recorded_early_twice_alone_or_by_strangers(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    present = everyone(session)
    with pytest.raises(NotYetBegun):
        recording.record_session(session=session, attendance=present, by=None)
    with clock.at(session.starts_at):
        with pytest.raises(NotTheirs):
            recording.record_session(session=session, attendance=present, by=cast.hugo)
        alone = {circle.seat("Petra"): "present"}
        with pytest.raises(NobodyMet):
            recording.record_session(session=session, attendance=alone, by=cast.petra)
        recording.record_session(session=session, attendance=present, by=cast.petra)
        with pytest.raises(NotPlanned):
            recording.record_session(session=session, attendance=present, by=cast.petra)


def test_a_seat_of_another_partnership_is_a_caller_s_mistake(cast: Cast, circle: Circle):
    other = make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel])
    strange = everyone(plan(other)[0])
    with clock.at(circle.sessions[0].starts_at), pytest.raises(ValueError, match="partnership"):
        recording.record_session(session=circle.sessions[0], attendance=strange, by=None)


def test_attendance_is_corrected_later(cast: Cast, circle: Circle):
    session = hold_session(circle.sessions[0])
    later = session.starts_at + timedelta(days=3)
    with clock.at(later):
        recording.correct_attendance(
            session=session, attendance={circle.seat("Mei"): "absent"}, by=cast.petra
        )
        assert Attendance.objects.filter(kind="present").count() == 5
        with pytest.raises(NotHeld):
            recording.correct_attendance(session=circle.sessions[1], attendance={}, by=None)
    session.refresh_from_db()
    assert session.changed_at == later


def test_sessions_that_nobody_recorded_are_missed_after_a_week_and_can_still_be_recorded(
    circle: Circle,
):
    session = circle.sessions[0]
    with clock.at(session.ends_at + timedelta(days=7) - timedelta(seconds=1)):
        everywhere(recording.mark_missed_sessions)
    session.refresh_from_db()
    assert session.state == Session.State.PLANNED
    late = session.ends_at + timedelta(days=7)
    with clock.at(late):
        everywhere(recording.mark_missed_sessions)
        everywhere(recording.mark_missed_sessions)
    session.refresh_from_db()
    assert (session.state, session.changed_at) == (Session.State.MISSED, late)
    assert AuditEvent.objects.filter(verb="session.missed").count() == 1
    with clock.at(late):
        recording.record_session(session=session, attendance=everyone(session), by=None)
    assert session.is_held


def test_a_session_never_planned_takes_its_place_in_time(cast: Cast, circle: Circle):
    held_at = circle.sessions[0].starts_at + timedelta(days=3)
    with clock.at(held_at + timedelta(days=1)):
        extra = recording.record_extra_session(
            partnership=circle.partnership,
            held_at=held_at,
            attendance=everyone(circle.sessions[0]),
            by=cast.petra,
        )
        with pytest.raises(BeforeItBegan):
            recording.record_extra_session(
                partnership=circle.partnership,
                held_at=NOON - timedelta(days=1),
                attendance=everyone(circle.sessions[0]),
                by=cast.petra,
            )
    assert extra.number == 2
    numbers = Session.objects.order_by("starts_at").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5, 6, 7]


def changed_emails() -> list[Email]:
    return list(Email.objects.filter(kind="sessions.changed", withdrawn_at=None))


def test_moving_a_session_is_told_once_to_everybody(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    let_emails_go()
    replies.declare_absence(session=session, seat=circle.seat("Mei"), by=None)
    before = Session.objects.get(pk=session.pk).sequence
    to = session.starts_at + timedelta(days=1)
    changes.reschedule(session=session, starts_at=to, by=cast.petra)
    changes.reschedule(session=session, starts_at=to, by=cast.petra)

    told = [email.member_id for email in changed_emails()]
    assert sorted(told) == sorted(member.pk for member in circle.members)
    # who did it is told too: the event in their calendar moves with the e-mail
    assert session.sequence > before
    assert session.day == to.date()
    # who could not come on the old day is asked afresh
    assert not Absence.objects.exists()


def test_only_the_last_change_is_told(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    let_emails_go()
    changes.reschedule(
        session=session, starts_at=session.starts_at + timedelta(days=1), by=cast.petra
    )
    changes.cancel(session=session, cause="workload", by=cast.petra)
    emails = changed_emails()
    assert len(emails) == 6
    assert all(email.context["cancelled"] for email in emails)
    assert emails[0].context["cause"] == "Too much other work"


def test_the_emails_can_be_written(cast: Cast, circle: Circle):
    let_emails_go()
    changes.cancel(session=circle.sessions[1], cause="workload", by=cast.cora)
    changes.reschedule(session=circle.sessions[0], starts_at=NOON + timedelta(days=9), by=cast.cora)
    chosen = OrganisationSettings.objects.get()
    emails = Email.objects.select_related("member", "organisation").filter(member=cast.petra)
    mails = {
        (email.kind, email.context.get("cancelled")): mail_of(email, chosen) for email in emails
    }
    invitation = mails["sessions.invitation", None]
    assert "6 sessions" in invitation.subject
    assert "Thursday 5 March 2026, 13:00 (Berlin time)" in invitation.body
    assert "/l/rsvp/" in invitation.body
    assert "Too much other work" in mails["sessions.changed", True].body
    assert "Wednesday 11 March 2026, 13:00" in mails["sessions.changed", False].subject
    for mail in mails.values():
        assert "{{" not in mail.body
        assert "{%" not in str(mail.alternatives[0][0])


def test_lines_are_written_by_partners_about_held_sessions(cast: Cast, circle: Circle):
    with pytest.raises(NotHeld):
        recording.write_retrospective(
            session=circle.sessions[0], lines=RetrospectiveLines(worked="x"), by=cast.petra
        )
    session = hold_session(circle.sessions[0])
    for words in ("first", "second"):
        recording.write_retrospective(
            session=session, lines=RetrospectiveLines(words), by=cast.petra
        )
    assert Retrospective.objects.get().worked == "second"
    with pytest.raises(NotTheirs):
        recording.write_retrospective(session=session, lines=RetrospectiveLines("x"), by=cast.cora)
    assert not Retrospective.objects.visible_to(cast.cora).exists()
    assert Retrospective.objects.visible_to(cast.pavel).exists()


def test_sessions_held_are_counted(cast: Cast, circle: Circle):
    partnership = circle.partnership.pk
    assert attendance_queries.held_counts([partnership]) == {partnership: 0}
    hold_session(circle.sessions[0])
    assert attendance_queries.held_counts([partnership]) == {partnership: 1}


def test_a_session_to_which_nobody_came_is_missed_and_who_stayed_away_is_a_fact(
    cast: Cast, circle: Circle
):
    first, second = circle.sessions[:2]
    with pytest.raises(NotYetBegun):
        changes.mark_nobody_came(session=first, by=cast.petra)
    with clock.at(first.ends_at):
        missed = changes.mark_nobody_came(session=first, by=cast.petra)
        assert (missed.state, missed.attendance.count()) == (Session.State.MISSED, 0)
        with pytest.raises(NotPlanned):
            changes.mark_nobody_came(session=first, by=cast.petra)
    replies.decline_invitation(session=second, seat=circle.seat("Mei"), by=None, reason="A wedding")
    with clock.at(second.ends_at):
        came = [circle.seat(name) for name in ("Petra", "Pavel", "Jonas")]
        present = dict.fromkeys(came, Attendance.Kind.PRESENT)
        recording.record_session(session=second, attendance=present, by=cast.petra)
    kinds = {a.seat_id: a.kind for a in Attendance.objects.filter(session=second)}
    assert kinds[circle.seat("Mei").pk] == Attendance.Kind.EXCUSED
    assert kinds[circle.seat("Leila").pk] == Attendance.Kind.ABSENT
