"""What holds for every survey, also for the next one."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django import forms
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.after_session.lessons import read_lesson
from feedback.assessments.peers import PEERS, occasion_of
from feedback.models.check_ins import CheckIn
from feedback.models.meetings import MeetingQuestion
from feedback.models.surveys import SurveyResponse
from feedback.surveys.base import Survey, reminder_of
from feedback.surveys.meeting import MEETING
from feedback.surveys.table import QUESTIONNAIRES, SURVEYS, open_due_surveys, withdraw_emails
from feedback.surveys.turn_feedback import TURN_FEEDBACK
from pairing.models.partnerships import Partnership
from programs.models.programs import Enrolment
from sessions.models.sessions import Session
from tests.cast import Cast, sign_in
from tests.feedback.build import (
    AFTER_ONE_PERIOD,
    OPENS,
    PERIOD,
    link,
    make_cohort,
    make_held_session,
    make_partnership,
    make_survey,
)
from tests.work import everywhere

CANARY = "canary-of-an-answer"
# answered once: a session is recorded then, or nobody knows which answer it was
ONCE = {MEETING.name, *(row.name for row in QUESTIONNAIRES if row.anonymous)}
ASKING = {f"feedback.{kind}" for kind in ("check_in", "survey", "assessment", "fit")}


def test_no_two_surveys_share_a_name_a_link_or_an_address() -> None:
    for names in zip(*((row.name, row.purpose, row.address) for row in SURVEYS), strict=True):
        assert len(set(names)) == len(SURVEYS)


def test_where_nobody_is_due_nothing_but_that_is_asked(cast: Cast) -> None:
    with tenant(cast.acme), CaptureQueriesContext(connection) as asked:
        assert open_due_surveys(at=clock.now()) == 0
    words = {row["sql"].split(maxsplit=1)[0] for row in asked}
    assert words == {"SELECT"}  # no savepoint for each survey of each pass, and nothing written


@pytest.mark.parametrize("survey", SURVEYS, ids=lambda survey: survey.name)
def test_a_sheet_reaches_rows_by_visible_to_alone(survey: Survey) -> None:
    """As views do: a sheet is what stands behind both links."""
    sheet = getattr(survey.sheet, "func", survey.sheet)
    tree = ast.parse(textwrap.dedent(inspect.getsource(sheet)))
    managers = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "objects"
    ]
    narrowed = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "visible_to"
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "objects"
    ]
    assert len(managers) == len(narrowed)


@pytest.fixture
def paths(cast: Cast) -> Iterator[dict[str, str]]:
    """Petra's links to everything that is asked of her after a first session, by survey."""
    seats = make_partnership(make_cohort(cast.acme, skills=2), cast.petra, cast.pavel)
    make_held_session(*seats)
    built = make_survey(seats[0].partnership.cohort.program, asking=False)
    starts_at = AFTER_ONE_PERIOD + timedelta(days=2)
    with clock.at(AFTER_ONE_PERIOD), tenant(cast.acme):
        Session.objects.create(
            partnership=seats[0].partnership,
            number=2,
            starts_at=starts_at,
            day=starts_at.date(),
            duration_minutes=60,
        )
        open_due_surveys(at=AFTER_ONE_PERIOD)
        links = [email.link for email in Email.objects.filter(member=cast.petra)]
        for member in (cast.petra, cast.pavel):
            read_lesson(by=member)
        about = {
            TURN_FEEDBACK.name: str(seats[1].pk),
            PEERS.name: occasion_of("start", seats[1].enrolment_id),
        }
        for row in QUESTIONNAIRES:  # also those whose time comes later
            response = SurveyResponse.objects.create(
                survey=row.name,
                enrolment=seats[0].enrolment,
                seat=seats[0],
                # whose turn it was
                occasion=about.get(row.name, "2026-02-01"),
                version=built if row.of_version else None,
                opened_at=AFTER_ONE_PERIOD,
                closes_at=starts_at,
            )
            links.append({"signed": row.name, "object": str(response.pk)})
        says = CheckIn.objects.create(
            seat=seats[1],
            period=9,
            opens_on=OPENS,
            due_on=OPENS + PERIOD,
            opened_at=AFTER_ONE_PERIOD,
            answered_at=AFTER_ONE_PERIOD,
            answered_on=OPENS,
            met=True,
            met_on=OPENS - timedelta(days=2),
            mood=4,
            progress=4,
            blocker="none",
        )
        question = MeetingQuestion.objects.create(
            check_in=says, seat=seats[0], opened_at=AFTER_ONE_PERIOD
        )
        links.append({"signed": MEETING.purpose, "object": str(question.pk)})
        yield {row["signed"]: link(row["signed"], cast.petra, UUID(row["object"])) for row in links}


def answers_to(form: forms.Form, *, last: bool) -> dict[str, str]:
    """Return an answer to every question of a form: the last choice, or the first, and words."""
    answers = {}
    for name, field in form.fields.items():
        choices = getattr(field, "choices", None)
        if choices:
            values = [str(value) for value, _words in choices]
            answers[name] = values[-1 if last else 0] or values[1]
        elif isinstance(field, forms.BooleanField):
            answers |= {name: "on"} if last else {}
        else:
            answers[name] = CANARY if last else "other words"
    return answers


def shown_answers(page: str) -> set[str]:
    """Return what a page shows of an answer: what is chosen, and words."""
    words = {CANARY} if CANARY in page else set()
    return words | set(re.findall(r"<input[^>]* checked[^>]*>", page))


@pytest.mark.slow
@pytest.mark.parametrize("survey", SURVEYS, ids=lambda survey: survey.name)
def test_its_link_shows_nothing_that_was_answered_but_to_its_person(
    cast: Cast, paths: dict[str, str], survey: Survey
) -> None:
    path = paths[survey.purpose]
    hers, stranger, pavel = Client(), Client(), sign_in(cast.pavel)
    first = hers.get(path)
    assert "You are signed in as" in pavel.get(path).text
    assert hers.post(path, answers_to(first.context["form"], last=True)).status_code == 302
    change = f"{path}?change=yes"
    kept = shown_answers(hers.get(change).text)
    assert bool(kept) != (survey.name in ONCE)

    for client in (stranger, pavel):
        for address in (path, change):
            page = client.get(address)
            assert page.status_code == 200
            assert "This was answered. Thank you." in page.text
            assert ("<form" in page.text, shown_answers(page.text)) == (False, set())
            assert "Petra" not in page.text
        again = answers_to(first.context["form"], last=False)
        assert client.post(path, again)["Location"] == path
    assert "You are signed in as pavel@acme.example" in pavel.get(path).text
    assert "Sign in and read on" in stranger.get(path).text

    assert shown_answers(sign_in(cast.petra).get(change).text) == kept
    assert shown_answers(hers.get(change).text) == kept
    hers.force_login(cast.pavel.user)  # the same browser, somebody else
    assert shown_answers(hers.get(change).text) == set()
    hers.logout()
    assert shown_answers(hers.get(change).text) == set()


@pytest.mark.parametrize(
    ("model", "change", "kinds"),
    [
        (Enrolment, {"state": "withdrawn", "ended_at": AFTER_ONE_PERIOD}, ASKING),
        (Enrolment, {"paused_until": AFTER_ONE_PERIOD + timedelta(days=9)}, ASKING),
        (Partnership, {"state": "paused"}, ASKING - {"feedback.assessment"}),
        (
            Partnership,
            {"state": "lapsed", "ended_at": AFTER_ONE_PERIOD},
            ASKING - {"feedback.assessment"},
        ),
        (Member, {"time_zone": "Asia/Tokyo"}, set()),
    ],
)
def test_what_closes_or_pauses_before_its_email_goes_is_not_sent(
    cast: Cast, paths: dict[str, str], model: Any, change: dict[str, Any], kinds: set[str]
) -> None:
    mine = {Enrolment: {"member": cast.petra}, Member: {"pk": cast.petra.pk}}.get(model, {})
    model.objects.filter(**mine).update(**change)
    everywhere(withdraw_emails)
    back = Email.objects.filter(member=cast.petra).exclude(withdrawn_at=None)
    assert set(back.values_list("kind", flat=True)) == kinds
    if model is not Partnership:
        assert not Email.objects.filter(member=cast.pavel).exclude(withdrawn_at=None).exists()


@pytest.mark.parametrize(
    ("hours", "number"),
    [(0, 0), (7 * 24 - 1, 0), (7 * 24, 1), (14 * 24 - 1, 1), (14 * 24, 2), (21 * 24, 3), (999, 3)],
)
def test_of_several_reminders_whose_day_has_come_the_last_is_the_one(
    hours: int, number: int
) -> None:
    at = clock.now()

    assert reminder_of((7, 14, 21), at - timedelta(hours=hours), at) == number
