"""Facts as files: the rows of a list with the names that REST gives them, streamed by COPY.

The database writes the file, so that a million rows cost it what a copy of the table costs, and us
the memory of one block.  It does so under the walls of the tenant, as everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    DecimalField,
    Field,
    FloatField,
    ForeignKey,
    IntegerField,
    JSONField,
    QuerySet,
    TextField,
    UUIDField,
)
from rest_framework import serializers

from core.common.csv import FORMULA_STARTS
from core.members.models import Member
from core.tenancy.context import tenant

BLOCK = 64 * 1024
PAGE = 2000  # rows
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
BOM = b"\xef\xbb\xbf"
# what a value is, for files that have types
Kind: TypeAlias = Literal[
    "id", "text", "whole", "number", "boolean", "date", "instant", "list", "object"
]
KINDS: tuple[tuple[type[Field[Any, Any]], Kind], ...] = (
    (UUIDField, "id"),
    (DateTimeField, "instant"),  # before the day, whose kind it is
    (DateField, "date"),
    (BooleanField, "boolean"),
    (IntegerField, "whole"),
    (DecimalField, "number"),
    (FloatField, "number"),
    (JSONField, "object"),
    (ArrayField, "list"),
)


@dataclass
class Tally:
    """How many rows a file has had so far, for who notes what was taken away."""

    rows: int = 0

    def of(self, lines: Iterator[str]) -> Iterator[str]:
        """Yield lines and count them, but for the first, which names the columns."""
        for n, line in enumerate(lines):
            self.rows += n > 0
            yield line


@dataclass(frozen=True)
class FileColumn:
    """A field of a resource that is one value of its row, and how the database reaches it."""

    name: str
    path: str
    is_typed_in: bool  # by a person: it may look like a formula
    kind: Kind = "text"


def columns_of(rows: QuerySet[Any], shown: serializers.Serializer[Any]) -> list[FileColumn]:
    """Return the fields of a serializer that are columns; a list or a count has its own list."""
    columns = []
    for name, field in shown.fields.items():
        path = str(field.source).replace(".", "__")
        if path in rows.query.annotations:
            counted = rows.query.annotations[path].output_field
            columns.append(FileColumn(name, path, is_typed_in=False, kind=_kind_of(counted)))
        elif (column := _column_at(rows, path)) is not None:
            typed_in = isinstance(column, CharField | TextField) and not column.choices
            kind = _kind_of(column)
            columns.append(FileColumn(name, path, is_typed_in=typed_in, kind=kind))
    return columns


def _kind_of(field: Field[Any, Any]) -> Kind:
    if isinstance(field, ForeignKey):
        return _kind_of(field.target_field)
    return next((kind for cls, kind in KINDS if isinstance(field, cls)), "text")


def _column_at(rows: QuerySet[Any], path: str) -> Field[Any, Any] | None:
    model: Any = rows.model
    *relations, name = path.split("__")
    try:
        for relation in relations:
            model = model._meta.get_field(relation).related_model
        field = model._meta.get_field(name)
    except (FieldDoesNotExist, AttributeError):
        return None
    return field if isinstance(field, Field) else None


def csv_blocks(
    member: Member,
    rows: QuerySet[Any],
    columns: Sequence[FileColumn],
    tally: Tally,
    *,
    separator: str,
    bom: bool,
) -> Iterator[bytes]:
    """Yield rows as CSV that no spreadsheet takes for formulas."""
    if bom:
        yield BOM
    inner, params = _selected(rows, columns)
    starts = ", ".join(_literal(start) for start in FORMULA_STARTS)
    cells = ", ".join(
        f'{_as_csv(n, column, starts)} AS "{column.name}"' for n, column in enumerate(columns)
    )
    statement = (
        f"COPY (SELECT {cells} FROM ({inner}) AS s({_names(columns)})) TO STDOUT"  # noqa: S608  # our own columns
        f" (FORMAT csv, HEADER, DELIMITER {_literal(SEPARATORS[separator])})"
    )
    tally.rows -= 1  # the names of the columns
    yield from _copied(member, statement, params, tally)


def _as_csv(n: int, column: FileColumn, starts: str) -> str:
    """Return a cell of a CSV: no formula, and true and false in full."""
    if column.is_typed_in:
        return f"CASE WHEN left(c{n}, 1) IN ({starts}) THEN '''' || c{n} ELSE c{n} END"
    return f"c{n}::text" if column.kind == "boolean" else f"c{n}"


def json_blocks(
    member: Member, rows: QuerySet[Any], columns: Sequence[FileColumn], tally: Tally
) -> Iterator[bytes]:
    """Yield rows as JSON lines: an object each, with the names of the fields."""
    inner, params = _selected(rows, columns)
    cells = ", ".join(f'c{n} AS "{column.name}"' for n, column in enumerate(columns))
    # as CSV of one column whose quote and separator JSON never holds: it comes out as it is
    statement = (
        f"COPY (SELECT row_to_json(r) FROM (SELECT {cells} FROM ({inner}) AS s({_names(columns)}))"  # noqa: S608  # our own columns
        " AS r) TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
    )
    yield from _copied(member, statement, params, tally)


def _selected(rows: QuerySet[Any], columns: Sequence[FileColumn]) -> tuple[str, tuple[Any, ...]]:
    wanted = rows.order_by().values_list(*(column.path for column in columns))
    statement, params = wanted.query.sql_with_params()
    return str(statement), tuple(params)


def typed_rows(rows: QuerySet[Any], columns: Sequence[FileColumn]) -> Iterator[tuple[Any, ...]]:
    """Yield rows as Python's own values, a few thousand in memory at a time.

    Page by page: a cursor of the server would have to be closed before its transaction is.
    """
    wanted = rows.order_by("pk").values_list("pk", *(column.path for column in columns))
    page = list(wanted[:PAGE])
    while page:
        yield from (row[1:] for row in page)
        page = list(wanted.filter(pk__gt=page[-1][0])[:PAGE])


def _names(columns: Sequence[FileColumn]) -> str:
    return ", ".join(f"c{n}" for n in range(len(columns)))


def _literal(text: str) -> str:
    return "E'" + "".join(f"\\u{ord(sign):04x}" for sign in text) + "'"


def _copied(member: Member, statement: str, params: Sequence[Any], tally: Tally) -> Iterator[bytes]:
    """Yield what a COPY gives, in blocks; the tenant is opened here, after the request's own."""
    block = bytearray()
    with (
        tenant(member.organisation, member=member.pk),
        connection.cursor() as cursor,
        cursor.copy(statement, params) as rows,
    ):
        for row in rows:
            block += row
            tally.rows += 1
            if len(block) >= BLOCK:
                yield bytes(block)
                block.clear()
    if block:
        yield bytes(block)
