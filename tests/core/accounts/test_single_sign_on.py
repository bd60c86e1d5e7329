"""Signing in at an organisation's own provider: who comes in, as whom, and to what."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from requests.exceptions import ConnectionError as NotReached
from requests.exceptions import InvalidURL

from core.accounts.errors import OtherProtocol
from core.accounts.operations import directory as directory_operations
from core.accounts.operations import people, single_sign_on
from core.accounts.sso import http
from core.audit.models import AuditEvent
from core.common.fetch import fetch
from core.members.models import Identity, IdentityProvider, Member, User
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from tests.cast import Cast, make_user, sign_in
from tests.core.accounts.build import link_of, make_directory_token, make_invitation, secret_of
from tests.core.accounts.provider import OTHER_KEY, FakeProvider, use
from tests.core.common.test_fetch import answering

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings: Any) -> Iterator[FakeProvider]:
    settings.SSO_PRIVATE_NETWORKS = True
    fake = FakeProvider()
    yield fake
    fake.close()


def connected(cast: Cast, provider: FakeProvider, member: Member, subject: str = "s-1") -> None:
    row = use(provider, cast.olga)
    with tenant(cast.acme):
        single_sign_on.connect(provider=row, subject=subject, member=member)


def entered(cast: Cast, email: str, external_id: str) -> Member:
    """Have the directory enter somebody."""
    token, _secret = make_directory_token(cast.olga)
    with tenant(cast.acme):
        return directory_operations.enter_person(
            token=token, email=email, given_name="Dina", external_id=external_id
        )


def reload(member: Member) -> Member:
    with tenant(member.organisation_id):
        return Member.objects.select_related("user").get(pk=member.pk)


def is_in(browser: Client, path: str = "/o/acme/") -> bool:
    return browser.get(path).status_code == 200


def test_somebody_connected_signs_in(cast: Cast, provider: FakeProvider):
    connected(cast, provider, cast.petra)
    browser = Client()
    back = provider.sign_in(browser, "s-1")
    assert (back.status_code, back["Location"]) == (302, "/o/acme/")
    assert is_in(browser)
    assert "Petra" in browser.get("/o/acme/me/").content.decode()


def test_an_sso_session_is_good_for_its_organisation_only(cast: Cast, provider: FakeProvider):
    """Petra is at Globex too, with the same sign-in: Acme's provider opens nothing of that."""
    with tenant(cast.globex):
        there = Member.objects.create(
            user=cast.petra.user, email="p@globex.example", given_name="Petra"
        )
        people.make_live(member=there)
    assert is_in(sign_in(cast.petra), "/o/globex/")
    connected(cast, provider, cast.petra)
    browser = Client()
    provider.sign_in(browser, "s-1")
    assert is_in(browser)
    for path in (
        *("/o/globex/", "/organisations/", "/organisations/new/", "/account/email/"),
        *("/account/password/change/", "/account/second-step/", "/account/sessions/"),
    ):
        answer = browser.get(path)
        assert (answer.status_code, answer["Location"][:15]) == (302, "/account/login/"), path
    assert browser.get("/").status_code == 200  # the front of who is not signed in
    browser.post("/account/logout/")
    assert not is_in(browser)


def test_an_email_links_nobody(cast: Cast, provider: FakeProvider):
    use(provider, cast.olga)
    browser = Client()
    claims = {"email": cast.petra.email, "email_verified": True}
    back = provider.sign_in(browser, "stranger", **claims)
    assert back.status_code == 403
    assert "Nobody in this organisation is connected" in back.content.decode()
    assert not is_in(browser)
    assert not User.objects.filter(email__endswith="@sso.invalid").exists()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"aud": "another"}, "id_token"),
        ({"aud": ["roundtable", "another"]}, "client"),
        ({"azp": "another"}, "client"),
        ({"iss": "https://evil.example"}, "id_token"),
        ({"exp": 1}, "id_token"),
        ({"sub": ""}, "subject"),
    ],
)
def test_a_wrong_token_signs_nobody_in(
    cast: Cast, provider: FakeProvider, wrong: dict[str, Any], why: str
):
    connected(cast, provider, cast.petra)
    browser = Client()
    provider.wrong = wrong
    back = provider.sign_in(browser, "s-1")
    assert back.status_code == 403
    assert why in back.content.decode()
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("key", "algorithm"), [(OTHER_KEY, "RS256"), ("k" * 64, "HS256"), (None, "none")]
)
def test_what_the_provider_has_not_signed_signs_nobody_in(
    cast: Cast, provider: FakeProvider, key: Any, algorithm: str
):
    connected(cast, provider, cast.petra)
    provider.key, provider.algorithm = key, algorithm
    browser = Client()
    assert provider.sign_in(browser, "s-1").status_code == 403
    assert not is_in(browser)


def test_another_organisations_issuer_is_not_ours(cast: Cast, settings: Any):
    """The same subject at Globex's provider is nobody at Acme, by whatever way it comes."""
    settings.SSO_PRIVATE_NETWORKS = True
    ours, theirs = FakeProvider(), FakeProvider()
    connected(cast, ours, cast.petra)
    use(theirs, cast.gustav)
    browser = Client()
    assert theirs.sign_in(browser, "s-1", slug="globex").status_code == 403
    begun = browser.get("/sso/globex/")
    path = begun["Location"].split("state=")[1].split("&")[0]
    assert browser.get("/sso/acme/callback/", {"code": "x", "state": path}).status_code == 403
    # an answer of Globex's provider to what Acme has asked
    ours.wrong = {"iss": theirs.issuer}
    assert ours.sign_in(browser, "s-1").status_code == 403
    assert not is_in(browser)
    for fake in (ours, theirs):
        fake.close()


def test_a_sign_in_that_was_not_begun_here_signs_nobody_in(cast: Cast, provider: FakeProvider):
    connected(cast, provider, cast.petra)
    begun = Client().get("/sso/acme/")
    victim = Client()
    assert provider.send_back(victim, begun, "s-1").status_code == 403
    assert not is_in(victim)


def test_an_answer_is_good_once(cast: Cast, provider: FakeProvider):
    connected(cast, provider, cast.petra)
    browser = Client()
    begun = browser.get("/sso/acme/")
    assert provider.send_back(browser, begun, "s-1").status_code == 302
    assert provider.send_back(browser, begun, "s-1").status_code == 403


def test_the_directory_joins_an_identity(cast: Cast, provider: FakeProvider):
    """Entered by SCIM, in by SSO: live, with a sign-in that is good for nothing else."""
    use(provider, cast.olga)
    bob = make_user("bob@acme.example")  # has an account of his own elsewhere
    member = entered(cast, "bob@acme.example", "s-9")
    browser = Client()
    assert provider.sign_in(browser, "s-9").status_code == 302
    assert is_in(browser)
    now = reload(member)
    assert now.is_live
    assert now.user_id != bob.pk
    assert now.user.email.endswith("@sso.invalid")
    assert not EmailAddress.objects.filter(user=now.user).exists()
    assert bob.has_usable_password()
    assert not is_in(Client(), "/o/acme/")


def test_who_has_left_comes_in_no_more(cast: Cast, provider: FakeProvider):
    use(provider, cast.olga)
    member = entered(cast, "dina@acme.example", "s-9")
    browser = Client()
    provider.sign_in(browser, "s-9")
    with tenant(cast.acme):
        people.mark_left(member=reload(member), by=cast.olga)
        assert not Identity.objects.exists()
    assert not is_in(browser)
    assert provider.sign_in(Client(), "s-9").status_code == 403
    # invited back: the mailbox is proved anew, by the link
    invitation = make_invitation(cast.olga, "dina@acme.example", given_name="Dina", same=True)
    assert provider.sign_in(Client(), "s-9").status_code == 403
    begun = browser.get("/sso/acme/", {"invitation": secret_of(invitation)})
    assert provider.send_back(browser, begun, "s-9").status_code == 302
    assert is_in(browser)


def test_an_invitation_is_accepted_at_the_provider(cast: Cast, provider: FakeProvider):
    use(provider, cast.olga)
    invitation = make_invitation(cast.olga)
    browser = Client()
    page = browser.get(link_of(invitation)).content.decode()
    assert "Join by signing in at Fake" in page
    begun = browser.get("/sso/acme/", {"invitation": secret_of(invitation)})
    assert provider.send_back(browser, begun, "s-3").status_code == 302
    assert is_in(browser)
    assert reload(invitation.member).user.email.endswith("@sso.invalid")
    # the link is used up, and the subject is theirs from now on
    assert browser.get(link_of(invitation)).status_code == 404
    again = Client()
    assert provider.sign_in(again, "s-3").status_code == 302
    begun = Client().get("/sso/globex/", {"invitation": secret_of(invitation)})
    assert begun.status_code == 404


def test_an_invitation_of_another_organisation_opens_nothing(cast: Cast, provider: FakeProvider):
    use(provider, cast.olga)
    invitation = make_invitation(cast.gustav, "ines@globex.example")
    browser = Client()
    begun = browser.get("/sso/acme/", {"invitation": secret_of(invitation)})
    assert provider.send_back(browser, begun, "s-3").status_code == 403
    assert reload(invitation.member).state == Member.State.INVITED


def test_somebody_connects_themselves_and_says_yes(cast: Cast, provider: FakeProvider):
    use(provider, cast.olga)
    browser = sign_in(cast.petra)
    begun = browser.get("/o/acme/me/sso/", {"go": "yes"})
    back = provider.send_back(browser, begun, "s-5", preferred_username="petra@corp")
    assert back["Location"] == "/o/acme/me/sso/confirm/"
    with tenant(cast.acme):
        assert not Identity.objects.exists()  # whoever signed this browser in there: ask first
    assert "petra@corp" in browser.get("/o/acme/me/sso/confirm/").content.decode()
    assert browser.post("/o/acme/me/sso/confirm/")["Location"] == "/o/acme/me/"
    fresh = Client()
    assert provider.sign_in(fresh, "s-5").status_code == 302
    # taken: Pavel cannot be the same subject
    other = sign_in(cast.pavel)
    provider.send_back(other, other.get("/o/acme/me/sso/", {"go": "yes"}), "s-5")
    assert other.post("/o/acme/me/sso/confirm/").status_code == 422


def test_connecting_asks_who_has_not_confirmed_it(cast: Cast, provider: FakeProvider):
    use(provider, cast.olga)
    browser = sign_in(cast.petra)
    session = browser.session
    session["account_authentication_methods"] = []
    session.save()
    asked = browser.get("/o/acme/me/sso/", {"go": "yes"})
    assert asked["Location"].startswith("/account/")


def test_a_sign_in_of_ones_own_is_proved_by_our_code(cast: Cast, provider: FakeProvider):
    use(provider, cast.olga)
    member = entered(cast, "dina@acme.example", "s-9")
    browser = Client()
    provider.sign_in(browser, "s-9")
    assert "Add a sign-in of your own" in browser.get("/o/acme/me/").content.decode()
    browser.post("/o/acme/me/sign-in/", {"email": "dina@home.example"})
    code = next(
        line.strip() for line in mail.outbox[-1].body.splitlines() if "-" in line and len(line) < 20
    )
    assert browser.post("/o/acme/me/sign-in/code/", {"code": "WRONG"}).status_code == 422
    assert browser.post("/o/acme/me/sign-in/code/", {"code": code}).status_code == 302
    now = reload(member)
    assert now.user.email == "dina@home.example"
    assert EmailAddress.objects.filter(user=now.user, verified=True).exists()
    assert is_in(browser)  # goes on, and is still good for Acme alone
    assert browser.get("/organisations/").status_code == 302


def test_confirming_goes_to_the_provider_and_counts_if_it_is_fresh(
    cast: Cast, provider: FakeProvider
):
    connected(cast, provider, cast.cora)
    browser = Client()
    provider.sign_in(browser, "s-1", auth_time=1)
    data = {"name": "Warehouse", "scopes": ["figures.read"], "expires_at": "90"}
    asked = browser.post("/o/acme/settings/tokens/", data)
    assert asked["Location"].startswith("/sso/acme/?next=")
    begun = browser.get(asked["Location"])
    assert "prompt=login" in begun["Location"]
    back = provider.send_back(browser, begun, "s-1")
    assert back["Location"].startswith("/o/acme/settings/tokens/")
    assert browser.post("/o/acme/settings/tokens/", data).context["secret"]


def test_an_owner_sets_up_tests_requires_and_removes(cast: Cast, provider: FakeProvider):
    browser = sign_in(cast.olga)
    page = "/o/acme/settings/sso/"
    data = {
        "name": "Fake",
        "issuer": f"{provider.issuer}/.well-known/openid-configuration",
        "client_id": "roundtable",
        "subject_claim": "sub",
        "secret": "of the client",
    }
    assert browser.post(page, {**data, "secret": ""}).status_code == 422
    assert browser.post(page, data).status_code == 302
    with tenant(cast.acme):
        row = IdentityProvider.objects.get()
    assert row.issuer == provider.issuer
    assert "of the client" not in row.secret
    assert "of the client" not in browser.get(page).content.decode()
    assert Client().get("/sso/acme/").status_code == 404  # nobody before it is tested
    assert browser.post(f"{page}require/", {"required": "on"}).status_code == 409
    back = provider.send_back(browser, browser.get(f"{page}test/"), "s-0")
    assert back["Location"] == page
    assert "The sign-in works" in browser.get(page).content.decode()
    browser.post(f"{page}require/", {"required": "on"})
    with tenant(cast.acme):
        assert settings_in_force().asks_sso
    # Petra's own sign-in leads her there, Olga's goes on
    petra = sign_in(cast.petra)
    assert petra.get("/o/acme/")["Location"] == "/o/acme/me/sso/"
    assert is_in(petra, "/o/acme/me/sso/")
    assert is_in(browser)
    provider.send_back(petra, petra.get("/o/acme/me/sso/?go=yes"), "s-5")
    petra.post("/o/acme/me/sso/confirm/")
    assert petra.get("/o/acme/")["Location"] == "/sso/acme/?next=%2Fo%2Facme%2F"
    provider.sign_in(petra, "s-5")
    assert is_in(petra)
    # another secret is another provider until it is tested
    browser.post(page, {**data, "secret": "new"})
    with tenant(cast.acme):
        assert not settings_in_force().asks_sso
        assert Identity.objects.count() == 1
    assert "1 person can no longer" in browser.get(f"{page}remove/").content.decode()
    assert browser.post(f"{page}remove/").status_code == 302
    with tenant(cast.acme):
        assert not IdentityProvider.objects.exists()
    assert is_in(sign_in(cast.petra))


def test_who_signed_in_only_there_does_so_by_a_code_afterwards(cast: Cast, provider: FakeProvider):
    row = use(provider, cast.olga)
    member = entered(cast, "dina@acme.example", "s-9")
    provider.sign_in(Client(), "s-9")
    with tenant(cast.acme):
        single_sign_on.remove_provider(provider=row, by=cast.olga)
    assert reload(member).user.email == "dina@acme.example"
    assert not EmailAddress.objects.filter(user__email="dina@acme.example").exists()


@pytest.mark.parametrize("who", ["cora", "hugo", "petra"])
def test_the_pages_are_for_owners(cast: Cast, who: str):
    browser = sign_in(getattr(cast, who))
    for path in ("", "test/", "remove/"):
        assert browser.get(f"/o/acme/settings/sso/{path}").status_code == 403


def test_a_provider_inside_is_not_asked(cast: Cast, provider: FakeProvider, settings: Any):
    """Over plain http not at all; else its address is looked at before it is connected to."""
    use(provider, cast.olga)
    settings.SSO_PRIVATE_NETWORKS = False
    assert Client().get("/sso/acme/").status_code == 403
    with pytest.raises(InvalidURL, match="https alone"):
        http.ProviderSession().get(f"{provider.issuer}/keys")
    with pytest.raises(NotReached, match="inside"):
        http.ProviderSession().get("https://[fec0::1]/keys")


def test_a_provider_that_sends_a_byte_now_and_then_holds_up_nobody(monkeypatch: Any, settings: Any):
    """Twelve of these had every page of every organisation wait, for as long as they liked."""
    settings.SSO_PRIVATE_NETWORKS = True
    monkeypatch.setattr(http, "fetch", partial(fetch, seconds=0.4))
    drops = [b"HTTP/1.1 200 OK\r\n", *(b"X" for _drop in range(60))]
    began = time.monotonic()
    with answering(*drops, pause=0.1) as url, pytest.raises(NotReached, match="slow"):
        http.ProviderSession().get(url)
    assert time.monotonic() - began < 3


def test_the_door_asks_for_the_organisation(cast: Cast):
    browser = Client()
    assert "/sso/" in browser.get("/account/login/?next=/o/acme/me/").content.decode()
    page = browser.get("/sso/?next=/o/acme/me/").content.decode()
    assert 'value="acme"' in page
    page = browser.post("/sso/?next=/o/acme/me/", {"slug": "acme"}).content.decode()
    assert "/sso/acme/?next=/o/acme/me/" in page
    assert browser.get("/sso/acme/").status_code == 404
    assert browser.get("/sso/nothing/").content == browser.get("/sso/acme/").content


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        # what was changed; whether it is still tested, required, and Petra connected
        ({}, (True, True, True)),
        ({"name": "Our portal"}, (True, True, True)),
        ({"client_id": "another"}, (False, False, True)),
        ({"issuer": "https://another.example/"}, (False, False, False)),
        ({"subject_claim": "oid"}, (False, False, False)),
    ],
)
def test_a_changed_provider_loses_what_no_longer_holds(
    cast: Cast, provider: FakeProvider, changes: dict[str, str], kept: tuple[bool, bool, bool]
):
    connected(cast, provider, cast.petra)
    with tenant(cast.acme):
        row = IdentityProvider.objects.get()
        single_sign_on.require_provider(provider=row, required=True, by=cast.olga)
        before = AuditEvent.objects.count()
        values = {
            name: getattr(row, name) for name in ("name", "issuer", "client_id", "subject_claim")
        }
        saved = single_sign_on.save_provider(**{**values, **changes}, by=cast.olga)
        assert (saved.pk, saved.secret) == (row.pk, row.secret)
        assert (
            saved.tested_at is not None,
            settings_in_force().asks_sso,
            Identity.objects.exists(),
        ) == kept
        assert AuditEvent.objects.count() - before == bool(changes)
        for name, value in changes.items():
            assert getattr(saved, name) == value.rstrip("/")


def test_a_provider_of_the_other_protocol_is_removed_first(cast: Cast, provider: FakeProvider):
    row = use(provider, cast.olga)
    with tenant(cast.acme):
        with pytest.raises(OtherProtocol):
            single_sign_on.save_saml_provider(
                name="Other",
                entity_id="https://other.example",
                sign_in_url="https://other.example/in",
                certificates="",
                subject_claim="sub",
                by=cast.olga,
            )
        assert IdentityProvider.objects.get() == row
