"""A rule's refusal is shown where the person was, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from core.tenancy.context import tenant
from tests.browser import chromium, window
from tests.cast import Cast
from tests.programs.build import make_cohort, make_program


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_it_was_on_shows_it_and_the_reader_is_taken_there(
    live_server: LiveServer, cast: Cast, browser: Browser
):
    program = make_program(cast.acme)
    make_cohort(program, phase="running")
    with window(browser, live_server.url, who=cast.cora, width=390, theme="light") as watched:
        page = watched.page
        page.goto(program.get_absolute_url())
        page.locator("form[action$='/archive/'] button").click()

        expect(page.locator("#refused")).to_be_focused()
        expect(page.locator("h1")).to_have_text(program.name)
        complaints = [line for line in watched.look() if "409 (Conflict)" not in line]
        assert complaints == []
    with tenant(cast.acme):
        program.refresh_from_db()
    assert program.archived_at is None
