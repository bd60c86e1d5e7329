"""A cohort's lists in a browser: numbers follow an act, ticks stay, long names push nothing."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from core.common import clock, pages
from core.tenancy.context import tenant
from programs.models.programs import Cohort
from tests.browser import chromium, window
from tests.cast import Cast, make_cast, make_member
from tests.programs.build import make_application
from tests.sessions.build import NOON, make_cohort, make_partnership, plan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]
LONG = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewis"  # 60 letters, no space

# where the words of each head stand: columns that sort and columns that do not share one line
LINES_OF_HEADS = """() => [...document.querySelectorAll("thead th")].map((head) => {
  const range = document.createRange();
  range.selectNodeContents(head.querySelector("a") ?? head);
  return [...range.getClientRects()].find((box) => box.width > 0 && box.height < 40).bottom;
})"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def cohort(monkeypatch: pytest.MonkeyPatch) -> tuple[Cast, Cohort]:
    monkeypatch.setattr(pages, "PAGE_SIZE", 3)
    cast = make_cast()
    cohort = make_cohort(cast.acme, sessions_planned=2)
    people = [make_member(cast.acme, LONG, email="long@acme.example", department=LONG), cast.pavel]
    with clock.at(NOON):
        plan(make_partnership(cohort, people, name=LONG))
    with tenant(cast.acme):
        Cohort.objects.filter(pk=cohort.pk).update(phase=Cohort.Phase.ENROLLING)
        cohort.refresh_from_db()
    for name in ("Ada", "Bo", "Cy", "Di"):
        make_application(cohort, make_member(cast.acme, name, family_name=name))
    return cast, cohort


def test_numbers_follow_an_act_and_ticks_stay(live_server, browser: Browser, cohort):
    cast, cohort = cohort
    with window(browser, live_server.url, who=cast.cora) as watched:
        page = watched.page
        page.goto(reverse("programs:cohort_people", args=["acme", cohort.pk]) + "?state=applied")
        rows = page.locator("#people tbody tr")
        rows.nth(1).locator("input").check()
        page.get_by_role("link", name="Show more").click()
        rows.nth(3).wait_for()
        expect(rows.nth(1).locator("input")).to_be_checked()
        page.get_by_role("button", name="Accept Ada Ada").click()
        page.get_by_role("link", name="Applied 3").wait_for()
        page.get_by_role("link", name="Export these 3").wait_for()
        page.get_by_label("Choose all 3 that match").check()
        expect(page.locator("[data-chosen]")).to_have_text("3")
        page.locator("[data-choices]").get_by_role("button", name="Decline", exact=True).click()
        page.get_by_role("heading", name="Decline 3 people?").wait_for()


def test_a_long_name_pushes_and_clips_nothing(live_server, browser: Browser, cohort):
    cast, cohort = cohort
    pages_of = ("programs:cohort_people", "pairing:partnerships", "sessions:cohort_sessions")
    with window(browser, live_server.url, who=cast.cora) as watched:
        for name in pages_of:
            watched.page.goto(reverse(name, args=["acme", cohort.pk]))
            assert watched.look_in_all_windows() == [], name
            watched.page.set_viewport_size({"width": 1280, "height": 900})
            lines = watched.page.evaluate(LINES_OF_HEADS)
            assert max(lines) - min(lines) <= 2, (name, lines)
