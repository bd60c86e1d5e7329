"""The outbox: a letter is a row first; the broker only ever carries "look now"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import connection, transaction

from core.common import clock
from core.members.models import Member
from core.notifications.models import Envelope, Letter, MutedKind
from core.tenancy.context import current_organisation_id


@dataclass(frozen=True)
class Door:
    """What the one button of a letter opens.

    `page` is a path below `/o/`; `signed` a purpose with the row it leads to (no sign-in);
    `key` a kind of Key with its row.  Links are made when the letter is written out.
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
    """A letter that is about to be written; the fields are those of `enqueue`."""

    member: Member
    kind: str
    dedupe_key: str
    door: Door
    context: dict[str, Any] = field(default_factory=dict)
    about: UUID | None = None
    due_at: datetime | None = None
    calendar: Sequence[CalendarPart] = ()


def enqueue(
    *,
    member: Member,
    kind: str,
    dedupe_key: str,
    door: Door,
    context: dict[str, Any] | None = None,
    about: UUID | None = None,
    due_at: datetime | None = None,
    calendar: Sequence[CalendarPart] = (),
) -> Letter | None:
    """Write a letter to be sent when it is due; None if this reason has had its letter.

    `kind` is `<app>.<name>`: its texts are templates/<app>/mail/<name>.{subject.txt,txt,html}.
    `context` holds plain values for them, never a private body.  `calendar` are events that it
    brings along, the first of them shown by mail programs as an invitation.
    """
    draft = Draft(member, kind, dedupe_key, door, context or {}, about, due_at, calendar)
    written = enqueue_all([draft])
    return written[0] if written else None


@transaction.atomic
def enqueue_all(drafts: Sequence[Draft]) -> list[Letter]:
    """Write many letters in four statements; return those whose reason had none before."""
    letters = [
        Letter(
            member=draft.member,
            kind=draft.kind,
            about_id=draft.about,
            context=draft.context,
            door=draft.door.as_json(),
            calendar=[part.as_json() for part in draft.calendar],
            dedupe_key=draft.dedupe_key,
        )
        for draft in drafts
    ]
    if not letters:
        return []
    due = {
        letter.pk: draft.due_at or letter.created_at
        for letter, draft in zip(letters, drafts, strict=True)
    }
    # letter_once_per_reason decides who is first, also between two workers
    Letter.objects.bulk_create(letters, ignore_conflicts=True, batch_size=1000)
    kept = set(Letter.objects.filter(pk__in=due).values_list("pk", flat=True))
    written = [letter for letter in letters if letter.pk in kept]
    Envelope.objects.bulk_create(
        [
            Envelope(
                organisation_id=current_organisation_id(),
                letter_id=letter.pk,
                due_at=due[letter.pk],
            )
            for letter in written
        ],
        batch_size=1000,
    )
    if written:
        _hint_once()
    return written


def _hint_once() -> None:
    """Say "look now" after this commit, once however many letters it brings."""
    if all(waiting[1] is not _look_now for waiting in connection.run_on_commit):
        transaction.on_commit(_look_now, robust=True)


def _look_now() -> None:
    # An old hint is worth nothing, and nobody waits for a broker that is away: the sweep looks.
    current_app.send_task("notifications.dispatch", expires=60, retry=False)


@transaction.atomic
def withdraw(*, about: UUID, kind: str = "", member: Member | None = None) -> int:
    """Take back every unsent letter about that row; return how many that were.

    With `kind` or `member` only those of that kind, or to that person.
    """
    unsent = Letter.objects.filter(about_id=about, sent_at=None, withdrawn_at=None)
    if kind:
        unsent = unsent.filter(kind=kind)
    if member:
        unsent = unsent.filter(member=member)
    letters = list(unsent.values_list("pk", flat=True))
    unsent.update(withdrawn_at=clock.now())
    Envelope.objects.filter(
        organisation_id=current_organisation_id(),
        letter_id__in=letters,
        state=Envelope.State.DUE,
    ).update(state=Envelope.State.WITHDRAWN, lease_until=None)
    return len(letters)


@transaction.atomic
def mute(*, member: Member, kind: str) -> None:
    """Send this person no more letters of that kind."""
    MutedKind.objects.get_or_create(member=member, kind=kind)


@transaction.atomic
def unmute(*, member: Member, kind: str) -> None:
    """Send letters of that kind again."""
    MutedKind.objects.filter(member=member, kind=kind).delete()
