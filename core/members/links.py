"""Signed links: a link for one person to one row, verified before any query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing

from core.common import clock


@dataclass(frozen=True)
class SignedLink:
    """What a link says: which organisation, who follows it, and to what."""

    organisation: str
    member_id: UUID
    object_id: UUID


class _Signer(signing.TimestampSigner):
    """Signs with a stated time, so that an e-mail written twice is the same e-mail."""

    def __init__(self, purpose: str, at: datetime) -> None:
        super().__init__(salt=f"link.{purpose}")
        self._at = at

    def timestamp(self) -> str:
        return signing.b62_encode(int(self._at.timestamp()))


def signed_path(purpose: str, link: SignedLink, *, at: datetime) -> str:
    """Return `/l/<purpose>/<token>/` for that person and row, as signed at that moment."""
    payload = [link.organisation, link.member_id.hex, link.object_id.hex]
    return f"/l/{purpose}/{_Signer(purpose, at).sign_object(payload, compress=True)}/"


def read_link(purpose: str, token: str, *, max_age: timedelta) -> SignedLink | None:
    """Return what a token says, or None if it is not ours, of another purpose, or too old."""
    signer = _Signer(purpose, clock.now())
    try:
        organisation, member, row = signer.unsign_object(token)
        stamp = token.rsplit(":", 2)[-2]
        signed_at = signing.b62_decode(stamp)
        if clock.now().timestamp() - signed_at > max_age.total_seconds():
            return None
        return SignedLink(str(organisation), UUID(str(member)), UUID(str(row)))
    except (signing.BadSignature, ValueError, TypeError, IndexError):
        return None


def absolute(path: str) -> str:
    """Return the path with the site's address in front, for e-mails and calendars."""
    return f"{settings.SITE_URL}{path}"
