"""SAML 2.0 with one organisation's provider: there with a request, back with a signed assertion.

The provider has the browser post its answer from its own site, where our session's cookie does not
come along (SameSite). So `read_answer` checks all that the assertion says at the post, and keeps
what it found in a sealed cookie for the browser's next step, which is ours: there `come_back` wants
the request that this very browser was sent with. A request is good once, and so is its answer.
Source: SAML 2.0 core, bindings and profiles (OASIS), §4.1.4 of the profiles for what is checked.
"""

from __future__ import annotations

import hmac
import json
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import xmlsec
from allauth.socialaccount.internal import statekit
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from lxml.etree import LxmlError
from onelogin.saml2.authn_request import OneLogin_Saml2_Authn_Request
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Constants
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils as Utils

from core.accounts.errors import ProviderRefused
from core.accounts.sso.certificates import bodies_of
from core.accounts.sso.signed_in import SignedIn, is_fresh
from core.common.secrets import seal, unseal
from core.members.links import absolute
from core.members.models import IdentityProvider

COOKIE, PURPOSE = "sso_answer", "saml"
COOKIE_LIFE = timedelta(minutes=2)  # from the provider's post to the next step of the browser
MOST_CHARACTERS = 256 * 1024
LONGEST_SUBJECT = 255
# what Entra calls somebody in every application, where the NameID may be another one for each
_OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
_TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
_MAIL = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"

# What a signature may be made of: nothing weak, and nothing that runs (XSLT, XPath), leads to
# another address or hides what it covers. The library looks at the first reference only.
_SIGNED_WITH = {
    f"http://www.w3.org/2001/04/xmldsig-more#{kind}-sha{bits}"
    for kind in ("rsa", "ecdsa")
    for bits in (256, 384, 512)
}
_DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
}
_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_TRANSFORMS = {"http://www.w3.org/2000/09/xmldsig#enveloped-signature", _C14N}
_ALLOWED = {
    "ds:SignedInfo/ds:SignatureMethod": _SIGNED_WITH,
    "ds:SignedInfo/ds:CanonicalizationMethod": {_C14N},
    "ds:SignedInfo/ds:Reference/ds:DigestMethod": _DIGESTS,
    ".//ds:Transform": _TRANSFORMS,
}

# a provider may answer anything: what is not there or of another kind is wrong as well
_FAILURES = (
    OneLogin_Saml2_Error,
    OneLogin_Saml2_ValidationError,
    LxmlError,
    xmlsec.Error,
    NotBase64,
    KeyError,
    TypeError,
    ValueError,
)


# ── what the provider has to know of us: functions of the address alone, whether it is anybody's ──
def entity_id(slug: str) -> str:
    return absolute(reverse("sso:metadata", args=[slug]))


def acs_url(slug: str) -> str:
    """Return where the provider has the browser post its answer (assertion consumer service)."""
    return absolute(reverse("sso:acs", args=[slug]))


# ── there ──
def send_there(
    request: HttpRequest, row: IdentityProvider, asked: Mapping[str, Any], *, again: bool = False
) -> HttpResponseRedirect:
    """Send somebody to the provider; `again` has them sign in there anew.

    Raises ProviderRefused.
    """
    try:
        authn = OneLogin_Saml2_Authn_Request(
            _settings(row), force_authn=again, set_nameid_policy=False
        )
    except _FAILURES as failure:
        raise _refused(failure) from failure
    kept = {"asked": dict(asked), "request": authn.get_id()}
    state = statekit.stash_state(request, provider_id=str(row.pk), state=kept)
    query = urlencode({"SAMLRequest": authn.get_request(), "RelayState": state})
    mark = "&" if "?" in row.sign_in_url else "?"
    return HttpResponseRedirect(f"{row.sign_in_url}{mark}{query}")


# ── back: the provider's post ──
def read_answer(request: HttpRequest, row: IdentityProvider) -> HttpResponseRedirect:
    """Check what the provider has had posted, and send the browser on with what it says.

    Raises ProviderRefused.
    """
    answer = request.POST.get("SAMLResponse", "")
    if not answer or len(answer) > MOST_CHARACTERS:
        raise ProviderRefused(_("The provider has not signed you in."))
    try:
        claims = _checked(answer, row)
    except _FAILURES as failure:
        raise _refused(failure) from failure
    claims["state"] = request.POST.get("RelayState", "")[:80]
    path = reverse("sso:callback", args=[row.known_slug])
    onwards = HttpResponseRedirect(path)
    onwards.set_cookie(
        COOKIE,
        seal(json.dumps({**claims, "provider": str(row.pk)}), purpose=PURPOSE),
        max_age=COOKIE_LIFE,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return onwards


def _checked(answer: str, row: IdentityProvider) -> dict[str, Any]:
    """Return what a signed assertion says: the subject, their name, and the request it answers."""
    slug = row.known_slug
    response = OneLogin_Saml2_Response(_settings(row), answer)
    if response.encrypted:
        raise ValueError(_("it is encrypted; only signing is wanted"))
    _check_signatures(response)
    here = urlsplit(acs_url(slug))
    response.is_valid(
        {
            "https": "on" if here.scheme == "https" else "off",
            "http_host": here.netloc,
            "script_name": here.path,
        },
        raise_exceptions=True,
    )
    # what the library lets pass where it is not there, or where it only begins alike
    if entity_id(slug) not in response.get_audiences():
        raise ValueError(_("it names no audience"))
    if response.document.get("Destination", acs_url(slug)) != acs_url(slug):
        raise ValueError(_("it is meant for another address"))
    answers = _answered_request(response, acs_url(slug))
    if response.get_in_response_to() not in {None, answers}:
        raise ValueError(_("it answers two requests"))
    subject, called = _subject(response, row)
    statement = response._query_assertion("/saml:AuthnStatement")[0]
    signed_in_at = Utils.parse_SAML_to_time(statement.get("AuthnInstant"))
    return {
        "subject": subject,
        "called": called[:254],
        "fresh": is_fresh(signed_in_at),
        "request": answers,
    }


def _check_signatures(response: OneLogin_Saml2_Response) -> None:
    """Refuse a signature that is made of anything but what we know, before it is worked on."""
    names = {"ds": Constants.NS_DS}
    for signature in response.document.findall(".//ds:Signature", names):
        if len(signature.findall(".//ds:Reference", names)) != 1:
            raise ValueError(_("its signature is not of one thing"))
        if signature.find(".//ds:Object", names) is not None:
            raise ValueError(_("its signature holds other things"))
        for path, allowed in _ALLOWED.items():
            if {node.get("Algorithm") for node in signature.findall(path, names)} - allowed:
                raise ValueError(_("it is signed in a way that is not safe"))


def _answered_request(response: OneLogin_Saml2_Response, recipient: str) -> str:
    """Return the request that the signed part answers: the outer one anybody could write.

    There is none where the provider has begun by itself: that could be played again anywhere.
    """
    names = {"saml": Constants.NS_SAML}
    now = Utils.now()
    for confirmation in response._query_assertion("/saml:Subject/saml:SubjectConfirmation"):
        details = confirmation.find("saml:SubjectConfirmationData", names)
        if confirmation.get("Method") != Constants.CM_BEARER or details is None:
            continue
        if details.get("Recipient") != recipient or not details.get("NotOnOrAfter"):
            continue
        if Utils.parse_SAML_to_time(details.get("NotOnOrAfter")) <= now:
            continue
        if answered := details.get("InResponseTo"):
            return str(answered)
    raise ValueError(_("it answers no request of ours: begin here"))


def _subject(response: OneLogin_Saml2_Response, row: IdentityProvider) -> tuple[str, str]:
    name = response.get_nameid_data()
    attributes = response.get_attributes()
    subject = name["Value"]
    if row.subject_claim == IdentityProvider.SubjectClaim.OID:
        subject = next(iter(attributes.get(_OBJECT_ID, [])), "")
    elif name.get("Format") == _TRANSIENT:
        raise ValueError(_("its NameID is another one each time; send a persistent one"))
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise ValueError(_("it names no subject, or one that is too long"))
    called = next(iter(attributes.get(_MAIL, [])), name["Value"])
    return subject, str(called)


# ── back: the browser's next step ──
def come_back(request: HttpRequest, row: IdentityProvider) -> SignedIn:
    """Return whom the provider has signed in; raises ProviderRefused for anything that is wrong."""
    claims = json.loads(unseal(request.COOKIES.get(COOKIE, ""), purpose=PURPOSE) or "{}")
    kept = None
    if claims.get("provider") == str(row.pk):
        kept = statekit.unstash_state(
            request, provider_id=str(row.pk), state_id=str(claims["state"])
        )
    if kept is None or not hmac.compare_digest(str(kept.get("request", "")), claims["request"]):
        raise ProviderRefused(_("This sign-in was not begun here, or too long ago. Begin again."))
    return SignedIn(
        subject=claims["subject"],
        called=claims["called"],
        fresh=claims["fresh"],
        asked=kept["asked"],
    )


def _settings(row: IdentityProvider) -> OneLogin_Saml2_Settings:
    slug = row.known_slug
    return OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {
                "entityId": entity_id(slug),
                "assertionConsumerService": {
                    "url": acs_url(slug),
                    "binding": Constants.BINDING_HTTP_POST,
                },
            },
            "idp": {
                "entityId": row.issuer,
                "singleSignOnService": {
                    "url": row.sign_in_url,
                    "binding": Constants.BINDING_HTTP_REDIRECT,
                },
                "x509certMulti": {"signing": bodies_of(row.certificates)},
            },
            "security": {
                "wantAssertionsSigned": True,
                "rejectDeprecatedAlgorithm": True,
                "requestedAuthnContext": False,
                "wantAttributeStatement": False,
                "allowRepeatAttributeName": True,
                "allowSingleLabelDomains": True,  # the owner's form has looked at the address
            },
        }
    )


def _refused(failure: Exception) -> ProviderRefused:
    return ProviderRefused(
        _("The provider’s answer could not be trusted (%(why)s). Nobody was signed in.")
        % {"why": str(failure)[:120] or type(failure).__name__}
    )
