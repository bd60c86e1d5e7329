"""The pages of seats in a real browser: both themes and widths, no complaint."""

from __future__ import annotations

import pytest

from core.tenancy.context import tenant
from tests.browser import WINDOWS, chromium, window
from tests.cast import make_cast
from tests.pairing import build
from tests.pairing.test_seating import MORE, SIX, circle, seat

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


def test_seating_moving_and_joining_are_clean(live_server, browser):
    cast = make_cast()
    cohort = build.make_cohort(cast.acme, "leadership-circles")
    ash = circle(cohort, "Circle Ash", *SIX[:4])
    circle(cohort, "Circle Beech", *MORE[:4])
    newcomer = build.person(cohort, "Xochitl", "peer")
    with tenant(cast.acme):
        ada = seat(ash, "Ada").enrolment
    pages = {
        "seats": f"/o/acme/partnerships/{ash.pk}/seats/",
        "join": f"/o/acme/partnerships/{ash.pk}/join/",
        "place": f"/o/acme/cohorts/{cohort.pk}/seat/{newcomer.pk}/",
        "move": f"/o/acme/cohorts/{cohort.pk}/seat/{ada.pk}/",
        "waiting": f"/o/acme/cohorts/{cohort.pk}/waiting/",
    }
    found = {}
    for width, theme in WINDOWS:
        with window(browser, live_server.url, who=cast.cora, width=width, theme=theme) as watched:
            for name, path in pages.items():
                watched.open(f"{live_server.url}{path}")
                if complaints := watched.look():
                    found[name, width] = complaints
    assert found == {}
