"""The page of criteria in a browser: before a look, with what is released, and for HR."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from core.common import clock
from core.tenancy.context import tenant
from metrics.fit.operations import look_at_fit
from tests.browser import chromium, window
from tests.cast import Cast
from tests.metrics.build import NOW, make_cohort
from tests.metrics.fit.build import matched_cohort

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]
# where to keep pictures for a person to look at; none are kept without it
PICTURES = os.environ.get("PICTURES", "")
PAGE = "/o/acme/insights/matching/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def test_a_coordinator_looks_and_the_page_is_clean(
    live_server: LiveServer, cast: Cast, browser: Browser
) -> None:
    cohort = matched_cohort(cast.acme, meets=lambda points: points["goals"] > 50)
    make_cohort(cast.acme)
    with window(browser, live_server.url, who=cast.olga) as watched:
        watched.page.goto(PAGE)
        assert watched.look_in_all_windows() == [], "nobody has looked"
    with tenant(cast.acme), clock.at(NOW):
        look_at_fit(program=cohort.program, by=cast.olga)
    for who in (cast.olga, cast.hugo):
        with window(browser, live_server.url, who=who) as watched:
            page = watched.page
            page.goto(PAGE)
            if who == cast.olga:
                page.get_by_role("button", name="Look at newer partnerships").click()
                expect(page.get_by_text("Nothing new can be shown")).to_be_visible()
            expect(page.get_by_role("heading", name="Proposed weights")).to_be_visible()
            for width, theme in ((1280, "light"), (390, "dark")) if PICTURES else ():
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=theme)
                file = Path(PICTURES) / f"fit-{who.role}-{width}.png"
                page.screenshot(path=file, full_page=True)
            page.get_by_text("What this tells, and what it does not").click()
            assert watched.look_in_all_windows() == [], who.role
