"""Planning, asking and answering in a real browser: both themes, both widths, no complaint."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from core.common import clock
from core.members.links import SignedLink, signed_path
from core.tenancy.context import tenant
from tests.browser import WINDOWS, chromium, window
from tests.cast import Cast, make_member
from tests.sessions.build import make_cohort, make_partnership, plan, seats_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize(("width", "theme"), WINDOWS)
def test_times_are_planned_asked_and_answered(
    live_server: LiveServer, cast: Cast, browser: Browser, width: int, theme: str
) -> None:
    now = clock.now()
    pune = make_member(cast.acme, "Priya", time_zone="Asia/Kolkata", country="IN")
    cohort = make_cohort(cast.acme, starts_on=now.date())
    circle = make_partnership(cohort, [cast.petra, cast.pavel, pune], name="Circle of willows")
    session = plan(circle, first_at=now + timedelta(days=3))[0]
    season = f"/o/acme/partnerships/{circle.pk}/sessions/"

    with window(browser, live_server.url, who=cast.petra, width=width, theme=theme) as watched:
        page = watched.page

        def look(name: str) -> None:
            if PICTURES:
                file = Path(PICTURES) / f"{name}-{width}-{theme}.png"
                page.screenshot(path=file, full_page=True)
            assert watched.look() == [], name

        page.goto(f"{season}plan/")
        page.get_by_role("button", name="Show the dates first").click()
        look("plan")
        page.get_by_role("link", name="Ask everybody instead").click()
        look("ask")
        page.get_by_role("button", name="Ask everybody").click()
        page.get_by_role("heading", name="When are you free, Petra?").wait_for()
        look("poll")
        page.goto(f"/o/acme/sessions/{session.pk}/kit/")
        look("kit")
        page.goto("/o/acme/calendar/")
        look("calendar")
        page.get_by_role("button", name="Make my calendar address").click()
        page.get_by_role("link", name="Add to Google").wait_for()
        look("calendar-open")
        page.get_by_label("Address of your calendar").fill("webcal://calendar.example/a.ics")
        page.get_by_role("button", name="Avoid my meetings").click()
        page.get_by_text("We are reading it now").wait_for()
        look("calendar-busy")

        link = signed_path("rsvp", SignedLink("acme", cast.pavel.pk, session.pk), at=now)
        page.context.clear_cookies()
        page.goto(link)
        page.get_by_label("If you cannot: a line to the others").fill("On a train")
        look("rsvp")
        page.get_by_role("button", name="I can’t make it").first.click()
        page.get_by_role("heading", name="The others know that you cannot come.").wait_for()
        look("rsvp-no")

    with tenant(cast.acme):
        away = [seat for seat in seats_of(circle) if seat.enrolment.member_id == cast.pavel.pk]
        assert [row.seat for row in session.absences.all()] == away
