"""Lists of facts over REST: what each may be narrowed by is declared, the rest is refused.

Apart from rest.py, which the framework's settings name: its viewsets cannot be imported there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from core.common.dates import in_utc
from core.members.access import RESOURCES
from core.members.files import (
    SEPARATORS,
    FileColumn,
    Tally,
    columns_of,
    csv_blocks,
    json_blocks,
)
from core.members.models import ApiToken, Member
from core.members.permissions import ROLE_PERMISSIONS, Permission, can
from core.members.rest import (
    CsvRenderer,
    JsonLinesRenderer,
    KeysetPagination,
    MemberViewSetMixin,
    PullPagination,
    token_of,
)

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Filter:
    """One parameter of a list: the lookup that it narrows by, and how its value is read."""

    lookup: str
    field: serializers.Field[Any, Any, Any, Any]


class Instant(serializers.DateTimeField):
    """A moment that says its zone: without one it would be read by a clock nobody named."""

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            words = _("Say the zone as well: 2026-03-01T00:00:00Z, or +01:00 with + sent as %2B.")
            raise serializers.ValidationError([words])
        moment = in_utc(value)
        if moment is None:
            raise serializers.ValidationError([_("There is no such moment.")])
        return moment


INSTANT = Instant(default_timezone=UTC)
# how a CSV is to be written
HOW: dict[str, serializers.Field[Any, Any, Any, Any]] = {
    "separator": serializers.ChoiceField(choices=list(SEPARATORS)),
    "bom": serializers.BooleanField(),
}


def one_of(lookup: str, choices: Any) -> Filter:
    return Filter(lookup, serializers.ChoiceField(choices=choices))


def id_of(lookup: str) -> Filter:
    return Filter(lookup, serializers.UUIDField())


class FactsViewSet(  # type: ignore[misc]  # the mixin narrows `request`, which DRF leaves open
    MemberViewSetMixin, ListModelMixin, RetrieveModelMixin, GenericViewSet[Row], Generic[Row], ABC
):
    """Facts to be read: a list narrowed by the filters it declares, and one row.

    A parameter that no filter
    has is answered 400 with the names of those there are: a mistyped one would else be obeyed
    by returning everything.
    """

    required_permission = Permission.FACTS_READ
    # its row in the table of what tokens open (access.py)
    resource: ClassVar[str]
    filters: ClassVar[Mapping[str, Filter]] = {}
    # the lookup of the program that a row is of, for tokens of one program
    program: ClassVar[str]
    pagination_class: type[KeysetPagination] = PullPagination
    changed_since: datetime | None = None

    @classmethod
    def file_for(cls, member: Member) -> tuple[QuerySet[Row], list[FileColumn]]:
        """Return the rows and columns of the whole list for somebody without a token."""
        view = cls()
        view.member = member
        rows, closed = (
            view.facts(),
            RESOURCES[cls.resource].closed_to(ROLE_PERMISSIONS[member.role]),
        )
        shown: Any = view.get_serializer_class()()
        return rows, [column for column in columns_of(rows, shown) if column.name not in closed]

    @abstractmethod
    def facts(self) -> QuerySet[Row]:
        """Return the rows that the token's member may read."""

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action is not None:  # else the method is refused next
            self._lookups = self._read_parameters()

    def get_queryset(self) -> QuerySet[Row]:
        rows = self._open_rows()
        return rows.filter(**self._lookups) if self.action == "list" else rows

    def _open_rows(self) -> QuerySet[Row]:
        """Return what the token opens: of its one program, where it has one."""
        program = token_of(self.request).program_id
        return self.facts() if program is None else self.in_program(self.facts(), program)

    def in_program(self, rows: QuerySet[Row], program_id: UUID) -> QuerySet[Row]:
        return rows.filter(**{self.program: program_id})

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Leave out what the token's scopes do not open."""
        serializer = super().get_serializer(*args, **kwargs)
        token = getattr(self.request, "auth", None)  # none where the schema is made
        if isinstance(token, ApiToken):
            allowed = [scope for scope in token.scopes if can(token.member, Permission(scope))]
            shown: Any = getattr(serializer, "child", serializer)
            for name in RESOURCES[self.resource].closed_to(allowed):
                shown.fields.pop(name)
        return serializer

    def get_renderers(self) -> list[BaseRenderer]:
        files: dict[str, type[BaseRenderer]] = {"csv": CsvRenderer, "jsonl": JsonLinesRenderer}
        return [files[self.action]()] if self.action in files else super().get_renderers()

    @extend_schema(
        summary="Read a whole list as CSV",
        parameters=[
            OpenApiParameter(
                "separator", enum=list(SEPARATORS), description="A comma unless it says other."
            ),
            OpenApiParameter("bom", bool, description="Begin with a byte order mark, for Excel."),
        ],
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR)},
    )
    def csv(self, request: Request) -> StreamingHttpResponse:
        """Stream all rows as CSV, with the names they have as JSON."""
        tally = Tally()
        how = {"separator": "comma", "bom": False, **self._how}
        blocks = csv_blocks(self.member, *self._columns(), tally, **how)
        return self._file(blocks, tally, "text/csv", "csv")

    @extend_schema(
        summary="Read a whole list as JSON lines",
        responses={(200, "application/x-ndjson"): OpenApiResponse(OpenApiTypes.STR)},
    )
    def jsonl(self, request: Request) -> StreamingHttpResponse:
        """Stream all rows as JSON lines, an object each."""
        tally = Tally()
        blocks = json_blocks(self.member, *self._columns(), tally)
        return self._file(blocks, tally, "application/x-ndjson", "jsonl")

    def _columns(self) -> tuple[QuerySet[Row], list[FileColumn]]:
        rows = self._open_rows().filter(**self._lookups)
        return rows, columns_of(rows, self.get_serializer())

    def _file(
        self, blocks: Iterator[bytes], tally: Tally, kind: str, ending: str
    ) -> StreamingHttpResponse:
        answer = StreamingHttpResponse(blocks, content_type=f"{kind}; charset=utf-8")
        answer.tally = tally  # type: ignore[attr-defined]  # read by TokenUseMiddleware
        answer["Content-Disposition"] = f'attachment; filename="{self.resource}.{ending}"'
        return answer

    def _read_parameters(self) -> dict[str, object]:
        of_list = {name: wanted.field for name, wanted in self.filters.items()}
        more: dict[str, serializers.Field[Any, Any, Any, Any]] = {}
        also = {"format"}
        if self.action == "list":
            also |= {"cursor", "page_size"}
            if issubclass(self.pagination_class, PullPagination):
                more["changed_since"] = INSTANT
        elif self.action == "csv":
            also, more = set(), HOW
        elif self.action == "jsonl":
            also = set()
        else:
            of_list = {}
        values = read_parameters(self.request, of_list | more, also=also)
        self.changed_since = values.pop("changed_since", None)
        self._how = {name: values.pop(name) for name in HOW if name in values}
        return {self.filters[name].lookup: value for name, value in values.items()}


def read_parameters(
    request: Request,
    fields: Mapping[str, serializers.Field[Any, Any, Any, Any]],
    also: Set[str] = frozenset({"format"}),
) -> dict[str, Any]:
    """Return what the parameters of a request say; 400 names each that cannot be obeyed.

    One that nobody knows is refused with those there are, and so is one that is given twice:
    either would else be obeyed by returning something else than was asked for.
    """
    values: dict[str, Any] = {}
    mistakes: dict[str, Any] = {}
    for name, texts in request.query_params.lists():
        if name not in {*fields, *also}:
            known = ", ".join(sorted({*fields, *also}))
            mistakes[name[:80]] = [_("There is no such parameter. Known: %s.") % known]
        elif len(texts) > 1:
            mistakes[name] = [_("This may be given once.")]
        elif name in fields:
            try:
                values[name] = fields[name].run_validation(texts[0])
            except exceptions.ValidationError as error:
                mistakes[name] = error.detail
    if mistakes:
        raise exceptions.ValidationError(mistakes)
    return values
