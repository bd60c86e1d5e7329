"""The pages of voices, meetings and exercises as people meet them, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from core.common import clock
from core.tenancy.context import tenant
from feedback.models.check_ins import CheckIn
from feedback.models.meetings import MeetingQuestion
from feedback.models.voice import VoiceResult, closed_month
from feedback.surveys.base import open_due
from feedback.surveys.check_in import CHECK_IN, answer_check_in
from feedback.surveys.meeting import MEETING
from tests.browser import chromium, window
from tests.cast import Cast, make_member
from tests.feedback.build import ANSWER, link, make_cohort, make_partnership

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def pages(cast: Cast) -> dict[str, str]:
    """A circle that has read a signal, and a pair of whom one says that they met; Petra's pages."""
    today = clock.now().date()
    began = {"starts_on": today - timedelta(days=15)}
    others = [make_member(cast.acme, f"Peer{number}") for number in range(5)]
    circle = make_partnership(make_cohort(cast.acme), cast.petra, *others, **began)
    pair = make_partnership(
        make_cohort(cast.acme, "Autumn"), cast.petra, cast.pavel, name="Petra and Pavel", **began
    )
    table = circle[0].partnership
    with tenant(cast.acme):
        VoiceResult.objects.create(
            partnership=table,
            month=closed_month(today),
            enough=True,
            unheard=True,
            dominated=True,
        )
        open_due(CHECK_IN, at=clock.now())
        says = CheckIn.objects.for_list().get(seat=pair[1])
        answer_check_in(check_in=says, by=cast.pavel, met_on=says.last_day, **ANSWER)
        own = CheckIn.objects.get(seat=circle[0])
        paired = CheckIn.objects.get(seat=pair[0])
        without_question = paired.get_absolute_url()
        open_due(MEETING, at=clock.now())
        question = MeetingQuestion.objects.get()
    return {
        "partnership": f"/o/acme/partnerships/{table.pk}/",
        "voices": f"/o/acme/partnerships/{table.pk}/voices/",
        "meeting": link("meeting", cast.petra, question.pk),
        "check-in": without_question,
        "check-ins": link("check-ins", cast.petra, own.pk),
        "exercises": f"/o/acme/partnerships/{table.pk}/decisions/exercises/",
        "home": "/o/acme/",
    }


def test_every_page_is_clean(
    live_server, cast: Cast, browser: Browser, pages: dict[str, str]
) -> None:
    for name, path in pages.items():
        who = None if path.startswith("/l/") else cast.petra
        with window(browser, live_server.url, who=who) as watched:
            watched.page.goto(path)
            assert watched.look_in_all_windows() == [], name


def test_the_page_of_a_circle_borrows_its_voices(
    live_server, cast: Cast, browser: Browser, pages: dict[str, str]
) -> None:
    with window(browser, live_server.url, who=cast.petra) as watched:
        watched.page.goto(pages["partnership"])
        watched.page.get_by_text("two or more of you were not heard.").wait_for()


def test_two_check_ins_are_sent_with_one_button_on_a_phone(
    live_server, cast: Cast, browser: Browser, pages: dict[str, str]
) -> None:
    with window(browser, live_server.url, width=390) as watched:
        page = watched.page
        page.goto(pages["check-ins"])
        expect(page.locator('[name$="progress"]:visible')).to_have_count(0)
        for section in page.locator("section.check-in").all():
            section.get_by_text("Yes", exact=True).first.click()
            section.get_by_text("Good", exact=True).click()
            section.get_by_text("Partly", exact=True).click()
            section.get_by_text("Time", exact=True).click()
        page.get_by_role("button", name="Send what I answered").click()
        page.get_by_text("No check-in waits for you.").wait_for()
