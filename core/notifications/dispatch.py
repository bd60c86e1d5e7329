"""Sending what is due: claim with a lease, check again, write, send, mark where still mine.

Nothing is lost: an envelope stays due until a try of ours has marked it sent.  Over SMTP an
e-mail may arrive twice only if a worker dies between the server's "250" and the mark, and then
byte for byte the same.  See docs/adr/0008-outbox-with-envelopes.md.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from core.common import clock
from core.common.env import number
from core.members.models import Member
from core.notifications.channels import CHANNELS
from core.notifications.channels.base import Channel
from core.notifications.models import Email, Envelope, MutedKind
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force

if TYPE_CHECKING:
    from django.db.models import QuerySet

log = logging.getLogger(__name__)

BATCH = 100
TRIES = 5
# Half of it is for sending: what is left of a batch then goes back before anybody else takes it.
LEASE = timedelta(seconds=number("NOTIFICATION_LEASE_SECONDS", 300))
# One run ends well before Celery's hard time limit; the sweep starts the next.
RUN = timedelta(minutes=10)


@dataclass(frozen=True)
class _Claim:
    """One envelope that is ours until `until`, for this attempt."""

    envelope_id: UUID
    organisation_id: int
    email_id: UUID
    attempt: int
    until: datetime


def dispatch(channels: Sequence[Channel[Any]] = ()) -> int:
    """Send what is due in any organisation, by the channels given or by all; return how much.

    While a channel cannot be reached nothing of it is claimed, so that a mail server's night
    costs no e-mail a try.
    """
    channels = channels or [channel() for channel in CHANNELS.values()]
    return sum(_dispatch(channel, RUN / len(channels)) for channel in channels)


def _dispatch(channel: Channel[Any], time: timedelta) -> int:
    ends_at = clock.now() + time
    sent = 0
    try:
        while clock.now() < ends_at and _next_due(channel.name)[:1] and _reachable(channel):
            claims, seen = claim(channel.name)
            sent += _send_all(claims, channel)
            if seen < BATCH:
                break
    finally:
        channel.close()
    return sent


def claim(channel: str) -> tuple[list[_Claim], int]:
    """Take up to a batch of a channel's due envelopes; return them, and how many were looked at.

    Fresh e-mails come first, so that one which kills its worker holds up nobody; after five
    tries that nobody finished it is dead.
    """
    until = clock.now() + LEASE
    with transaction.atomic():
        due = _next_due(channel).select_for_update(skip_locked=True, of=("self",))
        envelopes = list(due[:BATCH])
        worn = [envelope for envelope in envelopes if envelope.attempts >= TRIES]
        fresh = [envelope for envelope in envelopes if envelope.attempts < TRIES]
        _by_id(worn).update(state=Envelope.State.DEAD, lease_until=None)
        _by_id(fresh).update(lease_until=until, attempts=F("attempts") + 1)
    for envelope in worn:
        log.error("e-mail %s is dead: five tries never ended", envelope.email_id)
    claims = [_Claim(e.pk, e.organisation_id, e.email_id, e.attempts + 1, until) for e in fresh]
    return claims, len(envelopes)


def _next_due(channel: str) -> QuerySet[Envelope]:
    """Return due envelopes in the order of the partial index that holds only such."""
    now = clock.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return Envelope.objects.filter(
        free,
        channel=channel,
        state=Envelope.State.DUE,
        due_at__lte=now,
        organisation__closed_at=None,
    ).order_by("attempts", "due_at", "id")


def _by_id(envelopes: Sequence[Envelope]) -> QuerySet[Envelope]:
    return Envelope.objects.filter(pk__in=[envelope.pk for envelope in envelopes])


def _send_all(claims: Sequence[_Claim], channel: Channel[Any]) -> int:
    sent = 0
    for place, mine in enumerate(claims):
        late = clock.now() > mine.until - LEASE / 2
        if place and (late or not _reachable(channel)):
            _give_back(claims[place:])
            break
        sent += _send(mine, channel)
    return sent


def _send(mine: _Claim, channel: Channel[Any]) -> bool:
    try:
        message = _written(mine, channel)
        if message is None:
            return False
        channel.send(message)
    except Exception as error:
        # Never the error's words: a mail server repeats addresses and lines of the e-mail.
        log.warning("e-mail %s, try %d: %s", mine.email_id, mine.attempt, type(error).__name__)
        _try_later(mine)
        channel.close()
        return False
    with tenant(mine.organisation_id):
        if _held(mine).update(state=Envelope.State.SENT, lease_until=None):
            Email.objects.filter(pk=mine.email_id).update(sent_at=clock.now())
    return True


def _written(mine: _Claim, channel: Channel[Any]) -> Any:
    """Return the message, or None when there is nothing to say any more, which is then noted."""
    with tenant(mine.organisation_id):
        emails = Email.objects.select_related("member", "organisation")
        email = emails.filter(pk=mine.email_id).first()
        if email is not None and _still_wanted(email, channel.name):
            return channel.write(email, settings_in_force())
        _held(mine).update(state=Envelope.State.WITHDRAWN, lease_until=None)
        # another channel may bring it still
        elsewhere = Envelope.objects.filter(email_id=OuterRef("pk"), state=Envelope.State.DUE)
        Email.objects.filter(
            ~Exists(elsewhere), pk=mine.email_id, sent_at=None, withdrawn_at=None
        ).update(withdrawn_at=clock.now())
    return None


def _still_wanted(email: Email, channel: str) -> bool:
    if email.withdrawn_at or email.member.state == Member.State.LEFT:
        return False
    muted = MutedKind.objects.filter(member=email.member, kind=email.kind, channel=channel)
    return not (email.mutable and muted.exists())


def _held(mine: _Claim) -> QuerySet[Envelope]:
    return Envelope.objects.filter(
        pk=mine.envelope_id, state=Envelope.State.DUE, attempts=mine.attempt
    )


def _try_later(mine: _Claim) -> None:
    """Put a failed e-mail off by 1, 5, 25, 125 minutes; after the fifth try it is dead."""
    if mine.attempt >= TRIES:
        if _held(mine).update(state=Envelope.State.DEAD, lease_until=None):
            log.error("e-mail %s is dead: five tries failed", mine.email_id)
        return
    wait = timedelta(minutes=5 ** (mine.attempt - 1))
    _held(mine).update(lease_until=None, due_at=clock.now() + wait)


def _give_back(claims: Sequence[_Claim]) -> None:
    """Let others have what was never tried; that costs these e-mails no try."""
    for mine in claims:
        _held(mine).update(lease_until=None, attempts=F("attempts") - 1)


def _reachable(channel: Channel[Any]) -> bool:
    try:
        channel.open()
    except OSError as error:
        log.warning("channel %s cannot be reached: %s", channel.name, type(error).__name__)
        return False
    return True
