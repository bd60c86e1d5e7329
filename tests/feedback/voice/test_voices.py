"""Whether everybody is heard: asked once a month as nobody, said to the circle first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from core.common import clock
from core.members.models import Member
from core.notifications.dispatch import dispatch
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.models.surveys import AnonymousBox, SurveyResponse
from feedback.models.voice import VoiceResult, closed_month, last_month, next_month
from feedback.surveys.base import open_due
from feedback.surveys.items import answer_survey
from feedback.surveys.voice import VOICE
from feedback.voice.operations import close_months, tell_facilitators
from metrics.health import Reason
from pairing.models.partnerships import Seat
from programs.models.parts import MeetingRole
from programs.models.programs import Enrolment, Program
from sessions.models.sessions import Session, Turn
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import make_cohort, make_held_session, make_partnership
from tests.metrics.build import partnership_alerts

APRIL, CLOSED = datetime(2026, 4, 2, 12, tzinfo=UTC), datetime(2026, 4, 11, 12, tzinfo=UTC)
ALL_WELL = {"heard": 4, "dominated": "no"}
NOT_HEARD = {"heard": 2, "dominated": "no"}
DOMINATED = {"heard": 3, "dominated": "yes"}


@pytest.fixture
def circle(cast: Cast) -> list[Seat]:
    """A circle of six that met on 16 March."""
    others = [make_member(cast.acme, name) for name in ("Pia", "Paul", "Pola")]
    seats = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel, cast.hugo, *others)
    make_held_session(*seats)
    return seats


def ask(cast: Cast, at: datetime = APRIL) -> int:
    with clock.at(at), tenant(cast.acme):
        return open_due(VOICE.survey, at=at)


def answer(seat: Seat, answers: dict[str, Any], at: datetime = APRIL) -> None:
    with clock.at(at), tenant(seat.organisation):
        row = SurveyResponse.objects.for_list().filter(survey=VOICE.name, seat=seat).latest("pk")
        member = seat.enrolment.member
        answer_survey(questionnaire=VOICE, response=row, by=member, answers=answers)


def close(cast: Cast, at: datetime = CLOSED) -> tuple[int, int]:
    with clock.at(at), tenant(cast.acme):
        return close_months(at=at), tell_facilitators(at=at)


def results(cast: Cast) -> list[tuple[bool, bool, bool]]:
    with tenant(cast.acme):
        rows = VoiceResult.objects.order_by("month")
        return list(rows.values_list("enough", "unheard", "dominated"))


def month(cast: Cast, seats: Sequence[Seat], answers: Sequence[dict[str, Any]], at: Any) -> None:
    """Let a circle meet, be asked and answer; `at` is in the month after."""
    make_held_session(*seats, day=last_month(at.date()).replace(day=20), number=at.month)
    ask(cast, at)
    for seat, row in zip(seats, answers, strict=False):
        answer(seat, row, at)
    close(cast, at.replace(day=11))


def test_a_circle_of_six_that_met_is_asked_once_a_month(cast: Cast, circle: list[Seat]) -> None:
    assert ask(cast, APRIL - timedelta(days=4)) == 0  # the month is not over
    assert ask(cast) == 6
    assert ask(cast) == 0
    assert ask(cast, APRIL + timedelta(days=30)) == 0  # in April nobody met
    assert [row.subject for row in _sent()] == ["Is everybody heard in Circle Wye?"] * 6
    page = sign_in(cast.petra)
    with clock.at(APRIL):
        assert "Is everybody heard, Petra?" in page.get("/o/acme/").text


def _sent() -> list[Any]:
    with clock.at(APRIL):
        dispatch()
    return list(mail.outbox)


@pytest.mark.parametrize(
    "change",
    [
        lambda seats: Seat.objects.filter(pk=seats[0].pk).update(left_at=APRIL),
        lambda _seats: Session.objects.update(state="missed", held_at=None),
        lambda _seats: Program.objects.update(format=Program.Format.PAIRS),
        lambda seats: Enrolment.objects.filter(
            pk__in=[seats[0].enrolment_id, seats[1].enrolment_id]
        ).update(paused_until=date(2026, 5, 1)),
    ],
)
def test_others_are_not_asked(cast: Cast, circle: list[Seat], change: Any) -> None:
    with tenant(cast.acme):
        change(circle)
    assert ask(cast) == 0
    assert ask(cast, APRIL + timedelta(days=4)) == 0


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        ([NOT_HEARD] * 4, (False, False, False)),
        ([], (False, False, False)),
        ([ALL_WELL] * 6, (True, False, False)),
        ([NOT_HEARD, *[ALL_WELL] * 4], (True, False, False)),
        ([NOT_HEARD, DOMINATED, *[ALL_WELL] * 4], (True, False, False)),
        ([NOT_HEARD] * 2 + [ALL_WELL] * 3, (True, True, False)),
        ([DOMINATED] * 2 + [ALL_WELL] * 3, (True, False, True)),
        ([NOT_HEARD] * 2 + [DOMINATED] * 4, (True, True, True)),
    ],
)
def test_a_signal_takes_five_answers_and_two_who_say_so(
    cast: Cast, circle: list[Seat], answers: list[dict[str, Any]], result: tuple[bool, bool, bool]
) -> None:
    ask(cast)
    for seat, row in zip(circle, answers, strict=False):
        answer(seat, row)
    assert close(cast, CLOSED - timedelta(days=1))[0] == 0
    assert close(cast)[0] == 1
    assert close(cast)[0] == 0
    assert results(cast) == [result]
    with tenant(cast.acme):
        assert not AnonymousBox.objects.exists()


def _pages(people: Sequence[Member], partnership: Any, at: datetime) -> list[str]:
    """Return what each of these people reads anywhere near, without what differs by the request."""
    paths = [
        "/o/acme/",
        partnership.get_absolute_url(),
        f"{partnership.get_absolute_url()}voices/",
        f"/o/acme/cohorts/{partnership.cohort_id}/check-ins/",
        "/o/acme/todo/",
    ]
    texts = []
    for member in people:
        with clock.at(at):
            client = sign_in(member)
            texts += [_steady(client.get(path).text) for path in paths]
    return texts


def _steady(text: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value|nonce|X-CSRFToken":) ?=?"?[^" ]*"?', "", text)


def _world(cast: Cast, circle: list[Seat], last: dict[str, Any], known: Any) -> Iterator[list[str]]:
    """Yield what everybody but the last reads on each day, if that is what the last answers."""
    for seat, row in zip(circle[:-1], known, strict=True):
        answer(seat, row)
    answer(circle[-1], last)
    people = [seat.enrolment.member for seat in circle[:-1]] + [cast.cora, cast.olga]
    for days in (0, 4, 8):
        at = APRIL + timedelta(days=days)
        close(cast, at)
        yield _pages(people, circle[0].partnership, at)
    close(cast)
    yield _pages(people, circle[0].partnership, CLOSED)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("known", "tells"),
    [
        ([ALL_WELL] * 5, False),
        ([NOT_HEARD, NOT_HEARD, *[ALL_WELL] * 3], False),
        ([NOT_HEARD, *[ALL_WELL] * 4], True),  # the second voice makes the signal, at the close
    ],
)
def test_who_knows_all_answers_but_one_reads_nothing_of_it_before_the_close(
    cast: Cast, circle: list[Seat], known: Any, tells: bool
) -> None:
    ask(cast)
    worlds = []
    for last in (ALL_WELL, NOT_HEARD):
        with transaction.atomic():
            worlds.append(list(_world(cast, circle, last, known)))
            transaction.set_rollback(True)
    one, other = worlds
    assert one[:-1] == other[:-1]
    assert (one[-1] != other[-1]) is tells


def _lead(circle: list[Seat], seat: Seat, day: date) -> None:
    with tenant(seat.organisation):
        role = MeetingRole.objects.create(
            program=seat.partnership.cohort.program, key="lead", name="Facilitator", leads=True
        )
        session = Session.objects.create(
            partnership=seat.partnership,
            number=99,
            starts_at=datetime(day.year, day.month, day.day, 10, tzinfo=UTC),
            day=day,
            duration_minutes=60,
        )
        Turn.objects.create(session=session, role=role, seat=seat, reason="in_turn")


def test_who_leads_next_is_told_once_with_ways_to_share_the_word(
    cast: Cast, circle: list[Seat]
) -> None:
    ask(cast)
    for seat in circle:
        answer(seat, NOT_HEARD)
    assert close(cast) == (1, 0)  # nobody is to lead yet
    _lead(circle, circle[1], date(2026, 4, 20))
    assert close(cast) == (0, 1)
    assert close(cast) == (0, 0)
    with tenant(cast.acme):
        email = Email.objects.get(kind="feedback.voices")
        assert email.member_id == cast.pavel.pk
    with clock.at(CLOSED):
        page = sign_in(cast.pavel).get(email.link["page"])
        assert "March: two or more of you were not heard." in page.text
        assert "One round before any discussion." in page.text


def test_its_circle_alone_reads_a_signal_and_it_clears_with_the_next_close(
    cast: Cast, circle: list[Seat]
) -> None:
    ask(cast)
    for seat in circle[:4]:
        answer(seat, DOMINATED)
    close(cast)
    path = f"/o/acme/partnerships/{circle[0].partnership_id}/voices/"
    with clock.at(CLOSED):
        whole = sign_in(cast.petra).get(path).text
        fragment = sign_in(cast.petra).get(path, HTTP_HX_REQUEST="true").text
        assert "<html" not in fragment
        assert "fewer than five of you answered" in fragment
        assert "<html" in whole
        assert "fewer than five of you answered" in whole
        for other in (cast.cora, cast.olga, cast.greta):
            assert sign_in(other).get(path).status_code == 404
    with clock.at(CLOSED + timedelta(days=30)):
        assert "Nothing was asked about last month" in sign_in(cast.petra).get(path).text


@pytest.mark.slow
def test_a_coordinator_reads_of_the_circle_when_it_comes_a_second_month_running(
    cast: Cast, circle: list[Seat]
) -> None:
    said = [NOT_HEARD] * 3 + [ALL_WELL] * 3

    def alerts(at: datetime) -> list[Any]:
        with tenant(cast.acme):
            return [
                (alert.title, alert.person)
                for alert in partnership_alerts(cast.cora, now=at)
                if alert.reason == Reason.VOICES
            ]

    day = [datetime(2026, number, 2, 12, tzinfo=UTC) for number in range(4, 8)]
    month(cast, circle, said, day[0])
    assert alerts(day[0].replace(day=12)) == []
    month(cast, circle, said, day[1])
    assert alerts(day[1].replace(day=10)) == []
    assert alerts(day[1].replace(day=12)) == [("Circle Wye: not everybody is heard", None)]
    month(cast, circle, [ALL_WELL] * 6, day[2])
    assert alerts(day[2].replace(day=12)) == []
    month(cast, circle, said, day[3])
    assert alerts(day[3].replace(day=12)) == []


def test_a_month_closes_on_the_eleventh_of_the_next() -> None:
    assert closed_month(date(2026, 1, 10)) == date(2025, 11, 1)
    assert closed_month(date(2026, 1, 11)) == date(2025, 12, 1)
    assert (last_month(date(2026, 3, 31)), next_month(date(2026, 12, 1))) == (
        date(2026, 2, 1),
        date(2027, 1, 1),
    )
