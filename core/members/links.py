"""Signed links: a link for one person to one row, verified before any query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from core.common import clock
from core.members.models import Member
from core.members.requests import kept_or_undone, not_found
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from core.tenancy.queries import settings_in_force


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


LinkView = Callable[Concatenate[HttpRequest, Member, UUID, ...], HttpResponse]


def signed_link(
    purpose: str, *, max_age: timedelta
) -> Callable[[LinkView], Callable[..., HttpResponse]]:
    """Make a view of `/l/<purpose>/<token>/`: it gets the person and the row the link names.

    The token is verified without a query; then that organisation is in force and that person
    looks, invited or live, for this page alone.  Bad, expired, foreign and left are one 404.
    """

    def decorate(view: LinkView) -> Callable[..., HttpResponse]:
        @login_not_required
        @never_cache
        @wraps(view)
        def wrapped(request: HttpRequest, token: str) -> HttpResponse:
            link = read_link(purpose, token, max_age=max_age)
            if link is None:
                return not_found(request)
            organisation = Organisation.objects.filter(
                slug=link.organisation, closed_at=None
            ).first()
            if organisation is None:
                return not_found(request)
            with tenant(organisation, member=link.member_id):
                people = Member.objects.reachable().select_related("organisation")
                member = people.filter(pk=link.member_id).first()
                if member is None:
                    return not_found(request)
                zone = member.time_zone or settings_in_force().time_zone
                with timezone.override(zone):
                    return kept_or_undone(request, view(request, member, link.object_id))

        return wrapped

    return decorate
