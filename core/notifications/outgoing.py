"""Webhooks: which rows of a REST list were written, told to a program by its address.

A message holds ids alone: what became of the rows is read over REST, by who may read it.  It is a
row first; a worker sends it outside of any transaction, signed, and asks again for three days.
Source: standardwebhooks.com, specification 1.0.0 (identifiers, symmetric signatures, retries, 410).
"""

from __future__ import annotations

import base64
import hmac
import json
import random
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.db.models import F, Q

from core.common import clock
from core.common.fetch import FetchError, fetch
from core.common.secrets import unseal
from core.notifications.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from core.tenancy import due
from core.tenancy.context import current_organisation_id, tenant

if TYPE_CHECKING:
    from django.db.models import QuerySet

ADDRESS, SECRET = "webhook address", "webhook secret"  # what they are sealed for
PREFIX = "whsec_"
TASK = "webhooks.send"
# How long after each try comes the next: three days in all, and each up to a tenth sooner or later,
# so that those which failed together do not come back together.
PAUSES = tuple(timedelta(minutes=n) for n in (1, 5, 30, 120, 300, 600, 840, 1200, 1200))
LEASE = timedelta(minutes=2)  # many times what an address may take to answer
RUN = 60.0  # seconds of one task; the others of its queue wait no longer for one organisation
MOST_IDS = 500  # of a message
GONE = 410  # the other side wants no more, ever
_State = WebhookMessage.State


# ── what is told ──
@transaction.atomic
def queue(*, endpoint: WebhookEndpoint, kind: str, ids: Collection[UUID]) -> int:
    """Write what an address is to be told, a message for so many ids; return how many."""
    texts = sorted(map(str, ids))
    parts = [texts[n : n + MOST_IDS] for n in range(0, len(texts), MOST_IDS)]
    rows = [
        WebhookMessage(endpoint=endpoint, kind=kind, ids=part, happened_at=clock.now())
        for part in parts
    ]
    return len(WebhookMessage.objects.bulk_create(rows))


def send_due(*, at: datetime) -> int:
    """Have a worker send what is due, after this transaction; a follow-up that changes nothing."""
    # what an earlier step of the same pass has written is due later than the pass began
    if _due(max(at, clock.now())).exists():
        args = [current_organisation_id()]
        transaction.on_commit(
            lambda: current_app.send_task(TASK, args=args, expires=600, retry=False), robust=True
        )
    return 0


def _due(at: datetime) -> QuerySet[WebhookMessage]:
    return WebhookMessage.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=at),
        state=_State.DUE,
        due_at__lte=at,
        endpoint__stopped_at=None,
    )


# ── sending ──
@dataclass(frozen=True)
class Letter:
    """One try of one message, ready to be posted."""

    message_id: UUID
    endpoint_id: UUID
    number: int
    address: str
    body: bytes
    secrets: tuple[str, ...]


def send(organisation_id: int, *, loopback: bool = False) -> int:
    """Post what is due of one organisation, one after another; return how many arrived.

    Of an address that does not take one the others wait for a later run.
    """
    until, arrived = time.monotonic() + RUN, 0
    failing: set[UUID] = set()
    while time.monotonic() < until:
        with tenant(organisation_id):
            letter = _claim(failing)
        if letter is None:
            return arrived
        began = time.monotonic()
        status, problem = _post(letter, loopback=loopback)
        took = round((time.monotonic() - began) * 1000)
        with tenant(organisation_id):
            _note(letter, status, problem, took)
        if problem:
            failing.add(letter.endpoint_id)
        else:
            arrived += 1
    with tenant(organisation_id):
        due.mark()
    return arrived


def _claim(failing: Collection[UUID]) -> Letter | None:
    """Take the oldest message that is due, for as long as the lease."""
    now = clock.now()
    row = (
        _due(now)
        .exclude(endpoint__in=failing)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("endpoint")
        .order_by("due_at", "id")
        .first()
    )
    if row is None:
        return None
    lease = (now + LEASE).replace(second=0, microsecond=0) + timedelta(minutes=1)
    WebhookMessage.objects.filter(pk=row.pk).update(tries=F("tries") + 1, lease_until=lease)
    due.mark_once(at=lease)  # should this worker die
    endpoint = row.endpoint
    sealed = [endpoint.sealed_secret]
    if endpoint.former_until and endpoint.former_until > now:
        sealed.append(endpoint.sealed_former_secret)
    return Letter(
        row.pk,
        endpoint.pk,
        row.tries + 1,
        unseal(endpoint.sealed_address, purpose=ADDRESS) or "",
        body_of(row),
        tuple(secret for text in sealed if (secret := unseal(text, purpose=SECRET))),
    )


def body_of(message: WebhookMessage) -> bytes:
    """Return what is posted: the same bytes at each try."""
    happened_at = message.happened_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    data = {"ids": message.ids}
    return json.dumps({"type": message.kind, "timestamp": happened_at, "data": data}).encode()


def headers_of(letter: Letter, at: datetime) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    signed = f"{letter.message_id}.{stamp}.".encode() + letter.body
    return {
        "webhook-id": str(letter.message_id),
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signature(secret, signed) for secret in letter.secrets),
    }


def signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def _post(letter: Letter, *, loopback: bool) -> tuple[int, str]:
    """Return the status and what was wrong; outside of any transaction."""
    try:
        headers = headers_of(letter, clock.now())
        answer = fetch(letter.address, body=letter.body, headers=headers, loopback=loopback)
    except FetchError as error:
        return error.status, str(error.refusal)
    return answer.status, ""


def _note(letter: Letter, status: int, problem: str, took: int) -> None:
    """Keep what came of a try, and when the next one is; an address that is gone gets no more."""
    now = clock.now()
    rows = WebhookMessage.objects.filter(pk=letter.message_id)
    message = rows.first()
    if message is None:  # its endpoint was removed meanwhile
        return
    WebhookAttempt.objects.create(
        message=message, status=status or None, problem=problem, milliseconds=took
    )
    mine = rows.filter(tries=letter.number, state=_State.DUE)
    endpoint = WebhookEndpoint.objects.filter(pk=letter.endpoint_id)
    if not problem:
        mine.update(state=_State.SENT, sent_at=now, lease_until=None)
        endpoint.update(sent_at=now, failing_since=None, problem="")
        return
    # one that was switched off meanwhile has no problem of its own
    endpoint = endpoint.filter(stopped_at=None)
    endpoint.filter(failing_since=None).update(failing_since=now)
    endpoint.update(problem=problem)
    if status == GONE or letter.number > len(PAUSES):
        mine.update(state=_State.FAILED, lease_until=None)
        endpoint.update(stopped_at=now)
        due.mark()  # who set it is told
        return
    pause = PAUSES[letter.number - 1] * random.uniform(0.9, 1.1)  # no secret
    mine.update(due_at=now + pause, lease_until=None)
    due.mark(at=now + pause)
