"""E-mails for tests: the parent first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.common.ids import new_id
from core.members.models import Member
from core.notifications.models import Email, Envelope
from core.notifications.operations import Link, enqueue
from core.tenancy.context import tenant

CONTEXT = {"who": "Circle Wye", "days": "9 to 22 November", "met": True}


def make_email(member: Member, **parts: Any) -> Email:
    """Enqueue an e-mail that asks this person for a check-in."""
    about: UUID = parts.setdefault("about", new_id())
    parts.setdefault("kind", "feedback.check_in")
    parts.setdefault("dedupe_key", f"test:{about}")
    parts.setdefault("link", Link(signed="check-in", object_id=about))
    parts.setdefault("context", CONTEXT)
    with tenant(member.organisation):
        email = enqueue(member=member, **parts)
    assert email is not None
    email.organisation = member.organisation
    return email


def envelope_of(email: Email) -> Envelope:
    return Envelope.objects.get(email_id=email.pk)


def reloaded(email: Email) -> Email:
    with tenant(email.organisation):
        return Email.objects.get(pk=email.pk)
