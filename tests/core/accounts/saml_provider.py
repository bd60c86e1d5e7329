"""A SAML provider of our own that signs whatever a test wants it to say."""

from __future__ import annotations

import base64
import zlib
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.test import Client
from lxml import etree
from xmlsec import constants

from core.accounts.operations import single_sign_on
from core.common import clock
from core.members.links import absolute
from core.members.models import IdentityProvider, Member
from core.tenancy.context import tenant

SITE = absolute("").rstrip("/")
SAML, SAMLP = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


class SamlProvider:
    """Signs with a key of its own; `certificate` is what it says to sign with, as PEM."""

    def __init__(self, entity_id: str = "urn:acme:idp", bits: int = 2048) -> None:
        self.entity_id = entity_id
        self.sign_in_url = "https://idp.example/sso?tenant=1"
        key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        self.key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
        now = clock.now()
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=365))
        certificate = builder.sign(key, hashes.SHA256())
        self.certificate = certificate.public_bytes(Encoding.PEM).decode()

    def metadata(self, *, wants_signed: str = "false", entities: int = 1) -> str:
        body = "".join(self.certificate.splitlines()[1:-1])
        one = f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
            entityID="{self.entity_id}">
            <md:IDPSSODescriptor WantAuthnRequestsSigned="{wants_signed}"
            protocolSupportEnumeration="{SAMLP}"><md:KeyDescriptor use="signing">
            <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
            <ds:X509Certificate>{body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
            </md:KeyDescriptor><md:SingleSignOnService Binding="{REDIRECT}"
            Location="{self.sign_in_url}"/></md:IDPSSODescriptor></md:EntityDescriptor>"""
        if entities == 1:
            return one
        return f'<all xmlns="urn:oasis:names:tc:SAML:2.0:metadata">{one * entities}</all>'

    def answer(self, answers: str, subject: str, slug: str = "acme", **wrong: Any) -> str:
        """Return an answer's XML, unsigned; `wrong` replaces what it should hold."""
        now = clock.now()
        says = {
            "issuer": self.entity_id,
            "audience": f"{SITE}/sso/{slug}/metadata/",
            "acs": f"{SITE}/sso/{slug}/acs/",
            "recipient": f"{SITE}/sso/{slug}/acs/",
            "request": f'InResponseTo="{answers}"',
            "outer_request": f'InResponseTo="{answers}"',
            "from": _text(now - timedelta(minutes=1)),
            "until": _text(now + timedelta(minutes=5)),
            "confirmed_until": f'NotOnOrAfter="{_text(now + timedelta(minutes=5))}"',
            "at": _text(now),
            "format": PERSISTENT,
            "method": "urn:oasis:names:tc:SAML:2.0:cm:bearer",
            "attributes": "",
            "response_id": f"r{uuid4().hex}",
            "id": f"a{uuid4().hex}",
            **wrong,
        }
        audience = (
            f"<saml:AudienceRestriction><saml:Audience>{says['audience']}</saml:Audience>"
            "</saml:AudienceRestriction>"
        )
        return f"""<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" Version="2.0"
          ID="{says["response_id"]}" IssueInstant="{says["at"]}" Destination="{says["acs"]}"
          {says["outer_request"]}><saml:Issuer>{says["issuer"]}</saml:Issuer><samlp:Status>
          <samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
          <saml:Assertion Version="2.0" ID="{says["id"]}" IssueInstant="{says["at"]}">
          <saml:Issuer>{says["issuer"]}</saml:Issuer><saml:Subject>
          <saml:NameID Format="{says["format"]}">{subject}</saml:NameID>
          <saml:SubjectConfirmation Method="{says["method"]}"><saml:SubjectConfirmationData
          Recipient="{says["recipient"]}" {says["confirmed_until"]} {says["request"]}/>
          </saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{says["from"]}"
          NotOnOrAfter="{says["until"]}">{audience if says["audience"] else ""}</saml:Conditions>
          <saml:AuthnStatement AuthnInstant="{says["at"]}"><saml:AuthnContext>
          <saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password
          </saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
          {says["attributes"]}</saml:Assertion></samlp:Response>"""

    def signed(
        self,
        xml: str,
        *,
        what: str = "Assertion",
        method: Any = constants.TransformRsaSha256,
        digest: Any = constants.TransformSha256,
        transforms: tuple[Any, ...] = (constants.TransformEnveloped, constants.TransformExclC14N),
    ) -> str:
        """Return an answer with its assertion, or the whole of it, signed."""
        document = etree.fromstring(xml)
        node = document if what == "Response" else document.find(f"{{{SAML}}}Assertion")
        signature = xmlsec.template.create(node, constants.TransformExclC14N, method)
        node.insert(1, signature)
        reference = xmlsec.template.add_reference(signature, digest, uri=f"#{node.get('ID')}")
        for transform in transforms:
            xmlsec.template.add_transform(reference, transform)
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(self.key, constants.KeyDataFormatPem, None)
        context.register_id(node, "ID")
        context.sign(signature)
        return etree.tostring(document).decode()

    def sign_in(self, browser: Client, subject: str, slug: str = "acme", **wrong: Any) -> Any:
        """Sign this subject in, from our first page to our last one."""
        begun = browser.get(f"/sso/{slug}/")
        request, state = asked(begun)
        xml = self.signed(self.answer(request, subject, slug, **wrong))
        return send_back(browser, xml, state, slug)


def asked(begun: Any) -> tuple[str, str]:
    """Return the id of the request that our page has sent the browser there with, and its state."""
    query = parse_qs(urlsplit(begun["Location"]).query)
    request = zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15)
    return etree.fromstring(request).get("ID"), query["RelayState"][0]


def post(browser: Client, xml: str | bytes, state: str, slug: str = "acme") -> Any:
    """Post an answer as the provider's page does: from another site, so without our session."""
    content = xml.encode() if isinstance(xml, str) else xml
    away = Client(enforce_csrf_checks=True)
    data = {"SAMLResponse": base64.b64encode(content).decode(), "RelayState": state}
    answer = away.post(f"/sso/{slug}/acs/", data)
    if "sso_answer" in answer.cookies:
        browser.cookies["sso_answer"] = answer.cookies["sso_answer"].value
    return answer


def send_back(browser: Client, xml: str | bytes, state: str, slug: str = "acme") -> Any:
    answer = post(browser, xml, state, slug)
    return browser.get(answer["Location"]) if answer.status_code == 302 else answer


def use_saml(provider: SamlProvider, owner: Member, *, oid: bool = False) -> IdentityProvider:
    """Let an organisation's people sign in there."""
    claims = IdentityProvider.SubjectClaim
    with tenant(owner.organisation):
        row = single_sign_on.save_saml_provider(
            name="Fake",
            entity_id=provider.entity_id,
            sign_in_url=provider.sign_in_url,
            certificates=provider.certificate,
            subject_claim=claims.OID if oid else claims.SUB,
            by=owner,
        )
        single_sign_on.pass_test(provider=row, by=owner)
        return row


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
