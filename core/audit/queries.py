"""Reading the audit trail: whose acts there are, of which kinds, newest first."""

from __future__ import annotations

from uuid import UUID

from core.audit.models import AuditEvent, AuditEventQuerySet
from core.members.models import Member


def audit_trail(
    member: Member, *, verb: str = "", actor_id: UUID | None = None
) -> AuditEventQuerySet:
    """Return what this member may read of it, narrowed to one kind of act or one person."""
    rows = AuditEvent.objects.visible_to(member)
    if verb:
        rows = rows.filter(verb=verb)
    return rows.filter(actor_id=actor_id) if actor_id else rows


def verbs(rows: AuditEventQuerySet) -> list[str]:
    return list(rows.order_by("verb").values_list("verb", flat=True).distinct())


def actors(rows: AuditEventQuerySet) -> list[tuple[UUID, str]]:
    """Return who has acted, by name; a person whose name changed stands here once."""
    pairs = (
        rows.filter(actor_id__isnull=False)
        .order_by("actor_id", "-id")
        .distinct("actor_id")
        .values_list("actor_id", "actor_name")
    )
    named = [(actor_id, name) for actor_id, name in pairs if actor_id]
    return sorted(named, key=lambda pair: pair[1].casefold())
