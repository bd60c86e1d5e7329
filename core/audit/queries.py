"""Reading the audit trail: whose acts there are, of which kinds, newest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from core.audit.models import AuditEvent, AuditEventQuerySet
from core.audit.names import ids_named
from core.members.models import Member

FEW = 3  # acts of one kind in one minute that are each worth a line


def audit_trail(
    member: Member,
    *,
    verb: str = "",
    actor_id: UUID | None = None,
    since: date | None = None,
    until: date | None = None,
    target: str = "",
) -> AuditEventQuerySet:
    """Return what this member may read of it: one kind of act, one person, the reader's days.

    `target` is what the acts were done to, by a part of its name.
    """
    rows = AuditEvent.objects.visible_to(member)
    if verb:
        rows = rows.filter(verb=verb)
    if since:
        rows = rows.filter(at__date__gte=since)
    if until:
        rows = rows.filter(at__date__lte=until)
    if target:
        rows = rows.filter(Q(target_name__icontains=target) | Q(target_id__in=ids_named(target)))
    return rows.filter(actor_id=actor_id) if actor_id else rows


@dataclass(frozen=True)
class AuditLine:
    """An act, and how many more of its kind the same person did in that minute."""

    event: AuditEvent
    more: int = 0


def lines_of(events: Sequence[AuditEvent]) -> list[AuditLine]:
    """Return one line for what one person does many times at once, as an import does."""
    keys = [(e.verb, e.actor_id, e.at.replace(second=0, microsecond=0)) for e in events]
    numbers = Counter(keys)
    lines, begun = [], set()
    for event, key in zip(events, keys, strict=True):
        if numbers[key] <= FEW:
            lines.append(AuditLine(event))
        elif key not in begun:
            begun.add(key)
            lines.append(AuditLine(event, numbers[key] - 1))
    return lines


def verbs(rows: AuditEventQuerySet) -> list[str]:
    return list(rows.order_by("verb").values_list("verb", flat=True).distinct())


def actors(rows: AuditEventQuerySet) -> list[tuple[UUID, str]]:
    """Return who has acted, by name."""
    ids = rows.filter(actor_id__isnull=False).order_by().values("actor_id").distinct()
    named = [(member.pk, member.full_name) for member in Member.objects.filter(pk__in=ids)]
    return sorted(named, key=lambda pair: pair[1].casefold())
