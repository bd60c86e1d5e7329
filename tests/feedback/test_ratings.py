"""One tap after a session: asked of those who came, changeable for two weeks."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from core.common import clock
from core.members.models import Member
from core.notifications.dispatch import dispatch
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.errors import SurveyClosed
from feedback.models.surveys import SurveyResponse
from feedback.surveys.base import open_due
from feedback.surveys.items import answer_survey, my_open_surveys
from feedback.surveys.rating import RATING
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import Enrolment
from sessions.models.sessions import Attendance, Session
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import OPENS, link, make_cohort, make_held_session, make_partnership, noon
from tests.work import everywhere

NOW = noon(OPENS)  # the session ended an hour ago


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(NOW):
        yield


@pytest.fixture
def seats(cast: Cast) -> list[Seat]:
    """Petra and Pavel in a circle of four."""
    others = [make_member(cast.acme, name) for name in ("Quinn", "Rosa")]
    return make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel, *others)[:2]


def sweep(cast: Cast) -> int:
    with tenant(cast.acme):
        return open_due(RATING.survey, at=clock.now())


def ratings(cast: Cast) -> list[tuple[str, int]]:
    with tenant(cast.acme):
        rows = SurveyResponse.objects.exclude(answered_at=None).order_by("pk")
        return list(rows.values_list("enrolment__member__given_name", "answers__worth"))


def response_of(member: Member) -> SurveyResponse:
    with tenant(member.organisation):
        return SurveyResponse.objects.for_list().get(enrolment__member=member)


def rate(member: Member, worth: int) -> SurveyResponse:
    with tenant(member.organisation):
        return answer_survey(
            questionnaire=RATING,
            response=response_of(member),
            by=member,
            answers={"worth": worth},
        )


def test_everybody_who_came_is_asked_once(cast: Cast, seats: list[Seat]) -> None:
    make_held_session(*seats)

    assert sweep(cast) == 2
    assert sweep(cast) == 0
    everywhere(partial(open_due, RATING.survey))
    dispatch()
    assert [sent.subject for sent in mail.outbox] == [
        "Was the session of 16 March worth your time?"
    ] * 2


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Session, {"state": "planned", "held_at": None}),
        (Session, {"held_at": NOW - timedelta(days=3)}),
        (Session, {"held_at": NOW + timedelta(minutes=1)}),
        (Attendance, {"kind": "absent"}),
        (Attendance, {"kind": "excused"}),
        (Seat, {"left_at": NOW}),
        (Member, {"state": "left"}),
    ],
)
def test_others_are_not_asked(
    cast: Cast, seats: list[Seat], model: Any, change: dict[str, Any]
) -> None:
    make_held_session(seats[0])
    with tenant(cast.acme):
        rows = model.objects.filter(pk=cast.petra.pk) if model is Member else model.objects.all()
        rows.update(**change)
    assert sweep(cast) == 0


def test_one_tap_by_link_and_another_changes_it(cast: Cast, seats: list[Seat]) -> None:
    make_held_session(*seats)
    sweep(cast)
    client, path = Client(), link("rating", cast.petra, response_of(cast.petra).pk)
    assert "Was it worth your time, Petra?" in client.get(path).text
    assert "Circle Wye, your session of 16 March." in client.get(path).text
    assert ratings(cast) == []

    assert client.post(path, {"worth": "4"}).status_code == 302
    assert "Thank you, Petra" in client.get(path).text
    client.post(path, {"worth": "2"})
    assert ratings(cast) == [("Petra", 2)]
    assert client.post(path, {"worth": "6"}).status_code == 422
    assert client.post(path, {}).status_code == 422

    dispatch()  # her e-mail has been taken back
    assert [to for sent in mail.outbox for to in sent.to] == ["pavel@acme.example"]
    with tenant(cast.acme):
        assert Email.objects.exclude(withdrawn_at=None).count() == 1


def test_signed_in_it_is_the_same_page(cast: Cast, seats: list[Seat]) -> None:
    make_held_session(*seats)
    sweep(cast)
    path = response_of(cast.pavel).get_absolute_url()
    assert sign_in(cast.pavel).post(path, {"worth": "5"}).status_code == 302
    assert ratings(cast) == [("Pavel", 5)]
    for other in (cast.cora, cast.olga, cast.hugo, cast.petra, cast.greta):
        assert sign_in(other).get(path).status_code == 404
        assert sign_in(other).post(path, {"worth": "1"}).status_code == 404
    assert ratings(cast) == [("Pavel", 5)]


def test_after_two_weeks_it_is_closed(cast: Cast, seats: list[Seat]) -> None:
    session = make_held_session(*seats)
    sweep(cast)
    with clock.at(session.held_at + timedelta(days=14)):
        path = link("rating", cast.petra, response_of(cast.petra).pk)
        closed = Client().get(path)
        assert "This has ended" in closed.text
        assert "<form" not in closed.text
        refused = Client().post(path, {"worth": "4"})
        assert (refused.status_code, "no longer be answered" in refused.text) == (422, True)
        with pytest.raises(SurveyClosed):
            rate(cast.petra, 4)
    assert ratings(cast) == []


@pytest.mark.parametrize(
    ("model", "change", "still"),
    [
        (Partnership, {"state": "ended", "ended_at": NOW}, False),
        (Partnership, {"state": "lapsed", "ended_at": NOW}, False),
        (Partnership, {"state": "completed", "ended_at": NOW}, True),
        (Partnership, {"state": "paused"}, True),
        (Enrolment, {"state": "withdrawn", "ended_at": NOW}, False),
        (Enrolment, {"state": "completed", "ended_at": NOW}, True),
    ],
)
def test_it_closes_with_a_partnership_that_broke_off_or_with_its_persons_part(
    cast: Cast, seats: list[Seat], model: Any, change: dict[str, Any], still: bool
) -> None:
    make_held_session(*seats)
    sweep(cast)
    with tenant(cast.acme):
        model.objects.update(**change)
        if "ended_at" in change:
            Seat.objects.update(left_at=NOW)
            if model is Enrolment:
                Partnership.objects.update(state="completed", ended_at=NOW)
    if still:
        rate(cast.petra, 4)
    else:
        with pytest.raises(SurveyClosed):
            rate(cast.petra, 4)
    assert ratings(cast) == ([("Petra", 4)] if still else [])


def test_home_shows_it_until_it_is_answered(cast: Cast, seats: list[Seat]) -> None:
    make_held_session(*seats)
    sweep(cast)
    assert "Was it worth your time, Petra?" in sign_in(cast.petra).get("/o/acme/").text
    with tenant(cast.acme):
        Partnership.objects.update(state="paused")
        assert list(my_open_surveys(cast.petra, at=NOW)) == []
        Partnership.objects.update(state="active")
        assert list(my_open_surveys(cast.petra, at=NOW)) == [response_of(cast.petra)]
        Enrolment.objects.update(paused_until=NOW + timedelta(days=9))
        assert list(my_open_surveys(cast.petra, at=NOW)) == []
        Enrolment.objects.update(paused_until=None)
    rate(cast.petra, 4)
    with tenant(cast.acme):
        assert list(my_open_surveys(cast.petra, at=NOW)) == []


def test_links_to_what_others_were_asked_are_the_one_page(cast: Cast, seats: list[Seat]) -> None:
    make_held_session(seats[0])  # Pavel was not there
    sweep(cast)
    response = response_of(cast.petra)
    for path in (
        "/l/rating/nonsense/",
        link("rating", cast.pavel, response.pk),
        link("rating", cast.cora, response.pk),
        link("rating", cast.greta, response.pk),
        link("rating", cast.petra),
        link("rating", cast.petra, response.pk, slug="globex"),
    ):
        assert Client().post(path, {"worth": "1"}).status_code == 404
    assert ratings(cast) == []


@pytest.mark.parametrize(
    "answers", [{}, {"worth": 0}, {"worth": 6}, {"worth": "4"}, {"worth": 4, "other": 1}]
)
def test_what_is_no_rating_is_refused(
    cast: Cast, seats: list[Seat], answers: dict[str, Any]
) -> None:
    make_held_session(*seats)
    sweep(cast)
    for by, given in ((cast.petra, answers), (cast.pavel, {"worth": 4})):
        with tenant(cast.acme), pytest.raises(ValueError, match=r"each question|one's own"):
            answer_survey(
                questionnaire=RATING, response=response_of(cast.petra), by=by, answers=given
            )
    assert ratings(cast) == []


def test_the_database_keeps_an_answer_whole_and_each_asking_once(
    cast: Cast, seats: list[Seat]
) -> None:
    make_held_session(*seats)
    sweep(cast)
    response = response_of(cast.petra)
    for change in ({"answers": {"worth": 4}}, {"answered_at": NOW}, {"closes_at": NOW}):
        with tenant(cast.acme), pytest.raises(IntegrityError), transaction.atomic():
            SurveyResponse.objects.filter(pk=response.pk).update(**change)
    with tenant(cast.acme), pytest.raises(IntegrityError, match="once_per"), transaction.atomic():
        SurveyResponse.objects.create(
            survey="rating",
            enrolment=response.enrolment,
            seat=response.seat,
            session=response.session,
            opened_at=NOW,
            closes_at=NOW + timedelta(days=1),
        )
