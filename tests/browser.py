"""A real Chromium for journeys and walks, watched for everything a page may not do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from core.members.models import Member
from tests import cast

PATIENCE = 10_000  # milliseconds until something awaited counts as missing
expect.set_options(timeout=PATIENCE)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--disable-quic",
    "--disable-gpu",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", event =>
  window.refused.push(event.violatedDirective + " " + event.blockedURI + " " + event.sourceFile));
"""
# Each theme and each width once; all four pairs where somebody asks for them.
WINDOWS = [(1280, "light"), (320, "dark")]
if os.environ.get("ALL_WINDOWS"):
    WINDOWS += [(1280, "dark"), (320, "light")]
# WCAG 2.0 to 2.2, A and AA, and best practice
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
OPTIONS_OF_A_WINDOW = {
    "runOnly": {
        "type": "rule",
        "values": [
            "color-contrast",
            "link-in-text-block",
            "target-size",
            "scrollable-region-focusable",
            "landmark-unique",
            "landmark-one-main",
            "page-has-heading-one",
            "heading-order",
            "region",
        ],
    },
    "resultTypes": ["violations"],
}
AXE = Axe().axe_script


@dataclass
class Watched:
    """A page and what it has complained of so far."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, url: str) -> None:
        """Go there and wait until the page has fetched what it borrows."""
        self.page.goto(url)
        self.page.locator(".htmx-request").first.wait_for(state="detached")

    def look(self, options: Mapping[str, Any] | None = OPTIONS) -> list[str]:
        """Return every complaint about the page as it is now: console, policy, axe, overflow.

        Without options axe is not asked.
        """
        found = [*self.complaints, *self.page.evaluate("window.refused")]
        self.complaints.clear()
        if options is not None:
            found += self._ask_axe(options)
        return found + self._too_wide()

    def _too_wide(self) -> list[str]:
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return [f"{wide} px wider than the window"] if wide > 0 else []

    def look_from_right_to_left(self) -> list[str]:
        """Return what is too wide when the page is laid out as for Arabic or Hebrew."""
        root = "document.documentElement"
        dir_was = self.page.evaluate(f"{root}.dir")
        self.page.evaluate(f"{root}.dir = 'rtl'")
        found = [f"right to left: {complaint}" for complaint in self._too_wide()]
        self.page.evaluate(f"dir => {{ {root}.dir = dir }}", dir_was)
        return found

    def _ask_axe(self, options: Mapping[str, Any]) -> list[str]:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found = []
        for violation in self.page.evaluate("options => axe.run(options)", options)["violations"]:
            nodes = [node["html"][:120] for node in violation["nodes"][:3]]
            found.append(f"axe {violation['id']}: {nodes}")
        return found

    def look_in_all_windows(self, *, axe: bool = True) -> list[str]:
        """Return every complaint about the page as it is now, in each of the WINDOWS.

        In all but the first, axe tries again what depends on width and colours alone; without
        `axe` the console, the policy and the width are looked at.
        """
        found = []
        for place, (width, theme) in enumerate(WINDOWS):
            self.page.set_viewport_size({"width": width, "height": 800})
            self.page.emulate_media(color_scheme=theme)
            options = None if not axe else OPTIONS_OF_A_WINDOW if place else OPTIONS
            found += [f"{width} {theme}: {complaint}" for complaint in self.look(options)]
            if axe:
                found += [f"{width} {theme}: {told}" for told in self.look_from_right_to_left()]
        return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open a browser, or skip with the reason where there is none."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=path, args=QUIET, chromium_sandbox=os.geteuid() != 0
            )
        except Error as error:
            if path:
                raise
            pytest.skip(f"no Chromium: install it or set CHROMIUM=… ({error.message[:80]})")
        yield browser
        browser.close()


@contextmanager
def window(
    browser: Browser,
    address: str,
    *,
    who: Member | None = None,
    width: int = 1280,
    theme: str = "light",
    **options: Any,
) -> Iterator[Watched]:
    """Open a window on the site, signed in as that member if one is given."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 800},
        color_scheme=theme,  # "light" or "dark"
        reduced_motion="reduce",
        timezone_id="Europe/Berlin",
        **options,
    )
    context.set_default_timeout(PATIENCE)
    context.add_init_script(WATCH)
    if who is not None:
        sign_in(context, address, who)
    page = context.new_page()
    watched = Watched(page)
    page.on(
        "console",
        lambda message: (
            watched.complaints.append(f"console: {message.location['url']} {message.text}")
            if message.type in {"error", "warning"}
            else None
        ),
    )
    page.on("pageerror", lambda error: watched.complaints.append(f"script: {error}"))
    try:
        yield watched
    finally:
        # also when the test fails: an open window keeps its server threads, and they their database
        context.close()


def sign_in(context: BrowserContext, address: str, member: Member) -> None:
    """Give the window the session of that member."""
    client = cast.sign_in(member)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
