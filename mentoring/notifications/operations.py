"""The outbox: a letter is a row first; the broker only ever carries "look now"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import IntegrityError, transaction

from mentoring.common import clock
from mentoring.common.errors import violated
from mentoring.identity.models import Member
from mentoring.identity.tenancy import current_organisation_id
from mentoring.notifications.models import Envelope, Letter, MutedKind


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


@transaction.atomic
def enqueue(
    *,
    member: Member,
    kind: str,
    dedupe_key: str,
    door: Door,
    context: dict[str, Any] | None = None,
    about: UUID | None = None,
    due_at: datetime | None = None,
) -> Letter | None:
    """Write a letter to be sent when it is due; None if this reason has had its letter.

    `kind` is `<app>.<name>`: its texts are templates/<app>/mail/<name>.{subject.txt,txt,html}.
    `context` holds plain values for them, never a private body.
    """
    try:
        with transaction.atomic():
            letter = Letter.objects.create(
                member=member,
                kind=kind,
                about_id=about,
                context=context or {},
                door=door.as_json(),
                dedupe_key=dedupe_key,
            )
    except IntegrityError as error:
        if violated(error) != "letter_once_per_reason":
            raise
        return None
    Envelope.objects.create(
        organisation_id=current_organisation_id(),
        letter_id=letter.pk,
        due_at=due_at or clock.now(),
    )
    transaction.on_commit(_look_now, robust=True)
    return letter


def _look_now() -> None:
    current_app.send_task("notifications.dispatch")


@transaction.atomic
def withdraw(*, about: UUID) -> int:
    """Take back every unsent letter about that row; return how many that were."""
    unsent = Letter.objects.filter(about_id=about, sent_at=None, withdrawn_at=None)
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
