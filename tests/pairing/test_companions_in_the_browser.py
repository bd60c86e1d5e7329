"""The mentor beside a circle and the view as a part, as they are seen: no complaint of axe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from core.tenancy.context import tenant
from pairing.companions.queries import accompanied_by
from tests.browser import chromium, window
from tests.cast import make_cast, make_member
from tests.journeys.desk import Desk
from tests.pairing.build import make_circles_cohort, make_partnership

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1280, "light")])
def test_put_beside_a_circle_and_seen_from_both_sides(
    live_server: LiveServer, browser: Browser, width: int, theme: str
) -> None:
    cast = make_cast()
    cohort = make_circles_cohort(cast.acme, peers=0)
    people = [make_member(cast.acme, name) for name in ("Ada", "Bo", "Cy")]
    circle = make_partnership(cohort, *people, name="Circle Birch", by=cast.cora)
    look = {"width": width, "theme": theme}
    with window(browser, live_server.url, who=cast.cora, **look) as watched:
        desk = Desk(watched, live_server.url)
        desk.go(circle.get_absolute_url())
        desk.press("A mentor beside it")
        desk.clean(f"companion-{width}")
        desk.fill(email=cast.pavel.email)
        desk.press("Put them beside the circle")
        assert "The mentor beside you: Pavel Acme" in desk.main
        desk.clean(f"circle-with-companion-{width}")
        desk.go(reverse("pairing:seen_as", args=["acme", cohort.program_id]))
        desk.clean(f"seen-as-{width}")
    with tenant(cast.acme):
        (companion,) = accompanied_by(cast.pavel)
    with window(browser, live_server.url, who=cast.pavel, **look) as watched:
        desk = Desk(watched, live_server.url)
        desk.go("/o/acme/")
        desk.press("Circle Birch")
        assert desk.place == companion.get_absolute_url()
        desk.page.get_by_text("No session is planned.").wait_for()
        desk.clean(f"accompanied-{width}")
