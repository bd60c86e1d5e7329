"""A partnership's page in a real browser: one table, which the season replaces with its own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from core.common import clock
from pairing.models.partnerships import Partnership
from tests.browser import chromium, window
from tests.cast import Cast, make_member
from tests.conftest import request_threads
from tests.sessions.build import hold_session, make_cohort, make_partnership, plan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]
# where to keep pictures for a person to look at; none are kept without it
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def circle(cast: Cast) -> Partnership:
    """A circle of six in the middle of a season of twelve sessions, eight of them held."""
    begun = clock.now().replace(hour=8, minute=0) - timedelta(weeks=8)
    with clock.at(begun):
        names = ("Amara", "Jonas", "Leila", "Mei")
        members = [cast.petra, cast.pavel, *(make_member(cast.acme, name) for name in names)]
        cohort = make_cohort(
            cast.acme, cadence_weeks=1, sessions_planned=12, starts_on=begun.date()
        )
        partnership = make_partnership(cohort, members, name="Circle of willows")
        sessions = plan(partnership, first_at=begun + timedelta(days=1))
    for session in sessions[:8]:
        hold_session(session)
    return partnership


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_a_partnership_s_page_has_one_table_and_shows_the_next_session(
    live_server: LiveServer,
    cast: Cast,
    browser: Browser,
    circle: Partnership,
    width: int,
    theme: str,
) -> None:
    with window(browser, live_server.url, who=cast.petra, width=width, theme=theme) as watched:
        page = watched.page
        page.goto(f"/o/acme/partnerships/{circle.pk}/")
        page.locator("#season").wait_for()
        page.wait_for_load_state("networkidle")
        expect(page.locator(".motif")).to_have_count(1)
        headings = page.locator("h1, h2").all_inner_texts()
        assert len(headings) == len(set(headings)), headings
        if width == 320:
            scroller = page.locator(".season .scroller")
            assert scroller.evaluate("box => box.scrollLeft") > 0
            here, box = page.locator(".season thead .now").bounding_box(), scroller.bounding_box()
            assert here
            assert box
            assert box["x"] <= here["x"] <= box["x"] + box["width"] - here["width"]
        # the reason of the next turn stands whole below the table, however far it is scrolled
        why, turns, season = (
            page.locator(name).bounding_box()
            for name in (".season .why.first", ".season table", ".season")
        )
        assert why
        assert turns
        assert season
        assert why["y"] >= turns["y"] + turns["height"]
        assert (why["x"], why["width"]) == (season["x"], season["width"])
        if PICTURES:
            file = Path(PICTURES) / f"partnership-{width}-{theme}.png"
            page.screenshot(path=file, full_page=True)
        assert watched.look() == []


def test_a_window_of_a_test_that_fails_leaves_no_connection_open(
    live_server: LiveServer, cast: Cast, browser: Browser
) -> None:
    def fail() -> None:
        with window(browser, live_server.url, who=cast.petra) as watched:
            watched.page.goto("/o/acme/calendar/")
            assert request_threads()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    patience = time.monotonic() + 5
    while request_threads() and time.monotonic() < patience:
        time.sleep(0.02)
    assert request_threads() == []


def test_without_a_script_the_plain_table_and_the_way_to_the_season_remain(
    live_server: LiveServer, cast: Cast, browser: Browser, circle: Partnership
) -> None:
    with window(browser, live_server.url, who=cast.petra, java_script_enabled=False) as watched:
        page = watched.page
        page.goto(f"/o/acme/partnerships/{circle.pk}/")
        expect(page.locator(".motif")).to_have_count(1)
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / "partnership-plain.png", full_page=True)
        page.get_by_role("link", name="See when you meet and who leads").click()
        expect(page.locator(".season thead .now")).to_have_count(1)
