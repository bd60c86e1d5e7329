"""The pages of people and phases as a coordinator and a participant meet them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from core.tenancy.context import tenant
from programs.operations import enrolments
from tests.browser import chromium, window
from tests.cast import Cast, make_member
from tests.programs.build import make_application, make_cohort, make_enrolment, make_program
from tests.programs.test_pages import url

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def test_the_pages_that_ask_are_clean_in_every_window(
    live_server, cast: Cast, browser: Browser
) -> None:
    guides = make_program(cast.acme, "Guides", "mentor-and-mentee")
    cohort = make_cohort(guides, places=2)
    mine = make_enrolment(cohort, cast.petra, "mentee")
    other = make_enrolment(cohort, make_member(cast.acme, "Ada"), "mentor")
    waiting = make_application(cohort, cast.pavel, "mentee")
    with tenant(cast.acme):
        enrolments.start_enrolments(cohort=cohort, at=mine.applied_at, enrolments=[other])
    coordinators = {
        "cohort": url("cohort", cohort.pk),
        "people": url("cohort_people", cohort.pk),
        "edit": url("edit_cohort", cohort.pk),
        "move": url("move_cohort", cohort.pk) + "?to=matching",
        "call-off": url("move_cohort", cohort.pk) + "?to=called_off",
        "withdraw": url("withdraw_enrolment", other.pk),
        "accept": url("accept_enrolment", waiting.pk),
        "person": url("enrolment", mine.pk),
        "pause-them": url("pause_enrolment", mine.pk),
        "ending": f"/o/acme/cohorts/{cohort.pk}/ending/",
    }
    participants = {
        "join": url("join", cohort.pk),
        "leave": url("leave", cohort.pk),
        "pause": url("pause_place", cohort.pk),
    }
    for who, pages in ((cast.cora, coordinators), (cast.petra, participants)):
        with window(browser, live_server.url, who=who) as watched:
            for name, path in pages.items():
                watched.open(path)
                assert watched.look_in_all_windows() == [], name
    newcomer = make_member(cast.acme, "Nora")
    with window(browser, live_server.url, who=newcomer, width=390) as watched:
        watched.open(url("join", cohort.pk))
        assert watched.look() == []
        watched.page.get_by_label("Mentee", exact=True).check()
        watched.page.get_by_role("button", name="Go on").click()
        assert watched.look() == []
