"""What a table agrees on, in a real browser: no page complains, and a vote on a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from agreements.charters import operations as charters_operations
from agreements.decisions.models import Vote
from agreements.decisions.operations import deciding as decisions_deciding
from agreements.decisions.operations import talking
from agreements.goals import operations as goals_operations
from core.common import clock
from core.members.links import SignedLink, signed_path
from core.tenancy.context import tenant
from sessions.actions import operations as actions_operations
from tests.agreements.build import deciding, draft, reacting, vote
from tests.browser import chromium, window
from tests.cast import Cast, make_member
from tests.sessions.build import make_cohort, make_partnership, seats_of
from tests.sessions.conftest import Circle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]
# where to keep pictures for a person to look at; none are kept without it
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def table(cast: Cast) -> Circle:
    """A circle of six whose clock runs, as a browser's does."""
    names = ("Amara", "Jonas", "Leila", "Mei")
    members = [cast.petra, cast.pavel, *(make_member(cast.acme, name) for name in names)]
    cohort = make_cohort(cast.acme, starts_on=clock.now().date() - timedelta(days=30))
    partnership = make_partnership(cohort, members, name="Circle of willows")
    with tenant(cast.acme):
        return Circle(cohort, partnership, members, seats_of(partnership), [])


def pages(cast: Cast, table: Circle) -> dict[str, str]:
    """Fill the table and return its pages by name."""
    names = [member.given_name for member in table.members]
    made = {
        "draft": draft(table),
        "reacting": reacting(table),
        "deciding": deciding(table, method="gradients"),
        "ranked": deciding(table, method="ranked", options=["Rome", "Oslo", "Bern"]),
        "dots": deciding(table, method="dots", options=["Rome", "Oslo"]),
    }
    vote(table, made["deciding"], Petra="3", Pavel=("7", "It harms our aim"))
    vote(table, made["ranked"], **{name: [n % 3, (n + 1) % 3] for n, name in enumerate(names)})
    vote(table, made["dots"], **{name: [1, 2] for name in names})
    with tenant(cast.acme, member=cast.petra.pk):
        talking.react(decision=made["reacting"], words="It suits me", by=cast.pavel)
        for name in ("ranked", "dots"):
            decisions_deciding.close_decision(decision=made[name], by=cast.petra)
        charter = charters_operations.begin_charter(partnership=table.partnership, by=cast.petra)
        section = charter.sections.order_by("position")[0]
        charters_operations.edit_section(section=section, text="We meet", version=0, by=cast.petra)
        charters_operations.object_to_charter(
            charter=charter, revision=1, reason="Why?", by=cast.pavel
        )
        given = {"partnership": table.partnership, "due_on": clock.now().date(), "by": cast.petra}
        goal = goals_operations.set_goal(title="Ours", milestones=["One"], shared=True, **given)
        goals_operations.set_goal(title="Mine", **given)
        actions_operations.promise_between_sessions(
            partnership=table.partnership,
            seat=table.seats[0],
            words="Do it",
            due_on=None,
            by=cast.petra,
        )
    here = f"/o/acme/partnerships/{table.partnership.pk}/"
    return {
        **{name: f"/o/acme/decisions/{each.pk}/" for name, each in made.items()},
        "list": f"{here}decisions/",
        "new": f"{here}decisions/new/?reversible=no&affected=all",
        "charter": f"{here}charter/",
        "section": f"{here}charter/sections/{section.pk}/",
        "goals": f"{here}goals/",
        "goal": f"/o/acme/goals/{goal.pk}/",
        "actions": f"{here}actions/",
        "table": here,
        "home": "/o/acme/",
    }


def test_every_page_of_a_table_is_without_a_complaint(
    live_server: LiveServer, cast: Cast, browser: Browser, table: Circle
) -> None:
    addresses = pages(cast, table)
    with window(browser, live_server.url, who=cast.petra) as watched:
        for name, address in addresses.items():
            watched.open(address)
            assert watched.look_in_all_windows() == [], name
            if PICTURES:
                watched.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_a_vote_on_a_phone_from_the_email_and_from_the_page(
    live_server: LiveServer, cast: Cast, browser: Browser, table: Circle
) -> None:
    decision = deciding(table)
    link = SignedLink("acme", cast.pavel.pk, decision.pk)
    with window(browser, live_server.url, width=320) as watched:
        page = watched.page
        page.goto(signed_path("vote", link, at=clock.now()))
        page.get_by_text("I object").click()
        page.get_by_role("button", name="Give my answer").click()
        page.get_by_text("the others need it").first.wait_for()
        watched.complaints.clear()  # the console tells of the 422 that was asked for
        page.get_by_label("Because").fill("It leaves no time to learn")
        page.get_by_role("button", name="Give my answer").click()
        page.get_by_text("Thank you, Pavel").wait_for()
        assert watched.look() == []
    with window(browser, live_server.url, who=cast.petra, width=320) as watched:
        page = watched.page
        page.goto(f"/o/acme/decisions/{decision.pk}/")
        expect(page.get_by_text("It leaves no time to learn")).to_have_count(0)
        page.get_by_text("I consent").click()
        page.get_by_role("button", name="Give my answer").click()
        page.get_by_text("It leaves no time to learn").wait_for()
        assert watched.look() == []
    with tenant(cast.acme):
        assert sorted(Vote.objects.values_list("answer", flat=True)) == ["consent", "object"]


def test_what_was_typed_is_still_there_when_a_rule_says_no(
    live_server: LiveServer, cast: Cast, table: Circle, browser: Browser
):
    with tenant(cast.acme):
        charter = charters_operations.begin_charter(partnership=table.partnership, by=cast.petra)
        section = charter.sections.order_by("position")[0]
        edit = {"section": section, "by": cast.petra}
        charters_operations.edit_section(text="We meet on Mondays", version=0, **edit)
    address = f"{live_server.url}/o/acme/partnerships/{table.partnership.pk}/charter/"
    with window(browser, live_server.url, who=cast.pavel, width=390, theme="light") as watched:
        page = watched.page
        page.goto(address)
        page.get_by_text("I cannot sign this").click()
        page.locator("#id_reason").fill("Mondays are when I travel")
        with tenant(cast.acme):
            charters_operations.edit_section(text="We meet on Fridays", version=1, **edit)
        page.get_by_role("button", name="Say so").click()

        expect(page.locator("#refused")).to_be_focused()
        expect(page.locator("#id_reason")).to_be_visible()
        expect(page.locator("#id_reason")).to_have_value("Mondays are when I travel")
        page.get_by_role("button", name="Say so").click()  # of what it says now
        expect(page.locator(".voice.line")).to_have_text("Mondays are when I travel")
        assert [line for line in watched.look() if "409 (Conflict)" not in line] == []
