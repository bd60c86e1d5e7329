"""The pages of figures as HR sees them: a season with its charts, an empty one, and the API."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from core.members.models import Member
from core.tenancy.context import tenant
from pairing.models.partnerships import Seat
from programs.models.parts import Competency
from programs.models.programs import Cohort
from tests.browser import chromium, window
from tests.cast import Cast
from tests.metrics.build import (
    TODAY,
    ask,
    circle,
    enrol,
    full_cohort,
    make_cohort,
    meet,
    people,
    rate,
    release,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]
# where to keep pictures for a person to look at; none are kept without it
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def season(cast: Cast) -> Cohort:
    """Twenty-four people in four circles over twelve weeks, three of whom leave."""
    chance = random.Random(7)
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 26)
    begun = TODAY - timedelta(weeks=13)
    skills = ("Active listening", "Facilitation", "Decision-making", "Conflict resolution")
    with tenant(cast.acme):
        competencies = [
            Competency.objects.create(
                program=cohort.program, key=f"skill{place}", name=name, position=place
            )
            for place, name in enumerate(skills)
        ]
        enrol(cohort, members[24], "applied")
        enrol(cohort, members[25], "accepted")
        rows = []
        for place, member in enumerate(members[:24]):
            Member.objects.filter(pk=member.pk).update(department=("Sales", "Works")[place % 2])
            leaves = {3: 4, 11: 6, 19: 9}.get(place)
            ended = begun + timedelta(weeks=leaves) if leaves else None
            state = "withdrawn" if leaves else "active"
            rows.append(enrol(cohort, member, state, started=begun, ended=ended))
        for number in range(4):
            table = circle(cohort, rows[number * 6 : number * 6 + 6], f"Circle {number}")
            for week in range(1, 12, 2):
                day = begun + timedelta(weeks=week, days=number)
                state = chance.choices(["held", "cancelled", "missed"], [8, 1, 1])[0]
                came = "".join(chance.choices("pea", [7, 1, 1], k=6)) if state == "held" else ""
                meet(table, day, state, came, cause="workload" if state == "cancelled" else "")
            for seat in Seat.objects.filter(partnership=table):
                for period in range(1, 5):
                    due = begun + timedelta(weeks=2 * period)
                    ask(seat, period, due, chance.choice([None, due - timedelta(days=2)]))
        for row in rows[:20]:
            for place, competency in enumerate(competencies):
                start = chance.randint(1, 4)
                rate(row, competency, start, min(5, start + chance.choice([0, 1, place])))
    release(cast.acme)
    return cohort


@pytest.fixture
def pages(cast: Cast) -> dict[str, str]:
    """A season, an empty cohort, a hidden one, and what stands around them."""
    full, small = season(cast).pk, full_cohort(cast.acme, "Small").pk
    return {
        "report": f"/o/acme/cohorts/{full}/report/",
        "empty": f"/o/acme/cohorts/{make_cohort(cast.acme, 'Empty').pk}/report/",
        "small": f"/o/acme/cohorts/{small}/report/",
        "part": f"/o/acme/cohorts/{full}/report/?since=2026-03",
        "group": f"/o/acme/cohorts/{full}/report/?department=Sales",
        "trends": f"/o/acme/cohorts/{full}/report/trends/",
        "contact": f"/o/acme/cohorts/{full}/report/contact/",
        "compare": f"/o/acme/insights/compare/?cohort={full}&cohort={small}",
        "insights": "/o/acme/insights/",
        "definitions": "/o/acme/insights/definitions/",
        "definition": "/o/acme/insights/definitions/retention/",
    }


def test_every_page_is_clean(
    live_server: LiveServer, cast: Cast, browser: Browser, pages: dict[str, str]
) -> None:
    for name, path in pages.items():
        who = cast.hugo if name in {"insights", "empty"} else cast.cora
        with window(browser, live_server.url, who=who) as watched:
            watched.page.goto(path)
            if PICTURES:
                file = Path(PICTURES) / f"{name}.png"
                watched.page.screenshot(path=file, full_page=True)
            for summary in watched.page.locator("main summary").all():
                summary.click()
            assert watched.look_in_all_windows() == [], f"{name}, tables open"


def test_the_report_prints_without_what_is_not_paper(
    live_server: LiveServer, cast: Cast, browser: Browser, pages: dict[str, str]
) -> None:
    with window(browser, live_server.url, who=cast.cora) as watched:
        watched.page.goto(pages["report"])
        watched.page.emulate_media(media="print")
        for left_out in (".shell", ".tabs", ".crumbs", "details", ".no-print"):
            expect(watched.page.locator(left_out).first).to_be_hidden()
        expect(watched.page.locator("svg.plot").first).to_be_visible()
        if PICTURES:
            watched.page.pdf(path=Path(PICTURES) / "report.pdf", format="A4")


def test_the_api_can_be_read_and_its_policy_refuses_nothing_it_needs(
    live_server: LiveServer, browser: Browser, db: None
) -> None:
    with window(browser, live_server.url) as watched:
        watched.page.goto("/api/docs/")
        watched.page.get_by_text("/api/v1/figures.csv").wait_for()
        if PICTURES:
            watched.page.screenshot(path=Path(PICTURES) / "docs.png", full_page=True)
        assert [*watched.complaints, *watched.page.evaluate("window.refused")] == []
        watched.page.get_by_text("Read all figures as CSV").click()
        watched.page.get_by_text("One line a figure, streamed.").wait_for()
        assert [*watched.complaints, *watched.page.evaluate("window.refused")] == []
