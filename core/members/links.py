"""Signed links: a link for one person to one row, verified before any query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from core.common import clock, own_words
from core.members.models import AddressChange, Member
from core.members.requests import kept_or_undone
from core.tenancy.context import tenant
from core.tenancy.queries import organisation_at, settings_in_force

# what this browser has answered by links, the last ones only: which, and when
ANSWERED_HERE, ANSWERS_KEPT = "answered_here", 20
SITTING = timedelta(minutes=30)


@dataclass(frozen=True)
class SignedLink:
    """What a link says: which organisation, who follows it, and to what."""

    organisation: str
    member_id: UUID
    object_id: UUID
    signed_at: float = field(default=0.0, compare=False)  # known once it is read


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
        return SignedLink(str(organisation), UUID(str(member)), UUID(str(row)), signed_at)
    except (signing.BadSignature, ValueError, TypeError, IndexError):
        return None


def absolute(path: str) -> str:
    """Return the path with the site's address in front, for e-mails and calendars."""
    return f"{settings.SITE_URL}{path}"


def ended_at(member: Member) -> datetime | None:
    """Return the moment up to which this person's links are dead: they left, or moved mailbox."""
    changes = AddressChange.objects.filter(member=member, confirmed_at__isnull=False)
    moved = changes.order_by("-confirmed_at").values_list("confirmed_at", flat=True).first()
    return max((at for at in (member.left_at, moved) if at is not None), default=None)


def signable_at(member: Member, at: datetime) -> datetime:
    """Return when to sign a link that was decided on at that moment, so that it opens now."""
    ended = ended_at(member)
    return at if ended is None else max(at, ended + timedelta(seconds=1))


def _is_dead(link: SignedLink, member: Member) -> bool:
    ended = ended_at(member)
    return ended is not None and link.signed_at <= ended.timestamp()


def _by_link(request: HttpRequest, link: SignedLink | None, view: LinkView) -> HttpResponse:
    if link is None:
        raise Http404
    organisation = organisation_at(link.organisation)
    if organisation is None:
        raise Http404
    with tenant(organisation, member=link.member_id):
        people = Member.objects.reachable().select_related("organisation")
        member = people.filter(pk=link.member_id).first()
        if member is None or _is_dead(link, member):
            raise Http404
        zone = member.time_zone or settings_in_force().time_zone
        with timezone.override(zone), own_words.of_a_page([link.object_id]):
            return kept_or_undone(request, view(request, member, link.object_id))


def is_signed_in(request: HttpRequest, member: Member) -> bool:
    """Whether who follows a link is signed in as the person it was sent to."""
    return bool(request.user.is_authenticated and request.user.pk == member.user_id)


def is_theirs(request: HttpRequest, member: Member, object_id: UUID) -> bool:
    """Whether a link may show what was written: to its person, signed in, or in this sitting.

    The sitting is the browser's that answered by the link, for half an hour.
    """
    if request.user.is_authenticated:
        return is_signed_in(request, member)
    at = dict(request.session.get(ANSWERED_HERE, [])).get(_answer_id(member, object_id))
    return at is not None and clock.now().timestamp() - at <= SITTING.total_seconds()


def remember_answer(request: HttpRequest, member: Member, object_id: UUID) -> None:
    """Let this browser read and change what it has just answered by a link, in this sitting."""
    answer = _answer_id(member, object_id)
    kept = [row for row in request.session.get(ANSWERED_HERE, []) if row[0] != answer]
    request.session[ANSWERED_HERE] = [
        *kept[1 - ANSWERS_KEPT :],
        [answer, clock.now().timestamp()],
    ]


def _answer_id(member: Member, object_id: UUID) -> str:
    return f"{member.pk.hex}{object_id.hex}"


def settled_page(
    request: HttpRequest,
    member: Member,
    *,
    own_page: str,
    answered: bool = False,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    """Say that what a link asks was answered, or has ended, and nothing else: no name, no word.

    A link may be forwarded.  `own_page` is where its person reads on, signed in; `refused` says
    why an answer that was sent all the same was not taken.
    """
    somebody_else = request.user.is_authenticated and not is_signed_in(request, member)
    context = {
        "answered": answered,
        "own_page": "" if somebody_else else own_page,
        "refused": refused,
        "somebody_else": str(request.user) if somebody_else else "",
    }
    return render(request, "core/settled_link.html", context, status=status)


LinkView = Callable[Concatenate[HttpRequest, Member, UUID, ...], HttpResponse]


def signed_link(
    purpose: str, *, max_age: timedelta
) -> Callable[[LinkView], Callable[..., HttpResponse]]:
    """Make a view of `/l/<purpose>/<token>/`: it gets the person and the row the link names.

    The token is verified without a query; then that organisation is in force and that person
    looks, invited or live, for this page alone.  Bad, expired, foreign and left are one 404,
    and so are what was signed before somebody left who is back or went to another mailbox, and a
    row that is gone: the page says that the link no longer works, and how to go on without it.
    """

    def decorate(view: LinkView) -> Callable[..., HttpResponse]:
        @login_not_required
        @never_cache
        @wraps(view)
        def wrapped(request: HttpRequest, token: str) -> HttpResponse:
            try:
                return _by_link(request, read_link(purpose, token, max_age=max_age), view)
            except Http404:
                return render(request, "core/dead_link.html", status=404)

        return wrapped

    return decorate
