"""A poll about times: asked, answered, closed exactly once, and the best time taken."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.accounts.operations import people
from core.audit.models import AuditEvent
from core.common import clock
from core.common.errors import DomainError, violated
from core.members.links import SignedLink, signed_path
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.errors import NotTheirs, PartnershipNotActive
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.operations import partnerships
from programs.models.programs import Enrolment
from sessions.errors import (
    NoSuchTime,
    NotPlanned,
    NotYoursToDecide,
    PollClosed,
    PollInForce,
    PollNeedsTimes,
    StartsInThePast,
)
from sessions.models.polls import PollAnswer, PollTime, TimePoll
from sessions.models.replies import Rsvp
from sessions.models.sessions import Absence, Session
from sessions.planning.operations import changes, polls
from tests.cast import Cast, sign_in
from tests.sessions.build import (
    NOON,
    let_emails_go,
    make_cohort,
    make_partnership,
    plan,
    seats_of,
    twice_at_once,
)
from tests.sessions.conftest import Circle
from tests.work import everywhere

DAY = timedelta(days=1)
YES, MAYBE, NO = "yes", "if_need_be", "no"
TIMES = [NOON + timedelta(days=7, hours=n) for n in range(3)]


def ask(partnership: Partnership, by: Member, **parts: object) -> TimePoll:
    given: dict[str, Any] = {"times": TIMES, "closes_at": NOON + timedelta(days=3), **parts}
    return polls.open_poll(partnership=partnership, by=by, **given)


def say(poll: TimePoll, n: int, *words: str) -> TimePoll:
    """Let the n-th person by name say their words to the times in order."""
    times = PollTime.objects.filter(poll=poll).order_by("starts_at")
    seat = by_name(poll.partnership)[n]
    says = dict(zip(times, words, strict=True))
    return polls.answer_poll(poll=poll, seat=seat, says=says, by=seat.enrolment.member)


def by_name(partnership: Partnership) -> list[Seat]:
    """Return the open seats by the names of their people: Cora, Pavel, Petra."""
    return sorted(seats_of(partnership), key=lambda seat: seat.enrolment.member.given_name)


def emails(kind: str) -> list[str]:
    rows = Email.objects.filter(kind=f"sessions.{kind}", withdrawn_at=None)
    return sorted(row.member.given_name for row in rows.select_related("member"))


@pytest.fixture
def table(noon: None, cast: Cast) -> Partnership:
    return make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel, cast.cora])


@pytest.mark.parametrize(
    ("answers", "best"),
    [
        (((YES, YES, NO), (NO, YES, YES), (NO, YES, YES)), 1),  # most can
        (((YES, MAYBE, NO), (MAYBE, YES, NO), (MAYBE, YES, NO)), 1),  # equally many: more yes
        (((NO, YES, YES), (NO, YES, YES), (NO, YES, YES)), 1),  # equal: the earliest
        (((MAYBE, YES, NO), (MAYBE, YES, NO), (MAYBE, NO, NO)), 0),  # if need be is a can
    ],
)
def test_when_all_have_answered_the_best_time_is_taken(
    cast: Cast, table: Partnership, answers: tuple[tuple[str, ...], ...], best: int
):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
        for n, words in enumerate(answers):
            assert poll.is_open
            poll = say(poll, n, *words)
        assert (poll.state, poll.best_at) == (TimePoll.State.CONFIRMED, TIMES[best])
        sessions = Session.objects.filter(partnership=table).order_by("number")
        assert next(s.starts_at for s in sessions) == TIMES[best]
        assert sessions.count() == 6


def test_a_season_that_stands_moves_to_the_time_that_was_found(cast: Cast, table: Partnership):
    planned = plan(table)
    with tenant(cast.acme):
        poll = ask(table, cast.cora)
        for n in range(3):
            poll = say(poll, n, NO, NO, YES)
        moved = Session.objects.filter(partnership=table).order_by("number")
        assert [s.pk for s in moved] == [s.pk for s in planned]
        assert moved[0].starts_at == TIMES[2]


@pytest.mark.slow
def test_one_session_moves_and_what_was_said_about_its_time_holds(cast: Cast, circle: Circle):
    session = circle.sessions[1]
    with tenant(cast.acme):
        poll = ask(circle.partnership, cast.petra, session=session)
        for n in range(6):
            poll = say(poll, n, NO, YES if n else NO, NO)
        session.refresh_from_db()
        assert session.starts_at == TIMES[1]
        assert Rsvp.objects.filter(session=session).count() == 5
        assert [a.seat for a in Absence.objects.all()] == [by_name(circle.partnership)[0]]


def test_everybody_but_the_opener_is_asked_and_only_the_undecided_reminded_once(
    cast: Cast, table: Partnership
):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
        assert emails("poll") == ["Cora", "Pavel"]
        say(poll, 1, YES, YES, YES)
        assert emails("poll") == ["Cora"]  # what has not left yet is taken back
    for hours in (47, 48, 50, 60):
        with clock.at(NOON + timedelta(hours=hours)):
            everywhere(polls.tend_polls)
    with tenant(cast.acme):
        assert emails("poll_reminder") == ["Cora", "Petra"]
        poll.refresh_from_db()
        assert poll.reminded_at == NOON + timedelta(hours=48)
        with clock.at(NOON + timedelta(hours=61)):
            say(poll, 0, NO, NO, YES)
        assert emails("poll_reminder") == ["Petra"]


def test_at_its_end_a_poll_closes_with_what_was_said_and_its_opener_confirms(
    cast: Cast, table: Partnership
):
    with tenant(cast.acme):
        poll = ask(table, cast.petra, confirms_itself=False)
        say(poll, 1, YES, NO, YES)
        say(poll, 2, NO, NO, YES)
    with clock.at(NOON + timedelta(days=3)):
        everywhere(polls.tend_polls)
        everywhere(polls.tend_polls)
        with tenant(cast.acme):
            poll.refresh_from_db()
            assert (poll.state, poll.best_at) == (TimePoll.State.CLOSED, TIMES[2])
            assert emails("poll_closed") == ["Petra"]
            assert not Session.objects.filter(partnership=table).exists()
            with pytest.raises(PollClosed):
                say(poll, 0, YES, YES, YES)
            with pytest.raises(NotYoursToDecide):
                polls.confirm_poll(poll=poll, starts_at=TIMES[0], by=cast.pavel)
            polls.confirm_poll(poll=poll, starts_at=TIMES[0], by=cast.petra)
            with pytest.raises(PollClosed):
                polls.confirm_poll(poll=poll, starts_at=TIMES[1], by=cast.petra)
            first = Session.objects.filter(partnership=table).order_by("number")[0]
            assert first.starts_at == TIMES[0]
            assert AuditEvent.objects.filter(verb="poll.closed").count() == 1


def test_where_fewer_than_two_can_it_comes_to_nothing_and_can_be_asked_again(
    cast: Cast, table: Partnership
):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
        with pytest.raises(PollInForce):
            ask(table, cast.pavel)
        for n in range(3):
            poll = say(poll, n, *(YES if n == place else NO for place in range(3)))
        assert (poll.state, poll.best_at) == (TimePoll.State.LAPSED, None)
        assert emails("poll_closed") == ["Petra"]
        again = ask(table, cast.pavel)
        assert polls.withdraw_poll(poll=again, by=cast.pavel).state == "withdrawn"
        assert emails("poll") == []
        with pytest.raises(PollClosed):
            polls.withdraw_poll(poll=again, by=cast.pavel)


def test_a_time_that_is_over_when_the_poll_closes_is_not_taken(cast: Cast, table: Partnership):
    with tenant(cast.acme):
        poll = ask(table, cast.petra, closes_at=TIMES[0])
        for n in (0, 1):
            say(poll, n, YES, YES, NO)
    with clock.at(TIMES[0] + timedelta(minutes=5)):  # the sweep came late
        everywhere(polls.tend_polls)
        with tenant(cast.acme):
            poll.refresh_from_db()
    assert (poll.state, poll.best_at) == (TimePoll.State.CONFIRMED, TIMES[1])


@pytest.mark.parametrize(
    ("times", "closes_at", "refusal"),
    [
        (TIMES[:2], NOON + timedelta(days=3), PollNeedsTimes),
        ([TIMES[0]] * 4, NOON + timedelta(days=3), PollNeedsTimes),
        (
            [NOON + timedelta(days=n) for n in range(4, 11)],
            NOON + timedelta(days=3),
            PollNeedsTimes,
        ),
        (TIMES, NOON, StartsInThePast),
        (TIMES, NOON + timedelta(days=8), StartsInThePast),
    ],
)
def test_a_poll_has_three_to_six_times_all_after_its_end(
    cast: Cast,
    table: Partnership,
    times: list[datetime],
    closes_at: datetime,
    refusal: type[DomainError],
):
    with tenant(cast.acme), pytest.raises(refusal):
        ask(table, cast.petra, times=times, closes_at=closes_at)


def test_strangers_neither_ask_nor_answer_and_postgres_holds_what_is_always_true(
    cast: Cast, table: Partnership
):
    with tenant(cast.acme):
        with pytest.raises(NotTheirs):
            ask(table, cast.hugo)
        poll = ask(table, cast.petra)
        other = make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel])
        with pytest.raises(NotTheirs):
            polls.answer_poll(poll=poll, seat=seats_of(other)[0], says={}, by=None)
        time = PollTime.objects.filter(poll=poll)[0]
        say(poll, 0, YES, YES, YES)
        seat = by_name(table)[0]
        twice = [
            (
                "poll_time_once",
                lambda: PollTime.objects.create(poll=poll, starts_at=time.starts_at),
            ),
            ("poll_answer_once", lambda: PollAnswer.objects.create(time=time, seat=seat, says=NO)),
            (
                "time_poll_closed_at_iff_not_open",
                lambda: TimePoll.objects.filter(pk=poll.pk).update(closed_at=NOON),
            ),
        ]
        for constraint, make in twice:
            with pytest.raises(IntegrityError) as error, transaction.atomic():
                make()
            assert violated(error.value) == constraint


@pytest.mark.django_db(transaction=True)
def test_a_poll_that_everybody_and_the_sweep_close_at_once_is_closed_once(cast: Cast):
    with clock.at(NOON):
        table = make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel, cast.cora])
        with tenant(cast.acme):
            poll = ask(table, cast.petra)
            seats = seats_of(table)
            times = list(PollTime.objects.filter(poll=poll))
    late = NOON + timedelta(days=3)

    def act(n: int) -> None:
        try:
            with clock.at(late if n % 2 else late - timedelta(seconds=1)), tenant(cast.acme):
                row = TimePoll.objects.for_list().get(pk=poll.pk)
                if n % 2:
                    polls.tend_polls(at=late)
                else:
                    says = dict.fromkeys(times, YES)
                    polls.answer_poll(poll=row, seat=seats[n % 3], says=says, by=None)
        except PollClosed:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(act, range(12)))
    with tenant(cast.acme):
        assert AuditEvent.objects.filter(verb="poll.closed").count() == 1
        planned = AuditEvent.objects.filter(verb="season.planned").count()
        poll.refresh_from_db()
        assert planned == (poll.state == TimePoll.State.CONFIRMED)
        assert Session.objects.count() == 6 * planned


def test_a_poll_is_opened_answered_and_seen_on_pages(cast: Cast, table: Partnership):
    url = f"/o/acme/partnerships/{table.pk}/sessions/poll/"
    petra = sign_in(cast.petra)
    page = petra.get(url)
    assert page.status_code == 200
    offered = [
        line.split('"')[0] for line in page.content.decode().split('name="times" value="')[1:]
    ]
    assert len(offered) == 6
    form = {"times": offered[:2], "closes_days": "3", "confirms_itself": "on"}
    refused = petra.post(url, form)
    assert refused.status_code == 422
    assert "three to six" in refused.content.decode()
    near = petra.post(url, {"times": offered[:3], "closes_days": "7"})
    assert near.status_code == 422
    opened = petra.post(url, {**form, "times": offered[:2], "own_1": "2026-03-20T17:45"})
    assert opened.status_code == 302
    assert petra.post(url, form).status_code == 302  # there is one already: it is shown
    with tenant(cast.acme):
        poll = TimePoll.objects.get()
        times = list(poll.times.order_by("starts_at"))
    assert len(times) == 3

    link = signed_path("times", SignedLink("acme", cast.pavel.pk, poll.pk), at=clock.now())
    anybody = Client()
    assert "When are you free, Pavel?" in anybody.get(link).content.decode()
    words = {f"time_{time.pk.hex}": MAYBE for time in times}
    assert anybody.post(link, dict(list(words.items())[:2])).status_code == 422
    assert anybody.post(link, words).status_code == 302
    shown = petra.get(f"/o/acme/polls/{poll.pk}/").content.decode()
    assert shown.count("Pavel Acme: possible") == 3
    assert "2 have not answered" in shown
    assert anybody.get(link).content.decode().count("Close it now") == 0
    assert petra.post(f"/o/acme/polls/{poll.pk}/close/").status_code == 302
    with tenant(cast.acme):
        poll.refresh_from_db()
    assert poll.state == TimePoll.State.LAPSED  # one alone is no meeting
    assert petra.get(f"/o/acme/polls/{poll.pk}/").status_code == 200


def test_the_cost_of_a_poll_s_page_does_not_grow_with_its_answers(cast: Cast, circle: Circle):
    with tenant(cast.acme):
        poll = ask(circle.partnership, cast.petra)
    petra, url = sign_in(cast.petra), f"/o/acme/polls/{poll.pk}/"
    with CaptureQueriesContext(connection) as one:
        petra.get(url)
    with tenant(cast.acme):
        for n in range(1, 5):
            say(poll, n, YES, NO, MAYBE)
    with CaptureQueriesContext(connection) as many:
        petra.get(url)
    assert len(many) == len(one)


def test_a_table_that_pauses_is_not_asked(cast: Cast, table: Partnership):
    with tenant(cast.acme):
        Partnership.objects.filter(pk=table.pk).update(state="paused")
        with pytest.raises(PartnershipNotActive):
            ask(table, cast.petra)
        assert TimePoll.objects.count() == 0


def test_nobody_is_asked_where_a_session_that_is_over_could_go(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    with tenant(cast.acme):
        changes.cancel(session=session, cause="workload", by=None)
        with pytest.raises(NotPlanned):
            ask(circle.partnership, cast.petra, session=session)
        assert TimePoll.objects.count() == 0


def test_partners_answer_for_themselves_and_coordinators_for_anybody(
    cast: Cast, table: Partnership
):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
        pavel = by_name(table)[1]
        says = dict.fromkeys(PollTime.objects.filter(poll=poll), YES)
        with pytest.raises(NotTheirs):
            polls.answer_poll(poll=poll, seat=pavel, says=says, by=cast.petra)
        assert PollAnswer.objects.count() == 0
        polls.answer_poll(poll=poll, seat=pavel, says=says, by=cast.cora)
        assert set(PollAnswer.objects.values_list("seat", flat=True)) == {pavel.pk}


def test_an_answer_is_about_the_times_of_its_poll_and_one_of_three_words(
    cast: Cast, table: Partnership
):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
        other = ask(make_partnership(table.cohort, [cast.hugo, cast.olga]), cast.hugo)
        pavel = by_name(table)[1]
        for times, word in ((other.times.all(), YES), (poll.times.all(), "perhaps")):
            says = dict.fromkeys(times, word)
            with pytest.raises(ValueError, match=r"another poll|not a valid"):
                polls.answer_poll(poll=poll, seat=pavel, says=says, by=cast.pavel)
        assert PollAnswer.objects.count() == 0


def test_a_poll_that_is_closed_is_not_closed_again(cast: Cast, table: Partnership):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
        assert polls.close_poll(poll=poll, by=cast.petra).state == TimePoll.State.LAPSED
        with pytest.raises(PollClosed):
            polls.close_poll(poll=poll, by=cast.cora)
        assert AuditEvent.objects.filter(verb="poll.closed").count() == 1


def test_a_time_that_was_not_asked_about_is_not_taken(cast: Cast, table: Partnership):
    with tenant(cast.acme):
        poll = ask(table, cast.petra, confirms_itself=False)
        for n in range(3):
            poll = say(poll, n, YES, YES, YES)
        with pytest.raises(NoSuchTime):
            polls.confirm_poll(poll=poll, starts_at=TIMES[0] + timedelta(minutes=1), by=cast.petra)
        poll.refresh_from_db()
        assert (poll.state, poll.best_at) == (TimePoll.State.CLOSED, TIMES[0])
        assert Session.objects.count() == 0


def test_where_the_session_cannot_move_any_more_the_opener_decides(cast: Cast, circle: Circle):
    session = circle.sessions[1]
    with tenant(cast.acme):
        poll = ask(circle.partnership, cast.petra, session=session)
        Partnership.objects.filter(pk=circle.partnership.pk).update(ends_on=TIMES[0].date() - DAY)
        for n in range(6):
            poll = say(poll, n, YES, NO, NO)
        assert (poll.state, poll.best_at) == (TimePoll.State.CLOSED, TIMES[0])
        assert emails("poll_closed") == ["Petra"]
        was = session.starts_at
        session.refresh_from_db()
        assert (session.state, session.starts_at) == (Session.State.PLANNED, was)
        assert Rsvp.objects.count() == 0


def test_a_session_that_is_off_takes_its_poll_back_and_nobody_is_reminded(
    cast: Cast, circle: Circle
):
    with tenant(cast.acme):
        poll = ask(circle.partnership, cast.petra, session=circle.sessions[1])
        changes.cancel(session=circle.sessions[1], cause="workload", by=None)
        poll.refresh_from_db()
        assert (poll.state, emails("poll")) == (TimePoll.State.WITHDRAWN, [])
    with clock.at(NOON + timedelta(hours=50)):
        everywhere(polls.tend_polls)
    with tenant(cast.acme):
        assert emails("poll_reminder") == []


@pytest.mark.parametrize("state", ["ended", "completed", "lapsed"])
def test_a_partnership_that_is_over_takes_its_poll_back_with_nobody_told_of_times(
    cast: Cast, table: Partnership, state: str
):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
        partnerships.end_partnership(partnership=table, reason="x", by=None, state=state)
    with clock.at(NOON + timedelta(days=3)):
        everywhere(polls.tend_polls)
        everywhere(polls.tend_polls)
    with tenant(cast.acme):
        poll.refresh_from_db()
        assert poll.state == TimePoll.State.WITHDRAWN
        assert emails("poll_closed") == emails("poll_result") == []


def test_a_poll_that_the_standing_time_wins_is_told_to_all_with_what_they_said(
    cast: Cast, circle: Circle
):
    session = circle.sessions[2]  # 2 April
    times = [session.starts_at, session.starts_at + DAY, session.starts_at + 2 * DAY]
    with tenant(cast.acme):
        let_emails_go()
        poll = ask(circle.partnership, cast.petra, session=session, times=times)
        for n in range(6):
            poll = say(poll, n, YES if n else NO, NO, NO)
        assert poll.state == TimePoll.State.CONFIRMED
        everybody = ["Amara", "Jonas", "Leila", "Mei", "Pavel", "Petra"]
        assert emails("poll_result") == everybody
        rows = Email.objects.filter(kind="sessions.poll_result").select_related("member")
        said = {
            row.member.given_name: re.findall(r"PARTSTAT=([A-Z-]+)", row.calendar[0]["text"])
            for row in rows
        }
        assert said == {name: ["ACCEPTED"] for name in everybody} | {"Amara": ["DECLINED"]}
        assert Rsvp.objects.filter(session=session).count() == 5


def test_a_poll_for_a_season_that_stands_already_is_told_to_all(cast: Cast, circle: Circle):
    first = circle.sessions[0].starts_at
    with tenant(cast.acme):
        poll = ask(
            circle.partnership,
            cast.petra,
            times=[first, first + DAY, first + 2 * DAY],
            closes_at=NOON + DAY,
        )
        for n in range(6):
            poll = say(poll, n, YES, NO, NO)
        assert len(emails("poll_result")) == 6


def test_a_poll_that_comes_to_nothing_is_told_to_everybody(cast: Cast, table: Partnership):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
        for n in range(3):
            poll = say(poll, n, *(YES if n == place else NO for place in range(3)))
        assert emails("poll_result") == ["Cora", "Pavel"]
        assert emails("poll_closed") == ["Petra"]


def test_a_move_by_a_poll_does_not_ask_again_who_has_said_yes(cast: Cast, circle: Circle):
    session = circle.sessions[1]
    with tenant(cast.acme):
        let_emails_go()
        poll = ask(circle.partnership, cast.petra, session=session)
        for n in range(6):
            poll = say(poll, n, YES, NO, NO)
        email = Email.objects.get(kind="sessions.changed", member=cast.petra)
        assert "PARTSTAT=ACCEPTED" in email.calendar[0]["text"].replace("\r\n ", "")
        assert email.context["said"] is True


def test_a_late_answer_is_said_to_be_late_with_what_was_typed(cast: Cast, table: Partnership):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
        times = list(PollTime.objects.filter(poll=poll).order_by("starts_at"))
    link = signed_path("times", SignedLink("acme", cast.pavel.pk, poll.pk), at=NOON)
    names = [f"time_{time.pk.hex}" for time in times]
    typed = dict(zip(names, (YES, MAYBE, NO), strict=True))
    with tenant(cast.acme):
        polls.close_poll(poll=poll, by=cast.petra)
    answer = Client().post(link, typed)
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "your answer was not taken" in body
    for words in ("Yes", "Possible"):
        assert words in body
    with tenant(cast.acme):
        assert PollAnswer.objects.count() == 0


def test_a_link_to_a_poll_of_a_partnership_that_is_over_says_so(cast: Cast, table: Partnership):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
        partnerships.end_partnership(partnership=table, reason="x", by=None)
    link = signed_path("times", SignedLink("acme", cast.pavel.pk, poll.pk), at=NOON)
    answer = Client().get(link)
    assert (answer.status_code, "This has ended" in answer.content.decode()) == (200, True)
    assert Client().head(link).status_code == 200


def test_who_has_left_is_waited_for_no_more(cast: Cast, table: Partnership):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
        for n in (0, 2):
            say(poll, n, YES, YES, NO)
        people.mark_left(member=cast.pavel, by=cast.olga)
    everywhere(partnerships.free_seats_of_the_gone, polls.tend_polls)
    with tenant(cast.acme):
        poll.refresh_from_db()
        assert (poll.state, poll.best_at) == (TimePoll.State.CONFIRMED, TIMES[0])


def test_who_takes_a_break_is_neither_waited_for_nor_reminded(cast: Cast, table: Partnership):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
        seat = by_name(table)[1]  # Pavel
        away = (NOON + timedelta(days=20)).date()
        Enrolment.objects.filter(pk=seat.enrolment_id).update(paused_until=away)
        say(poll, 2, YES, YES, NO)
    with clock.at(NOON + timedelta(days=2)):
        everywhere(polls.tend_polls)
        with tenant(cast.acme):
            poll.refresh_from_db()
            assert poll.is_open  # Cora has not answered
            assert emails("poll_reminder") == ["Cora"]
            poll = say(poll, 0, YES, YES, NO)
            assert (poll.state, poll.best_at) == (TimePoll.State.CONFIRMED, TIMES[0])


def test_where_nobody_has_answered_a_poll_waits_for_its_end(cast: Cast, table: Partnership):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
        away = (NOON + timedelta(days=20)).date()
        Enrolment.objects.update(paused_until=away)
    everywhere(polls.tend_polls)
    with tenant(cast.acme):
        poll.refresh_from_db()
        assert poll.is_open


def test_an_opener_who_has_left_hears_no_more_of_the_poll(cast: Cast, table: Partnership):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
        people.mark_left(member=cast.petra, by=cast.petra)
    with clock.at(NOON + timedelta(days=3)):
        everywhere(polls.tend_polls)
    with tenant(cast.acme):
        poll.refresh_from_db()
        assert poll.state == TimePoll.State.LAPSED
        assert Email.objects.filter(kind="sessions.poll_closed").count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_remind_once(cast: Cast, table: Partnership):
    with tenant(cast.acme):
        poll = ask(table, cast.petra)
    at = NOON + timedelta(hours=48)
    assert twice_at_once(cast.acme, polls.tend_polls, at=at) == (0, 0)
    with tenant(cast.acme):
        poll.refresh_from_db()
        assert poll.reminded_at == at
        assert emails("poll_reminder") == ["Cora", "Pavel", "Petra"]
