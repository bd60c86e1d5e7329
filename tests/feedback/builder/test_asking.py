"""When built surveys, the pulse and the closing survey are asked, reminded of and over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.models.surveys import AnonymousBox, SurveyResponse
from feedback.surveys.closing import CLOSING
from feedback.surveys.items import answer_survey, my_open_surveys
from feedback.surveys.table import open_due_surveys
from programs.models.programs import Cohort, Enrolment
from tests.cast import Cast, sign_in
from tests.feedback.build import (
    START,
    enrol,
    make_cohort,
    make_held_session,
    make_partnership,
    make_survey,
    noon,
)
from tests.work import catch_up

ENDS = date(2026, 12, 31)


def asked(cast: Cast, survey: str, day: date) -> list[str]:
    """Return what is asked on that day, by occasion and person."""
    with clock.at(noon(day)), tenant(cast.acme):
        before = set(SurveyResponse.objects.values_list("pk", flat=True))
        open_due_surveys(at=clock.now())
        rows = SurveyResponse.objects.filter(survey=survey).exclude(pk__in=before)
        return sorted(
            f"{row.occasion.rpartition(':')[2]} {row.enrolment.member.given_name}"
            for row in rows.for_list()
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "day", "over"),
    [
        ("start", START, START + timedelta(days=14)),
        ("d30", START + timedelta(days=30), START + timedelta(days=44)),
        ("mid", START + (ENDS - START) // 2, START + (ENDS - START) // 2 + timedelta(days=14)),
        ("end", ENDS, ENDS + timedelta(days=14)),
        ("end90", ENDS + timedelta(days=90), ENDS + timedelta(days=104)),
    ],
)
def test_a_round_opens_on_its_day_and_asks_whoever_joins_while_it_is_open(
    cast: Cast, moment: str, day: date, over: date
) -> None:
    cohort = make_cohort(cast.acme)
    make_survey(cohort.program, moments=[moment])
    enrol(cohort, cast.petra)
    yesterday, one = day - timedelta(days=1), timedelta(days=1)
    assert asked(cast, "built", yesterday) == []
    assert asked(cast, "built", day) == [f"{moment} Petra"]
    enrol(cohort, cast.pavel)
    assert asked(cast, "built", over - one) == [f"{moment} Pavel"]
    enrol(cohort, cast.hugo)
    assert asked(cast, "built", over) == []


def test_after_a_session_those_who_came_are_asked_within_three_days(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    make_survey(cohort.program, moments=["s2"])
    seats = make_partnership(cohort, cast.petra, cast.pavel)
    make_held_session(*seats, day=START)
    make_held_session(seats[0], day=START + timedelta(days=7), number=2)
    assert asked(cast, "built", START + timedelta(days=1)) == []
    assert asked(cast, "built", START + timedelta(days=8)) == ["s2 Petra"]
    assert asked(cast, "built", START + timedelta(days=12)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"phase": Cohort.Phase.CALLED_OFF},
        {"phase": Cohort.Phase.DRAFT},
        {"ends_on": None, "length_days": 90},
    ],
)
def test_what_is_anonymous_is_not_asked_where_there_is_no_common_close(
    cast: Cast, change: dict[str, Any]
) -> None:
    cohort = make_cohort(cast.acme)
    make_survey(cohort.program, moments=["d14"], anonymous=True)
    enrol(cohort, cast.petra)
    with tenant(cast.acme):
        Cohort.objects.update(**change)
    assert asked(cast, "built", START + timedelta(days=14)) == []


@pytest.mark.slow
def test_the_pulse_comes_on_day_30_and_every_60_days_until_the_end(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    enrol(cohort, cast.petra)
    found = [
        (days, key)
        for days in range(0, (ENDS - START).days + 60, 5)
        for key in asked(cast, "pulse", START + timedelta(days=days))
    ]
    assert found == [(days, f"d{days} Petra") for days in (30, 90, 150, 210, 270)]


@pytest.mark.slow
def test_the_closing_survey_is_reminded_weekly_and_outlives_the_cohort(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    people = [cast.petra, cast.pavel, cast.hugo]
    enrolments = [enrol(cohort, person) for person in people]
    with clock.at(noon(ENDS)):
        catch_up()
    with tenant(cast.acme):
        Cohort.objects.update(phase=Cohort.Phase.CLOSED)
        Enrolment.objects.update(state=Enrolment.State.FINISHED, ended_at=noon(ENDS))
        Member.objects.filter(pk=cast.hugo.pk).update(state=Member.State.LEFT)
        petra = SurveyResponse.objects.for_list().get(enrolment=enrolments[0], survey="closing")
    for days in range(1, 9):
        with clock.at(noon(ENDS + timedelta(days=days))):
            catch_up()
    with clock.at(noon(ENDS + timedelta(days=9))):
        home = sign_in(cast.petra).get("/o/acme/")
        assert "Look back" in home.text
        with tenant(cast.acme):
            assert [row.survey for row in my_open_surveys(cast.petra, at=clock.now())] == [
                "closing"
            ]
            answer_survey(
                questionnaire=CLOSING,
                response=petra,
                by=cast.petra,
                answers={"worth": 5, "learned": 4, "again": "yes", "helped": "the people"},
            )
            assert AnonymousBox.objects.get().answers[0]["helped"] == "the people"
    for days in range(10, 32):
        with clock.at(noon(ENDS + timedelta(days=days))):
            catch_up()
    with tenant(cast.acme):
        reminders = Email.objects.filter(kind="feedback.survey_reminder")
        sent = [
            (row.member.given_name, (row.created_at.date() - ENDS).days)
            for row in reminders.select_related("member").order_by("created_at", "pk")
        ]
        assert sorted(sent) == [("Pavel", 7), ("Pavel", 14), ("Pavel", 21), ("Petra", 7)]
        assert not my_open_surveys(cast.pavel, at=noon(ENDS + timedelta(days=31))).exists()


@pytest.mark.slow
def test_a_mandatory_survey_is_reminded_of_and_another_is_not(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    enrol(cohort, cast.petra)
    make_survey(cohort.program, moments=["start"], mandatory=True, title="Expected")
    make_survey(cohort.program, moments=["start"], title="Not expected")
    for days in range(29):
        with clock.at(noon(START + timedelta(days=days))):
            catch_up()
    with tenant(cast.acme):
        reminders = Email.objects.filter(kind="feedback.survey_reminder").order_by("created_at")
        assert [row.context["title"] for row in reminders] == ["Expected"] * 3
