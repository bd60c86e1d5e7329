"""Rows as files that know types: a workbook (XLSX), and Parquet where its library is installed.

Both are written row by row: a file of a million rows costs the memory of a few thousand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from core.common.errors import DomainError
from core.members.files import FileColumn

SHEET_ROWS = 1_048_575  # beside the head: more no spreadsheet shows
GROUP = 50_000  # rows of a group of Parquet
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Rows = Iterable[Sequence[Any]]


class TooLongForASheet(DomainError):
    code = "too_long_for_a_sheet"
    message = _("A spreadsheet holds 1,048,575 rows, and this list has more. Take CSV.")


def write_workbook(
    out: IO[bytes], columns: Sequence[FileColumn], rows: Rows, dictionary: Sequence[Sequence[str]]
) -> None:
    """Write a sheet with the rows and one that says what the columns mean.

    Raises TooLongForASheet.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("data")
    sheet.freeze_panes = "A2"
    sheet.append([column.name for column in columns])
    try:
        for number, row in enumerate(rows):
            if number >= SHEET_ROWS:
                raise TooLongForASheet
            sheet.append([_cell(sheet, value) for value in row])
    except BaseException:  # also where somebody stops it: its sheet is a file on the disk by now
        sheet.close()
        sheet._writer.cleanup()
        raise
    words = book.create_sheet("columns")
    for line in dictionary:
        words.append([_cell(words, text) for text in line])
    book.save(out)


def _cell(sheet: Any, value: object) -> object:
    """Return what a sheet keeps of a value: a text is a text, whatever sign it begins with."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)  # a sheet knows no zones: docs/api.md
    if isinstance(value, date):
        return value
    cell = WriteOnlyCell(sheet)
    cell.value = NOT_IN_XML.sub("", _text(value))[:32_767]
    cell.data_type = "s"  # else "=…" is a formula
    return cell


def _text(value: object) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    return str(value)


def can_write_parquet() -> bool:
    """Say whether the extra `parquet` is installed (requirements/parquet.in)."""
    return find_spec("pyarrow") is not None


def write_parquet(
    out: IO[bytes], columns: Sequence[FileColumn], rows: Rows, meanings: Mapping[str, str]
) -> None:
    """Write the rows with their types; what a column means stands in its metadata."""
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    kinds = {
        "whole": arrow.int64(),
        "number": arrow.float64(),
        "boolean": arrow.bool_(),
        "date": arrow.date32(),
        "instant": arrow.timestamp("us", tz="UTC"),
        "list": arrow.list_(arrow.string()),
    }
    schema = arrow.schema(
        [
            arrow.field(
                column.name,
                kinds.get(column.kind, arrow.string()),
                metadata={"meaning": meanings.get(column.name, "")},
            )
            for column in columns
        ]
    )
    plain = {place for place, column in enumerate(columns) if column.kind not in kinds}
    left = iter(rows)
    with parquet.ParquetWriter(out, schema, compression="zstd") as file:
        while group := list(islice(left, GROUP)):
            values = [
                arrow.array(
                    [_plain(row[place]) if place in plain else row[place] for row in group],
                    type=schema.field(place).type,
                )
                for place in range(len(columns))
            ]
            file.write_table(arrow.table(values, schema=schema))


def _plain(value: object) -> str | None:
    return None if value is None else _text(value)
