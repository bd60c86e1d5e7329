"""Training in Chromium: every page clean, and a lesson done from home by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from core.common import clock
from core.tenancy.context import tenant
from programs.models.training import LessonProgress
from programs.training import workshops
from programs.training.catalog import lessons_of_ours
from tests.browser import chromium, window
from tests.cast import Cast
from tests.programs.build import make_cohort, make_enrolment, make_program
from tests.programs.test_pages import url
from tests.programs.training.build import require

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]
MOST_KEYS = 60  # to reach something on a page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus stands on what is so called."""
    for _key in range(MOST_KEYS):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => { const e = document.activeElement;"
            " return (e.labels?.[0]?.innerText || e.innerText || '').trim() }"
        )
        if words in found:
            return
    raise AssertionError(f"{words!r} is not reached by keyboard")


def test_the_pages_of_training_are_clean_in_every_window(
    live_server, cast: Cast, browser: Browser
) -> None:
    cohort = make_cohort(make_program(cast.acme))
    make_enrolment(cohort, cast.petra)
    require(cohort.program, cast.cora)
    with tenant(cast.acme):
        workshop = workshops.plan_workshop(
            cohort=cohort,
            title="Feedback",
            agenda="- arrive",
            place="Room 4",
            starts_at=clock.now() + timedelta(days=9),
            minutes=90,
            places=1,
            by=cast.cora,
        )
        workshops.sign_up(workshop=workshop, by=cast.petra)
        role = cohort.program.meeting_roles.get(leads=True)
    coordinators = {
        "path": url("program_training", cohort.program_id),
        "cohort": url("cohort_training", cohort.pk),
        "edit": url("edit_lesson", "listening"),
        "sponsor": url("edit_sponsor", cohort.pk),
        "workshops": url("cohort_workshops", cohort.pk),
        "new-workshop": url("new_workshop", cohort.pk),
    }
    participants = {
        "learn": url("learn"),
        "lesson": url("lesson", "peer-mentoring"),
        "role": url("role_lesson", role.pk),
        "sponsors": url("guide_for_sponsors"),
        "workshop": url("workshop", workshop.pk),
        "home": "/o/acme/",
    }
    for who, pages in ((cast.cora, coordinators), (cast.petra, participants)):
        with window(browser, live_server.url, who=who) as watched:
            for name, path in pages.items():
                watched.open(path)
                assert watched.look_in_all_windows() == [], name


def test_a_lesson_is_done_from_home_by_keyboard_alone(
    live_server, cast: Cast, browser: Browser
) -> None:
    cohort = make_cohort(make_program(cast.acme))
    make_enrolment(cohort, cast.petra)
    require(cohort.program, cast.cora)
    checks = lessons_of_ours()["listening"].checks
    with window(browser, live_server.url, who=cast.petra, width=390) as watched:
        page = watched.page
        watched.open("/o/acme/")
        tab_to(page, "Read it")
        page.keyboard.press("Enter")
        page.get_by_role("heading", level=1, name="Listening so that people think").wait_for()
        for check in checks:
            tab_to(page, check.options[0])
            for _step in range(check.right):
                page.keyboard.press("ArrowDown")
            if check.right == 0:
                page.keyboard.press("Space")
        tab_to(page, "Check my answers")
        page.keyboard.press("Enter")
        page.get_by_text("Lesson done: Listening so that people think.").wait_for()
        expect(page.get_by_text("Right", exact=True)).to_have_count(len(checks))
    with tenant(cast.acme):
        assert LessonProgress.objects.get().done_at is not None
