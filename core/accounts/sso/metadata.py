"""What a SAML provider says of itself: read from its address, or from what was pasted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings
from django.utils.translation import gettext as _
from lxml.etree import LxmlError
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from core.accounts.errors import ProviderRefused
from core.accounts.sso.certificates import in_pem
from core.common.fetch import FetchError, fetch, is_address

MOST_BYTES = 256 * 1024


MOST_ENTITY_ID, MOST_ADDRESS = 300, 1000


@dataclass(frozen=True)
class Metadata:
    """Who a provider is, where one signs in, and with what it signs (PEM)."""

    entity_id: str
    sign_in_url: str
    certificates: str


def metadata_of(*, url: str, text: str, by_hand: Metadata) -> Metadata:
    """Return what an owner has given of a provider, in any of three ways, once it may be used.

    Raises ProviderRefused.
    """
    if url:
        wanted = fetch_metadata(url)
    elif text:
        wanted = read_metadata(text)
    else:
        wanted = replace(by_hand, certificates=in_pem([by_hand.certificates]))
    if not may_be_asked(wanted.sign_in_url) or len(wanted.sign_in_url) > MOST_ADDRESS:
        raise ProviderRefused(_("The sign-in address is not one that begins with https://."))
    if len(wanted.entity_id) > MOST_ENTITY_ID:
        raise ProviderRefused(_("The entity id is too long."))
    return wanted


def may_be_asked(url: str) -> bool:
    """Say whether this is an address over https, or any where providers may stand inside."""
    return is_address(url) and (url.startswith("https://") or settings.SSO_PRIVATE_NETWORKS)


def fetch_metadata(url: str) -> Metadata:
    """Return what stands at the provider's address; raises ProviderRefused."""
    if not may_be_asked(url):
        raise ProviderRefused(_("A provider is asked over https alone."))
    try:
        answer = fetch(url, limit=MOST_BYTES)
    except FetchError as error:
        raise ProviderRefused(
            _(
                "The metadata could not be read from there (%(why)s). Paste it instead:"
                " an address inside your network is not asked."
            )
            % {"why": error.refusal}
        ) from error
    return read_metadata(answer.body)


def read_metadata(text: str | bytes) -> Metadata:
    """Return what one provider's metadata holds; raises ProviderRefused.

    No document type, no entities, no way out of the document: the parser refuses them.
    """
    content = text.encode() if isinstance(text, str) else text
    if len(content) > MOST_BYTES:
        raise ProviderRefused(_("This metadata is too long."))
    try:
        document = OneLogin_Saml2_XML.to_etree(content)
        entities = OneLogin_Saml2_XML.query(document, "//md:EntityDescriptor")
        idp = OneLogin_Saml2_IdPMetadataParser.parse(content)
    except (LxmlError, ValueError) as error:
        raise ProviderRefused(_("This is not the metadata of a SAML provider.")) from error
    if len(entities) != 1 or "idp" not in idp:
        raise ProviderRefused(_("This is not the metadata of one SAML provider."))
    if idp.get("security", {}).get("authnRequestsSigned"):
        raise ProviderRefused(
            _("This provider wants signed requests, which are not sent. Switch that off there.")
        )
    provider = idp["idp"]
    if not provider.get("entityId") or "singleSignOnService" not in provider:
        raise ProviderRefused(
            _("The metadata names no sign-in address for the binding HTTP-Redirect.")
        )
    several = provider.get("x509certMulti", {}).get("signing", [])
    return Metadata(
        entity_id=provider["entityId"],
        sign_in_url=provider["singleSignOnService"]["url"],
        certificates=in_pem(several or [provider.get("x509cert", "")]),
    )
