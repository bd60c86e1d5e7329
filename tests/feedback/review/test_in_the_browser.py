"""The pages of the journal, of testimonials and of reviews in every window, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from core.common import clock
from core.tenancy.context import tenant
from feedback.journal import operations as journal
from feedback.models.built import SurveyResult
from feedback.review import operations, queries
from feedback.testimonials import operations as testimonials
from pairing.models.partnerships import Partnership
from programs.models.programs import Cohort
from tests.browser import chromium, window
from tests.cast import Cast
from tests.feedback.build import make_cohort, make_held_session, make_partnership

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]
LONG = "We met in a room without windows, and nobody but the timekeeper knew how late it was. " * 2


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def pages(cast: Cast) -> dict[str, str]:
    """Petra has written, two are quoted, a review is published and another is a draft."""
    cohorts = make_cohort(cast.acme), make_cohort(cast.acme, "Autumn")
    for cohort in cohorts:
        make_partnership(cohort, cast.petra, cast.pavel)
        with tenant(cast.acme):
            SurveyResult.objects.create(
                survey="closing",
                cohort=cohort,
                occasion="end",
                items={
                    "worth": {"n": 40, "total": 150, "cells": [5, 6, 7, 11, 11]},
                    "again": {"n": 40, "cells": [30, None, None]},
                    "change": {"n": 9, "words": [f"{LONG} {number}" for number in range(9)]},
                },
            )
    with tenant(cast.acme):
        table = Partnership.objects.filter(cohort=cohorts[0]).get()
        seats = list(table.seats.order_by("id"))
    session = make_held_session(*seats, day=clock.now().date() - timedelta(days=1))
    earlier = make_held_session(*seats, day=clock.now().date() - timedelta(days=3), number=2)
    with tenant(cast.acme):
        entry = journal.write_entry(by=cast.petra, text=LONG, session=earlier)
        published, draft = (Cohort.objects.for_list().get(pk=row.pk) for row in cohorts)
        for cohort in (published, draft):
            for member, signed in ((cast.petra, "full"), (cast.pavel, "nobody")):
                row = testimonials.give_testimonial(
                    cohort=cohort,
                    by=member,
                    text=LONG,
                    places=["community", "report", "join"],
                    signed=signed,
                )
                operations.quote(cohort=cohort, by=cast.cora, testimonial=row, item="worth")
            testimonials.pick_testimonial(testimonial=row, by=cast.cora)
            for name in ("Rooms", "Length"):
                operations.add_theme(cohort=cohort, by=cast.cora, name=name)
            rows = queries.comments(cohort)[0].comments
            themes = {row.digest: "Rooms" for row in rows[:7]}
            operations.sort_comments(cohort=cohort, by=cast.cora, themes=themes)
            changes = [(LONG, "A room with windows.")]
            operations.keep_changes(cohort=cohort, by=cast.cora, changes=changes)
        operations.publish_review(cohort=published, by=cast.cora)
    base = f"/o/acme/cohorts/{published.pk}"
    return {
        "home": "/o/acme/",
        "journal": "/o/acme/journal/",
        "write": f"/o/acme/sessions/{session.pk}/journal/",
        "delete": f"/o/acme/journal/{entry.pk}/delete/",
        "say": f"{base}/testimonials/",
        "own": f"{base}/testimonials/mine/",
        "join": f"{base}/testimonials/join/",
        "pick": f"{base}/testimonials/",
        "report": f"{base}/report/",
        "read": f"{base}/review/",
        "published": f"{base}/review/",
        "draft": f"/o/acme/cohorts/{draft.pk}/review/",
        "publish": f"/o/acme/cohorts/{draft.pk}/review/publish/",
        "carried": f"/o/acme/programs/{published.program_id}/changes/",
        "design": f"/o/acme/programs/{published.program_id}/design/",
    }


OF_CORA = {"pick", "report", "published", "draft", "publish", "carried", "design"}


def test_every_page_is_clean(
    live_server, cast: Cast, browser: Browser, pages: dict[str, str]
) -> None:
    for name, path in pages.items():
        who = cast.cora if name in OF_CORA else cast.petra
        with window(browser, live_server.url, who=who) as watched:
            watched.page.goto(path)
            watched.page.wait_for_load_state("networkidle")
            assert watched.look_in_all_windows() == [], name
