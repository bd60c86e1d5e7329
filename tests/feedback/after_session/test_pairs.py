"""Pairs and trios tell each other by name, and read it when all have answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from core.common import clock
from core.members.models import Member
from core.notifications.dispatch import dispatch
from core.tenancy.context import tenant
from feedback.after_session.lessons import read_lesson
from feedback.after_session.operations import ask_who_has_not_answered, tell_that_it_is_open
from feedback.after_session.queries import mutual_feedback
from feedback.errors import SurveyClosed
from feedback.models.after_session import FeedbackLesson, SessionFeedback
from feedback.models.surveys import SurveyResponse
from feedback.surveys.base import open_due
from feedback.surveys.items import answer_survey
from feedback.surveys.mutual_feedback import MUTUAL_FEEDBACK
from feedback.surveys.table import SURVEYS
from pairing.models.partnerships import Seat
from sessions.models.sessions import Session
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import (
    OPENS,
    link,
    make_cohort,
    make_held_session,
    make_partnership,
    noon,
)

NOW = noon(OPENS)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(NOW):
        yield


def held(cast: Cast, *members: Member, came: int = 9) -> tuple[Session, list[Seat]]:
    seats = make_partnership(make_cohort(cast.acme), *members)
    session = make_held_session(*seats[:came])
    with tenant(cast.acme):
        for survey in SURVEYS:
            open_due(survey, at=NOW)
    return session, seats


def response_of(member: Member) -> SurveyResponse:
    with tenant(member.organisation):
        rows = SurveyResponse.objects.for_list()
        return rows.get(enrolment__member=member, survey="mutual-feedback")


def say(member: Member, helped: str) -> None:
    with tenant(member.organisation):
        answer_survey(
            questionnaire=MUTUAL_FEEDBACK,
            response=response_of(member),
            by=member,
            answers={"worth": 4, "helped": helped},
        )


def reads(session: Session, member: Member) -> list[str] | None:
    with tenant(member.organisation, member=member.pk):
        mutual = mutual_feedback(session, member)
        return [row.helped for row in mutual.others if row.helped] if mutual else None


def told() -> list[tuple[str, str]]:
    return sorted((row.to[0], row.subject) for row in mail.outbox if " told you " in row.subject)


@pytest.mark.parametrize(
    ("size", "came", "asked"), [(2, 2, 2), (3, 3, 3), (3, 2, 2), (2, 1, 0), (4, 2, 0)]
)
def test_only_where_few_sit_together_and_came(cast: Cast, size: int, came: int, asked: int) -> None:
    others = [make_member(cast.acme, f"Peer{number}") for number in range(2)]
    held(cast, *[cast.petra, cast.pavel, *others][:size], came=came)
    with tenant(cast.acme):
        assert SurveyResponse.objects.filter(survey="mutual-feedback").count() == asked


def test_it_opens_to_each_when_all_have_answered(cast: Cast) -> None:
    rosa = make_member(cast.acme, "Rosa")
    session, _seats = held(cast, cast.petra, cast.pavel, rosa)
    say(cast.petra, "from Petra")
    say(cast.pavel, "from Pavel")
    people = (cast.petra, cast.pavel, rosa, cast.cora)
    assert [reads(session, member) for member in people] == [[], [], [], None]
    path = f"/o/acme/sessions/{session.pk}/feedback/"
    assert "Still open: Rosa" in sign_in(cast.petra).get(path).text
    say(rosa, "from Rosa")
    assert [reads(session, member) for member in people] == [
        ["from Pavel", "from Rosa"],
        ["from Petra", "from Rosa"],
        ["from Pavel", "from Petra"],
        None,
    ]
    assert "from Rosa" in sign_in(cast.petra).get(path).text
    with pytest.raises(SurveyClosed):  # nobody changes theirs after reading the others'
        say(cast.petra, "something else")
    assert "from Rosa" not in sign_in(cast.cora).get(path).text
    with tenant(cast.acme):
        assert not SessionFeedback.objects.exists()


def test_who_has_not_answered_is_told_who_has_and_all_when_it_is_open(cast: Cast) -> None:
    session, _seats = held(cast, cast.petra, cast.pavel)
    with tenant(cast.acme):
        assert (ask_who_has_not_answered(at=NOW), tell_that_it_is_open(at=NOW)) == (0, 0)
    say(cast.petra, "from Petra")
    with tenant(cast.acme):
        assert (ask_who_has_not_answered(at=NOW), tell_that_it_is_open(at=NOW)) == (1, 0)
        assert ask_who_has_not_answered(at=NOW) == 0
    with clock.at(NOW + timedelta(hours=2)):
        dispatch()
    assert told() == [
        ("pavel@acme.example", "Petra has told you how 16 March was: answer to read it")
    ]
    say(cast.pavel, "from Pavel")
    with tenant(cast.acme):
        assert (ask_who_has_not_answered(at=NOW), tell_that_it_is_open(at=NOW)) == (0, 2)
        assert tell_that_it_is_open(at=NOW) == 0
    mail.outbox.clear()
    with clock.at(NOW + timedelta(hours=4)):
        dispatch()
    assert told() == [
        ("pavel@acme.example", "What Petra told you about 16 March"),
        ("petra@acme.example", "What Pavel told you about 16 March"),
    ]
    bodies = " ".join(str(sent.body) for sent in mail.outbox)
    assert f"/o/acme/sessions/{session.pk}/feedback/" in bodies
    assert "from Petra" not in bodies


def test_the_lesson_comes_first_and_once(cast: Cast) -> None:
    held(cast, cast.petra, cast.pavel)
    client, path = Client(), link("mutual-feedback", cast.petra, response_of(cast.petra).pk)
    answer = {"worth": "4", "helped": "You asked me"}
    assert "Before you begin: two minutes on feedback" in client.get(path).text
    refused = client.post(path, answer)
    assert (refused.status_code, "Please read it, then tick here" in refused.text) == (422, True)
    assert client.post(path, {"read": "on"}).status_code == 302
    questions = client.get(path).text
    assert "How was it with Pavel, Petra?" in questions
    assert "Pavel can read it when everybody who came has answered" in questions
    assert client.post(path, {"worth": "4"}).status_code == 422
    assert client.post(path, answer).status_code == 302
    assert response_of(cast.petra).answered_at == NOW
    with tenant(cast.acme):
        read_lesson(by=cast.petra)
        assert FeedbackLesson.objects.count() == 1
        FeedbackLesson.objects.all().delete()
    assert "two minutes" not in client.get(path).text  # answered: nothing is asked any more


def test_home_asks_it(cast: Cast) -> None:
    held(cast, cast.petra, cast.pavel)
    assert "How was it with Pavel, Petra?" in sign_in(cast.petra).get("/o/acme/").text
