"""The desk in a browser: signed in, and by the link of somebody who says no name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.tenancy.context import tenant
from feedback.concerns import operations
from tests.browser import chromium, window
from tests.cast import Cast
from tests.feedback.concerns.build import Desk, link_path, make_desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return make_desk(cast)


def test_every_page_is_clean(live_server, desk: Desk, browser: Browser) -> None:
    cast, file = desk.cast, desk.raise_it(topic="safety")
    with tenant(cast.acme, member=cast.cora.pk):
        operations.answer_concern(file=file, by=cast.cora, words="I listen.")
        operations.record_step(
            file=file, by=cast.cora, kind="listen", done_on=file.concern.raised_on, note="Heard."
        )
    where = f"/o/acme/concerns/{file.pk}/"
    pages = [
        (cast.petra, "/o/acme/concerns/new/"),
        (cast.petra, "/o/acme/concerns/"),
        (cast.petra, "/o/acme/if-it-is-hard/"),
        (cast.cora, where),
        (cast.cora, f"{where}step/"),
        (cast.cora, f"{where}close/"),
        (cast.olga, "/o/acme/settings/concerns/"),
        (None, link_path(cast)),
        (None, "/c/status/"),
    ]
    for number, (who, path) in enumerate(pages):
        with window(browser, live_server.url, who=who) as watched:
            watched.page.goto(path)
            if folder := os.environ.get("SHOTS"):
                watched.page.screenshot(path=Path(folder) / f"{number}.png", full_page=True)
            assert watched.look_in_all_windows() == [], path


def test_a_concern_without_a_name_from_the_link_to_the_answer(
    live_server, desk: Desk, browser: Browser
) -> None:
    with window(browser, live_server.url, width=390) as watched:
        page = watched.page
        page.goto(link_path(desk.cast))
        page.get_by_label("A conflict").check()
        page.get_by_label("What has happened?").fill("It gets loud.")
        page.get_by_role("button", name="Send").click()
        code = page.get_by_label("Your code").input_value()
        assert watched.look() == []
        page.get_by_role("link", name="To the page for codes").click()
        page.get_by_label("Your code").fill(code)
        page.get_by_role("button", name="Look").click()
        expect(page.get_by_text("It gets loud.")).to_be_visible()
        page.get_by_label("Write an answer").fill("Again today.")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("Again today.")).to_be_visible()
        assert watched.look() == []
        assert code not in page.url
        assert [cookie["name"] for cookie in page.context.cookies()] == ["csrftoken"]
