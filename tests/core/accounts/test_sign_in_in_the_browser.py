"""Passkeys by a real browser, and the pages of the way in that need something before them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from playwright.sync_api import Browser, Page

from tests.browser import Watched, chromium, window
from tests.cast import Cast, make_cast, sign_in
from tests.core.accounts.test_second_step import set_up_app
from tests.core.accounts.test_signing_in import SIGN_UP, code_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("PICTURES")


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def site(settings, live_server) -> None:
    settings.SITE_URL = live_server.url  # whose passkeys they are


def looked_at(watched: Watched, name: str) -> None:
    if PICTURES:
        for width in (390, 1280):
            watched.page.set_viewport_size({"width": width, "height": 800})
            watched.page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    assert watched.look_in_all_windows() == [], name


def with_a_device(page: Page) -> None:
    """Give the browser a device that makes passkeys and always says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})


def test_a_passkey_is_added_signs_in_alone_and_confirms(live_server, browser: Browser, cast: Cast):
    with window(browser, live_server.url, who=cast.olga) as watched:
        page = watched.page
        with_a_device(page)
        page.goto("/account/second-step/webauthn/add/")
        page.get_by_label("Name").fill("My laptop")
        page.get_by_role("button", name="Add it").click()
        page.wait_for_url("**/recovery-codes/")
        looked_at(watched, "recovery-codes")
        page.goto("/account/second-step/")
        page.get_by_text("My laptop").wait_for()
        looked_at(watched, "second-step-on")
        page.get_by_role("link", name="Remove … My laptop").click()
        looked_at(watched, "passkey-remove")
        page.goto("/account/second-step/webauthn/reauthenticate/?next=/account/sessions/")
        looked_at(watched, "confirm-passkey")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url("**/account/sessions/")
        page.get_by_role("button", name="Sign out everywhere").click()
        page.wait_for_url("**/account/login/")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url("**/o/acme/")
        page.goto("/account/sessions/")
        page.get_by_text("this one").wait_for()
        looked_at(watched, "sessions")
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    subjects = [str(letter.subject) for letter in mail.outbox]
    assert subjects == ["A passkey was added"]


@pytest.mark.slow
def test_without_a_device_the_page_says_that_it_did_not_work(
    live_server, browser: Browser, cast: Cast
):
    with window(browser, live_server.url) as watched:
        page = watched.page
        page.add_init_script("navigator.credentials.get = () => Promise.reject(new Error('no'))")
        page.goto("/account/login/")
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_text("That did not work.").wait_for()
        looked_at(watched, "login-failed")


@pytest.mark.slow
def test_the_second_step_is_clean_and_takes_a_passkey(live_server, browser: Browser, cast: Cast):
    owner = sign_in(cast.olga)
    set_up_app(owner)
    owner.post("/account/second-step/recovery-codes/generate/")
    assert [str(letter.subject) for letter in mail.outbox] == [
        "An app is your second step",
        "You have new recovery codes",
    ]
    with window(browser, live_server.url) as watched:
        page = watched.page
        page.goto("/account/login/")
        page.get_by_label("E-mail").fill(cast.olga.email)
        page.get_by_label("Password").fill("a long password")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/second-step/authenticate/")
        looked_at(watched, "authenticate")


@pytest.mark.slow
def test_opening_an_organisation_is_clean_to_the_end(live_server, browser: Browser, settings):
    with window(browser, live_server.url) as watched:
        page = watched.page
        page.goto("/account/signup/")
        for name, value in SIGN_UP.items():
            field = page.locator(f"[name={name}]")
            field.select_option(value) if name == "time_zone" else field.fill(value)
        looked_at(watched, "sign-up")
        page.get_by_role("button", name="Send me a code").click()
        page.wait_for_url("**/signup/code/")
        looked_at(watched, "sign-up-code")
        page.get_by_label("Code").fill(code_in(mail.outbox[-1]))
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url("**/o/new-works/")
        for path in ("/account/password/set/", "/account/email/"):
            page.goto(path)
            looked_at(watched, path.strip("/").replace("/", "-"))
        page.goto("/account/confirm/")
        page.get_by_role("button", name="Send me a code").click()
        page.get_by_label("Code").wait_for()
        looked_at(watched, "confirm-code")
        settings.SIGN_UP = "closed"
        page.goto("/organisations/new/")
        assert [line for line in watched.look_in_all_windows() if "403" not in line] == []
