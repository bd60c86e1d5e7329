"""Webhooks: which addresses are told of what was written, and that one is told no more."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F

from core.accounts.errors import EndpointStopped, RequestKeyUsed, StillBeingSent
from core.accounts.queries import owners
from core.audit.models import AuditEvent
from core.audit.operations import record
from core.common import clock
from core.common.rows import row_by_row
from core.common.secrets import seal, unseal
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


ADDED, ROTATED = "webhook_endpoint.added", "webhook_endpoint.rotated"
# how long the same request with the same key is answered again, secret and all
ANSWERED_AGAIN = timedelta(days=1)


@dataclass(frozen=True)
class Request:
    """What a program sent with an Idempotency-Key: the trail keeps both as digests."""

    key: str
    body: str

    @property
    def details(self) -> dict[str, str]:
        return {"request": _digest(self.key), "body": _digest(self.body)}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def answered_before(
    *, verb: str, request: Request, by: Member
) -> tuple[WebhookEndpoint, str] | None:
    """Return what this request of theirs made before, with the secret; None if it is new.

    One that was answered by a secret must not make another one when its answer was lost: a second
    rotation would end the overlap.  Locks the member until the end of the transaction, so that
    the second of two alike finds what the first has done.  Raises RequestKeyUsed if the key came
    with something else, or what it made is gone, replaced or more than a day old.
    """
    Member.objects.select_for_update(of=("self",)).get(pk=by.pk)
    wanted = request.details
    events = AuditEvent.objects.filter(actor_id=by.pk, verb=verb)
    event = events.filter(details__request=wanted["request"]).order_by("-id").first()
    if event is None or event.target_id is None:
        return None
    endpoint = WebhookEndpoint.objects.filter(pk=event.target_id).first()
    later = AuditEvent.objects.filter(verb=ROTATED, target_id=event.target_id, id__gt=event.pk)
    too_late = clock.now() - event.at > ANSWERED_AGAIN
    if endpoint is None or too_late or event.details["body"] != wanted["body"] or later.exists():
        raise RequestKeyUsed
    return endpoint, unseal(endpoint.sealed_secret, purpose=SECRET) or ""


@transaction.atomic
def add_endpoint(
    *,
    name: str,
    address: str,
    lists: Sequence[str],
    by: Member,
    request: Request | None = None,
) -> tuple[WebhookEndpoint, str]:
    """Tell an address from now on what is written; return it with its secret, shown this once."""
    secret = _new_secret()
    endpoint = WebhookEndpoint.objects.create(
        name=name,
        sealed_address=seal(address, purpose=ADDRESS),
        host=_host(address),
        sealed_secret=seal(secret, purpose=SECRET),
        lists=sorted(lists),
        set_by=by,
        told_until=unseen_since(),
    )
    sent = request.details if request else {}
    record(by=by, verb=ADDED, target=endpoint, lists=endpoint.lists, **sent)
    return endpoint, secret


@transaction.atomic
def change_endpoint(
    *,
    endpoint: WebhookEndpoint,
    by: Member,
    name: str | None = None,
    address: str | None = None,
    lists: Sequence[str] | None = None,
    enabled: bool | None = None,
) -> WebhookEndpoint:
    """Change what is given, and leave the rest; switched on again it is told what it missed.

    What waits goes to the new address; a list that is new is told from now on.
    """
    endpoint = WebhookEndpoint.objects.select_for_update(of=("self",)).get(pk=endpoint.pk)
    changed = {
        "name": name is not None and name != endpoint.name,
        "address": address is not None
        and address != unseal(endpoint.sealed_address, purpose=ADDRESS),
        "lists": lists is not None and sorted(lists) != endpoint.lists,
    }
    if name is not None:
        endpoint.name = name
    if address is not None and changed["address"]:
        endpoint.sealed_address, endpoint.host = seal(address, purpose=ADDRESS), _host(address)
    if lists is not None:
        endpoint.lists = sorted(lists)
    fields = sorted(field for field, is_new in changed.items() if is_new)
    if fields:
        endpoint.save()
        record(by=by, verb="webhook_endpoint.changed", target=endpoint, fields=fields)
    if enabled is not None and enabled == (endpoint.stopped_at is not None):
        if enabled:
            _go_on(endpoint)
            due.mark()
        else:
            WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
                failing_since=None, problem="", stopped_at=clock.now()
            )
        verb = "webhook_endpoint.enabled" if enabled else "webhook_endpoint.disabled"
        record(by=by, verb=verb, target=endpoint)
    endpoint.refresh_from_db()
    return endpoint


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "")[:253]


@transaction.atomic
def rotate_endpoint(
    *,
    endpoint: WebhookEndpoint,
    overlap: timedelta,
    by: Member,
    request: Request | None = None,
) -> tuple[WebhookEndpoint, str]:
    """Sign with a new secret, and for `overlap` with the one before as well."""
    secret = _new_secret()
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        sealed_former_secret=F("sealed_secret"),
        former_until=clock.now() + overlap,
        sealed_secret=seal(secret, purpose=SECRET),
    )
    sent = request.details if request else {}
    record(by=by, verb=ROTATED, target=endpoint, days=overlap.days, **sent)
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
    _go_on(endpoint)
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


@transaction.atomic
def replay_since(*, endpoint: WebhookEndpoint, since: datetime, by: Member) -> int:
    """Send again, as they were, all messages since an instant; return how many.

    What is on its way already is left to it; raises EndpointStopped.
    """
    if endpoint.stopped_at is not None:
        raise EndpointStopped
    rows = WebhookMessage.objects.filter(endpoint=endpoint, happened_at__gte=since)
    again = _again(rows.exclude(state=State.DUE))
    record(by=by, verb="webhook_endpoint.replayed_since", target=endpoint, messages=again)
    due.mark()
    return again


def _go_on(endpoint: WebhookEndpoint) -> None:
    """Send there again, also what failed meanwhile."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        failing_since=None, problem="", stopped_at=None
    )
    _again(WebhookMessage.objects.filter(endpoint=endpoint).exclude(state=State.SENT))


def _again(rows: QuerySet[WebhookMessage]) -> int:
    return rows.update(state=State.DUE, due_at=clock.now(), tries=0, lease_until=None)


def _new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


@transaction.atomic
def tell_of_stopped(*, at: datetime) -> int:
    """Tell who set it, or an owner in their place, that nothing is sent there any more.

    Who has switched it off themselves knows.
    """
    rows = WebhookEndpoint.objects.filter(stopped_at__lte=at).exclude(problem="").order_by("pk")
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
