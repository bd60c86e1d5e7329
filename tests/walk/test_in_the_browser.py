"""Every page in a real browser: axe, console, content policy and width have no complaint."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser import WINDOWS, chromium, window
from tests.cast import make_cast, sign_in
from tests.walk.routes import Route, filling, routes
from tests.walk.world import World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]

# documents for machines and other people's pages
NOT_OURS = ("/api/", "/account/")


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def world() -> World:
    return make_world(make_cast(), mirror=False)


def pages_of(world: World, who: str) -> dict[str, str]:
    """Return the addresses that answer this person with a page, and the template of each."""
    client = sign_in(getattr(world, who))
    found = {}
    for route in routes():
        url = address_of(world, route)
        if url.startswith(NOT_OURS):
            continue
        response = client.get(url)
        html = response.headers.get("Content-Type", "").startswith("text/html")
        whole = html and b"<html" in b"".join(response)
        if response.status_code == 200 and whole:
            found[url] = str(response.templates[0].name)
    return found


def address_of(world: World, route: Route) -> str:
    return route.url(world.organisation.slug, filling(world, route))


@pytest.mark.parametrize("who", ["owner", "participant"])
def test_pages_are_clean(live_server, browser: Browser, world: World, who):
    """Every page is opened; axe reads one page of each template."""
    found, pages, read = {}, pages_of(world, who), set()
    assert len(pages) > 5
    with window(browser, live_server.url, who=getattr(world, who)) as watched:
        for url, template in pages.items():
            watched.open(url)
            if complaints := watched.look_in_all_windows(axe=template not in read):
                found[url] = complaints
            read.add(template)
    assert found == {}


@pytest.mark.parametrize(("width", "theme"), WINDOWS)
def test_an_unknown_address_is_answered_cleanly(live_server, browser: Browser, width, theme):
    with window(browser, live_server.url, width=width, theme=theme) as watched:
        watched.open("/no/such/page/")
        assert [complaint for complaint in watched.look() if "404" not in complaint] == []
