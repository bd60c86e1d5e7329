"""The first proof of a mailbox discards what was set before it, whatever the door."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from core.members.models import User
from core.tenancy.models import Organisation
from tests.cast import Cast, make_user
from tests.core.accounts.build import link_of, make_invitation
from tests.core.accounts.test_signing_in import SIGN_UP, code_in

VICTIM = "ines@acme.example"
THEIRS = "attackers-own-pass-1"
OWN = "quince-orchard-42"


def taken_before(with_row: bool) -> tuple[User, Client]:
    """Return the state that S1 left: a password, a passkey and a session, nothing proved."""
    user, _new = User.objects.get_or_create(email=VICTIM)
    user.set_password(THEIRS)
    user.save()
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "theirs"})
    if with_row:
        EmailAddress.objects.create(user=user, email=VICTIM, verified=False, primary=True)
    session = Client()
    session.force_login(user)
    return user, session


def sign_up(_cast: Cast) -> None:
    browser = Client()
    browser.post("/account/signup/", {**SIGN_UP, "email": VICTIM})
    browser.post("/account/signup/code/", {"code": code_in(mail.outbox[-1])})
    assert "_auth_user_id" in browser.session


def code_for_signing_in(_cast: Cast) -> None:
    browser = Client()
    browser.post("/account/login/code/", {"email": VICTIM})
    browser.post("/account/login/code/confirm/", {"code": code_in(mail.outbox[-1])})
    assert browser.get("/organisations/").status_code == 200


def code_after_a_password(_cast: Cast) -> None:
    browser = Client()
    browser.post("/account/login/", {"login": VICTIM, "password": THEIRS})
    browser.post("/account/confirm-email/", {"code": code_in(mail.outbox[-1])})
    assert browser.get("/organisations/").status_code == 200


def reset_link(_cast: Cast) -> None:
    Client().post("/account/password/reset/", {"email": VICTIM})
    browser = Client()
    link = "/account/" + mail.outbox[-1].body.partition("/account/")[2].split()[0]
    page = browser.get(link, follow=True)
    browser.post(page.redirect_chain[-1][0], {"password1": OWN, "password2": OWN})
    answer = browser.post("/account/login/", {"login": VICTIM, "password": OWN})
    assert answer.headers["Location"] == "/organisations/"


def invitation(cast: Cast, **typed: str) -> None:
    link = link_of(make_invitation(cast.cora, email=VICTIM))
    answer = Client().post(link, {"time_zone": "", "languages": "", **typed})
    assert answer.headers["Location"] == "/o/acme/"


def invitation_with_password(cast: Cast) -> None:
    invitation(cast, password=OWN)


def invitation_without_password(cast: Cast) -> None:
    invitation(cast, without_password="yes")


DOORS: list[Callable[[Cast], None]] = [
    sign_up,
    code_for_signing_in,
    code_after_a_password,
    reset_link,
    invitation_with_password,
    invitation_without_password,
]


@pytest.mark.parametrize("with_row", [False, True], ids=["no row", "unverified row"])
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_what_was_set_before_the_first_proof_is_gone(cast: Cast, door, with_row: bool):
    user, theirs = taken_before(with_row)
    mail.outbox.clear()
    door(cast)
    user.refresh_from_db()
    assert user.check_password(THEIRS) is False
    assert "_auth_user_id" not in dict(theirs.get("/organisations/").wsgi_request.session)
    assert Authenticator.objects.filter(user=user).count() == 0
    rows = EmailAddress.objects.filter(user=user)
    assert [(row.email, row.verified, row.primary) for row in rows] == [(VICTIM, True, True)]
    again = Client()
    again.post("/account/login/", {"login": VICTIM, "password": THEIRS})
    assert "_auth_user_id" not in again.session


@pytest.mark.parametrize("door", DOORS[:2], ids=lambda door: door.__name__)
def test_a_later_proof_leaves_password_and_sessions(cast: Cast, door):
    user = make_user(VICTIM)
    session = Client()
    session.force_login(user)
    mail.outbox.clear()
    door(cast)
    user.refresh_from_db()
    assert user.check_password("a long password") is True
    assert session.get("/organisations/").status_code == 200


def test_an_account_is_not_taken_before_its_owner_arrives(cast: Cast):
    """S1 as it was done: sign up with somebody's e-mail, wait for their invitation and code."""
    attacker = Client()
    attacker.post("/account/signup/", {**SIGN_UP, "email": VICTIM, "password1": THEIRS})
    assert User.objects.filter(email=VICTIM).count() == 0
    assert Organisation.objects.filter(name=SIGN_UP["organisation_name"]).count() == 0
    link = link_of(make_invitation(cast.cora, email=VICTIM))
    mail.outbox.clear()
    victim = Client()
    victim.post("/account/login/code/", {"email": VICTIM})
    victim.post("/account/login/code/confirm/", {"code": code_in(mail.outbox[-1])})
    assert victim.post(link, {"join": "yes"}).headers["Location"] == "/o/acme/"
    assert victim.get("/o/acme/").status_code == 200
    attacker.post("/account/login/", {"login": VICTIM, "password": THEIRS})
    assert attacker.get("/o/acme/").status_code == 302


def test_three_wrong_codes_end_a_sign_up(db):
    browser = Client()
    browser.post("/account/signup/", SIGN_UP)
    code = code_in(mail.outbox[-1])
    for _try in range(3):
        answer = browser.post("/account/signup/code/", {"code": "AAAAAA"})
    assert answer.headers["Location"] == "/account/signup/"
    browser.post("/account/signup/code/", {"code": code})
    assert User.objects.count() == 0
    assert 'value="New Works"' in browser.get("/account/signup/").content.decode()


def test_a_code_is_good_for_fifteen_minutes(db, time_machine):
    browser = Client()
    time_machine.move_to("2026-03-02 09:00:00+00:00", tick=False)
    browser.post("/account/signup/", SIGN_UP)
    code = code_in(mail.outbox[-1])
    time_machine.shift(15 * 60 + 1)
    browser.post("/account/signup/code/", {"code": code})
    assert User.objects.count() == 0


def test_who_cannot_prove_an_address_does_not_move_the_sign_in_to_another(cast: Cast):
    """The sign-in of somebody invited would be the attacker's, proved by a mailbox of theirs."""
    user, _session = taken_before(with_row=True)
    make_invitation(cast.cora, email=VICTIM)
    mail.outbox.clear()
    attacker = Client()
    attacker.post("/account/login/", {"login": VICTIM, "password": THEIRS})
    page = attacker.get("/account/confirm-email/").content.decode()
    assert "Use another e-mail" not in page
    attacker.post("/account/confirm-email/", {"action": "change", "email": "thief@evil.example"})
    user.refresh_from_db()
    assert user.email == VICTIM
    assert [email.to for email in mail.outbox if "evil" in email.to[0]] == []
