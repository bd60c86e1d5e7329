"""E-mails that did not arrive: sent again by an owner; one's own mailbox that is in order."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from core.audit.operations import record
from core.members.models import Member
from core.notifications import bounces
from core.notifications import given_up as notifications_given_up


@transaction.atomic
def send_again(*, by: Member, only: Collection[UUID] | None = None) -> int:
    """Send again what was given up on, all of it or these; return how many that are."""
    count = notifications_given_up.revive(only=only)
    if count:
        record(by=by, verb="emails.sent_again", target=by.organisation, count=count)
    return count


@transaction.atomic
def mark_mailbox_working(*, by: Member) -> None:
    """Take a person's word that their mailbox is in order; the next bounce marks it anew."""
    if bounces.forget(by.email):
        record(by=by, verb="address.works", target=by)
