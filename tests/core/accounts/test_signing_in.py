"""Signing in, up and out by allauth, in our look, under the strict policy, saying nothing."""

from __future__ import annotations

import re

import pytest
from allauth.account import urls as allauth_urls
from django.contrib.staticfiles import finders
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.accounts import urls as accounts_urls
from core.accounts.adapter import parts_of
from core.members.models import Member, User
from core.members.requests import members_of
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from core.tenancy.queries import settings_in_force
from tests.cast import Cast, main_of, make_user, sign_in
from tests.work import SignInMail

PASSWORD = "quince-orchard-42"
SIGN_UP = {
    "email": "nora@new.example",
    "organisation_name": "New Works",
    "given_name": "Nora",
    "family_name": "Nilsen",
    "time_zone": "Europe/Oslo",
}
SECOND_STEP = (
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
)
# what a route wants in its address
FILLED = {"account_reset_password_from_key": {"uidb36": "abc", "key": "def-123"}}
ROUTES = sorted(
    {
        *(pattern.name for pattern in allauth_urls.urlpatterns),
        *(pattern.name for pattern in accounts_urls.sign_in_urls),
        *SECOND_STEP,
        "usersessions_list",
    }
    - {"account_sign_out_everywhere"}  # a POST alone
)


def in_our_look(html: str) -> bool:
    """Whether a page is ours, with nothing that the content policy would refuse."""
    scripts = re.findall(r"<script\b([^>]*)>(.*?)</script>", html, re.DOTALL)
    return (
        'class="shell"' in html
        and "app.css" in html
        and all("src=" in attributes and not body.strip() for attributes, body in scripts)
        and not re.search(r"<style|\sstyle=|\son\w+=\"|javascript:", html)
    )


@pytest.mark.parametrize("signed_in", [False, True], ids=["stranger", "signed in"])
@pytest.mark.parametrize("name", ROUTES)
def test_every_allauth_route_is_in_our_look(cast: Cast, name: str, signed_in: bool):
    browser = sign_in(cast.olga) if signed_in else Client()
    response = browser.get(reverse(name, kwargs=FILLED.get(name)), follow=True)
    assert response.status_code in {200, 404, 409}
    assert in_our_look(response.content.decode()), name
    assert "style-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name",
    [
        "account/account_inactive.html",
        "account/email_change.html",
        "account/email_confirm.html",
        "account/password_reset_from_key.html",
        "account/password_reset_from_key_done.html",
        "account/password_set.html",
        "account/reauthenticate.html",
        "account/signup_closed.html",
        "account/verification_sent.html",
        "account/verified_email_required.html",
    ],
)
def test_a_page_of_allauth_that_we_did_not_write_is_in_our_look_too(rf, name: str):
    from django.contrib.auth.models import AnonymousUser
    from django.template.loader import render_to_string

    request = rf.get("/")
    request.user = AnonymousUser()
    assert in_our_look(render_to_string(name, {"form": {}}, request))


def test_the_stylesheet_that_pages_ask_for_is_there():
    assert finders.find("app.css")


@pytest.fixture
def emails(settings) -> list:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = SignInMail()
    return mail.outbox


def code_in(email) -> str:
    """Return the code that stands alone on a line of the e-mail."""
    found = re.findall(r"^([A-Z0-9-]{6,10})$", email.body, re.MULTILINE)
    assert len(found) == 1, email.body
    return found[0]


def test_signing_up_opens_an_organisation_once_the_e_mail_is_proved(db, emails):
    browser = Client()
    answer = browser.post("/account/signup/", SIGN_UP)
    assert answer.headers["Location"] == "/account/signup/code/"
    assert browser.get("/organisations/").status_code == 302
    wrong = browser.post("/account/signup/code/", {"code": "AAAAAA"})
    assert wrong.status_code == 200
    assert (User.objects.count(), Organisation.objects.count()) == (0, 0)
    answer = browser.post("/account/signup/code/", {"code": code_in(emails[0])})
    assert browser.get("/organisations/", follow=True).redirect_chain[-1][0] == "/o/new-works/"
    member = members_of(User.objects.get().pk)[0]
    assert (member.role, member.full_name) == (Member.Role.OWNER, "Nora Nilsen")
    with tenant(member.organisation):
        assert settings_in_force().time_zone == "Europe/Oslo"
    assert answer.status_code == 302


def test_a_email_says_the_same_as_text_and_html(db, emails):
    Client().post("/account/signup/", SIGN_UP)
    email = emails[0]
    html = next(body for body, kind in email.alternatives if kind == "text/html")
    assert code_in(email) in html
    assert email.subject in html
    assert email.to == ["nora@new.example"]
    assert "Hello from" not in email.body


def test_a_code_signs_in_and_leads_to_the_organisations(cast: Cast, emails):
    browser = Client()
    browser.post("/account/login/code/", {"email": cast.petra.email})
    answer = browser.post("/account/login/code/confirm/", {"code": code_in(emails[0])})
    assert answer.headers["Location"] == "/organisations/"
    assert browser.get("/organisations/").headers["Location"] == "/o/acme/"


def test_a_password_signs_in_and_a_wrong_one_keeps_the_e_mail_typed(cast: Cast):
    browser = Client()
    wrong = browser.post("/account/login/", {"login": cast.olga.email, "password": "no"})
    assert wrong.status_code == 200
    assert cast.olga.email in wrong.content.decode()
    right = {"login": cast.olga.email.upper(), "password": "a long password"}
    assert browser.post("/account/login/", right).headers["Location"] == "/organisations/"
    assert browser.post("/account/logout/").headers["Location"] == "/"


def test_guessing_passwords_is_stopped(cast: Cast):
    browser = Client()
    for _guess in range(6):
        answer = browser.post("/account/login/", {"login": cast.olga.email, "password": "no"})
    right = {"login": cast.olga.email, "password": "a long password"}
    answer = browser.post("/account/login/", right)
    assert answer.status_code in {200, 429}
    assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize(
    ("path", "field"),
    [("/account/password/reset/", "email"), ("/account/login/code/", "email")],
)
def test_known_and_unknown_e_mails_get_the_same_answer(cast: Cast, emails, path, field):
    answers = [
        Client().post(path, {field: email}, follow=True)
        for email in (cast.petra.email, "nobody@nowhere.example")
    ]
    pages = [
        re.sub(r'value="\w{64}"', "", answer.content.decode())
        .replace(cast.petra.email, "E")
        .replace("nobody@nowhere.example", "E")
        for answer in answers
    ]
    assert pages[0].partition("<main")[2] == pages[1].partition("<main")[2]
    assert answers[0].redirect_chain == answers[1].redirect_chain


def test_signing_up_with_a_known_e_mail_is_the_same_path_and_leads_to_another_organisation(
    cast: Cast, emails
):
    browser, stranger = Client(), Client()
    known = browser.post("/account/signup/", {**SIGN_UP, "email": cast.petra.email}, follow=True)
    new = stranger.post("/account/signup/", SIGN_UP, follow=True)
    assert known.redirect_chain == new.redirect_chain
    pages = [re.sub(r'value="\w{64}"', "", main_of(answer)) for answer in (known, new)]
    assert pages[0].replace(cast.petra.email, "E") == pages[1].replace(SIGN_UP["email"], "E")
    assert [email.subject for email in emails] == ["Is this your e-mail?"] * 2
    answer = browser.post("/account/signup/code/", {"code": code_in(emails[0])}, follow=True)
    assert answer.redirect_chain[-1][0] == "/organisations/new/"
    assert 'value="New Works"' in answer.content.decode()
    assert Organisation.objects.filter(name="New Works").count() == 0
    assert cast.petra.user.check_password("a long password") is False  # never had one
    browser.post("/organisations/new/", SIGN_UP)
    assert Organisation.objects.filter(name="New Works").count() == 1


def test_a_known_and_an_unknown_e_mail_cost_signing_up_the_same(cast: Cast, emails, monkeypatch):
    hashed = []
    monkeypatch.setattr(User, "set_password", lambda *_: hashed.append(1))
    statements = []
    for email in (cast.petra.email, "nobody@nowhere.example"):
        with CaptureQueriesContext(connection) as asked:
            Client().post("/account/signup/", {**SIGN_UP, "email": email})
        statements.append([re.sub(r"'[^']*'|_x\d+", "?", row["sql"]) for row in asked])
    assert statements[0] == statements[1]
    assert (len(emails), hashed) == (2, [])


def test_a_forgotten_password_is_chosen_anew_by_the_link(cast: Cast, emails, settings):
    Client().post("/account/password/reset/", {"email": cast.petra.email})
    link = emails[0].body.partition(settings.SITE_URL)[2].split()[0]
    browser = Client()
    page = browser.get(link, follow=True)
    assert in_our_look(page.content.decode())
    browser.post(page.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    cast.petra.user.refresh_from_db()
    assert cast.petra.user.check_password(PASSWORD)


def test_an_unverified_address_cannot_enter(db, emails):
    User.objects.create_user(SIGN_UP["email"], password=PASSWORD)
    browser = Client()
    browser.post("/account/login/", {"login": SIGN_UP["email"], "password": PASSWORD})
    assert "_auth_user_id" not in browser.session


def test_another_e_mail_is_added_proved_and_made_the_main_one(cast: Cast, emails):
    browser = Client()
    browser.post("/account/login/", {"login": cast.olga.email, "password": "a long password"})
    browser.post("/account/email/", {"action_add": "1", "email": "second@home.example"})
    page = browser.get("/account/confirm-email/")
    assert in_our_look(page.content.decode())
    code = code_in(next(email for email in emails if email.to == ["second@home.example"]))
    browser.post("/account/confirm-email/", {"code": code})
    shown = browser.get("/account/email/").content.decode()
    assert shown.count("verified") >= 2
    browser.post("/account/email/", {"action_primary": "1", "email": "second@home.example"})
    cast.olga.user.refresh_from_db()
    assert cast.olga.user.email == "second@home.example"


def test_a_next_that_leads_away_is_not_followed(cast: Cast):
    answer = Client().post(
        "/account/login/?next=https://evil.example/",
        {
            "login": cast.olga.email,
            "password": "a long password",
            "next": "https://evil.example/",
        },
    )
    assert answer.headers["Location"] == "/organisations/"


def test_a_paragraph_is_a_code_a_link_or_words():
    parts = parts_of("Type it:\n\nABC-123\n\nhttps://x.example/a\n\nsee https://x", code="ABC-123")
    assert [part.kind for part in parts] == ["text", "code", "link", "text"]


def test_the_front_page_is_for_strangers(cast: Cast):
    assert in_our_look(Client().get("/").content.decode())
    assert sign_in(cast.petra).get("/").headers["Location"] == "/organisations/"


def test_a_new_user_without_organisation_sees_only_their_own(db):
    user = make_user("alone@else.example")
    assert members_of(user.pk) == []


@pytest.mark.parametrize(
    "page", ["account_login", "account_request_login_code", "account_reset_password"]
)
def test_the_ways_in_call_an_e_mail_so_and_write_nothing_into_its_field(db, page: str):
    html = Client().get(reverse(page)).text

    assert "E-mail</label>" in " ".join(html.split()).replace(" </label>", "</label>")
    assert "placeholder=" not in html
    assert "Email" not in html


def test_with_one_proved_e_mail_there_is_nothing_to_choose(cast: Cast):
    html = sign_in(cast.pavel).get(reverse("account_email")).text

    assert "action_add" in html
    assert [
        name for name in ("action_primary", "action_remove", "action_send") if name in html
    ] == []
