"""An empty organisation, the export of an HR system, and a program run from it to its figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from tests.browser import chromium, sign_in, window
from tests.journeys import beginning, matching, running
from tests.journeys.desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def test_a_program_runs_from_an_hr_export_to_its_figures(
    live_server: LiveServer, browser: Browser
) -> None:
    """The 168 peer rows go through a circles cohort to figures, the others to published pairs.

    Time is moved for the whole process: the server's threads live in the same week.
    """
    address = live_server.url
    with time_machine.travel(MONDAY, tick=True) as time, window(browser, address) as watched:
        desk = Desk(watched, address)

        def days_pass(days: int) -> None:
            """Let time go by; who was away so long signs in again."""
            time.shift(timedelta(days=days))
            organisation = Organisation.objects.get()
            with tenant(organisation):
                owner = Member.objects.select_related("organisation").get(role=Member.Role.OWNER)
            sign_in(watched.page.context, address, owner)

        beginning.sign_up(desk)
        circles = beginning.open_a_cohort(desk, "Leadership circles", "Spring circles")
        pairs = beginning.open_a_cohort(desk, "Mentor and mentee", "Spring pairs")
        beginning.import_people(desk)
        beginning.import_them_again(desk)
        beginning.close_enrolment(desk, circles, people=162, parts="Peer: 162")
        beginning.close_enrolment(
            desk, pairs, people=70, parts="Mentor and mentee: 17; Mentee: 34; Mentor: 19"
        )

        matching.match_circles(desk, circles)
        running.sit_down(desk, circles)
        days_pass(3)  # Thursday: the first sessions were yesterday
        people = running.record_a_session(desk, circles)
        days_pass(12)
        email = running.check_ins_open(desk, circles)
        with window(browser, address, width=320) as phone:
            running.answer(Desk(phone, address), email)
        days_pass(3)
        running.only_the_silent_are_reminded(desk, circles, email)
        days_pass(11)  # the first check-in's time is over
        running.figures_agree(desk, circles, people=people)

        matching.match_pairs(desk, pairs)
