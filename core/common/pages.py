"""Pages of rows by keyset: page 1 and page 1,000 cost the same, and no row is shown twice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet

PAGE_SIZE = 50
Row = TypeVar("Row", bound=Model)


CURSORS = ("after", "cursor")  # the names by which pages take one


class BadCursor(Exception):
    """This list has not given out that cursor: it is another one's, changed, or made up."""


def write_cursor(scope: str, place: list[Any]) -> str:
    """Return a place in a list as a word that only that list reads again, for it is signed."""
    return signing.Signer(salt=f"cursor.{scope}").sign_object(place)


def read_cursor(scope: str, cursor: str) -> list[Any]:
    """Return the place that was written; raises BadCursor for anything that we have not written."""
    try:
        place: list[Any] = signing.Signer(salt=f"cursor.{scope}").unsign_object(cursor)
    except (signing.BadSignature, ValueError) as error:
        raise BadCursor from error
    return place


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page: its rows, and the cursor of the next one ('' at the end)."""

    rows: list[Row]
    next_cursor: str


def page(rows: QuerySet[Row], *, order: str = "-id", cursor: str = "", size: int = 0) -> Page[Row]:
    """Return the rows after `cursor` in the order of one non-null column, ties by id.

    `order` is a column, a path to one (`member__family_name`) or an annotation, with `-` for
    descending.  A page has PAGE_SIZE rows unless `size` says otherwise.  Raises BadCursor for one
    that this list in this order has not given out: a middleware starts the page again, and says so.
    """
    size = size or PAGE_SIZE
    descending, column = order.startswith("-"), order.lstrip("-")
    sign = "-" if descending else ""
    ordered = rows.order_by(f"{sign}{column}", f"{sign}id")
    scope = f"{rows.model._meta.label}.{order}"
    if cursor:
        after = _read(cursor, scope, _field(rows, column))
        ordered = ordered.filter(_beyond(column, after, "lt" if descending else "gt"))
    shown = list(ordered[: size + 1])
    more = shown[size - 1] if len(shown) > size else None
    return Page(shown[:size], _write(more, scope, column) if more else "")


def _beyond(column: str, after: tuple[object, UUID], comparison: str) -> Q:
    value, row_id = after
    if column == "id":
        return Q(**{f"id__{comparison}": row_id})
    tie = Q(**{column: value, f"id__{comparison}": row_id})
    return Q(**{f"{column}__{comparison}": value}) | tie


def _write(row: Model, scope: str, column: str) -> str:
    value = reduce(getattr, column.split("__"), row)
    return write_cursor(scope, [str(value), str(row.pk)])


def _read(cursor: str, scope: str, field: Field[object, object]) -> tuple[object, UUID]:
    value, row_id = read_cursor(scope, cursor)
    try:
        return field.to_python(value), UUID(str(row_id))
    except (ValueError, ValidationError) as error:  # the column has become another since
        raise BadCursor from error


def _field(rows: QuerySet[Row], path: str) -> Field[object, object]:
    if annotation := rows.query.annotations.get(path):
        return annotation.output_field
    model: type[Model] = rows.model
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
