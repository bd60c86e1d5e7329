"""Check-ins open once a period, are reminded of twice, and stop when answered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.common import clock
from core.members.models import Member
from core.notifications.dispatch import dispatch
from core.notifications.models import Email, Envelope
from core.tenancy.context import tenant
from feedback.models.check_ins import CheckIn
from feedback.surveys.base import days_words, open_due
from feedback.surveys.check_in import (
    CHECK_IN,
    answer_check_in,
    my_open_check_ins,
    remind_open_check_ins,
)
from feedback.surveys.table import open_due_surveys
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import Enrolment
from tests.cast import Cast, make_member
from tests.feedback.build import (
    AFTER_ONE_PERIOD,
    ANSWER,
    OPENS,
    PERIOD,
    START,
    make_check_in,
    make_cohort,
    make_held_session,
    make_partnership,
    noon,
)
from tests.work import everywhere


def sweep(cast: Cast, at: datetime) -> int:
    with clock.at(at), tenant(cast.acme):
        return open_due(CHECK_IN, at=at)


def remind(cast: Cast, at: datetime) -> int:
    with clock.at(at), tenant(cast.acme):
        return remind_open_check_ins(at=at)


def test_a_period_opens_at_its_end_once_for_each_partner(cast: Cast) -> None:
    make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)

    assert sweep(cast, noon(OPENS - timedelta(days=1))) == 0
    assert sweep(cast, AFTER_ONE_PERIOD) == 2
    assert sweep(cast, AFTER_ONE_PERIOD + timedelta(minutes=1)) == 0

    with tenant(cast.acme):
        check_in = CheckIn.objects.get(seat__enrolment__member=cast.petra)
        assert (check_in.period, check_in.opens_on, check_in.due_on) == (1, OPENS, OPENS + PERIOD)
        assert (check_in.first_day, check_in.last_day) == (START, OPENS - timedelta(days=1))
        assert check_in.opened_at == AFTER_ONE_PERIOD
        assert Email.objects.count() == 2


def test_the_email_says_which_days_and_opens_this_check_in(cast: Cast) -> None:
    make_partnership(make_cohort(cast.acme), cast.petra)
    sweep(cast, AFTER_ONE_PERIOD)
    with clock.at(AFTER_ONE_PERIOD):
        assert dispatch() == 1

    assert mail.outbox[0].subject == "Have you met with Circle Wye yet?"
    assert "2 to 15 March" in mail.outbox[0].body
    assert "/l/check-in/" in mail.outbox[0].body


def test_its_days_are_in_the_language_of_its_reader_whoever_sweeps(cast: Cast) -> None:
    make_partnership(make_cohort(cast.acme), cast.petra)
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(language="de")
    sweep(cast, AFTER_ONE_PERIOD)
    remind(cast, AFTER_ONE_PERIOD + timedelta(days=3))
    with tenant(cast.acme):
        first, second = (email.context for email in Email.objects.order_by("pk"))
    assert first["days"] == second["days"] == "2. bis 15. März"
    assert second["until"] == "29. März"


def test_a_pair_is_asked_about_each_other_and_a_circle_about_itself(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    make_partnership(cohort, cast.petra, cast.pavel, name="Petra & Pavel")
    make_partnership(cohort, *(make_member(cast.acme, name) for name in ("Ada", "Bo", "Cy")))
    sweep(cast, AFTER_ONE_PERIOD)
    with tenant(cast.acme):
        rows = Email.objects.filter(kind="feedback.check_in").select_related("member")
        assert {row.member.given_name: row.context["who"] for row in rows} == {
            "Petra": "Pavel",
            "Pavel": "Petra",
        } | dict.fromkeys(("Ada", "Bo", "Cy"), "Circle Wye")


def test_who_has_met_is_asked_how_it_went(cast: Cast) -> None:
    seats = make_partnership(make_cohort(cast.acme), cast.petra)
    make_held_session(*seats, day=OPENS - timedelta(days=4))
    sweep(cast, AFTER_ONE_PERIOD)
    remind(cast, AFTER_ONE_PERIOD + timedelta(days=3))
    with clock.at(AFTER_ONE_PERIOD + timedelta(days=3)):
        dispatch()
    asked, reminded = (" ".join(str(sent.body).split()) for sent in mail.outbox)
    assert mail.outbox[0].subject == "How did it go with Circle Wye?"
    assert "Petra, how did it go with Circle Wye from 2 to 15 March?" in asked
    assert "answer by 29 March" in reminded


def test_who_has_not_met_is_not_asked_how_it_went(cast: Cast) -> None:
    make_partnership(make_cohort(cast.acme), cast.petra)
    sweep(cast, AFTER_ONE_PERIOD)
    remind(cast, AFTER_ONE_PERIOD + timedelta(days=3))
    with clock.at(AFTER_ONE_PERIOD + timedelta(days=3)):
        dispatch()
    words = [str(part) for sent in mail.outbox for part in (sent.subject, sent.body)]
    assert not any("how did" in text.lower() for text in words)
    assert "Petra, have you met with Circle Wye" in " ".join(words[1].split())


def test_one_that_opens_late_is_not_reminded_of_at_once(cast: Cast) -> None:
    make_partnership(make_cohort(cast.acme), cast.petra)
    late = AFTER_ONE_PERIOD + timedelta(days=5)
    sweep(cast, late)
    assert remind(cast, late + timedelta(minutes=1)) == 0
    assert remind(cast, late + timedelta(days=3)) == 1


def test_days_are_those_of_the_organisation(cast: Cast) -> None:
    make_partnership(make_cohort(cast.acme), cast.petra)  # Acme is in Berlin
    midnight = datetime(2026, 3, 15, 23, 0, tzinfo=UTC)

    assert sweep(cast, midnight - timedelta(seconds=1)) == 0
    assert sweep(cast, midnight) == 1


def test_only_the_period_that_has_just_ended_is_asked_for(cast: Cast) -> None:
    make_partnership(make_cohort(cast.acme), cast.petra)

    assert sweep(cast, noon(START + 3 * PERIOD + timedelta(days=5))) == 1
    with tenant(cast.acme):
        assert CheckIn.objects.get().period == 3


def test_each_partnership_counts_from_its_own_first_day(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    make_partnership(cohort, cast.petra)
    make_partnership(cohort, cast.pavel, starts_on=START + timedelta(days=3), name="Circle Dee")

    assert sweep(cast, AFTER_ONE_PERIOD) == 1
    assert sweep(cast, AFTER_ONE_PERIOD + timedelta(days=3)) == 1


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Partnership, {"state": "paused"}),
        (Partnership, {"state": "ended", "ended_at": noon(START)}),
        (Partnership, {"ends_on": OPENS - timedelta(days=1)}),
        (Seat, {"left_at": noon(OPENS)}),
        (Seat, {"taken_at": noon(OPENS)}),
        (Enrolment, {"state": "withdrawn", "ended_at": noon(OPENS)}),
        (Enrolment, {"paused_until": OPENS + timedelta(days=1)}),
        (Member, {"state": "left"}),
    ],
)
def test_nobody_is_asked_who_does_not_take_part(
    cast: Cast, model: Any, change: dict[str, Any]
) -> None:
    make_partnership(make_cohort(cast.acme), cast.petra)
    with tenant(cast.acme):
        rows = model.objects.filter(pk=cast.petra.pk) if model is Member else model.objects.all()
        assert rows.update(**change) == 1

    assert sweep(cast, AFTER_ONE_PERIOD) == 0


def test_who_is_invited_is_asked_already(cast: Cast) -> None:
    make_partnership(make_cohort(cast.acme), make_member(cast.acme, "Ines", live=False))
    assert sweep(cast, AFTER_ONE_PERIOD) == 1


def test_many_are_opened_in_as_few_statements_as_one(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    people = [make_member(cast.acme, f"Peer{number}") for number in range(6)]
    statements = []
    for circle in (people[:1], people[1:]):
        make_partnership(cohort, *circle, name=f"Circle of {len(circle)}")
        with CaptureQueriesContext(connection) as queries:
            assert sweep(cast, AFTER_ONE_PERIOD) == len(circle)
        statements.append(len(queries))
    assert statements[0] == statements[1]


def test_reminders_come_on_the_third_and_sixth_day_and_no_more(cast: Cast) -> None:
    make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
    sweep(cast, AFTER_ONE_PERIOD)

    days = {}
    for day in range(20):
        at = AFTER_ONE_PERIOD + timedelta(days=day)
        days[day] = remind(cast, at) + remind(cast, at + timedelta(hours=1))

    assert {day: count for day, count in days.items() if count} == {3: 2, 6: 2}


def test_reminders_that_were_missed_do_not_come_together(cast: Cast) -> None:
    make_partnership(make_cohort(cast.acme), cast.petra)
    sweep(cast, AFTER_ONE_PERIOD)

    assert remind(cast, AFTER_ONE_PERIOD + timedelta(days=8)) == 1
    assert remind(cast, AFTER_ONE_PERIOD + timedelta(days=9)) == 0
    with tenant(cast.acme):
        assert CheckIn.objects.get().reminders == 2


def test_reminders_stop_when_answered_and_unsent_emails_are_taken_back(cast: Cast) -> None:
    seats = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
    with clock.at(AFTER_ONE_PERIOD):
        check_in = make_check_in(seats[0])
    remind(cast, AFTER_ONE_PERIOD + timedelta(days=3))
    with clock.at(AFTER_ONE_PERIOD + timedelta(days=4)), tenant(cast.acme):
        answer_check_in(check_in=check_in, by=cast.petra, **ANSWER)

    assert remind(cast, AFTER_ONE_PERIOD + timedelta(days=6)) == 1  # Pavel's second
    with clock.at(AFTER_ONE_PERIOD + timedelta(days=7)):
        dispatch()
    assert {to for sent in mail.outbox for to in sent.to} == {"pavel@acme.example"}
    states = list(Envelope.objects.values_list("state", flat=True))
    assert (states.count("withdrawn"), states.count("sent")) == (2, 3)


def test_what_is_past_due_lapses_in_silence(cast: Cast) -> None:
    seats = make_partnership(make_cohort(cast.acme), cast.petra)
    sweep(cast, AFTER_ONE_PERIOD)
    due = AFTER_ONE_PERIOD + PERIOD

    assert remind(cast, due) == 0
    with tenant(cast.acme):
        assert list(my_open_check_ins(cast.petra, at=due)) == []
        assert len(my_open_check_ins(cast.petra, at=due - timedelta(days=1))) == 1
        assert CheckIn.objects.filter(seat__in=seats).unanswered().count() == 1
        assert CheckIn.objects.filter(seat__in=seats).count() == 1


def test_who_left_their_seat_is_not_reminded(cast: Cast) -> None:
    make_partnership(make_cohort(cast.acme), cast.petra)
    sweep(cast, AFTER_ONE_PERIOD)
    with tenant(cast.acme):
        Seat.objects.update(left_at=AFTER_ONE_PERIOD)
    assert remind(cast, AFTER_ONE_PERIOD + timedelta(days=3)) == 0


def test_the_sweeps_visit_every_organisation(cast: Cast) -> None:
    make_partnership(make_cohort(cast.acme), cast.petra)
    make_partnership(make_cohort(cast.globex), cast.greta)
    with clock.at(AFTER_ONE_PERIOD):
        everywhere(open_due_surveys)
    with clock.at(AFTER_ONE_PERIOD + timedelta(days=3)):
        everywhere(remind_open_check_ins)
        dispatch()

    assert sorted(to for sent in mail.outbox for to in sent.to) == [
        *["greta@globex.example"] * 2,
        *["petra@acme.example"] * 2,
    ]


def test_days_read_as_words_across_months(cast: Cast) -> None:

    assert days_words(date(2026, 10, 26), date(2026, 11, 8)) == "26 October to 8 November"
