"""How long a session lives, where one is signed in, and what has to be confirmed."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.utils.http import urlencode

from core.accounts.operations import pruning
from core.common import clock
from core.common.ids import new_id
from core.members.models import ApiToken, User
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from tests.cast import Cast, make_user, sign_in
from tests.core.accounts.build import make_invitation
from tests.core.accounts.test_signing_in import code_in

MONDAY = "2026-03-02 09:00:00+00:00"
PASSWORD = "a long password"
TOKEN = {"name": "Warehouse", "scopes": ["figures.read"], "expires_at": "90"}


@pytest.fixture
def at_nine(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return time_machine


def signed_in(cast: Cast, *, remember: bool = False) -> Client:
    browser = Client(HTTP_USER_AGENT="Firefox")
    typed = {"login": cast.olga.email, "password": PASSWORD}
    browser.post("/account/login/", typed | ({"remember": "on"} if remember else {}))
    return browser


def choose(cast: Cast, **chosen: object) -> None:
    with tenant(cast.acme):
        OrganisationSettings.objects.update(**chosen)


@pytest.mark.parametrize(
    ("remember", "idle_minutes", "away", "status"),
    [
        (False, 720, timedelta(hours=11, minutes=59), 200),
        (False, 720, timedelta(hours=12, minutes=1), 302),
        (False, 30, timedelta(minutes=29), 200),
        (False, 30, timedelta(minutes=31), 302),
        (True, 720, timedelta(days=13), 200),
        (True, 720, timedelta(days=14, minutes=1), 302),
        (True, 60, timedelta(minutes=61), 302),
    ],
)
def test_a_session_left_alone_ends(cast: Cast, at_nine, remember, idle_minutes, away, status):
    choose(cast, idle_minutes=idle_minutes)
    browser = signed_in(cast, remember=remember)
    at_nine.shift(away)
    answer = browser.get("/o/acme/")
    assert answer.status_code == status
    if status == 302:
        assert unquote(answer.headers["Location"]) == "/account/login/?next=/o/acme/"
        if away < timedelta(days=14):  # then the session's row is over too, and says nothing
            assert answer.headers["Clear-Site-Data"] == '"cache"'
        assert browser.get("/organisations/").status_code == 302


@pytest.mark.parametrize(
    ("headers", "target"),
    [
        ({"HX-Current-URL": "http://testserver/o/acme/me/?a=1"}, "/o/acme/me/"),
        ({"HX-Current-URL": "https://evil.example/o/acme/me/"}, "/organisations/"),
    ],
)
def test_a_part_of_a_page_sends_the_whole_window_to_sign_in(cast: Cast, at_nine, headers, target):
    browser = signed_in(cast)
    at_nine.shift(timedelta(hours=13))
    answer = browser.post("/o/acme/me/", headers={"HX-Request": "true"} | headers)
    assert answer.headers["HX-Redirect"] == f"/account/login/?{urlencode({'next': target})}"


@pytest.mark.slow
def test_a_session_in_use_ends_after_fourteen_days_all_the_same(cast: Cast, at_nine):
    browser = signed_in(cast, remember=True)
    for _day in range(14):
        assert browser.get("/o/acme/").status_code == 200
        at_nine.shift(timedelta(days=1))
    at_nine.shift(timedelta(minutes=1))
    assert browser.get("/o/acme/").status_code == 302


def test_only_who_asks_for_it_is_kept_signed_in_by_a_cookie_that_lasts(cast: Cast):
    assert signed_in(cast).cookies["sessionid"]["max-age"] == ""
    assert signed_in(cast, remember=True).cookies["sessionid"]["max-age"] == 14 * 24 * 3600


def test_a_code_keeps_signed_in_as_well(cast: Cast):
    browser = Client()
    browser.post("/account/login/code/", {"email": cast.petra.email})
    typed = {"code": code_in(mail.outbox[-1]), "remember": "on"}
    browser.post("/account/login/code/confirm/", typed)
    assert browser.cookies["sessionid"]["max-age"] == 14 * 24 * 3600


def test_an_owner_chooses_the_limit_and_the_second_step(cast: Cast):
    browser = sign_in(cast.olga)
    page = browser.get("/o/acme/settings/")
    typed = {name: value for name, value in page.context["form"].initial.items() if value}
    typed |= {field.html_name: field.value() for field in page.context["form"] if field.value()}
    typed |= {"idle_minutes": "30", "week_starts_on": "0"}
    answer = browser.post("/o/acme/settings/", typed)
    assert answer.status_code == 302
    with tenant(cast.acme):
        chosen = OrganisationSettings.objects.get()
        assert (chosen.idle_minutes, chosen.asks_second_step) == (30, False)


def test_a_person_sees_where_they_are_signed_in_and_ends_it_everywhere(cast: Cast):
    here, there = signed_in(cast), signed_in(cast)
    page = here.get("/account/sessions/").content.decode()
    assert (page.count("Firefox"), page.count("this one")) == (2, 1)
    answer = here.post("/account/sessions/end/")
    assert answer.headers["Location"] == "/account/login/"
    assert [browser.get("/o/acme/").status_code for browser in (here, there)] == [302, 302]
    assert UserSession.objects.count() == 0


def test_the_others_are_signed_out_alone(cast: Cast):
    here, there = signed_in(cast), signed_in(cast)
    here.post("/account/sessions/")
    assert [browser.get("/o/acme/").status_code for browser in (here, there)] == [200, 302]


def test_signing_out_clears_what_the_browser_keeps(cast: Cast):
    browser = signed_in(cast)
    assert "Clear-Site-Data" not in browser.get("/o/acme/").headers
    assert browser.post("/account/logout/").headers["Clear-Site-Data"] == '"cache"'


@pytest.fixture
def borrowed(cast: Cast, at_nine) -> Client:
    """A session whose person confirmed it eleven minutes ago."""
    browser = signed_in(cast)
    EmailAddress.objects.create(user=cast.olga.user, email="two@acme.example", verified=True)
    at_nine.shift(timedelta(minutes=11))
    return browser


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/account/email/", {"action_add": "1", "email": "thief@evil.example"}),
        ("/account/email/", {"action_primary": "1", "email": "two@acme.example"}),
        ("/account/email/", {"action_remove": "1", "email": "two@acme.example"}),
        ("/account/second-step/totp/activate/", {"code": "123456"}),
        ("/account/second-step/webauthn/add/", {"name": "theirs", "credential": "{}"}),
        ("/account/second-step/recovery-codes/generate/", {}),
        ("/o/acme/settings/tokens/", TOKEN),
    ],
)
def test_a_borrowed_session_changes_no_sign_in(cast: Cast, borrowed: Client, path, typed):
    mail.outbox.clear()
    answer = borrowed.post(path, typed)
    assert answer.headers["Location"].startswith("/account/reauthenticate/?next=")
    emails = EmailAddress.objects.filter(user=cast.olga.user).order_by("pk")
    assert [(row.email, row.primary) for row in emails] == [
        (cast.olga.email, True),
        ("two@acme.example", False),
    ]
    with tenant(cast.acme):
        assert ApiToken.objects.count() == 0
    assert mail.outbox == []


def test_a_token_is_made_once_its_person_has_confirmed_who_they_are(cast: Cast, borrowed: Client):
    way = borrowed.post("/o/acme/settings/tokens/", TOKEN).headers["Location"]
    assert borrowed.post(way, {"password": "wrong"}).status_code == 200
    back = borrowed.post(way, {"password": PASSWORD}).headers["Location"]
    page = borrowed.get(back)
    assert 'value="Warehouse"' in page.content.decode()  # what was typed is there again
    assert borrowed.post("/o/acme/settings/tokens/", TOKEN).status_code == 200
    with tenant(cast.acme):
        assert ApiToken.objects.count() == 1


def test_a_secret_that_was_typed_is_in_no_address(cast: Cast, borrowed: Client):
    """Browsers keep addresses, and so do logs of proxies."""
    typed = {"name": "Entra", "issuer": "https://idp.example", "client_id": "x", "secret": "s3cret"}
    way = borrowed.post("/o/acme/settings/sso/", typed).headers["Location"]
    assert way.startswith("/account/reauthenticate/?next=")
    assert ("Entra" in way, "s3cret" in way) == (True, False)


def test_who_has_no_password_confirms_by_a_code(cast: Cast, at_nine):
    browser = sign_in(cast.petra)
    at_nine.shift(timedelta(minutes=11))
    for path in ("/account/password/set/", "/account/second-step/totp/activate/"):
        assert (
            browser.get(path).headers["Location"]
            == f"/account/confirm/?next={path.replace('/', '%2F')}"
        )
    way = browser.get("/account/password/set/").headers["Location"]
    assert cast.petra.email in browser.get(way).content.decode()
    mail.outbox.clear()
    browser.post(way)
    wrong = browser.post(way, {"code": "AAAAAA"})
    assert wrong.status_code == 200
    answer = browser.post(way, {"code": code_in(mail.outbox[-1])})
    assert answer.headers["Location"] == "/account/password/set/"
    typed = {"password1": "quince-orchard-42", "password2": "quince-orchard-42"}
    browser.post("/account/password/set/", typed)
    cast.petra.user.refresh_from_db()
    assert cast.petra.user.check_password("quince-orchard-42")


@pytest.mark.parametrize("host", ["testserver:8443", "localhost", "localhost:1337"])
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_addresses_in_sign_in_mail_come_from_the_site_alone(cast: Cast, settings, host, known):
    settings.SITE_URL = "https://roundtable.example"
    email = cast.olga.email if known else "nobody@nowhere.example"
    Client(HTTP_HOST=host).post("/account/password/reset/", {"email": email})
    Client(HTTP_HOST=host).post("/account/login/code/", {"email": email})
    assert len(mail.outbox) == 2
    for letter in mail.outbox:
        whole = letter.body + str(letter.alternatives)
        assert "8443" not in whole
        assert "localhost" not in whole
    assert "https://roundtable.example/account/" in mail.outbox[0].body


def test_sign_ins_that_nobody_proved_are_removed_after_a_day(cast: Cast, time_machine):
    now = clock.now()
    with clock.at(now - timedelta(days=2)):
        stale = User.objects.create_user("stale@nowhere.example", "some long pass")
        EmailAddress.objects.create(user=stale, email=stale.email, verified=False)
        proved = make_user("alone@else.example")
        invited = make_invitation(cast.cora).member.user
    fresh = User.objects.create(pk=new_id(), email="fresh@nowhere.example")
    assert pruning.prune_sign_ins() == 1
    left = set(User.objects.values_list("pk", flat=True))
    assert {proved.pk, invited.pk, fresh.pk} <= left
    assert stale.pk not in left


def test_web_sessions_that_have_ended_are_removed(cast: Cast):
    browser = signed_in(cast)
    assert UserSession.objects.count() == 1
    browser.session.flush()
    pruning.prune_sign_ins()
    assert UserSession.objects.count() == 0
