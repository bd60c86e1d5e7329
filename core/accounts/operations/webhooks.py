"""Chats of Slack and Teams in which coordinators have our news posted."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from core.accounts.errors import WebhookThere
from core.audit.operations import record
from core.common.errors import refusing
from core.common.ids import new_id
from core.common.secrets import seal
from core.members.models import Member
from core.notifications.channels.chat import SEALED
from core.notifications.models import IncomingWebhook
from core.notifications.operations import Link, enqueue

TEST = "accounts.chat_test"


@transaction.atomic
def add_webhook(
    *, service: str, address: str, program_id: UUID | None, by: Member
) -> IncomingWebhook:
    """Post news there from now on, of one program or of the whole organisation.

    Raises WebhookThere: there is one for each service.
    """
    with refusing("incoming_webhook_once", WebhookThere()):
        webhook = IncomingWebhook.objects.create(
            service=service,
            program_id=program_id,
            sealed_address=seal(address, purpose=SEALED),
            ending=address[-4:],
            set_by=by,
        )
    record(by=by, verb="webhook.added", target=webhook)
    return webhook


@transaction.atomic
def post_test(*, webhook: IncomingWebhook, page: str, by: Member) -> None:
    """Have a test posted, also where it was given up on: what works goes on.

    `page` is where the button of the test leads.
    """
    IncomingWebhook.objects.filter(pk=webhook.pk).update(
        failing_since=None, problem="", stopped_at=None
    )
    record(by=by, verb="webhook.tested", target=webhook)
    enqueue(
        member=by,
        kind=TEST,
        dedupe_key=f"test:{new_id()}",
        link=Link(page=page),
        about=webhook.pk,
        program=webhook.program_id,
        webhook=webhook,
    )


@transaction.atomic
def remove_webhook(*, webhook: IncomingWebhook, by: Member) -> None:
    """Forget the address, and post nothing there any more: also not what waits."""
    record(by=by, verb="webhook.removed", target=webhook)
    webhook.delete()
