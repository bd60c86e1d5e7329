"""The second step of signing in: an app, passkeys, recovery codes; asked for by an organisation."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client

from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from tests.cast import Cast, sign_in

PASSWORD = "a long password"
ACTIVATE = "/account/second-step/totp/activate/"


def code_of(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return f"{hotp_value(secret, counter):06d}"


def set_up_app(browser: Client) -> str:
    """Set up an app as a person would; return its key."""
    page = browser.get(ACTIVATE).content.decode()
    found = re.search(r'id="key" value="(\w+)"', page)
    assert found, page
    answer = browser.post(ACTIVATE, {"code": code_of(found[1])})
    assert answer.headers["Location"] == "/account/second-step/recovery-codes/"
    return found[1]


def by_password(cast: Cast) -> tuple[Client, str]:
    browser = Client()
    answer = browser.post("/account/login/", {"login": cast.olga.email, "password": PASSWORD})
    return browser, answer.headers["Location"]


def asked_for(cast: Cast) -> None:
    with tenant(cast.acme):
        OrganisationSettings.objects.update(asks_second_step=True)


def test_who_has_an_app_signs_in_with_its_code(cast: Cast):
    secret = set_up_app(sign_in(cast.olga))
    browser, way = by_password(cast)
    assert way == "/account/second-step/authenticate/"
    assert browser.get("/o/acme/").status_code == 302
    assert browser.post(way, {"code": "000000"}).status_code == 200
    assert browser.get("/o/acme/").status_code == 302
    Authenticator.objects.filter(type="totp").update(last_used_at=None)
    browser.post(way, {"code": code_of(secret)})
    assert browser.get("/o/acme/").status_code == 200


def test_a_code_by_e_mail_does_not_replace_the_second_step(cast: Cast):
    set_up_app(sign_in(cast.olga))
    mail.outbox.clear()
    browser = Client()
    browser.post("/account/login/code/", {"email": cast.olga.email})
    found = re.search(r"^([A-Z0-9-]{6,10})$", str(mail.outbox[0].body), re.MULTILINE)
    assert found
    answer = browser.post("/account/login/code/confirm/", {"code": found[1]})
    assert answer.headers["Location"] == "/account/second-step/authenticate/"
    assert browser.get("/o/acme/").status_code == 302


def test_a_recovery_code_is_good_once(cast: Cast):
    owner = sign_in(cast.olga)
    set_up_app(owner)
    page = owner.get("/account/second-step/recovery-codes/").content.decode()
    codes = re.findall(r"<code>(\d{8})</code>", page)
    assert len(codes) == 10
    browser, way = by_password(cast)
    browser.post(way, {"code": codes[0]})
    assert browser.get("/o/acme/").status_code == 200
    browser, way = by_password(cast)
    browser.post(way, {"code": codes[0]})
    assert browser.get("/o/acme/").status_code == 302


def test_secrets_lie_encrypted_and_outlive_a_new_key(cast: Cast, settings):
    secret = set_up_app(sign_in(cast.olga))
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    row = Authenticator.objects.get(type="totp")
    assert row.wrap().validate_code(code_of(secret)) is True


@pytest.mark.parametrize(
    "path",
    ["/o/acme/", "/o/acme/people/", "/o/acme/me/", "/o/acme/settings/audit.csv"],
)
def test_an_organisation_may_ask_for_it_and_nothing_else_opens_there(cast: Cast, path: str):
    asked_for(cast)
    browser = sign_in(cast.olga)
    assert browser.get(path).headers["Location"] == "/account/second-step/"
    shown = browser.get(path, follow=True).content.decode()
    assert "This organisation asks for a second step" in shown
    posted = browser.post("/o/acme/me/", {"given_name": "Another"})
    assert posted.headers["Location"] == "/account/second-step/"
    set_up_app(browser)
    assert browser.get(path).status_code == 200


def test_the_other_organisations_of_a_person_stay_open(cast: Cast):
    asked_for(cast)
    assert sign_in(cast.gina).get("/o/globex/").status_code == 200


def test_turning_the_app_off_closes_the_organisation_again(cast: Cast):
    asked_for(cast)
    browser = sign_in(cast.olga)
    set_up_app(browser)
    assert browser.get("/o/acme/").status_code == 200
    browser.post("/account/second-step/totp/deactivate/")
    assert browser.get("/o/acme/").headers["Location"] == "/account/second-step/"
