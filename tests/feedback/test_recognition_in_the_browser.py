"""The pages of recognition in every window: a phone and a desk, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from core.common import clock
from core.tenancy.context import tenant
from feedback.models.recognition import Certificate, Milestone
from feedback.recognition import operations, queries
from pairing.models.partnerships import Partnership
from programs.models.programs import Enrolment
from tests.browser import chromium, window
from tests.cast import Cast
from tests.feedback.build import make_cohort, make_held_session, make_partnership

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def pages(cast: Cast) -> dict[str, str]:
    """Petra has completed, with a milestone, thanks and a certificate; Pavel was her partner."""
    cohort = make_cohort(cast.acme)
    seats = make_partnership(cohort, cast.petra, cast.pavel)
    make_held_session(*seats)
    now = clock.now()
    with tenant(cast.acme):
        table = Partnership.objects.select_related("organisation", "cohort__program").get()
        operations.give_thanks(
            partnership=table, to=cast.petra, words="You asked.", shown=True, by=cast.pavel
        )
        Milestone.objects.create(
            partnership=table, seat=seats[0], kind="first_lead", reached_at=now
        )
        ended = now - timedelta(days=2)
        Enrolment.objects.filter(member=cast.petra).update(
            state="completed", ended_at=ended, changed_at=ended
        )
        operations.issue_certificates(at=now)
        certificate = Certificate.objects.for_list().get()
        verify = "/" + queries.address_of(certificate).partition("://")[2].partition("/")[2]
    own = f"/o/acme/certificates/{certificate.pk}/"
    return {
        "mine": "/o/acme/recognition/",
        "celebrations": f"/o/acme/partnerships/{table.pk}/celebrations/",
        "cohort": f"/o/acme/cohorts/{cohort.pk}/recognition/",
        "certificate": own,
        "revoke": f"{own}revoke/",
        "verify": verify,
    }


def test_every_page_is_clean(
    live_server, cast: Cast, browser: Browser, pages: dict[str, str]
) -> None:
    people = {"cohort": cast.cora, "revoke": cast.cora, "verify": None}
    for name, path in pages.items():
        who = people.get(name, cast.petra)
        with window(browser, live_server.url, who=who) as watched:
            watched.page.goto(path)
            assert watched.look_in_all_windows() == [], name
