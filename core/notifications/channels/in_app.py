"""In-app: the bell.  Its message is the e-mail's own row, so nothing is handed over.

It needs no envelope, knows no quiet hours, and does not depend on a mail server: what is written
stands there from `Email.shown_at` on, whatever becomes of it on its way by another channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.common import clock
from core.members.models import Member
from core.notifications.kinds import KINDS
from core.notifications.models import Email
from core.notifications.render import path_of, subjects_of
from core.notifications.timetable import DIGEST

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST_COUNTED = 99


@dataclass(frozen=True)
class Notification:
    """One line of the bell."""

    email: Email
    subject: str
    path: str
    is_new: bool


def shown_from(email: Email, due_at: datetime | None) -> datetime | None:
    """Return from when an e-mail stands in the bell; None if it never does.

    What proves a mailbox is read there alone, a digest only repeats what stands here already, and
    a post is for a chat.
    """
    if email.kind == DIGEST or email.address or "key" in email.link or email.webhook_id:
        return None
    return due_at or email.created_at


def shown_to(member: Member) -> QuerySet[Email]:
    """Return all that this person has been told and that has not been taken back."""
    rows = Email.objects.visible_to(member).filter(shown_at__lte=clock.now(), kind__in=KINDS)
    return rows.select_related("member", "organisation")


def unread(member: Member) -> int:
    """Return how much has come since this person opened the bell, in one statement.

    No more than one beyond MOST_COUNTED are counted.
    """
    rows = Email.objects.visible_to(member).filter(shown_at__lte=clock.now(), kind__in=KINDS)
    if member.bell_opened_at:
        rows = rows.filter(shown_at__gt=member.bell_opened_at)
    return rows.order_by()[: MOST_COUNTED + 1].count()


def notifications(emails: Sequence[Email], *, since: datetime | None) -> list[Notification]:
    """Return lines of the bell for these e-mails; those shown after `since` are new."""
    return [
        Notification(
            email,
            subject,
            path_of(email),
            is_new=email.shown_at is not None and (since is None or email.shown_at > since),
        )
        for email, subject in zip(emails, subjects_of(emails), strict=True)
    ]
