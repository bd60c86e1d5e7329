"""What a circle, whoever led and a coordinator read of the answers after a session."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from feedback.after_session import queries
from feedback.after_session.operations import show_answers
from feedback.models.after_session import SessionFeedback
from feedback.models.surveys import SurveyResponse, SurveyWords
from feedback.surveys.base import open_due
from feedback.surveys.items import answer_survey
from feedback.surveys.table import QUESTIONNAIRES, SURVEYS
from pairing.models.partnerships import Seat
from programs.models.parts import MeetingRole
from sessions.models.sessions import Session, Turn
from tests.cast import Cast, main_of, make_member, sign_in
from tests.feedback.build import OPENS, make_cohort, make_held_session, make_partnership, noon
from tests.work import catch_up

NOW = noon(OPENS)  # the session ended an hour ago
TOMORROW = NOW + timedelta(days=1)
BY_NAME = {row.name: row for row in QUESTIONNAIRES}


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(NOW):
        yield


@pytest.fixture
def circle(cast: Cast) -> list[Seat]:
    """Petra, who leads, Pavel, and five more."""
    others = [make_member(cast.acme, f"Peer{number}") for number in range(5)]
    return make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel, *others)


def lead(session: Session, seat: Seat) -> None:
    with tenant(seat.organisation):
        role, _is_new = MeetingRole.objects.get_or_create(
            program=seat.partnership.cohort.program, key="lead", name="Facilitator", leads=True
        )
        Turn.objects.create(session=session, role=role, seat=seat, reason="next")


def held(seats: list[Seat], **facts: Any) -> Session:
    session = make_held_session(*seats, **facts)
    lead(session, seats[0])
    with tenant(session.organisation):
        for survey in SURVEYS:
            open_due(survey, at=clock.now())
    return session


def say(seat: Seat, session: Session, **answers: Any) -> None:
    with tenant(seat.organisation):
        response = SurveyResponse.objects.for_list().get(seat=seat, session=session)
        if response.survey == "turn-feedback":
            answers = {"turns": 4} | answers
        answer_survey(
            questionnaire=BY_NAME[response.survey],
            response=response,
            by=response.enrolment.member,
            answers=answers,
        )


def show(cast: Cast, at: datetime = TOMORROW) -> int:
    with tenant(cast.acme):
        return show_answers(at=at)


def rating(session: Session, reader: Member) -> tuple[float, int] | None:
    with tenant(reader.organisation, member=reader.pk):
        row = queries.after_session(session, reader).rating
        return (float(row.mean or 0), row.n) if row else None


def turns(member: Member) -> list[tuple[float | None, list[str], list[str]]]:
    with tenant(member.organisation, member=member.pk):
        return [
            (
                float(row.turns.mean or 0) if row.turns else None,
                sorted(row.helped),
                sorted(row.to_try),
            )
            for row in queries.feedback_of_turns(member)
        ]


def test_each_gets_one_form_and_who_led_only_rates(cast: Cast, circle: list[Seat]) -> None:
    held(circle[:6])
    with tenant(cast.acme):
        columns = ("survey", "seat", "occasion")
        rows = list(SurveyResponse.objects.order_by("seat").values_list(*columns))
        asked = {seat: (survey, occasion) for survey, seat, occasion in rows}
    assert len(asked) == len(rows) == 6
    assert asked.pop(circle[0].pk) == ("rating", "")
    assert set(asked.values()) == {("turn-feedback", str(circle[0].pk))}


@pytest.mark.parametrize(("came", "survey"), [(True, "turn-feedback"), (False, "rating")])
def test_nobody_says_how_somebody_led_who_was_not_there(
    cast: Cast, circle: list[Seat], came: bool, survey: str
) -> None:
    session = make_held_session(*circle[0 if came else 1 :])
    lead(session, circle[0])
    with tenant(cast.acme):
        for row in SURVEYS:
            open_due(row, at=NOW)
        assert SurveyResponse.objects.get(seat=circle[1]).survey == survey


def test_an_average_is_shown_from_the_next_day_once_three_others_have_rated(
    cast: Cast, circle: list[Seat]
) -> None:
    session = held(circle[:6])
    for seat, worth in zip(circle[:3], (5, 4, 3), strict=True):
        say(seat, session, worth=worth)
    assert show(cast) == 0
    say(circle[3], session, worth=2)
    assert show(cast, NOW) == 0  # the hour would say who was last
    assert show(cast) == 2
    assert show(cast) == 0
    assert rating(session, cast.petra) == (3.5, 4)


def test_what_was_shown_does_not_change(cast: Cast, circle: list[Seat]) -> None:
    session = held(circle[:6])
    for seat in circle[:4]:
        say(seat, session, worth=4)
    show(cast)
    with clock.at(TOMORROW):
        say(circle[4], session, worth=1)
        say(circle[3], session, worth=1)
    show(cast, TOMORROW + timedelta(days=5))
    assert rating(session, cast.petra) == (4.0, 4)


@pytest.mark.parametrize(
    ("worth", "reads"), [((5, 4, 4, 4), False), ((5, 4, 4, 4, 4), True), ((4, 4, 4, 4, 4), False)]
)
def test_outside_the_circle_k_must_answer_and_not_all_alike(
    cast: Cast, circle: list[Seat], worth: tuple[int, ...], reads: bool
) -> None:
    session = held(circle[:6])
    for seat, number in zip(circle, worth, strict=False):
        say(seat, session, worth=number)
    show(cast)
    assert (rating(session, cast.cora) is not None) is reads
    assert rating(session, cast.pavel) is not None
    path = f"/o/acme/partnerships/{session.partnership_id}/ratings/"
    page = sign_in(cast.cora).get(path)
    assert ("average of 5 ratings" in page.text) is reads
    assert "average of" in sign_in(cast.pavel).get(path).text


def test_who_led_sees_numbers_from_three_and_words_from_five_without_names(
    cast: Cast, circle: list[Seat]
) -> None:
    session = held(circle)
    for number, seat in enumerate(circle[1:4]):
        say(seat, session, worth=4, turns=3 + number, helped=f"help {number}", **{"try": "slow"})
    show(cast)
    assert turns(cast.petra) == [(4.0, [], [])]
    with clock.at(TOMORROW):
        for number, seat in enumerate(circle[4:6], start=3):
            say(seat, session, worth=4, turns=1, helped=f"help {number}")
    show(cast, TOMORROW + timedelta(days=1))
    helped = [f"help {number}" for number in range(5)]
    assert turns(cast.petra) == [(4.0, helped, ["slow"] * 3)]
    with clock.at(TOMORROW + timedelta(days=1)):
        say(circle[6], session, worth=4, helped="late")
    show(cast, TOMORROW + timedelta(days=3))
    assert turns(cast.petra) == [(4.0, helped, ["slow"] * 3)]
    assert turns(cast.pavel) == []


@pytest.mark.slow
def test_the_order_of_words_is_none_of_time(cast: Cast, circle: list[Seat]) -> None:
    orders = set()
    for number in range(8):
        session = held(circle, number=number + 1)
        for seat in circle[1:]:
            say(seat, session, worth=4, helped=str(seat.pk))
        show(cast)
        with tenant(cast.acme):
            row = SessionFeedback.objects.get(session=session, item="helped")
            seats = dict(SurveyResponse.objects.values_list("pk", "seat"))
            orders.add(tuple(seats[pk] for pk in row.responses))
    assert len(orders) > 1


@pytest.mark.slow
def test_pages_show_each_reader_their_own(cast: Cast, circle: list[Seat]) -> None:
    session = held(circle)
    for seat in circle[1:]:
        say(seat, session, worth=4 + (seat == circle[1]), helped="You asked me", **{"try": "Wait"})
    show(cast)
    path = f"/o/acme/sessions/{session.pk}/feedback/"
    said = {
        name: [words in sign_in(getattr(cast, name)).get(path).text for words in ("4.2", "Wait")]
        for name in ("petra", "pavel", "cora")
    }
    assert said == {"petra": [True, True], "pavel": [True, False], "cora": [True, False]}
    led = sign_in(cast.petra).get("/o/acme/feedback/turns/")
    for page in (led, sign_in(cast.petra).get(path)):  # nothing leads to who wrote what
        assert not any(name in main_of(page) for name in ("Peer", "Pavel", str(circle[1].pk)))
    assert ("You asked me" in led.text, "average of 6 answers" in led.text) == (True, True)
    assert "Wait" not in sign_in(cast.pavel).get("/o/acme/feedback/turns/").text
    for other in (cast.hugo, cast.greta):
        assert sign_in(other).get(path).status_code in {403, 404}


def test_the_next_kit_opens_with_what_to_try(cast: Cast, circle: list[Seat]) -> None:
    session = held(circle)
    for seat in circle[1:]:
        say(seat, session, worth=4, **{"try": "Wait longer"})
    show(cast)
    with tenant(cast.acme):
        starts = datetime.combine(OPENS + timedelta(days=14), time(10), NOW.tzinfo)
        later = Session.objects.create(
            partnership=session.partnership,
            number=2,
            starts_at=starts,
            day=starts.date(),
            duration_minutes=60,
        )
    lead(later, circle[0])
    kit = sign_in(cast.petra).get(f"/o/acme/sessions/{later.pk}/kit/").text
    path = f"/o/acme/sessions/{later.pk}/last-turn/"
    assert path in kit
    assert "Wait longer" in sign_in(cast.petra).get(path).text
    assert "Wait longer" not in sign_in(cast.pavel).get(path).text
    earlier = f"/o/acme/sessions/{session.pk}/last-turn/"
    assert "Wait longer" not in sign_in(cast.petra).get(earlier).text


@pytest.mark.slow
def test_words_are_nobodys_but_their_authors_and_the_one_who_led(
    cast: Cast, circle: list[Seat]
) -> None:
    session = held(circle)
    say(circle[1], session, worth=4, helped="Canary")
    readers = []
    for member in (cast.petra, cast.pavel, cast.cora, cast.olga, cast.hugo):
        with tenant(cast.acme, member=member.pk):
            if SurveyWords.objects.filter(text="Canary").exists():
                readers.append(member.given_name)
    assert readers == ["Petra", "Pavel"]
    with tenant(cast.acme):
        assert not SurveyWords.objects.exists()


@pytest.mark.slow
def test_a_day_later_the_worker_has_shown_it(cast: Cast, circle: list[Seat]) -> None:
    session = make_held_session(*circle)
    lead(session, circle[0])
    catch_up()
    for seat in circle[1:5]:
        say(seat, session, worth=5)
    catch_up()
    assert rating(session, cast.pavel) is None
    with clock.at(TOMORROW):
        catch_up()
    assert rating(session, cast.pavel) == (5.0, 4)
    assert turns(cast.petra) == [(4.0, [], [])]
