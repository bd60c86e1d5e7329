"""Writing the audit trail, in the same transaction as the act itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Model

from core.audit.models import AuditEvent
from core.audit.names import is_personal
from core.common import clock
from core.members.models import Member

LONGEST = 200  # of a text, as the trail keeps it


def record(*, by: Member | None, verb: str, target: Model, **details: Any) -> AuditEvent:
    """Write down one act: `by` None is the platform itself; `verb` is `noun.participle`.

    `details` are plain facts (strings, numbers, lists of them); never a private body.  A person
    in them is an id, which is read as a name; the name of what is a person's own is not kept.
    `changes` among them are before and after of each field, as `changes_of` gives them; TypeError
    for anything else, which the page of the trail could not say.
    """
    if not isinstance(details.get("changes", {}), Mapping):
        raise TypeError(f"{verb}: changes are before and after of each field")
    return AuditEvent.objects.create(
        actor_id=by.pk if by else None,
        verb=verb,
        target_kind=target._meta.model_name or "",
        target_id=target.pk if isinstance(target.pk, UUID) else None,
        target_name="" if is_personal(type(target)) else str(target)[:200],
        details=details,
        at=clock.now(),
    )


def changes_of(row: Model, wanted: Mapping[str, object]) -> dict[str, list[object]]:
    """Return before and after of each field that would change, for the details of `record`.

    Of designs, cohorts and settings: of what is about a person only that it changed is recorded.
    """
    before = {name: getattr(row, name) for name in wanted}
    return {
        name: [_plain(before[name]), _plain(after)]
        for name, after in sorted(wanted.items())
        if before[name] != after
    }


def _plain(value: object) -> object:
    """Return what JSON holds of a value; of a long text its beginning."""
    if value is None or isinstance(value, bool | int):
        return value
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
