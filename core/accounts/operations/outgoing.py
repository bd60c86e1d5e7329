"""Webhooks: which addresses are told of what was written, and that one is told no more."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F

from core.accounts.errors import EndpointStopped, StillBeingSent
from core.accounts.queries import owners
from core.audit.operations import record
from core.common import clock
from core.common.rows import row_by_row
from core.common.secrets import seal
from core.members.models import Member
from core.notifications.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from core.notifications.operations import Link, enqueue
from core.notifications.outgoing import ADDRESS, PREFIX, SECRET
from core.tenancy import due
from core.tenancy.queries import unseen_since

if TYPE_CHECKING:
    from django.db.models import QuerySet

State = WebhookMessage.State
TEST = "test"
STOPPED = "accounts.webhook_stopped"


@transaction.atomic
def add_endpoint(
    *, name: str, address: str, lists: Sequence[str], by: Member
) -> tuple[WebhookEndpoint, str]:
    """Tell an address from now on what is written; return it with its secret, shown this once."""
    secret = _new_secret()
    endpoint = WebhookEndpoint.objects.create(
        name=name,
        sealed_address=seal(address, purpose=ADDRESS),
        host=(urlsplit(address).hostname or "")[:253],
        sealed_secret=seal(secret, purpose=SECRET),
        lists=sorted(lists),
        set_by=by,
        told_until=unseen_since(),
    )
    record(by=by, verb="webhook_endpoint.added", target=endpoint, lists=endpoint.lists)
    return endpoint, secret


@transaction.atomic
def rotate_endpoint(
    *, endpoint: WebhookEndpoint, overlap: timedelta, by: Member
) -> tuple[WebhookEndpoint, str]:
    """Sign with a new secret, and for `overlap` with the one before as well."""
    secret = _new_secret()
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        sealed_former_secret=F("sealed_secret"),
        former_until=clock.now() + overlap,
        sealed_secret=seal(secret, purpose=SECRET),
    )
    record(by=by, verb="webhook_endpoint.rotated", target=endpoint, days=overlap.days)
    endpoint.refresh_from_db()
    return endpoint, secret


@transaction.atomic
def remove_endpoint(*, endpoint: WebhookEndpoint, by: Member) -> None:
    """Tell it nothing any more, and forget what it was told."""
    record(by=by, verb="webhook_endpoint.removed", target=endpoint)
    endpoint.delete()


@transaction.atomic
def send_test(*, endpoint: WebhookEndpoint, by: Member) -> WebhookMessage:
    """Send a message about nothing, also where it was given up: what works goes on.

    What failed meanwhile is sent again, and what was written since is told.
    """
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        failing_since=None, problem="", stopped_at=None
    )
    _again(WebhookMessage.objects.filter(endpoint=endpoint).exclude(state=State.SENT))
    record(by=by, verb="webhook_endpoint.tested", target=endpoint)
    message = WebhookMessage.objects.create(endpoint=endpoint, kind=TEST, happened_at=clock.now())
    due.mark()
    return message


@transaction.atomic
def replay(*, message: WebhookMessage, by: Member) -> None:
    """Send one message again, as it was; raises StillBeingSent, EndpointStopped."""
    if message.endpoint.stopped_at is not None:
        raise EndpointStopped
    if not _again(WebhookMessage.objects.filter(pk=message.pk).exclude(state=State.DUE)):
        raise StillBeingSent
    record(by=by, verb="webhook_endpoint.replayed", target=message.endpoint, message=str(message))
    due.mark()


def _again(rows: QuerySet[WebhookMessage]) -> int:
    return rows.update(state=State.DUE, due_at=clock.now(), tries=0, lease_until=None)


def _new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


@transaction.atomic
def tell_of_stopped(*, at: datetime) -> int:
    """Tell who set it, or an owner in their place, that nothing is sent there any more."""
    rows = WebhookEndpoint.objects.filter(stopped_at__lte=at).order_by("pk")
    return row_by_row(rows.select_related("set_by__organisation"), _tell_stopped)


def _tell_stopped(endpoint: WebhookEndpoint) -> bool:
    setter = endpoint.set_by
    is_owner = setter is not None and setter.is_live and setter.role == Member.Role.OWNER
    reader = setter if is_owner else next(iter(owners()), None)
    if reader is None:
        return False
    written = enqueue(
        member=reader,
        kind=STOPPED,
        dedupe_key=f"{STOPPED}:{endpoint.pk}:{endpoint.stopped_at:%Y%m%dT%H%M%S}",
        link=Link(page=f"settings/webhooks/{endpoint.pk}/"),
        context={"name": endpoint.name, "why": WebhookAttempt.Problem(endpoint.problem).label},
        about=endpoint.pk,
    )
    if written:
        record(by=None, verb="webhook_endpoint.stopped", target=endpoint)
    return written is not None
