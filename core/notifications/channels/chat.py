"""What a chat of coordinators is told, by an incoming webhook: the same for Slack and Teams.

A post is an e-mail's row that names a webhook: it has no reader with quiet hours, and reaches
nobody's mailbox or bell.  It holds counts and links, no names and nobody's words.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.common import clock
from core.common.fetch import FetchError, fetch
from core.common.secrets import seal, unseal
from core.members.links import absolute
from core.members.models import Member
from core.notifications.channels.base import Channel, Deferred
from core.notifications.markdown import Run, as_line, as_runs
from core.notifications.models import Email, IncomingWebhook
from core.notifications.render import as_its_reader, path_of, text_of
from core.tenancy import due
from core.tenancy.models import OrganisationSettings

SEALED = "incoming webhook"  # what the address of one is sealed for
# as long as the outbox tries what is answered "later": then nothing more is sent there
PATIENCE = timedelta(days=3)


@dataclass(frozen=True)
class Post:
    """What is said: a title, lines of words of which some are links, and one button."""

    title: str
    lines: Sequence[Sequence[Run]]
    button: str
    link: str


@dataclass(frozen=True)
class _Message:
    webhook_id: UUID
    address: str
    body: bytes


class ChatChannel(Channel[_Message]):
    """One service whose incoming webhooks take JSON; nobody is reached by it in person."""

    def __init__(self, *, loopback: bool = False) -> None:
        """`loopback` lets a test post to a server of its own."""
        self._loopback = loopback

    @classmethod
    def reaches(cls, member: Member) -> bool:
        return False

    @classmethod
    @abstractmethod
    def payload(cls, post: Post) -> dict[str, Any]:
        """Return the JSON that this service wants."""

    def write(
        self,
        email: Email,
        chosen: OrganisationSettings,
        *,
        others: Sequence[Email] = (),
        calendar: Sequence[Mapping[str, str]] = (),
    ) -> _Message:
        assert email.webhook is not None
        with as_its_reader(email, chosen):
            text = text_of(email)
        post = Post(
            as_line(text.subject),
            as_runs(text.body),
            as_line(text.button),
            absolute(path_of(email)),
        )
        body = json.dumps(self.payload(post)).encode()
        address = unseal(email.webhook.sealed_address, purpose=SEALED) or ""
        return _Message(email.webhook.pk, address, body)

    def send(self, message: _Message) -> None:
        try:
            fetch(message.address, body=message.body, loopback=self._loopback)
        except FetchError as error:
            # also of an address that is gone: whoever set it has three days to set another
            raise Deferred(str(error.refusal)) from None

    def note(self, message: _Message, *, failure: str = "") -> None:
        rows = IncomingWebhook.objects.filter(pk=message.webhook_id)
        now = clock.now()
        if failure:
            if rows.filter(failing_since=None).update(failing_since=now):
                due.mark(at=now + PATIENCE)
            rows.update(problem=failure)
        else:
            sealed = seal(message.address, purpose=SEALED)  # by the newest key from now on
            rows.update(posted_at=now, failing_since=None, problem="", sealed_address=sealed)
