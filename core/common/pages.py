"""Pages of rows by keyset: page 1 and page 1,000 cost the same, and no row is shown twice."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet

PAGE_SIZE = 50
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class _Page(Generic[Row]):
    """One page: its rows, and the cursor of the next one ('' at the end)."""

    rows: list[Row]
    next_cursor: str


def page(
    rows: QuerySet[Row], *, order: str = "-id", cursor: str = "", size: int = PAGE_SIZE
) -> _Page[Row]:
    """Return the rows after `cursor` in the order of one non-null column, ties by id.

    `order` is a column or a path to one (`member__family_name`), with `-` for descending.
    A cursor that nobody gave out starts again at the beginning.
    """
    descending, column = order.startswith("-"), order.lstrip("-")
    sign = "-" if descending else ""
    ordered = rows.order_by(f"{sign}{column}", f"{sign}id")
    if cursor and (after := _read(cursor, rows.model, column)):
        ordered = ordered.filter(_beyond(column, after, "lt" if descending else "gt"))
    shown = list(ordered[: size + 1])
    more = shown[size - 1] if len(shown) > size else None
    return _Page(shown[:size], _write(more, column) if more else "")


def _beyond(column: str, after: tuple[object, UUID], comparison: str) -> Q:
    value, row_id = after
    if column == "id":
        return Q(**{f"id__{comparison}": row_id})
    tie = Q(**{column: value, f"id__{comparison}": row_id})
    return Q(**{f"{column}__{comparison}": value}) | tie


def _write(row: Model, column: str) -> str:
    value = reduce(getattr, column.split("__"), row)
    text = json.dumps([str(value), str(row.pk)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, model: type[Model], column: str) -> tuple[object, UUID] | None:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        value, row_id = json.loads(base64.urlsafe_b64decode(padded.encode()))
        return _field(model, column).to_python(value), UUID(row_id)
    except (ValueError, TypeError, AttributeError, binascii.Error, ValidationError):
        return None


def _field(model: type[Model], path: str) -> Field[object, object]:
    *relations, name = path.split("__")
    for relation in relations:
        related = model._meta.get_field(relation).related_model
        if not (isinstance(related, type) and issubclass(related, Model)):
            raise ValueError(f"{path} is no path to a column")
        model = related
    field = model._meta.get_field(name)
    if not isinstance(field, Field):
        raise ValueError(f"{path} is no path to a column")
    return field
