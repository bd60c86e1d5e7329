"""One circle from its first session to a certificate that anybody can check, page by page."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from feedback.models.concerns import ConcernFile
from feedback.models.recognition import Certificate
from feedback.models.surveys import SurveyResponse
from feedback.models.voice import VoiceResult
from feedback.recognition.queries import address_of
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import MeetingRole
from programs.models.programs import Cohort, Program
from sessions.models.sessions import Session, Turn
from tests.cast import Cast, main_of, make_member, sign_in
from tests.feedback.build import make_cohort, make_held_session, make_partnership
from tests.feedback.concerns.test_pages import NEW
from tests.work import catch_up

ENDS = date(2026, 5, 31)
HEARD = {"heard": "4", "dominated": "no"}
DOMINATED = {"heard": "2", "dominated": "yes"}


def at(month: int, day: int, hour: int = 13) -> Any:
    return clock.at(datetime(2026, month, day, hour, tzinfo=UTC))


def page(member: Member, path: str = "/o/acme/") -> str:
    answer = sign_in(member).get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return " ".join(re.sub(r"<[^>]+>", " ", main_of(answer)).split())


def post(by: Member, path: str, /, **data: str) -> str:
    answer = sign_in(by).post(path, data, follow=True)
    assert answer.status_code == 200, (path, answer.status_code, main_of(answer))
    return " ".join(re.sub(r"<[^>]+>", " ", main_of(answer)).split())


@pytest.fixture
def seats(cast: Cast) -> list[Seat]:
    """Petra, Pavel and four more in a circle of a cohort that ends with May."""
    people = [
        cast.petra,
        cast.pavel,
        *(make_member(cast.acme, n) for n in ("Amara", "Jo", "Li", "Mei")),
    ]
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        Program.objects.update(sessions_agreed=3)
        Cohort.objects.update(ends_on=ENDS)
        cohort = Cohort.objects.for_list().get(pk=cohort.pk)
    return make_partnership(cohort, *people)


def meet(seats: list[Seat], day: date, number: int) -> Session:
    """Let the circle meet, led by one after the other."""
    session = make_held_session(*seats, day=day, number=number)
    with tenant(session.organisation):
        role, _is_new = MeetingRole.objects.get_or_create(
            program=seats[0].partnership.cohort.program, key="lead", name="Facilitator", leads=True
        )
        Turn.objects.create(session=session, role=role, seat=seats[number - 1], reason="next")
    return session


def waiting(seat: Seat, survey: str) -> str:
    """Return the page of what this person is asked."""
    with tenant(seat.organisation):
        rows = SurveyResponse.objects.for_list().filter(answered_at=None, survey=survey)
        return rows.get(enrolment=seat.enrolment).get_absolute_url()


def lead_and_hear_of_it(seats: list[Seat]) -> None:
    """Petra leads; the others tell her how it was, and she reads it the next day."""
    petra = seats[0].enrolment.member
    session = meet(seats, date(2026, 3, 16), 1)
    with at(3, 16):
        catch_up()
        for seat in seats[1:]:
            sent = {"worth": "4", "turns": "4", "helped": "canary: you waited.", "try": ""}
            post(seat.enrolment.member, waiting(seat, "turn-feedback"), **sent)
        assert "canary" not in page(petra, "/o/acme/feedback/turns/")
        written = f"/o/acme/sessions/{session.pk}/journal/"
        assert written in sign_in(petra).get("/o/acme/").text
        post(petra, written, text="I waited, and it was hard.")
    with at(3, 17):
        catch_up()
        assert "canary: you waited." in page(petra, "/o/acme/feedback/turns/")
        assert "A session led for the first time" in page(petra, "/o/acme/recognition/")


def say_that_somebody_dominates(seats: list[Seat], month: int, answers: list[Any]) -> str:
    """Ask about the month before; return what the circle reads once it is closed."""
    with at(month, 2):
        catch_up()
        for seat, sent in zip(seats, answers, strict=True):
            post(seat.enrolment.member, waiting(seat, "voice"), **sent)
    with at(month, 11):
        catch_up()
        own = f"{seats[0].partnership.get_absolute_url()}voices/"
        return page(seats[3].enrolment.member, own)


def mediate(cast: Cast, seats: list[Seat]) -> None:
    """Pavel raises a concern about Mei; it is heard, and they agree how to go on."""
    pavel, mei = seats[1].enrolment.member, seats[5].enrolment.member
    post(cast.olga, "/o/acme/settings/concerns/handlers/", member=str(cast.cora.pk))
    words = {"topic": "dominance", "urgency": "week", "words": "She speaks for all of us."}
    post(pavel, NEW, about=str(mei.pk), **words)
    with tenant(cast.acme):
        where = f"/o/acme/concerns/{ConcernFile.objects.get().pk}/"
    today = clock.now().date().isoformat()
    for kind in ("listen", "both_sides", "agreement"):
        post(cast.cora, f"{where}step/", kind=kind, done_on=today, note="")
    post(cast.cora, f"{where}close/", outcome="agreed", words="A round before every decision.")
    assert "A round before every decision." in page(pavel, where)
    assert sign_in(mei).get(where).status_code == 404


def end_and_look_back(seats: list[Seat]) -> None:
    with at(5, 31):
        catch_up()
        for seat in seats:
            sent = {"worth": "5" if seat == seats[0] else "3", "learned": "4", "again": "yes"}
            done = post(seat.enrolment.member, waiting(seat, "closing"), **sent)
            assert "Would you like to be quoted?" in done


@pytest.mark.slow
def test_a_circle_from_its_first_session_to_a_verified_certificate(
    cast: Cast, seats: list[Seat]
) -> None:
    petra, table = cast.petra, seats[0].partnership
    lead_and_hear_of_it(seats)
    answers = [HEARD, HEARD, HEARD, HEARD, DOMINATED, DOMINATED]
    told = say_that_somebody_dominates(seats, 4, answers)
    assert "March: two or more of you say that somebody dominated." in told
    with at(4, 12):
        mediate(cast, seats)
    meet(seats, date(2026, 4, 20), 2)
    told = say_that_somebody_dominates(seats, 5, [HEARD] * 6)
    assert "April: no sign that somebody was not heard or dominated." in told
    with tenant(cast.acme):
        rows = VoiceResult.objects.order_by("month").values_list("dominated", flat=True)
        assert list(rows) == [True, False]
    meet(seats, date(2026, 5, 18), 3)
    end_and_look_back(seats)
    with at(6, 1):
        catch_up()
        with tenant(cast.acme):
            assert Partnership.objects.get(pk=table.pk).state == "completed"
    with at(6, 3):
        catch_up()
        with tenant(cast.acme):
            certificates = Certificate.objects.for_list().order_by("pk")
            assert len(certificates) == 6
            own = certificates.get(enrolment__member=petra)
            address = "/" + address_of(own).partition("://")[2].partition("/")[2]
        stranger = Client().get(address)
        assert stranger.status_code == 200
        text = " ".join(re.sub(r"<[^>]+>", " ", stranger.text).split())
        assert "This certificate is valid" in text
        assert "Petra Acme" in text
        mine = page(petra, own.get_absolute_url())
        for words in ("3 sessions, 3 hours", "Facilitator", "Circle Wye"):
            assert words in mine, words
    cohort = f"/o/acme/cohorts/{table.cohort_id}/"
    with at(6, 29):
        catch_up()  # the closing survey has closed
        assert "3.3 of 5 on average, n = 6" in page(cast.cora, f"{cohort}review/")
        sent = {"said_1": "One of us spoke for all.", "change_1": "A round before decisions."}
        post(cast.cora, f"{cohort}review/changes/", **sent)
        post(cast.cora, f"{cohort}review/publish/")
        assert "A round before decisions." in page(petra, f"{cohort}review/")
