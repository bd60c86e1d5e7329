"""How many turns get feedback, counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

from core.tenancy.context import tenant
from feedback.models.surveys import SurveyResponse
from pairing.models.partnerships import Seat
from tests.cast import Cast
from tests.metrics.build import circle, enrol, figures, make_cohort, meet, noon, people

FIRST = date(2026, 3, 2)


def ask(cohort_size: int, seats: list[Seat], day: date, answers: int) -> None:
    """Hold a session that the first led, and let so many of the others answer."""
    session = meet(seats[0].partnership, day, came="p" * cohort_size)
    for place, seat in enumerate(seats[1:]):
        answered = place < answers
        SurveyResponse.objects.create(
            survey="turn-feedback",
            enrolment=seat.enrolment,
            seat=seat,
            session=session,
            occasion=str(seats[0].pk),
            opened_at=noon(day),
            closes_at=noon(day + timedelta(days=14)),
            answered_at=noon(day) if answered else None,
            answers={"worth": 4, "turns": 4} if answered else {},
        )


def test_turns_count_once_closed_and_are_heard_from_three_answers_on(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        table = circle(cohort, [enrol(cohort, member) for member in people(cast.acme, 6)])
        seats = list(Seat.objects.filter(partnership=table).order_by("pk"))
        for week, answers in enumerate((5, 3, 2)):
            ask(6, seats, FIRST + timedelta(weeks=week), answers)
        ask(6, seats, date(2026, 5, 25), 5)  # not closed on 1 June
    figure = figures(cohort)["feedback_rate", ""]
    assert (figure.numerator, figure.denominator, figure.n) == (2, 3, 5)
    assert str(figure.value) == "0.6667"


def test_too_few_people_behind_it_are_hidden(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        table = circle(cohort, [enrol(cohort, member) for member in people(cast.acme, 5)])
        seats = list(Seat.objects.filter(partnership=table).order_by("pk"))
        ask(5, seats, FIRST, 4)  # four were asked
    assert figures(cohort)["feedback_rate", ""].suppressed
