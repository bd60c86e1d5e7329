"""Letters for tests: the parent first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.common.ids import new_id
from core.members.models import Member
from core.notifications.models import Envelope, Letter
from core.notifications.operations import Door, enqueue
from core.tenancy.context import tenant

CONTEXT = {"partnership": "Circle Wye", "days": "9 to 22 November"}


def make_letter(member: Member, **parts: Any) -> Letter:
    """Enqueue a letter that asks this person for a check-in."""
    about: UUID = parts.setdefault("about", new_id())
    parts.setdefault("kind", "feedback.check_in")
    parts.setdefault("dedupe_key", f"test:{about}")
    parts.setdefault("door", Door(signed="check-in", object_id=about))
    parts.setdefault("context", CONTEXT)
    with tenant(member.organisation):
        letter = enqueue(member=member, **parts)
    assert letter is not None
    letter.organisation = member.organisation
    return letter


def envelope_of(letter: Letter) -> Envelope:
    return Envelope.objects.get(letter_id=letter.pk)


def reloaded(letter: Letter) -> Letter:
    with tenant(letter.organisation):
        return Letter.objects.get(pk=letter.pk)
