"""How I lead, the forms and the library of scales, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from feedback.assessments.own import ASSESSMENT, save_assessment
from feedback.assessments.peers import PEERS
from feedback.models.assessments import Assessment, PeerMark, PeerResult
from feedback.models.surveys import SurveyResponse
from feedback.surveys.base import open_due
from programs.models.parts import Competency
from tests.browser import chromium, window
from tests.cast import Cast, make_member
from tests.feedback.build import link, make_cohort, make_held_session, make_partnership, make_survey

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def pages(cast: Cast) -> dict[str, tuple[Member | None, str]]:
    """A circle in which Petra has rated herself, and was rated then and now."""
    today = clock.now().date()
    cohort = make_cohort(cast.acme, skills=4)
    span = {"starts_on": today - timedelta(days=40), "ends_on": today + timedelta(days=300)}
    others = [make_member(cast.acme, f"Peer{number}") for number in range(3)]
    seats = make_partnership(cohort, cast.petra, *others, **span)
    for number in (1, 2):
        make_held_session(*seats, day=today - timedelta(days=7 * number), number=number)
    survey = make_survey(cohort.program).survey
    with tenant(cast.acme):
        skills = list(Competency.objects.filter(program=cohort.program))
        Competency.objects.filter(pk=skills[0].pk).update(
            key="facilitation", name="Facilitation of meetings with very many people in them"
        )
        open_due(ASSESSMENT, at=clock.now())
        mine = Assessment.objects.for_list().get(enrolment__member=cast.petra)
        save_assessment(
            assessment=mine,
            by=cast.petra,
            ratings={skill.pk: place for place, skill in enumerate(skills, 2)},
            scales={f"confidence_{number}": 3 for number in range(1, 5)},
        )
        for moment, totals in (("start", (7, 8, 10, 14)), ("end", (13, 9, 10, 12))):
            result = PeerResult.objects.create(
                enrolment=seats[0].enrolment, moment=moment, shown=True, variance="0.5", degrees=8
            )
            for skill, total in zip(skills, totals, strict=True):
                PeerMark.objects.create(result=result, competency=skill, total=total, n=3)
        open_due(PEERS.survey, at=clock.now())
        asked = SurveyResponse.objects.filter(survey=PEERS.name, enrolment__member=cast.petra)
        peers = link("peers", cast.petra, asked[0].pk)
    return {
        "how I lead": (cast.petra, f"/o/acme/how-i-lead/{seats[0].enrolment_id}/"),
        "assessment": (cast.petra, f"/o/acme/assessments/{mine.pk}/"),
        "peers": (None, peers),
        "scales": (cast.olga, "/o/acme/scales/"),
        "scale": (cast.olga, "/o/acme/scales/confidence/"),
        "new scale": (cast.olga, "/o/acme/scales/new/"),
        "survey": (cast.olga, survey.get_absolute_url()),
    }


def test_every_page_is_clean(
    live_server, cast: Cast, browser: Browser, pages: dict[str, tuple[Member | None, str]]
) -> None:
    for name, (who, path) in pages.items():
        with window(browser, live_server.url, who=who) as watched:
            watched.page.goto(path)
            assert watched.look_in_all_windows() == [], name


def test_peers_are_rated_with_the_keyboard_on_a_phone(
    live_server, cast: Cast, browser: Browser, pages: dict[str, tuple[Member | None, str]]
) -> None:
    with window(browser, live_server.url, width=390) as watched:
        page = watched.page
        page.goto(pages["peers"][1])
        page.locator('input[type="radio"]').first.focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Send").focus()
        page.keyboard.press("Enter")
        page.get_by_text("Thank you, Petra.").wait_for()


def test_the_page_borrows_the_turns_that_were_led(
    live_server, cast: Cast, browser: Browser, pages: dict[str, tuple[Member | None, str]]
) -> None:
    with window(browser, live_server.url, who=cast.petra) as watched:
        watched.page.goto(pages["how I lead"][1])
        watched.page.get_by_role("heading", name="Your turns, as others saw them").wait_for()
