"""One of a pair says that they met: with a second voice it is a session, before that nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from core.common import clock
from core.notifications.dispatch import dispatch
from core.tenancy.context import tenant
from feedback.errors import MeetingClosed
from feedback.models.check_ins import CheckIn
from feedback.models.meetings import MeetingQuestion
from feedback.surveys.base import open_due
from feedback.surveys.check_in import CHECK_IN, answer_check_in
from feedback.surveys.meeting import MEETING, answer_meeting, my_open_meetings
from feedback.surveys.table import withdraw_emails
from pairing.models.partnerships import Partnership, Seat
from sessions.attendance.operations.recording import record_extra_session
from sessions.models.sessions import Attendance, Session
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import (
    AFTER_ONE_PERIOD,
    ANSWER,
    FOUR_TAPS,
    link,
    make_cohort,
    make_partnership,
)

DAY = date(2026, 3, 12)
TAPS = FOUR_TAPS | {"readers": "me"}


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(AFTER_ONE_PERIOD):
        yield


@pytest.fixture
def pair(cast: Cast) -> list[Seat]:
    return make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)


def check_in_of(seat: Seat) -> CheckIn:
    with tenant(seat.organisation):
        open_due(CHECK_IN, at=clock.now())
        return CheckIn.objects.for_list().get(seat=seat)


def say(seat: Seat, met_on: date | None = DAY) -> None:
    """Let this person say in their check-in that they met."""
    check_in = check_in_of(seat)
    with tenant(seat.organisation):
        answer_check_in(check_in=check_in, by=seat.enrolment.member, met_on=met_on, **ANSWER)


def sweep(cast: Cast) -> int:
    with tenant(cast.acme):
        opened = open_due(MEETING, at=clock.now())
        withdraw_emails(at=clock.now())
        return opened


def question(cast: Cast) -> MeetingQuestion:
    with tenant(cast.acme):
        return MeetingQuestion.objects.for_list().get()


def sessions(cast: Cast) -> list[tuple[date, str, list[str]]]:
    with tenant(cast.acme):
        return [
            (
                row.day,
                row.state,
                sorted(
                    row.attendance.filter(kind=Attendance.Kind.PRESENT).values_list(
                        "seat__enrolment__member__given_name", flat=True
                    )
                ),
            )
            for row in Session.objects.order_by("day")
        ]


def test_it_is_a_session_once_the_other_says_so_by_the_link(cast: Cast, pair: list[Seat]) -> None:
    say(pair[0])
    assert sweep(cast) == 1
    assert sweep(cast) == 0
    assert sessions(cast) == []
    dispatch()
    assert mail.outbox[-1].to == ["pavel@acme.example"]
    assert mail.outbox[-1].subject == "Did you and Petra meet on 12 March?"
    path, client = link("meeting", cast.pavel, question(cast).pk), Client()
    assert "Petra says that you met on Thursday 12 March" in client.get(path).text
    assert sessions(cast) == []
    assert client.post(path, {"met": "yes"}).status_code == 302
    assert "is recorded, with both of you there" in client.get(path).text
    assert sessions(cast) == [(DAY, "held", ["Pavel", "Petra"])]
    assert "This was answered" in Client().get(path).text
    client.post(path, {"met": "yes"})
    assert len(sessions(cast)) == 1


@pytest.mark.slow
def test_the_first_reads_that_it_counts_nowhere_yet_and_home_asks_the_other(
    cast: Cast, pair: list[Seat]
) -> None:
    path = check_in_of(pair[0]).get_absolute_url()
    client = sign_in(cast.petra)
    assert "We ask Pavel too: then it is one." in client.get(path).text
    assert client.post(path, TAPS | {"met_on": "2026-03-12"}).status_code == 302
    assert "until then it counts nowhere" in client.get(path).text
    sweep(cast)
    home = sign_in(cast.pavel).get("/o/acme/").text
    assert "Did you meet on 12 March?" in home
    assert "Did you meet on 12 March?" not in sign_in(cast.petra).get("/o/acme/").text
    own = question(cast).get_absolute_url()
    for other in (cast.petra, cast.cora, cast.olga, cast.greta):
        assert sign_in(other).get(own).status_code == 404


def test_the_other_may_say_so_in_their_check_in(cast: Cast, pair: list[Seat]) -> None:
    say(pair[0])
    sweep(cast)
    path = check_in_of(pair[1]).get_absolute_url()
    client = sign_in(cast.pavel)
    page = client.get(path).text
    assert "Petra says that you met on 12 March. Did you?" in page
    assert 'name="met_on"' not in page
    assert client.post(path, TAPS | {"agrees": "yes"}).status_code == 302
    assert sessions(cast) == [(DAY, "held", ["Pavel", "Petra"])]


def test_a_no_records_nothing(cast: Cast, pair: list[Seat]) -> None:
    say(pair[0])
    sweep(cast)
    client = sign_in(cast.pavel)
    client.post(question(cast).get_absolute_url(), {"met": "no"})
    assert "Then nothing is recorded." in client.get(question(cast).get_absolute_url()).text
    assert sessions(cast) == []
    assert sweep(cast) == 0


def test_what_was_planned_on_that_day_is_the_session(cast: Cast, pair: list[Seat]) -> None:
    with tenant(cast.acme):
        Session.objects.create(
            partnership=pair[0].partnership,
            number=1,
            starts_at=datetime(2026, 3, 12, 10, tzinfo=UTC),
            day=DAY,
            duration_minutes=60,
        )
    say(pair[0])
    sweep(cast)
    with tenant(cast.acme):
        answer_meeting(question=question(cast), by=cast.pavel, met=True)
    assert sessions(cast) == [(DAY, "held", ["Pavel", "Petra"])]


def test_it_is_settled_when_somebody_records_a_session_of_these_days(
    cast: Cast, pair: list[Seat]
) -> None:
    say(pair[0])
    sweep(cast)
    with tenant(cast.acme):
        record_extra_session(
            partnership=pair[0].partnership,
            held_at=datetime(2026, 3, 10, 9, tzinfo=UTC),
            attendance=dict.fromkeys(pair, Attendance.Kind.PRESENT),
            by=cast.petra,
        )
        assert not my_open_meetings(cast.pavel, at=clock.now()).exists()
        with pytest.raises(MeetingClosed):
            answer_meeting(question=question(cast), by=cast.pavel, met=True)
    sweep(cast)
    mail.outbox.clear()
    dispatch()
    assert not [sent for sent in mail.outbox if "meet on" in sent.subject]
    path = question(cast).get_absolute_url()
    assert "This is settled" in sign_in(cast.pavel).get(path).text
    refused = sign_in(cast.pavel).post(path, {"met": "yes"})
    assert (refused.status_code, "This is settled:" in refused.text) == (422, True)
    assert len(sessions(cast)) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda seat: CheckIn.objects.update(met_on=None),
        lambda seat: CheckIn.objects.filter(seat=seat).update(met=False, progress=None),
        lambda seat: Partnership.objects.update(state="paused"),
        lambda seat: CheckIn.objects.update(met_on=DAY - timedelta(days=40)),
    ],
)
def test_others_are_not_asked(cast: Cast, pair: list[Seat], change: Any) -> None:
    say(pair[0])
    with tenant(cast.acme):
        change(pair[0])
    assert sweep(cast) == 0


def test_a_circle_is_not_asked_for_a_day(cast: Cast) -> None:
    seats = make_partnership(
        make_cohort(cast.acme), cast.petra, cast.pavel, make_member(cast.acme, "Pia")
    )
    assert (
        'name="met_on"'
        not in sign_in(cast.petra).get(check_in_of(seats[0]).get_absolute_url()).text
    )
    say(seats[0])
    assert sweep(cast) == 0


@pytest.mark.parametrize("day", ["2026-03-01", "2026-03-16"])
def test_a_day_outside_of_the_period_is_refused_at_the_field(
    cast: Cast, pair: list[Seat], day: str
) -> None:
    path = check_in_of(pair[0]).get_absolute_url()
    refused = sign_in(cast.petra).post(path, TAPS | {"met_on": day})
    assert (refused.status_code, "From 2 March to 15 March" in refused.text) == (422, True)
    with pytest.raises(ValueError, match="a day on which they met"):
        say(pair[0], date.fromisoformat(day))


@pytest.mark.slow
def test_the_next_session_is_planned_with_the_answer_where_none_is(
    cast: Cast, pair: list[Seat]
) -> None:
    path = check_in_of(pair[0]).get_absolute_url()
    client = sign_in(cast.petra)
    assert "When do you meet next?" in client.get(path).text
    past = client.post(path, TAPS | {"next_at_0": "2026-03-10", "next_at_1": "10:00"})
    assert (past.status_code, sessions(cast)) == (422, [])
    assert check_in_of(pair[0]).answered_at is None
    assert 'value="2026-03-10"' in past.text
    client.post(path, TAPS | {"next_at_0": "2026-03-20", "next_at_1": "10:00"})
    assert sessions(cast) == [(date(2026, 3, 20), "planned", [])]
    assert "Friday 20 March, 10:00" in client.get(path).text
    assert "When do you meet next?" not in client.get(f"{path}?change=yes").text
