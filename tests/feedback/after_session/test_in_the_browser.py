"""The forms after a session and what comes back of them, as people meet them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from playwright.sync_api import Browser

from core.common import clock
from core.tenancy.context import tenant
from feedback.after_session.operations import show_answers
from feedback.models.surveys import SurveyResponse
from feedback.surveys.base import open_due
from feedback.surveys.table import SURVEYS
from tests.browser import chromium, window
from tests.cast import Cast, make_member
from tests.feedback.after_session.test_circles import lead, say
from tests.feedback.build import link, make_cohort, make_held_session, make_partnership

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def pages(cast: Cast) -> dict[str, str]:
    """A circle of seven that Petra has led twice, and a pair of hers and Pavel's."""
    now = clock.now()
    others = [make_member(cast.acme, f"Peer{number}") for number in range(5)]
    seats = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel, *others)
    pair = make_partnership(
        make_cohort(cast.acme, "Pairs"), cast.petra, cast.pavel, name="Pair Exe"
    )
    shown = []
    for number in (1, 2):
        day = (now - timedelta(days=4 - number)).date()
        session = make_held_session(*seats, day=day, number=number)
        shown.append(session)
        lead(session, seats[0])
    apart = make_held_session(*pair, day=(now - timedelta(days=1)).date())
    with clock.at(now - timedelta(days=1)), tenant(cast.acme):
        for survey in SURVEYS:
            # at midnight: later in the day the first would be too long ago to be asked about
            open_due(survey, at=datetime.combine(now.date(), time(), tzinfo=UTC))
    with clock.at(now - timedelta(days=1)):
        for session in shown:
            for place, seat in enumerate(seats[2:]):
                text = {"helped": "You waited until I had finished.", "try": "Ask for a round."}
                say(seat, session, worth=3 + place % 3, turns=4, **text)
    with tenant(cast.acme):
        show_answers(at=now)
        rows = SurveyResponse.objects.filter(enrolment__member=cast.pavel)
        mine = {row.survey: row.pk for row in rows}
    circle = shown[0].partnership_id
    return {
        "turn": link("turn-feedback", cast.pavel, mine["turn-feedback"]),
        "lesson": link("mutual-feedback", cast.pavel, mine["mutual-feedback"]),
        "session": f"/o/acme/sessions/{shown[0].pk}/",
        "after": f"/o/acme/sessions/{shown[0].pk}/feedback/",
        "pair": f"/o/acme/sessions/{apart.pk}/feedback/",
        "partnership": f"/o/acme/partnerships/{circle}/",
        "ratings": f"/o/acme/partnerships/{circle}/ratings/",
        "turns": "/o/acme/feedback/turns/",
    }


def test_every_page_is_clean(
    live_server, cast: Cast, browser: Browser, pages: dict[str, str]
) -> None:
    for name, path in pages.items():
        who = None if path.startswith("/l/") else cast.petra
        with window(browser, live_server.url, who=who) as watched:
            watched.open(path)
            assert watched.look_in_all_windows() == [], name


def test_what_is_borrowed_stands_on_the_pages(
    live_server, cast: Cast, browser: Browser, pages: dict[str, str]
) -> None:
    with window(browser, live_server.url, who=cast.petra) as watched:
        watched.open(pages["session"])
        watched.page.get_by_text("You waited until I had finished.").first.wait_for()
        watched.open(pages["partnership"])
        watched.page.get_by_role("heading", name="How your sessions were rated").wait_for()
