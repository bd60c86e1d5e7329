"""XLSX to records: the first sheet, row by row, every cell as the text that it shows.

Read as a stream: see docs/adr/0021-workbooks-are-read-as-a-stream.md.
"""

import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook

from programs.importing.messages import Code, UnreadableFile

# A small file may unpack to gigabytes: what is said of its size in the archive binds the reader.
MAX_UNPACKED = 64 * 1024 * 1024
MAX_PARTS = 500

_ZEROS = re.compile(r"0{2,40}")


def records(raw: bytes, *, columns: int) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row of the first sheet, at most so many columns wide.

    Raises UnreadableFile for an archive that is no workbook, is damaged or unpacks too large.
    """
    try:
        with ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise UnreadableFile(Code.FILE_UNPACKS_TOO_LARGE, limit_mb=MAX_UNPACKED // 1024**2)
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file says of its own size may be wrong
            for line, row in enumerate(sheet.iter_rows(max_col=columns), start=1):
                yield line, [_text(cell.value, str(cell.number_format)) for cell in row]
        finally:
            book.close()
    except UnreadableFile:
        raise
    except Exception as error:  # a damaged archive makes the reader stumble in a hundred ways
        raise UnreadableFile(Code.FILE_WORKBOOK_BROKEN) from error


def _text(value: Any, number_format: str) -> str:
    """Return what a cell shows, but days as YYYY-MM-DD, so that they can be read one way only."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes").removesuffix(" 00:00")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, int) and _ZEROS.fullmatch(number_format):
        return str(value).zfill(len(number_format))
    return str(value)
