"""Letters for tests: the parent first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from mentoring.common.ids import new_id
from mentoring.identity.models import Member
from mentoring.identity.tenancy import tenant
from mentoring.notifications.models import Envelope, Letter
from mentoring.notifications.operations import Door, enqueue

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
