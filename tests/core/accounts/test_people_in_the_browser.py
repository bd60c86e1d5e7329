"""The list of people grows below and keeps what was ticked; a browser proposes its time zone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from core.accounts.operations.work_facts import NewMember, enter_members
from core.tenancy.context import tenant
from tests.browser import chromium, window
from tests.cast import Cast, make_cast
from tests.core.accounts.build import link_of, make_invitation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_more_people_come_below_and_ticks_stay(live_server, browser: Browser, cast: Cast):
    crowd = [NewMember(f"n{number}@acme.example", f"N{number:03}") for number in range(60)]
    with tenant(cast.acme):
        enter_members(people=crowd, by=cast.cora)
    with window(browser, live_server.url, who=cast.cora) as watched:
        page = watched.page
        page.goto("/o/acme/people/?state=invited")
        rows = page.locator("#people tbody tr")
        expect(rows).to_have_count(50)
        rows.first.locator("input").check()
        page.get_by_role("link", name="Show more").click()
        rows.nth(59).wait_for()
        expect(rows).to_have_count(60)
        expect(rows.first.locator("input")).to_be_checked()
        expect(page.get_by_role("link", name="Show more")).to_have_count(0)
        rows.last.locator("input").check()
        expect(page.locator("[data-chosen]")).to_have_text("2")
        assert watched.look_in_all_windows() == []
        page.get_by_role("button", name="Invite or remind them …").click()
        page.get_by_role("button", name="Send 2 e-mails").wait_for()
        assert watched.look_in_all_windows() == []
        page.get_by_role("button", name="Send 2 e-mails").click()
        page.get_by_text("2 invitations go out.").wait_for()
        page.goto("/o/acme/people/?state=invited")
        page.get_by_label("All 60 that match").check()
        page.get_by_role("button", name="Invite or remind them …").click()
        page.get_by_role("button", name="Send 60 e-mails").wait_for()


def test_the_browsers_zone_is_proposed(live_server, browser: Browser, cast: Cast):
    link = link_of(make_invitation(cast.cora))
    with window(browser, live_server.url) as watched:
        for path in ("/account/signup/", link):
            watched.page.goto(path)
            assert watched.page.get_by_label("Time zone").input_value() == "Europe/Berlin"
        assert watched.look_in_all_windows() == []
