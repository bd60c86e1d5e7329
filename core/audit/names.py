"""The names in the audit trail: looked up when it is read, since its rows hold ids alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.apps import apps
from django.db.models import Model, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from core.audit.models import AuditEvent
from core.common.ids import ids_in
from core.members.models import Member
from core.tenancy.models import TenantModel


def is_personal(model: type[Model]) -> bool:
    """Say whether rows of a table are somebody's own, so that their names are not kept."""
    return issubclass(model, TenantModel) and model.privacy.is_personal


@dataclass(frozen=True)
class Names:
    """What the people and things of some acts are called today, by their ids."""

    known: Mapping[UUID, str]

    @classmethod
    def in_acts(cls, events: Iterable[AuditEvent]) -> Names:
        """Look up whom and what these acts name: one statement for each kind of thing."""
        people: set[UUID] = set()
        things: dict[str, set[UUID]] = {}
        for event in events:
            people |= {id_ for id_ in [event.actor_id, *_ids_of(event.details)] if id_}
            if event.target_id and not event.target_name:
                things.setdefault(event.target_kind, set()).add(event.target_id)
        known: dict[UUID, str] = {}
        models = {model._meta.model_name: model for model in apps.get_models()}
        for kind, ids in things.items():
            model = models.get(kind)
            if model is not None and is_personal(model) and model is not Member:
                rows = model._base_manager.filter(pk__in=ids)
                known |= {row.pk: str(row) for row in _for_list(rows)}
        people |= things.get("member", set())
        known |= {row.pk: row.full_name for row in Member.objects.filter(pk__in=people)}
        return cls(known)

    def of(self, id_: str) -> str:
        """Return the name behind an id as it stands in details; empty for anything else."""
        return next((self.known.get(found, "") for found in ids_in([id_])), "")

    def actor(self, event: AuditEvent) -> str:
        if event.actor_id is None:
            return _("Roundtable")
        return self.known.get(event.actor_id) or _("Somebody who was removed")

    def target(self, event: AuditEvent) -> str:
        if event.target_name or event.target_id is None:
            return event.target_name
        return self.known.get(event.target_id) or _("what was removed since")


def ids_named(words: str) -> set[UUID]:
    """Return the ids of people, and of what is called by a name of its own, that hold the words."""
    whole = Concat("given_name", Value(" "), "family_name")
    members = Member.objects.annotate(whole=whole).filter(whole__icontains=words)
    found: set[UUID] = set(members.values_list("pk", flat=True))
    for model in apps.get_models():
        if model is Member or not is_personal(model):
            continue
        names = {field.name for field in model._meta.local_fields}
        rows = model._base_manager.all()
        if "name" in names:
            found |= set(rows.filter(name__icontains=words).values_list("pk", flat=True))
        elif model._meta.model_name == "enrolment":
            found |= set(rows.filter(member__in=members).values_list("pk", flat=True))
    return found


def _ids_of(details: Mapping[str, object]) -> list[UUID]:
    values: list[str] = []
    for value in details.values():
        values += [str(part) for part in value] if isinstance(value, list) else [str(value)]
    return ids_in(values)


def _for_list(rows: object) -> Iterable[Model]:
    for_list = getattr(rows, "for_list", None)
    return for_list() if for_list else rows  # type: ignore[return-value]  # a queryset
