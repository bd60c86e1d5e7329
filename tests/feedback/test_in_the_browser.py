"""The pages as a person meets them: a phone without a session, a coordinator's desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from core.common import clock
from core.tenancy.context import tenant
from feedback.assessments.own import ASSESSMENT
from feedback.models.assessments import Assessment
from feedback.models.check_ins import CheckIn
from feedback.models.surveys import SurveyResponse
from feedback.surveys.base import open_due
from feedback.surveys.check_in import CHECK_IN, answer_check_in
from feedback.surveys.rating import RATING
from tests.browser import chromium, window
from tests.cast import Cast, make_member
from tests.feedback.build import ANSWER, link, make_cohort, make_held_session, make_partnership

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def pages(cast: Cast) -> dict[str, str]:
    """A circle of seven whose period has just ended; the addresses of Petra's pages."""
    cohort = make_cohort(cast.acme, skills=3)
    today = clock.now().date()
    others = [make_member(cast.acme, f"Peer{number}") for number in range(5)]
    seat, *rest = make_partnership(
        cohort, cast.petra, cast.pavel, *others, starts_on=today - timedelta(days=15)
    )
    make_held_session(seat, day=today - timedelta(days=1))
    with tenant(cast.acme):
        open_due(CHECK_IN, at=clock.now())
        open_due(ASSESSMENT, at=clock.now())
        open_due(RATING.survey, at=clock.now())
        for other in rest[:5]:
            theirs = CheckIn.objects.get(seat=other)
            member = other.enrolment.member
            answer_check_in(check_in=theirs, by=member, note="Well.", readers="partners", **ANSWER)
        check_in = CheckIn.objects.get(seat=seat)
        assessment = Assessment.objects.get(enrolment=seat.enrolment)
        rating = SurveyResponse.objects.get(seat=seat)
    return {
        "check-in": link("check-in", cast.petra, check_in.pk),
        "rating": link("rating", cast.petra, rating.pk),
        "assessment": link("assessment", cast.petra, assessment.pk),
        "signed-in": check_in.get_absolute_url(),
        "notes": "/o/acme/notes/",
        "cohort": f"/o/acme/cohorts/{cohort.pk}/check-ins/",
    }


@pytest.mark.slow
def test_every_page_is_clean(
    live_server, cast: Cast, browser: Browser, pages: dict[str, str]
) -> None:
    for name, path in pages.items():
        who = None if path.startswith("/l/") else cast.cora if name == "cohort" else cast.petra
        with window(browser, live_server.url, who=who) as watched:
            watched.page.goto(path)
            assert watched.look_in_all_windows() == [], name


@pytest.mark.slow
def test_a_check_in_on_a_phone_takes_four_taps(
    live_server, cast: Cast, browser: Browser, pages: dict[str, str]
) -> None:
    with window(browser, live_server.url, width=320) as watched:
        page = watched.page
        page.goto(pages["check-in"])
        page.get_by_role("button", name="Send my check-in").click()
        expect(page.get_by_text("3 things to put right")).to_be_visible()
        assert watched.complaints.pop().endswith("422 (Unprocessable Entity)")
        expect(page.get_by_text("Did it move you forward?")).to_be_hidden()
        for words in ("Yes", "Good", "Partly", "Time"):
            page.get_by_text(words, exact=True).click()
        page.get_by_role("button", name="Send my check-in").click()
        expect(page.get_by_role("heading", name="Thank you, Petra. That is all.")).to_be_visible()
        assert watched.look() == []
        page.get_by_role("link", name="Change my answers").click()
        expect(page.get_by_role("radio", name="Good", exact=True)).to_be_checked()
        assert watched.look() == []

    with tenant(cast.acme):
        kept = CheckIn.objects.get(seat__enrolment__member=cast.petra)
    assert (kept.met, kept.mood, kept.progress, kept.blocker) == (True, 4, 3, "time")
