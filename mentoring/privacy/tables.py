"""Every table and what it declares of people: the order in which privacy walks them."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from core.members.models import Member
from core.tenancy.models import TenantModel

# what Django reads and writes for itself, or is held by the tenant's wall
PLAIN = {"organisation"}


def tables() -> list[type[TenantModel]]:
    """Return the models of all tenant tables, by app and as they are declared there."""
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]


def rows_of(
    model: type[TenantModel], member: Member, paths: tuple[str, ...]
) -> QuerySet[TenantModel, TenantModel]:
    """Return the rows of a table to which one of these paths leads this person."""
    wanted = Q()
    for path in paths:
        wanted |= Q(**{path: member.pk})
    # the paths may lead through several rows of another table: as a subquery none comes twice
    rows = model._base_manager.all()
    return rows.filter(pk__in=rows.filter(wanted).values("pk")) if paths else rows.none()


def columns_of(
    model: type[TenantModel],
) -> Iterator[models.Field]:  # type: ignore[type-arg]  # of any kind of value
    """Yield the columns that an export shows."""
    for field in model._meta.local_concrete_fields:
        # bytes are no words, and what the database computes is said by what it is computed from
        is_none = isinstance(field, models.BinaryField | models.GeneratedField)
        if field.name not in {*PLAIN, "readers", *model.privacy.sealed} and not is_none:
            yield field
