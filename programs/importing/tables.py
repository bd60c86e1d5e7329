"""Bytes to rows: which encoding, which delimiter, which cells. No meaning yet."""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from programs.importing import workbooks
from programs.importing.code_pages import CODE_PAGES, foreign_words, guess_code_page, samples
from programs.importing.messages import Code, UnreadableFile
from programs.importing.parsing import parse_email

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_HEADER = 200  # characters; what is longer is no name of a column
DELIMITERS = (",", ";", "\t", "|")

_SNIFFED_RECORDS = 50
_LOOKED_AT = 65_536
_BYTE_ORDER_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORKBOOK, _OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_NOTHING = re.compile(r"[\s,;|]*")
# Cannot occur in the text, because NUL characters are taken out of it before.
_END = "\x00"


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row as wide as the header; `beyond` counts filled cells that had no column.

    `line` counts as a spreadsheet does: the first record is line 1, empty lines count, and a
    newline inside a quoted cell does not begin another.
    """

    line: int
    cells: tuple[str, ...]
    beyond: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A file as text: headers, rows that are not blank, and how it was read.

    `letters` are a few of its words as each code page reads them, where one had to be guessed.
    """

    headers: tuple[str, ...]
    rows: tuple[TableRow, ...]
    encoding: str
    delimiter: str = ""
    letters: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def column(self, at: int) -> list[str]:
        return [row.cells[at] for row in self.rows]


Step = Callable[[int], None]


def _no_step(done: int) -> None:
    """Stand in where nobody watches."""


def read_table(raw: bytes, *, code_page: str = "", step: Step = _no_step) -> Table:
    """Return the table that the bytes of a CSV file or a workbook hold.

    `code_page` is how to read a file that is not Unicode; without one it is guessed.  `step`
    hears how many rows there are so far.
    Raises UnreadableFile for more than MAX_BYTES, MAX_ROWS or MAX_COLUMNS, for what is not
    text, for a quotation mark that never closes, and for a file without header or rows.
    """
    if len(raw) > MAX_BYTES:
        raise UnreadableFile(Code.FILE_TOO_LARGE, limit_mb=MAX_BYTES // (1024 * 1024))
    if raw.startswith(_OLD_WORKBOOK):
        raise UnreadableFile(Code.FILE_SPREADSHEET)
    if raw.startswith(_WORKBOOK):
        return _table(workbooks.records(raw, columns=MAX_COLUMNS + 1), "xlsx", step=step)
    text, encoding, letters = _decode(raw, code_page)
    text, delimiter = _delimiter(text)
    return _table(_records(text, delimiter), encoding, delimiter, letters, step=step)


def _table(
    records: Iterable[tuple[int, list[str]]],
    encoding: str,
    delimiter: str = "",
    letters: Mapping[str, Sequence[str]] = MappingProxyType({}),
    step: Step = _no_step,
) -> Table:
    headers: tuple[str, ...] = ()
    wide = 0
    rows: list[TableRow] = []
    for line, record in records:
        if _blank(record):
            continue
        if not headers:
            headers, wide = _headers(record), len(record)
            continue
        if len(rows) == MAX_ROWS:
            raise UnreadableFile(Code.FILE_TOO_MANY_ROWS, limit=MAX_ROWS)
        rows.append(_row(line, record, named=len(headers), wide=wide))
        step(len(rows))
    if not headers:
        raise UnreadableFile(Code.FILE_EMPTY)
    if not rows:
        raise UnreadableFile(Code.FILE_NO_ROWS)
    return Table(headers, tuple(rows), encoding, delimiter, letters)


def _blank(record: list[str]) -> bool:
    """Whether a row holds nothing but space and separators, whichever of them separates."""
    return all(_NOTHING.fullmatch(cell) for cell in record)


def _row(line: int, record: list[str], *, named: int, wide: int) -> TableRow:
    """Cut or fill a record to the named columns; a column without a name is nobody's loss."""
    cells = tuple(record[:named]) + ("",) * (named - len(record))
    return TableRow(line, cells, beyond=sum(1 for cell in record[wide:] if cell.strip()))


def _headers(record: list[str]) -> tuple[str, ...]:
    headers = [cell.strip() for cell in record]
    if any(len(header) > MAX_HEADER for header in headers):
        raise UnreadableFile(Code.FILE_HEADER_TOO_LONG, limit=MAX_HEADER)
    while not headers[-1]:
        headers.pop()
    if len(headers) > MAX_COLUMNS:
        raise UnreadableFile(Code.FILE_TOO_MANY_COLUMNS, limit=MAX_COLUMNS)
    # No column is called like a person's address: this first line is already a person.
    if any(parse_email(cell).value for cell in headers):
        raise UnreadableFile(Code.FILE_NO_HEADER)
    return tuple(headers)


def _decode(raw: bytes, code_page: str) -> tuple[str, str, dict[str, list[str]]]:
    """Return the text, its encoding and, where that is a code page, some words in each of them."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return _without_nul(_strictly(raw, encoding)), encoding, {}
    wide = _utf16_without_mark(raw)
    if wide:
        return _without_nul(_strictly(raw, wide)), wide, {}
    try:
        return _without_nul(raw.decode("utf-8")), "utf-8", {}
    except UnicodeDecodeError:
        pass
    if len(_BINARY.findall(raw, 0, _LOOKED_AT)) * 100 > len(raw[:_LOOKED_AT]) or b"\x00" in raw:
        raise UnreadableFile(Code.FILE_NOT_TEXT)
    # Text of a code page hardly ever forms a valid UTF-8 sequence by chance. Where most do,
    # it is UTF-8 with damage, and reading it otherwise would spoil every name in it.
    attempt = raw.decode("utf-8", errors="replace")
    damaged = attempt.count("\ufffd")
    if sum(1 for character in attempt if character > "\x7f") - damaged > damaged:
        raise UnreadableFile(Code.FILE_BROKEN_ENCODING)
    words = foreign_words(raw)
    page = code_page if code_page in CODE_PAGES else guess_code_page(words)
    return raw.decode(page, "replace"), page, samples(words)


def _strictly(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(Code.FILE_BROKEN_ENCODING) from error


def _without_nul(text: str) -> str:
    # PostgreSQL cannot store NUL, and nobody can type it.
    return text.replace("\x00", "")


def _utf16_without_mark(raw: bytes) -> str:
    """Return the byte order of UTF-16 text that has no mark, or "" for anything else."""
    sample = raw[:4096]
    if len(raw) % 2 or len(sample) < 4:
        return ""
    pairs = len(sample) // 2
    for encoding, high in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        low = sample[0::2] if encoding == "utf-16-le" else sample[1::2]
        if high.count(0) * 2 > pairs and not low.count(0):
            return encoding
    return ""


def _delimiter(text: str) -> tuple[str, str]:
    """Return the text without a `sep=` line of Excel, and the delimiter."""
    first, newline, rest = text.partition("\n")
    declared = first.rstrip("\r")
    if newline and declared.startswith("sep=") and declared[4:] in DELIMITERS:
        return rest, declared[4:]
    return text, max(DELIMITERS, key=lambda delimiter: _fit(text, delimiter))


def _fit(text: str, delimiter: str) -> float:
    """Return how well a delimiter cuts the text: columns times the share of rows that fit.

    `max` keeps the first of equals, so a file of one column is read with commas.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        records = list(itertools.islice(reader, _SNIFFED_RECORDS))
    except csv.Error:
        return 0.0
    widths = [len(record) for record in records if not _blank(record)]
    if not widths:
        return 0.0
    return widths[0] * sum(1 for width in widths if width == widths[0]) / len(widths)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    # A quote that never closes would swallow all later people without an error. The end
    # marker comes out as a record of its own only if no quote is open where the text ends.
    newline = "" if text.endswith(("\n", "\r")) else "\n"
    reader = csv.reader(io.StringIO(text + newline + _END, newline=""), delimiter=delimiter)
    line = 0
    try:
        for line, record in enumerate(reader, start=1):
            if record == [_END]:
                return
            if record and _END in record[-1]:
                raise UnreadableFile(Code.FILE_OPEN_QUOTE, line=line)
            yield line, record
    except csv.Error as error:
        raise UnreadableFile(Code.FILE_CELL_TOO_LONG, line=line + 1) from error
