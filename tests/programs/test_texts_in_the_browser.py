"""The texts of e-mails as who edits them meets them: the preview is an e-mail, at both widths."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from tests.browser import chromium, window
from tests.cast import Cast
from tests.programs.build import make_program

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def test_a_text_is_edited_and_seen_before_it_is_saved(live_server, cast: Cast, browser: Browser):
    program = make_program(cast.acme)
    with window(browser, live_server.url, who=cast.cora) as watched:
        watched.open(reverse("programs:texts", args=["acme", program.pk]))
        assert watched.look_in_all_windows() == []
        watched.open(
            reverse("programs:text", args=["acme", program.pk, "sessions.changed", "moved"])
        )
        assert watched.look_in_all_windows() == []
        page = watched.page
        page.get_by_label("Subject").fill("Now on {{ now }}")
        page.get_by_role("button", name="Preview", exact=True).click()
        frames = page.locator("iframe")
        assert [frames.nth(n).get_attribute("width") for n in range(2)] == ["320", "640"]
        for n in range(2):
            seen = frames.nth(n).content_frame
            assert seen.locator("h1").inner_text().startswith("Now on Friday 3 April 2026")
            button = seen.get_by_role("link", name="Say if you can come")
            assert button.evaluate("a => getComputedStyle(a).backgroundColor") == "rgb(15, 95, 87)"
        assert watched.look() == []
