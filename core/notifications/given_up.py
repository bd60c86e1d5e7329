"""E-mails that were given up on: refused for good, deferred for days, or tried in vain."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.common import clock
from core.members.models import Member
from core.members.permissions import Permission, can
from core.notifications.channels.email import STATUS, EmailChannel
from core.notifications.kinds import KINDS
from core.notifications.models import Email, Envelope
from core.tenancy.context import current_organisation_id


@dataclass(frozen=True)
class GivenUp:
    """One e-mail that did not arrive: to whom, which kind, and why in words."""

    envelope: Envelope
    email: Email

    @property
    def words(self) -> str:
        return str(KINDS[self.email.kind].words)

    @property
    def address(self) -> str:
        return self.email.address or self.email.member.email

    @property
    def reason(self) -> str:
        answer = self.envelope.answer
        status = STATUS.search(answer)
        subject = status[2] if status else ""
        if not answer:
            return _("No answer from the mail server, five times")
        if answer.startswith("4"):
            return _("Put off by the mail server for three days")
        if subject == "2":
            return _("The mailbox takes no e-mails: it is full or closed")
        if subject in {"", "1", "4"}:
            return _("There is no such mailbox")
        return _("Refused by the mail server, for what it is or whom it comes from")


def given_up(member: Member) -> QuerySet[Envelope]:
    """Return what did not arrive in this person's organisation; for owners alone."""
    rows = Envelope.objects.filter(
        organisation=member.organisation, state=Envelope.State.DEAD, channel=EmailChannel.name
    )
    return rows if can(member, Permission.SETTINGS_MANAGE) else rows.none()


def described(envelopes: Sequence[Envelope]) -> list[GivenUp]:
    """Return these envelopes with their e-mails, in the same order."""
    ids = [envelope.email_id for envelope in envelopes]
    emails = Email.objects.select_related("member__organisation").in_bulk(ids)
    return [
        GivenUp(envelope, emails[envelope.email_id])
        for envelope in envelopes
        if envelope.email_id in emails
    ]


def revive(*, only: Collection[UUID] | None = None) -> int:
    """Make what was given up due again, with all tries before it; return how many.

    Of the organisation in force; whom it does not concern any more is left out when it is sent.
    """
    rows = Envelope.objects.filter(
        organisation_id=current_organisation_id(),
        state=Envelope.State.DEAD,
        channel=EmailChannel.name,
    )
    if only is not None:
        rows = rows.filter(pk__in=only)
    return rows.update(
        state=Envelope.State.DUE,
        due_at=clock.shared(),
        attempts=0,
        deferred_at=None,
        answer="",
        lease_until=None,
    )
