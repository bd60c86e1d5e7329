"""The builder and what is answered, as people meet them; a question that waits for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from core.common import clock
from core.tenancy.context import tenant
from feedback.models.built import SurveyResult
from feedback.models.surveys import SurveyResponse
from feedback.surveys.built import occasion_of
from tests.browser import chromium, window
from tests.cast import Cast
from tests.feedback.build import enrol, link, make_cohort, make_survey

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]
ITEMS = [
    {"kind": "choice", "question": "Go on?", "choices": ["Yes", "No"]},
    {"kind": "text", "question": "Why not?", "choices": [], "only_if": "q1=2"},
    {"choices": ["1", "2", "3", "4", "5", "6", "7"]},
    {"kind": "choices", "question": "What with?", "choices": ["Books", "Talks"], "required": False},
]
RESULT = {"q1": {"n": 12, "cells": [7, 5]}, "q3": {"n": 12, "total": 48}}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def pages(cast: Cast) -> dict[str, str]:
    """A survey with each kind of question, asked of Petra; the addresses of all pages of it."""
    cohort = make_cohort(cast.acme)
    survey = make_survey(cohort.program, ITEMS).survey
    elsewhere = make_survey(make_cohort(cast.acme, "Autumn").program).survey
    enrolment = enrol(cohort, cast.petra)
    with tenant(cast.acme):
        response = SurveyResponse.objects.create(
            survey="built",
            enrolment=enrolment,
            occasion=occasion_of(survey, "start"),
            version=survey.versions.get(),
            opened_at=clock.now() - timedelta(days=1),
            closes_at=clock.now() + timedelta(days=9),
        )
        anonymous = make_survey(cohort.program, ITEMS, anonymous=True, title="Openly")
        occasion = occasion_of(anonymous.survey, "start")
        SurveyResponse.objects.create(
            survey="built",
            enrolment=enrolment,
            occasion=occasion,
            version=anonymous,
            opened_at=clock.now() - timedelta(days=9),
            closes_at=clock.now() - timedelta(days=1),
        )
        SurveyResult.objects.create(survey="built", cohort=cohort, occasion=occasion, items=RESULT)
    address, listed = survey.get_absolute_url(), f"/o/acme/programs/{cohort.program_id}/surveys/"
    assert elsewhere.program_id != cohort.program_id
    return {
        "list": listed,
        "new": f"{listed}new/",
        "survey": address,
        "frame": f"{address}edit/",
        "start": f"{address}start/",
        "preview": f"{address}preview/",
        "bank": f"{address}bank/",
        "item": f"{address}questions/q2/",
        "remove": f"{address}questions/q4/remove/",
        "results": f"/o/acme/cohorts/{cohort.pk}/surveys/",
        "answer": link("built", cast.petra, response.pk),
    }


def test_every_page_is_clean(
    live_server, cast: Cast, browser: Browser, pages: dict[str, str]
) -> None:
    complaints = {}
    for name, path in pages.items():
        who = None if path.startswith("/l/") else cast.olga
        with window(browser, live_server.url, who=who) as watched:
            watched.page.goto(path)
            complaints[name] = watched.look_in_all_windows()
    assert complaints == {name: [] for name in pages}


def test_a_question_after_one_answer_is_hidden_until_then(
    live_server, browser: Browser, pages: dict[str, str]
) -> None:
    with window(browser, live_server.url, width=390) as watched:
        page = watched.page
        page.goto(pages["answer"])
        expect(page.get_by_label("Why not?")).to_be_hidden()
        page.get_by_text("No", exact=True).click()
        expect(page.get_by_label("Why not?")).to_be_visible()
        page.get_by_text("Yes", exact=True).click()
        expect(page.get_by_label("Why not?")).to_be_hidden()
