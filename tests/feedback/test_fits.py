"""Does it work for you: asked once per moment, answered in private, seen as its author says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from core.common import clock
from core.notifications.dispatch import dispatch
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.errors import FitClosed
from feedback.models.fits import FitQuestion, FitWords
from feedback.surveys.base import open_due
from feedback.surveys.fit import FIT, answer_fit, my_open_fit_questions
from metrics.health import Reason
from pairing.models.partnerships import Partnership
from programs.models.programs import Enrolment, Program
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import (
    OPENS,
    START,
    link,
    make_cohort,
    make_held_session,
    make_partnership,
    noon,
)
from tests.metrics.build import partnership_alerts
from tests.programs.build import run_only

CANARY = "canary-fit-words"
DAY_30 = noon(START + timedelta(days=30))


@pytest.fixture
def seats(cast: Cast) -> Any:
    return make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)


def sweep(cast: Cast, at: Any) -> int:
    with clock.at(at), tenant(cast.acme):
        return open_due(FIT, at=at)


def questions(cast: Cast) -> list[tuple[str, str]]:
    with tenant(cast.acme):
        rows = FitQuestion.objects.for_list()
        return sorted((str(q.moment), q.seat.enrolment.member.given_name) for q in rows)


def test_it_is_asked_after_the_first_session_and_after_a_month_once_each(cast, seats):
    assert sweep(cast, noon(OPENS)) == 0
    make_held_session(*seats, day=OPENS)
    assert sweep(cast, noon(OPENS)) == 2
    make_held_session(*seats, day=OPENS + timedelta(days=2), number=2)
    assert sweep(cast, noon(OPENS + timedelta(days=3))) == 0
    assert sweep(cast, DAY_30 - timedelta(days=1)) == 0
    assert [sweep(cast, DAY_30), sweep(cast, DAY_30)] == [2, 0]
    assert questions(cast) == [
        ("day_30", "Pavel"),
        ("day_30", "Petra"),
        ("first_session", "Pavel"),
        ("first_session", "Petra"),
    ]
    with tenant(cast.acme):
        assert Email.objects.filter(kind="feedback.fit").count() == 4


def test_a_moment_that_nobody_looked_at_is_not_asked_for_later(cast, seats):
    make_held_session(*seats, day=OPENS)
    assert sweep(cast, noon(OPENS + timedelta(days=8))) == 0
    assert sweep(cast, DAY_30 + timedelta(days=8)) == 0


def test_who_rests_or_has_left_is_not_asked(cast, seats):
    with tenant(cast.acme):
        Partnership.objects.update(state="paused")
    assert sweep(cast, DAY_30) == 0
    with tenant(cast.acme):
        Partnership.objects.update(state="active")
        Enrolment.objects.filter(member=cast.petra).update(paused_until=DAY_30 + timedelta(days=1))
    assert sweep(cast, DAY_30) == 1
    assert questions(cast) == [("day_30", "Pavel")]


def test_it_closes_with_the_partnership_or_the_enrolment_and_pauses_with_them(cast, question):
    def waits():
        return list(my_open_fit_questions(cast.petra, at=DAY_30)) == [question]

    assert waits()
    Partnership.objects.update(state="paused")
    assert not waits()
    answer_fit(question=question, by=cast.petra, fits="mostly")
    FitQuestion.objects.update(answered_at=None, fits="")
    Partnership.objects.update(state="active")
    Enrolment.objects.update(state="withdrawn", ended_at=DAY_30)
    assert not waits()
    with pytest.raises(FitClosed):
        answer_fit(question=question, by=cast.petra, fits="no")
    closed = Client().get(link("fit", cast.petra, question.pk)).text
    assert "This has ended" in closed


@pytest.fixture
def question(cast, seats) -> Any:
    sweep(cast, DAY_30)
    with clock.at(DAY_30), tenant(cast.acme):
        yield FitQuestion.objects.for_list().get(seat=seats[0])


@pytest.mark.parametrize(
    ("format", "says", "button"),
    [
        ("circles", "You can leave it on its page.", "Leave the circle"),
        ("pairs", "You can pause the partnership, or end it, on its page.", "End the partnership"),
    ],
)
def test_to_whom_it_does_not_fit_is_said_what_they_can_do(
    cast: Cast, question: Any, format: str, says: str, button: str
) -> None:
    """One of a circle neither pauses nor ends it."""
    Program.objects.update(format=format)
    with clock.at(DAY_30):
        page = link("fit", cast.petra, question.pk)
        assert "another partner" not in Client().get(page).text
        said = {"fits": "no", "cause": "time", "words": "", "readers": "me"}
        answer = " ".join(Client().post(page, said, follow=True).text.split())
    assert says in answer
    assert f"{button}</" in answer or f"{button} </" in answer


def test_it_is_answered_from_the_email_without_signing_in_and_stands_at_home(cast, question):
    with clock.at(DAY_30):
        dispatch()
        assert mail.outbox[0].subject == "Is it working with Pavel?"
        page = link("fit", cast.petra, question.pk)
        assert page.split("/")[2] in mail.outbox[0].body
        home = sign_in(cast.petra).get("/o/acme/").text
        assert "Does it work for you?" in home
        assert "Circle Wye. One tap." in " ".join(home.split())

        said = {"fits": "no", "cause": "time", "words": CANARY, "readers": "me"}
        assert Client().post(page, {}).status_code == 422
        answer = Client().post(page, said, follow=True)

        assert "Thank you, Petra." in answer.text
        question.refresh_from_db()
        assert (question.fits, question.cause, question.coordinator_sees) == ("no", "time", False)
        assert list(my_open_fit_questions(cast.petra, at=DAY_30)) == []
        assert Client().get(link("fit", cast.pavel, question.pk)).status_code == 404


def test_it_can_be_changed_until_it_closes(cast, question):
    answer_fit(question=question, by=cast.petra, fits="no", cause="time")
    answer_fit(question=question, by=cast.petra, fits="yes", cause="time")
    assert (question.fits, question.cause) == ("yes", "")
    with clock.at(DAY_30 + timedelta(days=14)), pytest.raises(FitClosed):
        answer_fit(question=question, by=cast.petra, fits="no")
    with pytest.raises(ValueError, match="who was asked"):
        answer_fit(question=question, by=cast.pavel, fits="no")


def test_a_no_stands_on_the_list_of_those_who_may_read_it_and_a_yes_clears_it(cast, question):
    def reasons(member: Any) -> list[Reason]:
        found = partnership_alerts(member, now=DAY_30)
        return [each.reason for each in found if each.reason == Reason.NO_FIT]

    answer_fit(question=question, by=cast.petra, fits="no", cause="goals")
    assert reasons(cast.cora) == reasons(cast.olga) == [Reason.NO_FIT]
    [alert] = [
        each for each in partnership_alerts(cast.cora, now=DAY_30) if each.reason == Reason.NO_FIT
    ]
    assert (alert.person, "Goals" in alert.why) == (cast.petra, True)
    assert reasons(cast.pavel) == reasons(cast.hugo) == []

    answer_fit(question=question, by=cast.petra, fits="no", coordinator_sees=False)
    assert reasons(cast.cora) == []
    answer_fit(question=question, by=cast.petra, fits="no")
    answer_fit(question=question, by=cast.petra, fits="mostly")
    assert reasons(cast.cora) == []


def test_a_coordinator_at_the_same_table_is_a_partner_there(cast):
    cohort = make_cohort(cast.acme)
    seat, _other = make_partnership(cohort, cast.petra, cast.cora)
    carl = make_member(cast.acme, "Carl", "coordinator")
    elsewhere = make_cohort(cast.acme, "Other")
    sweep(cast, DAY_30)
    with clock.at(DAY_30), tenant(cast.acme):
        run_only(carl, elsewhere.program)
        question = FitQuestion.objects.for_list().get(seat=seat)
        answer_fit(question=question, by=cast.petra, fits="no")
        for member, sees in ((cast.cora, False), (carl, False), (cast.olga, True)):
            assert FitQuestion.objects.visible_to(member).filter(fits="no").exists() == sees
            found = [each.reason for each in partnership_alerts(member, now=DAY_30)]
            assert (Reason.NO_FIT in found) == sees


@pytest.mark.parametrize(
    ("readers", "names"),
    [("me", {"Petra"}), ("partners", {"Petra", "Pavel"}), ("coordinator", {"Petra", "Cora"})],
)
def test_its_words_are_read_by_the_stated_readers_alone(cast, question, readers, names):
    answer_fit(question=question, by=cast.petra, fits="no", words=CANARY, readers=readers)
    found = set()
    for member in (cast.olga, cast.cora, cast.hugo, cast.petra, cast.pavel):
        with tenant(cast.acme, member=member.pk):
            if FitWords.objects.filter(text=CANARY).exists():
                found.add(member.given_name)
    assert found == names
