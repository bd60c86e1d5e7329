"""Signing in at an organisation's own SAML provider: what is believed, and what is not."""

from __future__ import annotations

import base64
import zlib
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from lxml import etree
from xmlsec import constants

from core.accounts.operations import directory, people, single_sign_on
from core.accounts.sso import metadata
from core.common import clock
from core.common.fetch import fetch
from core.members.models import Identity, IdentityProvider, Member
from core.tenancy.context import tenant
from tests.cast import Cast, make_member, sign_in
from tests.core.accounts.build import link_of, make_directory_token, make_invitation, secret_of
from tests.core.accounts.saml_provider import (
    SAML,
    SITE,
    SamlProvider,
    asked,
    post,
    send_back,
    use_saml,
)
from tests.core.accounts.test_single_sign_on import entered, is_in, reload
from tests.core.common.test_fetch import OK, answering

pytestmark = pytest.mark.django_db

OURS, STRANGER, WEAK = SamlProvider(), SamlProvider(), SamlProvider(bits=1024)
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;">]>'
)
FILE = '<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/hostname">]>'


@pytest.fixture
def connected(cast: Cast) -> IdentityProvider:
    """Petra is s-1 at Acme's provider."""
    row = use_saml(OURS, cast.olga)
    with tenant(cast.acme):
        single_sign_on.connect(provider=row, subject="s-1", member=cast.petra)
    return row


def test_somebody_connected_signs_in(cast: Cast, connected: IdentityProvider):
    browser = Client()
    begun = browser.get("/sso/acme/?next=/o/acme/me/")
    assert begun["Location"].startswith("https://idp.example/sso?tenant=1&SAMLRequest=")
    request, state = asked(begun)
    back = send_back(browser, OURS.signed(OURS.answer(request, "s-1")), state)
    assert (back.status_code, back["Location"]) == (302, "/o/acme/me/")
    assert "Petra" in browser.get("/o/acme/me/").content.decode()
    assert browser.get("/organisations/").status_code == 302  # nobody's anywhere else


def test_the_answer_signed_as_a_whole_too(cast: Cast, connected: IdentityProvider):
    browser = Client()
    request, state = asked(browser.get("/sso/acme/"))
    xml = OURS.signed(OURS.signed(OURS.answer(request, "s-1")), what="Response")
    assert send_back(browser, xml, state).status_code == 302
    assert is_in(browser)


def test_an_email_as_subject_links_nobody(cast: Cast, connected: IdentityProvider):
    browser = Client()
    back = OURS.sign_in(browser, cast.petra.email)
    assert back.status_code == 403
    assert "Nobody in this organisation is connected" in back.content.decode()
    assert not is_in(browser)


HOUR_AGO = (clock.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
IN_AN_HOUR = (clock.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    "wrong",
    [
        {"audience": f"{SITE}/sso/globex/metadata/"},
        {"audience": ""},
        {"recipient": f"{SITE}/sso/globex/acs/"},
        {"recipient": f"{SITE}/sso/acme/acs/more"},
        {"acs": f"{SITE}/sso/globex/acs/"},
        {"acs": f"{SITE}/sso/acme/acs/more"},
        {"issuer": "urn:another"},
        {"until": HOUR_AGO},
        {"from": IN_AN_HOUR},
        {"confirmed_until": f'NotOnOrAfter="{HOUR_AGO}"'},
        {"confirmed_until": ""},
        {"request": ""},  # the provider has begun by itself
        {"request": "", "outer_request": ""},
        {"request": 'InResponseTo="another"', "outer_request": 'InResponseTo="another"'},
        {"outer_request": 'InResponseTo="another"'},
        {"method": "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"},
        {"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_a_wrong_answer_signs_nobody_in(
    cast: Cast, connected: IdentityProvider, wrong: dict[str, str]
):
    browser = Client()
    assert OURS.sign_in(browser, "s-1", **wrong).status_code == 403
    assert not is_in(browser)


def test_a_clock_a_little_off_is_forgiven(cast: Cast, connected: IdentityProvider):
    soon = (clock.now() + timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert OURS.sign_in(Client(), "s-1", **{"from": soon}).status_code == 302


@pytest.mark.parametrize("subject", ["", "x" * 256])
def test_a_subject_is_one(cast: Cast, connected: IdentityProvider, subject: str):
    assert OURS.sign_in(Client(), subject).status_code == 403


def _unsigned(xml: str) -> str:
    return xml


def _outside_only(xml: str) -> str:
    return OURS.signed(xml, what="Response")


def _by_a_stranger(xml: str) -> str:
    return STRANGER.signed(xml)


def _by_sha1(xml: str) -> str:
    return OURS.signed(xml, method=constants.TransformRsaSha1)


def _digested_by_sha1(xml: str) -> str:
    return OURS.signed(xml, digest=constants.TransformSha1)


def _through_xpath(xml: str) -> str:
    signed = etree.fromstring(OURS.signed(xml))
    reference = signed.find(".//{*}Reference/{*}Transforms")
    added = etree.SubElement(reference, f"{{{DS}}}Transform")
    added.set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")
    etree.SubElement(added, f"{{{DS}}}XPath").text = "not(self::x)"
    return etree.tostring(signed).decode()


def _with_a_second_reference(xml: str) -> str:
    signed = etree.fromstring(OURS.signed(xml))
    reference = signed.find(".//{*}Reference")
    other = etree.fromstring(etree.tostring(reference))
    other.set("URI", "http://169.254.169.254/latest")
    reference.addnext(other)
    return etree.tostring(signed).decode()


def _changed_afterwards(xml: str) -> str:
    return OURS.signed(xml.replace("s-1", "s-2")).replace("s-2", "s-1")


def _wrapped(xml: str) -> str:
    """An assertion of somebody else is signed; ours of Petra stands where it is looked for."""
    signed = etree.fromstring(OURS.signed(xml.replace("s-1", "mallory")))
    real = signed.find(f"{{{SAML}}}Assertion")
    forged = etree.fromstring(etree.tostring(real))
    forged.remove(forged.find("{*}Signature"))
    forged.find(".//{*}NameID").text = "s-1"
    forged.set("ID", "forged")
    real.addprevious(forged)
    return etree.tostring(signed).decode()


def _wrapped_inside(xml: str) -> str:
    """The signed assertion hides within the forged one's signature."""
    signed = etree.fromstring(OURS.signed(xml.replace("s-1", "mallory")))
    real = signed.find(f"{{{SAML}}}Assertion")
    forged = etree.fromstring(etree.tostring(real))
    forged.find(".//{*}NameID").text = "s-1"
    forged.set("ID", "forged")
    holder = etree.SubElement(forged.find("{*}Signature"), f"{{{DS}}}Object")
    signed.replace(real, forged)
    holder.append(real)
    return etree.tostring(signed).decode()


def _wrapped_with_the_same_id(xml: str) -> str:
    signed = etree.fromstring(OURS.signed(xml.replace("s-1", "mallory")))
    real = signed.find(f"{{{SAML}}}Assertion")
    forged = etree.fromstring(etree.tostring(real))
    forged.find(".//{*}NameID").text = "s-1"
    extensions = etree.Element("{urn:oasis:names:tc:SAML:2.0:protocol}Extensions")
    signed.replace(real, forged)
    extensions.append(real)
    signed.insert(1, extensions)
    return etree.tostring(signed).decode()


def _with_a_comment(xml: str) -> str:
    """A comment cuts the name for readers that stop there; the signature does not cover it."""
    return OURS.signed(xml.replace("s-1", "s-1.mallory")).replace("s-1.", "s-1<!---->.")


def _with_a_bomb(xml: str) -> str:
    return BOMB + OURS.signed(xml).replace("s-1", "&c;")


def _with_a_file(xml: str) -> str:
    return FILE + OURS.signed(xml).replace("s-1", "&c;")


DS = "http://www.w3.org/2000/09/xmldsig#"


@pytest.mark.parametrize(
    "tamper",
    [
        _unsigned,
        _outside_only,
        _by_a_stranger,
        _by_sha1,
        _digested_by_sha1,
        _through_xpath,
        _with_a_second_reference,
        _changed_afterwards,
        _wrapped,
        _wrapped_inside,
        _wrapped_with_the_same_id,
        _with_a_comment,
        _with_a_bomb,
        _with_a_file,
    ],
)
def test_what_the_provider_has_not_signed_so_signs_nobody_in(
    cast: Cast, connected: IdentityProvider, tamper: Any
):
    browser = Client()
    request, state = asked(browser.get("/sso/acme/"))
    answer = send_back(browser, tamper(OURS.answer(request, "s-1")), state)
    assert answer.status_code == 403
    assert not is_in(browser)


@pytest.mark.parametrize(
    "content",
    [b"", b"no xml", b"<a/>", b"\xff\xfe<", b"<a>" * 5000, b"x" * 300_000],
    ids=["nothing", "words", "another", "bytes", "deep", "long"],
)
def test_what_cannot_be_read_is_refused(cast: Cast, connected: IdentityProvider, content: bytes):
    browser = Client()
    _request, state = asked(browser.get("/sso/acme/"))
    assert send_back(browser, content, state).status_code == 403
    answer = Client().post("/sso/acme/acs/", {"SAMLResponse": "%%%", "RelayState": state})
    assert answer.status_code == 403
    assert Client().post("/sso/acme/acs/").status_code == 403


def test_an_answer_is_good_once(cast: Cast, connected: IdentityProvider):
    browser = Client()
    request, state = asked(browser.get("/sso/acme/"))
    xml = OURS.signed(OURS.answer(request, "s-1"))
    assert send_back(browser, xml, state).status_code == 302
    assert is_in(browser)
    browser.post("/account/logout/")
    assert send_back(browser, xml, state).status_code == 403
    assert not is_in(browser)


def test_an_answer_is_good_in_the_browser_that_asked(cast: Cast, connected: IdentityProvider):
    """Nobody is signed in as somebody else, and a stolen answer opens nothing."""
    thief, victim = Client(), Client()
    request, state = asked(victim.get("/sso/acme/"))
    xml = OURS.signed(OURS.answer(request, "s-1"))
    assert send_back(thief, xml, state).status_code == 403
    _own, own_state = asked(thief.get("/sso/acme/"))
    assert send_back(thief, xml, own_state).status_code == 403
    assert not is_in(thief)
    browser = Client()
    browser.get("/sso/acme/")
    browser.cookies["sso_answer"] = "guessed"
    assert browser.get("/sso/acme/callback/").status_code == 403
    assert Client().get("/sso/acme/callback/").status_code == 403


def test_another_organisations_provider_is_not_ours(cast: Cast, connected: IdentityProvider):
    """The same subject at Globex's provider is nobody at Acme, by whatever way it comes."""
    theirs = SamlProvider(OURS.entity_id)  # says to be ours
    row = use_saml(theirs, cast.gustav)
    browser = Client()
    assert theirs.sign_in(browser, "s-1").status_code == 403
    assert theirs.sign_in(browser, "s-1", slug="globex").status_code == 403
    request, state = asked(browser.get("/sso/globex/"))
    assert (
        send_back(browser, theirs.signed(theirs.answer(request, "s-1")), state).status_code == 403
    )
    # two organisations with one provider: what is meant for the one is nothing to the other
    with tenant(cast.globex):
        single_sign_on.save_saml_provider(
            name="Fake",
            entity_id=OURS.entity_id,
            sign_in_url=OURS.sign_in_url,
            certificates=OURS.certificate,
            subject_claim="sub",
            by=cast.gustav,
        )
        single_sign_on.pass_test(provider=row, by=cast.gustav)
    request, state = asked(browser.get("/sso/globex/"))
    for_globex = OURS.signed(OURS.answer(request, "s-1", "globex"))
    assert send_back(browser, for_globex, state).status_code == 403
    assert post(browser, for_globex, state, "globex").status_code == 302
    assert browser.get("/sso/acme/callback/").status_code == 403  # the cookie says which provider
    assert not is_in(browser)


def test_the_directory_and_an_invitation_join_an_identity(cast: Cast):
    use_saml(OURS, cast.olga)
    member = entered(cast, "dina@acme.example", "s-9")
    browser = Client()
    assert OURS.sign_in(browser, "s-9").status_code == 302
    assert reload(member).user.email.endswith("@sso.invalid")
    assert is_in(browser)
    invitation = make_invitation(cast.olga)
    browser = Client()
    assert "Join by signing in at Fake" in browser.get(link_of(invitation)).content.decode()
    request, state = asked(browser.get("/sso/acme/", {"invitation": secret_of(invitation)}))
    xml = OURS.signed(OURS.answer(request, "s-3"))
    assert send_back(browser, xml, state).status_code == 302
    assert is_in(browser)
    with tenant(cast.acme):
        people.mark_left(member=reload(member), by=cast.olga)
    assert OURS.sign_in(Client(), "s-9").status_code == 403


def test_entra_names_people_by_their_object_id(cast: Cast):
    row = use_saml(OURS, cast.olga, oid=True)
    with tenant(cast.acme):
        single_sign_on.connect(provider=row, subject="o-1", member=cast.petra)
    name = "http://schemas.microsoft.com/identity/claims/objectidentifier"
    attributes = (
        f'<saml:AttributeStatement><saml:Attribute Name="{name}"><saml:AttributeValue>o-1'
        "</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"
    )
    assert OURS.sign_in(Client(), "whatever", attributes=attributes).status_code == 302
    assert OURS.sign_in(Client(), "o-1").status_code == 403


def test_confirming_has_them_sign_in_anew(cast: Cast, connected: IdentityProvider):
    browser = Client()
    begun = browser.get("/sso/acme/?again=yes")
    query = parse_qs(urlsplit(begun["Location"]).query)["SAMLRequest"][0]
    assert b'ForceAuthn="true"' in zlib.decompress(base64.b64decode(query), -15)


# ── the owner's page ──
PAGE = "/o/acme/settings/sso/"


def saml_form(**others: str) -> dict[str, str]:
    return {"protocol": "saml", "name": "Fake", "subject_claim": "sub", **others}


def test_an_owner_sets_up_from_metadata_tests_and_removes(cast: Cast):
    browser = sign_in(cast.olga)
    page = browser.get(f"{PAGE}?protocol=saml").content.decode()
    assert f'value="{SITE}/sso/acme/metadata/"' in page
    assert f'value="{SITE}/sso/acme/acs/"' in page
    assert browser.post(PAGE, saml_form()).status_code == 422
    assert browser.post(PAGE, saml_form(metadata=OURS.metadata())).status_code == 302
    with tenant(cast.acme):
        row = IdentityProvider.objects.get()
    assert (row.protocol, row.issuer, row.sign_in_url, row.certificates) == (
        *("saml", OURS.entity_id, OURS.sign_in_url),
        OURS.certificate,
    )
    assert Client().get("/sso/acme/").status_code == 404  # nobody before it is tested
    begun = browser.get(f"{PAGE}test/")
    request, state = asked(begun)
    back = send_back(browser, OURS.signed(OURS.answer(request, "s-0")), state)
    assert back["Location"] == PAGE
    assert "The sign-in works" in browser.get(PAGE).content.decode()
    # the other protocol only after this provider is removed
    oidc = {"name": "X", "issuer": "https://x.example", "client_id": "x", "secret": "x"}
    browser.post(PAGE, {**oidc, "subject_claim": "sub"})
    with tenant(cast.acme):
        assert IdentityProvider.objects.get().protocol == "saml"
    assert browser.post(f"{PAGE}remove/").status_code == 302
    assert browser.post(PAGE, {**oidc, "subject_claim": "sub"}).status_code == 302


def test_another_certificate_keeps_who_is_who_and_is_tested_again(
    cast: Cast, connected: IdentityProvider
):
    browser = sign_in(cast.olga)
    both = OURS.certificate + STRANGER.certificate
    form = saml_form(entity_id=OURS.entity_id, sign_in_url=OURS.sign_in_url, certificates=both)
    assert browser.post(PAGE, form).status_code == 302
    with tenant(cast.acme):
        row = IdentityProvider.objects.get()
        assert Identity.objects.count() == 1
        assert row.tested_at is None
        single_sign_on.pass_test(provider=row, by=cast.olga)
    assert OURS.sign_in(Client(), "s-1").status_code == 302
    new = SamlProvider(OURS.entity_id)
    new.key = STRANGER.key
    assert new.sign_in(Client(), "s-1").status_code == 302


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({"metadata": "<a/>"}, "not the metadata of one"),
        ({"metadata": "words"}, "not the metadata of a"),
        ({"metadata": BOMB + OURS.metadata().replace("urn:acme:idp", "&c;")}, "not the metadata"),
        ({"metadata": FILE + OURS.metadata().replace("urn:acme:idp", "&c;")}, "not the metadata"),
        ({"metadata": OURS.metadata(entities=2)}, "not the metadata of one"),
        ({"metadata": OURS.metadata(wants_signed="true")}, "wants signed requests"),
        ({"metadata": OURS.metadata().replace("HTTP-Redirect", "HTTP-POST")}, "HTTP-Redirect"),
        ({"metadata": OURS.metadata().replace("https://idp", "http://idp")}, "https://"),
        ({"metadata": OURS.metadata().replace("https://idp", "javascript:idp")}, "https://"),
        ({"metadata": WEAK.metadata()}, "too weak"),
        ({"metadata_url": "http://idp.example/metadata"}, "over https alone"),
        ({"metadata_url": "https://127.0.0.1/metadata"}, "Paste it instead"),
        (
            {"entity_id": "x", "sign_in_url": "https://x.example/", "certificates": "words"},
            "could not be read",
        ),
    ],
)
def test_metadata_that_says_something_else_is_refused_at_the_form(
    cast: Cast, others: dict[str, str], why: str
):
    answer = sign_in(cast.olga).post(PAGE, saml_form(**others))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert why in page
    assert 'name="protocol" value="saml"' in page  # what was typed is still there
    with tenant(cast.acme):
        assert not IdentityProvider.objects.exists()


def test_metadata_is_read_from_its_address(cast: Cast, monkeypatch: Any, settings: Any):
    settings.SSO_PRIVATE_NETWORKS = True
    monkeypatch.setattr(metadata, "fetch", partial(fetch, loopback=True))
    with answering(OK, b"\r\n", OURS.metadata().encode()) as url:
        answer = sign_in(cast.olga).post(PAGE, saml_form(metadata_url=url))
    assert answer.status_code == 302
    with tenant(cast.acme):
        assert IdentityProvider.objects.get().issuer == OURS.entity_id


def test_our_metadata_says_the_same_for_addresses_that_are_nobodys():
    ours, nobody = (Client().get(f"/sso/{slug}/metadata/") for slug in ("acme", "nobody"))
    assert ours["Content-Type"] == "application/samlmetadata+xml"
    assert ours.content.replace(b"/acme/", b"/nobody/") == nobody.content
    document = etree.fromstring(ours.content)
    assert document.get("entityID") == f"{SITE}/sso/acme/metadata/"
    descriptor = document[0]
    assert descriptor.get("WantAssertionsSigned") == "true"
    assert descriptor.find("{*}AssertionConsumerService").get("Location") == (
        f"{SITE}/sso/acme/acs/"
    )


# ── owners ──
@pytest.mark.parametrize("live", [True, False])
def test_the_directory_connects_no_owner(cast: Cast, live: bool):
    """Else whoever can write in the directory owns the organisation."""
    row = use_saml(OURS, cast.olga)
    otto = make_member(cast.acme, "Otto", Member.Role.OWNER, live=live)
    token, _secret = make_directory_token(cast.olga)
    with tenant(cast.acme):
        directory.change_person(token=token, member=otto, values={"external_id": "s-7"})
    browser = Client()
    refused = OURS.sign_in(browser, "s-7")
    assert refused.status_code == 403
    assert "connects no owner" in refused.content.decode()
    assert not is_in(browser)
    with tenant(cast.acme):
        assert not Identity.objects.exists()
    if live:  # they say so themselves
        own = sign_in(otto)
        request, state = asked(own.get("/o/acme/me/sso/", {"go": "yes"}))
        send_back(own, OURS.signed(OURS.answer(request, "s-7")), state)
        own.post("/o/acme/me/sso/confirm/")
        assert OURS.sign_in(browser, "s-7").status_code == 302
        with tenant(cast.acme):
            assert Identity.objects.get(provider=row).member_id == otto.pk
