"""Joining and signing in as a person sees them: a real browser has no complaint about any page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from core.accounts.operations import outgoing, people
from core.tenancy.context import tenant
from tests.browser import Watched, chromium, window
from tests.cast import Cast, make_cast
from tests.core.accounts.build import link_of, make_invitation, make_token
from tests.core.jobs.test_pages import make_job

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]

# where to put pictures of what was seen, for whoever wants to look
PICTURES = os.environ.get("PICTURES")
STRANGERS = [
    "/",
    "/account/login/",
    "/account/login/code/",
    "/account/signup/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/password/reset/key/abc-def/",
    "/account/inactive/",
]
OWNERS = [
    "/organisations/?choose",
    "/organisations/new/",
    "/account/email/",
    "/account/password/change/",
    "/account/reauthenticate/",
    "/account/confirm/",
    "/account/sessions/",
    "/account/second-step/",
    "/account/second-step/totp/activate/",
    "/account/second-step/webauthn/",
    "/account/second-step/webauthn/add/",
    "/account/logout/",
    "/o/acme/people/",
    "/o/acme/people/?q=nobody-at-all",
    "/o/acme/people/invite/",
    "/o/acme/settings/",
    "/o/acme/settings/address/",
    "/o/acme/settings/logo/",
    "/o/acme/settings/tokens/",
    "/o/acme/settings/webhooks/",
    "/o/acme/settings/audit/",
    "/o/acme/me/",
    "/o/acme/me/emails/",
    "/o/acme/me/leave/",
]


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def looked_at(watched: Watched, url: str, picture: str) -> list[str]:
    watched.open(url)
    if PICTURES:
        watched.page.screenshot(path=Path(PICTURES) / f"{picture}.png", full_page=True)
    return watched.look_in_all_windows()


def name_of(url: str) -> str:
    return url.strip("/").replace("/", "-").replace("?", "-") or "front"


def test_the_way_in_is_clean(live_server, browser: Browser, cast: Cast):
    links = {
        "invitation": link_of(make_invitation(cast.cora)),
        "invitation-known": link_of(
            make_invitation(cast.cora, email=cast.greta.email, given_name="Greta")
        ),
    }
    found = {}
    with window(browser, live_server.url) as watched:
        for url in STRANGERS:
            if complaints := looked_at(watched, url, name_of(url)):
                found[url] = complaints
        for name, url in links.items():
            if complaints := looked_at(watched, url, f"{name}"):
                found[name] = complaints
        closed = looked_at(watched, "/invitation/nonsense/", "closed")
        if complaints := [line for line in closed if "404" not in line]:
            found["closed"] = complaints
    assert found == {}


def test_an_owners_pages_are_clean(live_server, browser: Browser, cast: Cast):
    invitation = make_invitation(cast.cora)
    token, _secret = make_token(cast.olga)
    with tenant(cast.acme):
        endpoint, _secret = outgoing.add_endpoint(
            name="Warehouse", address="https://a.example/hook", lists=["members"], by=cast.olga
        )
        outgoing.send_test(endpoint=endpoint, by=cast.olga)
        people.update_member(
            member=cast.pavel,
            by=cast.cora,
            department="Tide and harbour engineering",
            job_title="Hydrographer",
            manager=cast.cora,
            languages=["en", "cs"],
        )
        people.mark_left(member=cast.petra, by=cast.cora)
    running = make_job(cast.olga, "running")
    pages = {url: name_of(url) for url in OWNERS}
    for name, row in (("live", cast.pavel), ("invited", invitation.member), ("left", cast.petra)):
        pages[f"/o/acme/people/{row.pk}/"] = f"member-{name}"
    pages[f"/o/acme/settings/tokens/{token.pk}/"] = "token"
    pages[f"/o/acme/settings/webhooks/{endpoint.pk}/"] = "webhook"
    pages[f"/o/acme/people/{cast.pavel.pk}/edit/"] = "edit"
    pages[f"/o/acme/people/{cast.pavel.pk}/mark-left/"] = "mark-left"
    pages[f"/o/acme/jobs/{make_job(cast.olga, 'done', result_path='/').pk}/"] = "job-done"
    found = {}
    with window(browser, live_server.url, who=cast.olga) as watched:
        for url, picture in pages.items():
            if complaints := looked_at(watched, url, picture):
                found[url] = complaints
        watched.page.goto(f"/o/acme/jobs/{running.pk}/")
        if complaints := watched.look_in_all_windows():
            found["running"] = complaints
    assert found == {}


def test_a_running_job_finishes_before_the_readers_eyes(live_server, browser: Browser, cast: Cast):
    from core.jobs import operations as jobs_operations
    from core.jobs.models import Job

    job = make_job(cast.olga, "running")
    with window(browser, live_server.url, who=cast.olga) as watched:
        watched.page.goto(f"/o/acme/jobs/{job.pk}/")
        watched.page.get_by_role("button", name="Stop").wait_for()
        jobs_operations.finish(
            cast.acme.pk, job, state=Job.State.DONE, result_path="/o/acme/people/"
        )
        watched.page.get_by_role("link", name="See the result").click()
        watched.page.wait_for_url("**/o/acme/people/")
        assert watched.look() == []
