"""Removing somebody who was entered by mistake, while nothing hangs on them."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from core.accounts.errors import MemberInUse
from core.audit.operations import record
from core.members.models import Member
from core.notifications import operations as notifications_operations


@transaction.atomic
def remove_member(*, member: Member, by: Member) -> None:
    """Remove an invited person as if they had never been entered; the audit trail keeps it.

    Raises MemberInUse where any row of any room holds them, or they have come in.
    """
    if member.state != Member.State.INVITED:
        raise MemberInUse
    notifications_operations.forget(member=member)
    record(by=by, verb="member.removed", target=member)
    rows = Member.objects.filter(pk=member.pk)
    try:
        with transaction.atomic():
            # The database refuses what is held.  Django's own delete() would look into tables
            # that nobody may delete from, and take along rows that should hold this one.
            rows._raw_delete(rows.db)
    except IntegrityError as error:
        raise MemberInUse from error
