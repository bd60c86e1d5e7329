"""What coordinators hear: the list on Monday, each application, and who was asked often enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from core.common import clock
from core.members.models import Member
from core.notifications.dispatch import dispatch
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.models.check_ins import CheckIn
from feedback.queries import cohort_nudges
from feedback.surveys.base import open_due
from feedback.surveys.check_in import CHECK_IN, answer_check_in, remind_open_check_ins
from metrics.health import Reason
from metrics.monday import WORDS, send_monday_lists
from metrics.todo import todo_list, todo_rows
from pairing.models.partnerships import Seat
from programs.operations import enrolments
from sessions.attendance.emails import ask_to_record
from sessions.models.sessions import Session
from tests.cast import Cast, make_member, sign_in
from tests.feedback import build
from tests.programs.build import make_application, make_cohort, make_program

MONDAY_8 = datetime(2027, 1, 11, 7, tzinfo=UTC)  # in Berlin
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOLD = timedelta(seconds=90)


@pytest.fixture(autouse=True)
def paced(settings) -> None:
    settings.NOTIFICATION_PACING = True
    settings.NOTIFICATION_HOLD = HOLD


def apply(cast: Cast, *people: Member) -> None:
    cohort = make_cohort(make_program(cast.acme))
    for person in people:
        make_application(cohort, person)


def send_lists(cast: Cast, at: datetime) -> int:
    with clock.at(at), tenant(cast.acme):
        return send_monday_lists(at=at)


def sent(at: datetime) -> list[tuple[str, str]]:
    mail.outbox.clear()
    with clock.at(at):
        dispatch()
    return [(message.to[0], message.subject) for message in mail.outbox]


def test_what_waits_comes_once_on_monday_morning_as_counts(cast: Cast) -> None:
    apply(cast, cast.petra, cast.pavel)
    assert send_lists(cast, MONDAY_8 - HOUR) == 0
    assert send_lists(cast, MONDAY_8) == 1
    assert send_lists(cast, MONDAY_8 + HOUR) == 0

    assert sent(MONDAY_8 + HOLD) == [("cora@acme.example", "One thing waits for you this week")]
    body = mail.outbox[0].body
    assert "Applications wait in a cohort: 1" in body
    assert "?state=applied" in body
    assert "Petra" not in body
    assert send_lists(cast, MONDAY_8 + 7 * DAY) == 1


def test_where_nothing_waits_nothing_comes_and_nobody_looks_again(cast: Cast) -> None:
    assert send_lists(cast, MONDAY_8) == 0
    apply(cast, cast.petra)
    assert send_lists(cast, MONDAY_8 + HOUR) == 0
    assert sent(MONDAY_8 + 2 * HOUR) == []


def test_each_coordinator_has_their_own_monday(cast: Cast) -> None:
    apply(cast, cast.petra)
    make_member(cast.acme, "Nia", Member.Role.COORDINATOR, time_zone="America/New_York")
    assert send_lists(cast, MONDAY_8) == 1
    assert send_lists(cast, MONDAY_8 + 5 * HOUR) == 0
    assert send_lists(cast, MONDAY_8 + 6 * HOUR) == 1


def test_every_reason_has_words_without_names() -> None:
    assert set(WORDS) == set(Reason)


def test_applications_come_once_a_day_and_none_that_is_decided(cast: Cast) -> None:
    cohort = make_cohort(make_program(cast.acme))
    with clock.at(MONDAY_8 + 2 * HOUR), tenant(cast.acme):
        rows = [
            enrolments.apply(
                cohort=cohort, member=member, part="peer", answers={}, accept_expectations=True
            )
            for member in (cast.petra, cast.pavel, cast.hugo)
        ]
    with clock.at(MONDAY_8 + 3 * HOUR), tenant(cast.acme):
        enrolments.accept(enrolment=rows[1], by=cast.cora)
    sent(MONDAY_8 + 4 * HOUR)
    assert sent(MONDAY_8 + DAY) == [("cora@acme.example", "Your day at Acme")]
    lines = mail.outbox[0].body
    assert "Petra Acme applies to Spring" in lines
    assert "Hugo Acme applies to Spring" in lines
    assert "Pavel" not in lines


NOON = build.AFTER_ONE_PERIOD


def steps(cast: Cast, at: datetime) -> None:
    with clock.at(at - 4 * HOUR):
        dispatch()
    with clock.at(at), tenant(cast.acme):
        open_due(CHECK_IN, at=at)
        remind_open_check_ins(at=at)
        ask_to_record(at=at)
    with clock.at(at + HOLD):
        dispatch()


@pytest.fixture
def seats(cast: Cast) -> list[Seat]:
    """A table that was asked, reminded on a Thursday and a Monday, and has a session to record."""
    cohort = build.make_cohort(cast.acme)
    seats = build.make_partnership(cohort, cast.petra, cast.pavel)
    starts_at = NOON + 4 * DAY
    with tenant(cast.acme):
        Session.objects.create(
            partnership=seats[0].partnership,
            number=1,
            starts_at=starts_at,
            day=starts_at.date(),
            duration_minutes=60,
        )
    for day in range(8):  # asked on a Monday; twice by Monday, and a third on Tuesday would be
        steps(cast, NOON + day * DAY)
    return seats


def test_who_was_asked_twice_is_on_the_list_instead_until_they_answer(
    cast: Cast, seats: list[Seat]
) -> None:
    with tenant(cast.acme), clock.at(NOON + 8 * DAY):
        escalated = Email.objects.filter(escalated_at__isnull=False)
        assert set(escalated.values_list("kind", "member__given_name")) == {
            ("sessions.record_reminder", "Petra"),
            ("sessions.record_reminder", "Pavel"),
        }

        def alerts(member: Member) -> list[tuple[str, str]]:
            items = todo_rows(todo_list(member, now=clock.now()))
            return [
                (item.alert.title, item.alert.why)
                for item in items
                if item.alert.reason == Reason.ASKED_TWICE
            ]

        assert sorted(alerts(cast.cora)) == [
            (
                f"{member} was reminded twice in a week",
                "No third e-mail went on 23 March. Not answered in Circle Wye: "
                "a session to record.",
            )
            for member in (cast.pavel, cast.petra)
        ]
        Session.objects.update(state=Session.State.HELD, held_at=clock.now())
        assert alerts(cast.cora) == []


def test_what_reminders_brought_is_on_the_page_of_check_ins(cast: Cast, seats: list[Seat]) -> None:
    cohort = seats[0].partnership.cohort
    with tenant(cast.acme), clock.at(NOON + 7 * DAY):
        check_in = CheckIn.objects.for_list().get(seat=seats[0])
        answer_check_in(check_in=check_in, by=cast.petra, **build.ANSWER)
    url = reverse("feedback:cohort_check_ins", args=["acme", cohort.pk])
    with clock.at(NOON + 9 * DAY):
        with tenant(cast.acme):
            assert [row[1:] for row in cohort_nudges(cohort, at=clock.now())] == [(1, 4)]
        text = " ".join(sign_in(cast.cora).get(url).text.split())
    assert "Reminders of a check-in you have not answered: 1 of 4 answered within two days" in text
