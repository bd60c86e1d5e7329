"""The outbox: an e-mail is a row first; the broker only ever carries "look now"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from celery import current_app
from django.db import connection, transaction

from core.common import clock
from core.members.models import Member
from core.notifications.channels import CHANNELS
from core.notifications.models import Email, Envelope, MutedKind
from core.tenancy.context import current_organisation_id


@dataclass(frozen=True)
class Link:
    """What the one button of an e-mail opens.

    `page` is a path below `/o/`; `signed` a purpose with the row it leads to (no sign-in);
    `key` a kind of Key with its row.  Links are made when the e-mail is written out.
    """

    page: str = ""
    signed: str = ""
    key: str = ""
    object_id: UUID | None = None

    def as_json(self) -> dict[str, str]:
        object_id = str(self.object_id) if self.object_id else ""
        parts = {"page": self.page, "signed": self.signed, "key": self.key, "object": object_id}
        return {name: value for name, value in parts.items() if value}


@dataclass(frozen=True)
class CalendarPart:
    """One event for the reader's calendar: a whole iCalendar text, with its METHOD."""

    name: str
    method: str
    text: str

    def as_json(self) -> dict[str, str]:
        return {"name": self.name, "method": self.method, "text": self.text}


@dataclass(frozen=True)
class Draft:
    """An e-mail that is about to be written; the fields are those of `enqueue`."""

    member: Member
    kind: str
    dedupe_key: str
    link: Link
    context: Mapping[str, object] = field(default_factory=dict)
    about: UUID | None = None
    due_at: datetime | None = None
    calendar: Sequence[CalendarPart] = ()


def enqueue(
    *,
    member: Member,
    kind: str,
    dedupe_key: str,
    link: Link,
    context: Mapping[str, object] | None = None,
    about: UUID | None = None,
    due_at: datetime | None = None,
    calendar: Sequence[CalendarPart] = (),
) -> Email | None:
    """Write an e-mail to be sent when it is due; None if this reason has had its e-mail.

    `kind` is `<app>.<name>`: its texts are templates/<app>/mail/<name>.{subject.txt,txt,html}.
    `context` holds plain values for them, never a private body.  `calendar` are events that it
    brings along, the first of them shown by mail programs as an invitation.
    """
    draft = Draft(member, kind, dedupe_key, link, context or {}, about, due_at, calendar)
    written = enqueue_all([draft])
    return written[0] if written else None


@transaction.atomic
def enqueue_all(drafts: Sequence[Draft]) -> list[Email]:
    """Write many e-mails in four statements; return those whose reason had none before."""
    emails = [
        Email(
            member=draft.member,
            kind=draft.kind,
            about_id=draft.about,
            context=draft.context,
            link=draft.link.as_json(),
            calendar=[part.as_json() for part in draft.calendar],
            dedupe_key=draft.dedupe_key,
        )
        for draft in drafts
    ]
    if not emails:
        return []
    due = {
        email.pk: draft.due_at or email.created_at
        for email, draft in zip(emails, drafts, strict=True)
    }
    # email_once_per_reason decides who is first, also between two workers
    Email.objects.bulk_create(emails, ignore_conflicts=True, batch_size=1000)
    kept = set(Email.objects.filter(pk__in=due).values_list("pk", flat=True))
    written = [email for email in emails if email.pk in kept]
    Envelope.objects.bulk_create(
        [
            Envelope(
                organisation_id=current_organisation_id(),
                email_id=email.pk,
                channel=channel.name,
                due_at=due[email.pk],
            )
            for email in written
            for channel in CHANNELS.values()
            if channel.reaches(email.member)
        ],
        batch_size=1000,
    )
    if written:
        _hint_once()
    return written


def _hint_once() -> None:
    """Say "look now" after this commit, once however many e-mails it brings."""
    if all(waiting[1] is not _look_now for waiting in connection.run_on_commit):
        transaction.on_commit(_look_now, robust=True)


def _look_now() -> None:
    # An old hint is worth nothing, and nobody waits for a broker that is away: the sweep looks.
    current_app.send_task("notifications.dispatch", expires=60, retry=False)


@transaction.atomic
def withdraw(*, about: UUID, kind: str = "", member: Member | None = None) -> int:
    """Take back every unsent e-mail about that row; return how many that were.

    With `kind` or `member` only those of that kind, or to that person.
    """
    emails = Email.objects.filter(about_id=about, withdrawn_at=None)
    if kind:
        emails = emails.filter(kind=kind)
    if member:
        emails = emails.filter(member=member)
    # what one channel has brought may still wait for another
    Envelope.objects.filter(
        organisation_id=current_organisation_id(),
        email_id__in=list(emails.values_list("pk", flat=True)),
        state=Envelope.State.DUE,
    ).update(state=Envelope.State.WITHDRAWN, lease_until=None)
    return emails.filter(sent_at=None).update(withdrawn_at=clock.now())


@transaction.atomic
def mute(*, member: Member, kind: str, channel: str) -> None:
    """Send this person no more e-mails of that kind by that channel."""
    MutedKind.objects.get_or_create(member=member, kind=kind, channel=channel)


@transaction.atomic
def unmute(*, member: Member, kind: str, channel: str) -> None:
    """Send e-mails of that kind by that channel again."""
    MutedKind.objects.filter(member=member, kind=kind, channel=channel).delete()
