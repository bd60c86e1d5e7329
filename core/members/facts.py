"""Lists of facts over REST: what each may be narrowed by is declared, the rest is refused.

Apart from rest.py, which the framework's settings name: its viewsets cannot be imported there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.viewsets import GenericViewSet

from core.members.permissions import Permission
from core.members.rest import MemberViewSetMixin

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Filter:
    """One parameter of a list: the lookup that it narrows by, and how its value is read."""

    lookup: str
    field: serializers.Field[Any, Any, Any, Any]


def changed_since() -> Filter:
    return Filter("changed_at__gte", serializers.DateTimeField())


def one_of(lookup: str, choices: Any) -> Filter:
    return Filter(lookup, serializers.ChoiceField(choices=choices))


def id_of(lookup: str) -> Filter:
    return Filter(lookup, serializers.UUIDField())


class FactsViewSet(  # type: ignore[misc]  # the mixin narrows `request`, which DRF leaves open
    MemberViewSetMixin, ListModelMixin, RetrieveModelMixin, GenericViewSet[Row], Generic[Row]
):
    """Facts to be read: a list narrowed by the filters it declares, and one row.

    Subclasses say in `facts()` what the token's member may read.  A parameter that no filter
    has is answered 400 with the names of those there are: a mistyped one would else be obeyed
    by returning everything.
    """

    required_permission = Permission.FACTS_READ
    filters: ClassVar[Mapping[str, Filter]] = {}
    PAGING: ClassVar = frozenset({"cursor", "page_size", "format"})

    def facts(self) -> QuerySet[Row]:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Row]:
        rows = self.facts()
        return rows.filter(**self._lookups()) if self.action == "list" else rows

    def _lookups(self) -> dict[str, object]:
        lookups: dict[str, object] = {}
        mistakes: dict[str, Any] = {}
        for name, value in self.request.query_params.items():
            if name in self.PAGING:
                continue
            if name not in self.filters:
                known = ", ".join(sorted({*self.filters, *self.PAGING}))
                mistakes[name] = [_("There is no such parameter. Known: %s.") % known]
                continue
            try:
                wanted = self.filters[name]
                lookups[wanted.lookup] = wanted.field.run_validation(value)
            except exceptions.ValidationError as error:
                mistakes[name] = error.detail
        if mistakes:
            raise exceptions.ValidationError(mistakes)
        return lookups
