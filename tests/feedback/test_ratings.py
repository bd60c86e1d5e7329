"""One tap after a session: asked of those who came, changeable for two weeks."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from core.common import clock
from core.members.models import Member
from core.notifications.dispatch import dispatch
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.errors import RatingClosed
from feedback.models import SessionRating
from feedback.surveys.base import open_due
from feedback.surveys.rating import RATING, rate_session
from pairing.models.partnerships import Seat
from sessions.models.sessions import Attendance, Session
from tests.cast import Cast, sign_in
from tests.feedback.build import OPENS, link, make_cohort, make_held_session, make_partnership, noon
from tests.work import everywhere

NOW = noon(OPENS)  # the session ended an hour ago


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(NOW):
        yield


@pytest.fixture
def seats(cast: Cast) -> list[Seat]:
    return make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)


def sweep(cast: Cast) -> int:
    with tenant(cast.acme):
        return open_due(RATING, at=clock.now())


def ratings(cast: Cast) -> list[tuple[str, int]]:
    with tenant(cast.acme):
        return list(
            SessionRating.objects.order_by("pk").values_list(
                "seat__enrolment__member__given_name", "rating"
            )
        )


def test_everybody_who_came_is_asked_once(cast: Cast, seats: list[Seat]) -> None:
    make_held_session(*seats)

    assert sweep(cast) == 2
    assert sweep(cast) == 0
    everywhere(partial(open_due, RATING))
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
    session = make_held_session(*seats)
    sweep(cast)
    client, path = Client(), link("rating", cast.petra, session.pk)
    assert "Was it worth your time, Petra?" in client.get(path).text
    assert ratings(cast) == []

    assert client.post(path, {"rating": "4"}).status_code == 302
    assert "Thank you, Petra" in client.get(path).text
    client.post(path, {"rating": "2"})
    assert ratings(cast) == [("Petra", 2)]
    assert client.post(path, {"rating": "6"}).status_code == 422
    assert client.post(path, {}).status_code == 422

    dispatch()  # her e-mail has been taken back
    assert [to for sent in mail.outbox for to in sent.to] == ["pavel@acme.example"]
    with tenant(cast.acme):
        assert Email.objects.exclude(withdrawn_at=None).count() == 1
        assert SessionRating.objects.get().day == OPENS


def test_signed_in_it_is_the_same_page(cast: Cast, seats: list[Seat]) -> None:
    session = make_held_session(*seats)
    path = f"/o/acme/sessions/{session.pk}/rating/"
    assert sign_in(cast.pavel).post(path, {"rating": "5"}).status_code == 302
    assert ratings(cast) == [("Pavel", 5)]
    for other in (cast.cora, cast.olga, cast.hugo, cast.greta):
        assert sign_in(other).get(path).status_code == 404
        assert sign_in(other).post(path, {"rating": "1"}).status_code == 404
    assert ratings(cast) == [("Pavel", 5)]


def test_after_two_weeks_it_is_closed(cast: Cast, seats: list[Seat]) -> None:
    session = make_held_session(*seats)
    with clock.at(session.held_at + timedelta(days=14)):
        path = link("rating", cast.petra, session.pk)
        for answer in (Client().get(path), Client().post(path, {"rating": "4"})):
            assert "This session can no longer be rated" in answer.text
        with tenant(cast.acme), pytest.raises(RatingClosed):
            rate_session(session=session, seat=seats[0], rating=4)
    assert ratings(cast) == []


def test_links_to_sessions_of_others_are_the_one_page(cast: Cast, seats: list[Seat]) -> None:
    session = make_held_session(seats[0])  # Pavel was not there
    for path in (
        "/l/rating/nonsense/",
        link("rating", cast.pavel, session.pk),
        link("rating", cast.cora, session.pk),
        link("rating", cast.greta, session.pk),
        link("rating", cast.petra),
        link("rating", cast.petra, session.pk, slug="globex"),
    ):
        assert Client().post(path, {"rating": "1"}).status_code == 404
    assert ratings(cast) == []


def test_what_is_no_rating_is_refused(cast: Cast, seats: list[Seat]) -> None:
    session = make_held_session(*seats)
    (stranger,) = make_partnership(make_cohort(cast.acme, "Autumn"), cast.hugo)
    with tenant(cast.acme):
        for seat, rating in ((seats[0], 0), (seats[0], 6), (stranger, 3)):
            with pytest.raises(ValueError, match="1 to 5"):
                rate_session(session=session, seat=seat, rating=rating)
