"""Choosing and parting in a real browser: by keyboard, both themes and widths, no complaint."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from core.members.models import Member
from core.tenancy.context import tenant
from pairing.models.partnerships import Partnership
from pairing.partnerships.operations import repairing
from tests.browser import WINDOWS, chromium, window
from tests.cast import make_cast
from tests.pairing.build import make_run
from tests.pairing.requests.build import accept, ask, make_self_match, mentee, mentor, wish, wishes
from tests.pairing.requests.test_circle_wishes import make_circles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


def complaints(browser: Browser, url: str, pages: list[tuple[Member, str]]) -> dict[Any, Any]:
    """Return what is wrong with pages as their readers see them, by page and width."""
    found = {}
    for (width, theme), (who, page) in [(w, p) for w in WINDOWS for p in pages]:
        with window(browser, url, who=who, width=width, theme=theme) as watched:
            watched.open(page)
            if wrong := watched.look():
                found[page, width] = wrong
    return found


def test_choosing_asking_waiting_and_parting_are_clean(live_server, browser):
    cast = make_cast()
    cohort = make_self_match(cast.acme)
    jonas, kim = mentee(cohort, "Jonas"), mentee(cohort, "Kim")
    amara, bela, cleo = (mentor(cohort, name) for name in ("Amara", "Bela", "Cleo"))
    wish(jonas, amara, bela)
    request = ask(jonas, bela, words="May I learn that from you?")
    partnership = accept(ask(kim, cleo))
    with tenant(cast.acme):
        pair = Partnership.objects.select_related("organisation", "cohort__program").get(
            pk=partnership.pk
        )
        repairing.part_ways(partnership=pair, by=kim.member, cause="time", words="Thank you.")
    root = f"{live_server.url}/o/acme"
    pages = [
        (jonas.member, f"{root}/cohorts/{cohort.pk}/self-match/"),
        (bela.member, f"{root}/requests/{request.pk}/"),
        (cleo.member, f"{root}/partnerships/{pair.pk}/parting/"),
        (cast.cora, f"{root}/cohorts/{cohort.pk}/waiting/"),
    ]
    assert complaints(browser, live_server.url, pages) == {}

    with window(browser, live_server.url, who=jonas.member, java_script_enabled=False) as watched:
        watched.page.goto(pages[0][1])
        watched.page.get_by_role("button", name="Move Bela Acme up").focus()
        watched.page.keyboard.press("Enter")
        watched.page.get_by_role("button", name="Move Amara Acme up").wait_for()
    assert wishes(jonas) == [bela, amara]


def test_naming_people_for_a_circle_and_what_the_run_says_are_clean(live_server, browser):
    cast = make_cast()
    cohort, people = make_circles(cast.acme, 9)
    me, first, second, *_others = people
    wish(me, first, second)
    run = make_run(cohort, cast.cora)
    root = f"{live_server.url}/o/acme"
    pages = [
        (me.member, f"{root}/cohorts/{cohort.pk}/self-match/?name=P"),
        (me.member, f"{root}/"),
        (cast.cora, f"{root}/cohorts/{cohort.pk}/waiting/"),
        (cast.cora, f"{root}/match-runs/{run.pk}/fairness/"),
    ]
    assert complaints(browser, live_server.url, pages) == {}

    with window(browser, live_server.url, who=me.member, java_script_enabled=False) as watched:
        watched.page.goto(pages[0][1])
        watched.page.get_by_role("button", name="P7 Acme").first.click()
        watched.page.get_by_role("button", name="Take P7 Acme off your list").wait_for()
    assert wishes(me) == [first, second, people[7]]
