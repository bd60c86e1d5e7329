"""What a SAML provider signs with: certificates, typed or read from its metadata."""

from __future__ import annotations

import re
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext as _

from core.accounts.errors import ProviderRefused

MOST = 6  # the old one, the new one, and a few to spare
_FEWEST_BITS = 2048
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_BLOCK = re.compile(f"{_BEGIN}(.*?){_END}", re.S)


def in_pem(texts: list[str]) -> str:
    """Return certificates as PEM, one after the other; raises ProviderRefused.

    A text is one certificate's base64, as metadata holds it, or PEM with one or several.
    """
    bodies = [body for text in texts for body in _BLOCK.findall(text) or [text]]
    bodies = list(dict.fromkeys("".join(body.split()) for body in bodies if body.strip()))
    if not bodies or len(bodies) > MOST:
        raise ProviderRefused(_("Give the certificate the provider signs with, at most six."))
    return "".join(_checked(body).public_bytes(Encoding.PEM).decode() for body in bodies)


def bodies_of(pem: str) -> list[str]:
    """Return the base64 of each certificate, as the SAML library wants it."""
    return ["".join(body.split()) for body in _BLOCK.findall(pem)]


def valid_until(pem: str) -> datetime | None:
    """Return when the last of these certificates runs out."""
    bodies = bodies_of(pem)
    return max((_checked(body).not_valid_after_utc for body in bodies), default=None)


def _checked(body: str) -> x509.Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(f"{_BEGIN}\n{body}\n{_END}\n".encode())
        key = certificate.public_key()
    except ValueError as error:
        raise ProviderRefused(_("A certificate could not be read.")) from error
    strong = isinstance(key, ec.EllipticCurvePublicKey) or (
        isinstance(key, rsa.RSAPublicKey) and key.key_size >= _FEWEST_BITS
    )
    if not strong:
        raise ProviderRefused(_("A certificate’s key is too weak: RSA with 2048 bits, or EC."))
    return certificate
