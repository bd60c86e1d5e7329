"""Who may open an organisation: the operator's SIGN_UP, and the command that makes the first."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client

from core.common import env
from core.members.models import Member, User
from core.members.requests import members_of
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from core.tenancy.queries import settings_in_force
from tests.cast import Cast, sign_in
from tests.core.accounts.test_signing_in import SIGN_UP, code_in
from tests.work import catch_up

NEW = "/organisations/new/"


@pytest.mark.parametrize("sign_up", ["invited", "closed"])
def test_strangers_open_nothing_and_no_page_says_they_could(cast: Cast, settings, sign_up: str):
    settings.SIGN_UP = sign_up
    stranger = Client()
    for answer in (stranger.get("/account/signup/"), stranger.post("/account/signup/", SIGN_UP)):
        assert answer.status_code == 403
        assert "Joining is by invitation" in answer.content.decode()
    for page in ("/", "/account/login/"):
        shown = stranger.get(page).content.decode()
        assert "Open an organisation" not in shown
        assert "/account/signup/" not in shown
    stranger.post("/account/login/code/", {"email": SIGN_UP["email"]})
    assert "signup" not in str(mail.outbox[-1].body)
    assert Organisation.objects.count() == 2


def test_closed_while_a_code_is_on_its_way(db, settings):
    browser = Client()
    browser.post("/account/signup/", SIGN_UP)
    settings.SIGN_UP = "closed"
    browser.post("/account/signup/code/", {"code": code_in(mail.outbox[-1])})
    assert (User.objects.count(), Organisation.objects.count()) == (0, 0)


@pytest.mark.parametrize(("sign_up", "status"), [("open", 302), ("invited", 302), ("closed", 403)])
def test_who_is_in_one_opens_another_unless_closed(cast: Cast, settings, sign_up, status):
    settings.SIGN_UP = sign_up
    browser = sign_in(cast.petra)
    shown = browser.get("/organisations/?choose").content.decode()
    assert ("Open another organisation" in shown) == (status == 302)
    assert browser.post(NEW, SIGN_UP).status_code == status
    assert Organisation.objects.count() == 2 + (status == 302)


def test_an_organisation_begins_in_the_language_of_who_founds_it(db):
    browser = Client(headers={"accept-language": "de"})
    browser.post("/account/signup/", SIGN_UP)
    browser.post("/account/signup/code/", {"code": code_in(mail.outbox[-1])})
    organisation = Organisation.objects.get()
    with tenant(organisation):
        assert settings_in_force().locale == "de"
    # whatever the browsers of the others ask for
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(User.objects.get())
    assert 'lang="de"' in browser.get(f"/o/{organisation.slug}/", follow=True).content.decode()


def test_the_operator_says_in_which_language_an_organisation_begins(db, capsys):
    call_command("create_organisation", "Nuevo", "nora@new.example", language="es")
    with tenant(Organisation.objects.get()):
        assert settings_in_force().locale == "es"


def test_another_word_is_refused_at_the_start(monkeypatch):
    monkeypatch.setenv("SIGN_UP", "maybe")
    with pytest.raises(ImproperlyConfigured, match="SIGN_UP is 'maybe'"):
        env.choice("SIGN_UP", "open", among=("open", "invited", "closed"))


def test_the_first_organisation_is_made_by_the_operator(db, settings, capsys):
    settings.SIGN_UP = "closed"
    call_command("create_organisation", "New Works", "nora@new.example", time_zone="Europe/Oslo")
    link = re.search(rf"{settings.SITE_URL}(/invitation/\S+)", capsys.readouterr().out)
    assert link
    organisation = Organisation.objects.get()
    with tenant(organisation):
        owner = Member.objects.get()
        assert (owner.role, owner.state, owner.given_name) == ("owner", "invited", "nora")
    catch_up()
    letter = next(letter for letter in mail.outbox if letter.to == ["nora@new.example"])
    assert link[1] in letter.body
    assert "you are its first owner" in letter.body
    browser = Client()
    assert "You are invited as Owner." in browser.get(link[1]).content.decode()
    answer = browser.post(link[1], {"without_password": "yes"})
    assert answer.headers["Location"] == "/o/new-works/"
    assert browser.get("/o/new-works/").status_code == 200
    assert [member.is_live for member in members_of(User.objects.get().pk)] == [True]


@pytest.mark.parametrize(
    ("name", "email", "zone"),
    [("X", "no address", "UTC"), ("X", "a@b.example", "Mars/Base"), ("  ", "a@b.example", "UTC")],
)
def test_the_command_refuses_what_cannot_be(db, name: str, email: str, zone: str):
    with pytest.raises(CommandError):
        call_command("create_organisation", name, email, time_zone=zone)
    assert Organisation.objects.count() == 0
