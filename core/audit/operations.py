"""Writing the audit trail, in the same transaction as the act itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Model

from core.audit.models import AuditEvent
from core.common import clock
from core.members.models import Member


def record(*, by: Member | None, verb: str, target: Model, **details: Any) -> AuditEvent:
    """Write down one act: `by` None is the platform itself; `verb` is `noun.participle`.

    `details` are plain facts (strings, numbers, lists of them); never a private body.
    """
    return AuditEvent.objects.create(
        actor_id=by.pk if by else None,
        actor_name=by.full_name if by else "",
        verb=verb,
        target_kind=target._meta.model_name or "",
        target_id=target.pk if isinstance(target.pk, UUID) else None,
        target_name=str(target)[:200],
        details=details,
        at=clock.now(),
    )
