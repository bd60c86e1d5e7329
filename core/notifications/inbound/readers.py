"""Who reads answers: the apps, which lie above the outbox, in one table at the roof."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from core.members.models import Member
from core.notifications.inbound.message import EventReply
from core.notifications.models import Email

FORWARDED = "notifications.reply_forwarded"  # the kind that takes somebody's words to a coordinator


@dataclass(frozen=True)
class Reader:
    """How an answer to one kind of e-mail is read.

    `read` does what it says, and returns in words what was understood; it raises NotUnderstood, or
    the refusal of what it would do.  `hint` tells people what they may write, where `asks` says
    that the e-mail can be answered so.
    """

    read: Callable[[Email, str], str]
    hint: Promise
    asks: Callable[[Email], bool] = lambda email: True


@dataclass(frozen=True)
class Readers:
    """Who reads what comes in: by kind of e-mail, and what calendars answer."""

    by_kind: Mapping[str, Reader]
    event: Callable[[Member, EventReply], None]


def readers() -> Readers:
    table: Readers = import_string(settings.NOTIFICATION_READERS)
    return table


def reader_of(email: Email) -> Reader | None:
    """Return who reads an answer to this e-mail; None where none can come in, or be read."""
    reader = readers().by_kind.get(email.kind) if settings.INBOUND_DOMAIN else None
    return reader if reader and reader.asks(email) else None
