"""The bell and the chats in a real browser: both themes, both widths, no complaint."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from core.accounts.operations.webhooks import add_webhook
from core.common import clock
from core.notifications.models import IncomingWebhook
from core.tenancy.context import tenant
from tests.browser import WINDOWS, chromium, window
from tests.cast import Cast
from tests.core.notifications.build import make_email

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize(("width", "theme"), WINDOWS)
def test_the_bell_counts_again_by_itself_and_is_opened(
    live_server: LiveServer, cast: Cast, browser: Browser, width: int, theme: str
) -> None:
    for _number in range(12):
        make_email(cast.olga)
    with tenant(cast.acme):
        add_webhook(service="slack", address="https://x.example/ab", program_id=None, by=cast.olga)
        IncomingWebhook.objects.update(failing_since=clock.now(), problem="status")

    with window(browser, live_server.url, who=cast.olga, width=width, theme=theme) as watched:
        page = watched.page

        def look(name: str) -> None:
            if PICTURES:
                file = Path(PICTURES) / f"{name}-{width}-{theme}.png"
                page.screenshot(path=file, full_page=True)
            assert watched.look() == [], name

        page.goto("/o/acme/settings/chats/")
        page.locator(".bell .count").get_by_text("12").wait_for()
        look("chats")
        make_email(cast.olga)
        page.evaluate("document.body.dispatchEvent(new Event('look-again'))")
        page.locator(".bell .count").get_by_text("13").wait_for()
        page.get_by_role("button", name="Notifications, 13 new").click()
        page.get_by_role("heading", name="Notifications").wait_for()
        expect(page.locator(".bell .count")).to_have_count(0)
        expect(page.get_by_text("New", exact=True)).to_have_count(13)
        look("bell")
