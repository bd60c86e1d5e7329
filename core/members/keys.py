"""Secrets that open public links: 256 bits, stored as SHA-256, found by their hash."""

import base64
import hashlib
import secrets
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.crypto import salted_hmac

from core.common import clock
from core.members.models import Key


def new_secret() -> str:
    """Return 256 random bits that a person can copy: shown once, never kept."""
    return secrets.token_urlsafe(32)


def derived_secret(kind: Key.Kind, object_id: UUID) -> str:
    """Return the secret of one row, always the same: so that an e-mail can be written later.

    Derived from SECRET_KEY, so what the database holds is still only a hash.  Where that key has
    been changed, what was derived from the one before is still the secret of its row.
    """
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    secrets_of = [_derived(kind, object_id, key) for key in keys]
    if len(secrets_of) == 1:
        return secrets_of[0]
    stored = Key.objects.filter(kind=kind, object_id=object_id, revoked_at=None)
    hashes = {bytes(value) for value in stored.values_list("sha256", flat=True)}
    return next((value for value in secrets_of if hashed(value) in hashes), secrets_of[0])


def _derived(kind: Key.Kind, object_id: UUID, key: str) -> str:
    mac = salted_hmac(f"key.{kind}", str(object_id), secret=key, algorithm="sha256")
    return base64.urlsafe_b64encode(mac.digest()).decode().rstrip("=")


def hashed(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def find_key(kind: Key.Kind, secret: str) -> Key | None:
    """Return the key that opens this link now; bad, expired, used and revoked are all None."""
    now = clock.now()
    return (
        Key.objects.select_related("organisation")
        .filter(kind=kind, sha256=hashed(secret), revoked_at=None, used_at=None)
        .filter(Q(expires_at=None) | Q(expires_at__gt=now), organisation__closed_at=None)
        .first()
    )
