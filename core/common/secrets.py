"""What is kept so that the database alone cannot read it: an address somebody pasted.

The keys are derived from SECRET_KEY and, to read only, from SECRET_KEY_FALLBACKS: what is sealed
again whenever it is used has moved to the newest key by itself.
Source: Fernet (cryptography), HKDF (RFC 5869).
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(text: str, *, purpose: str) -> str:
    """Return a text so that only this purpose of this site can read it."""
    return _keys(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str | None:
    """Return what was sealed; None where no key of ours, old ones included, opens it."""
    try:
        return _keys(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def reseal(sealed: str, *, purpose: str) -> str:
    """Return the same text under the newest key; what no key of ours opens stays as it is."""
    try:
        return _keys(purpose).rotate(sealed.encode()).decode()
    except InvalidToken:
        return sealed


def _keys(purpose: str) -> MultiFernet:
    secrets = [str(settings.SECRET_KEY), *map(str, settings.SECRET_KEY_FALLBACKS)]
    return MultiFernet([Fernet(_key(secret, purpose)) for secret in secrets])


def _key(secret: str, purpose: str) -> bytes:
    derived = HKDF(SHA256(), 32, salt=None, info=f"roundtable.{purpose}".encode())
    return base64.urlsafe_b64encode(derived.derive(secret.encode()))
