"""Two hundred ways to spoil a file of people; the number alone says which."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

from tests.programs.importing.test_reading import workbook

HEADERS = [
    "Employee ID",
    "First name",
    "Last name",
    "Work email",
    "Manager ID",
    "Hire date",
    "Part",
]
PAGES = ("iso-8859-2", "cp1250", "mac_roman", "cp850", "cp1251", "cp1254", "cp932")
ODD = ("", " ", "\u0000", "a" * 6_000, "é\u0301" * 3_000, "9" * 400, "00123", "1.0", "a@b", "(((")
PEOPLE = [
    [f"E{n}", given, family, f"p{n}@fuzz.example", f"E{n // 2}", f"{n + 1:02}.03.2019", part]
    for n, (given, family, part) in enumerate(
        [
            ("Jörg", "Müßig", "peer"),
            ("Łukasz", "Ďurčo", "mentor"),
            ("Ada", "O'Hara; née", "mentee"),
            ("Şahin", 'the "Bear"', ""),
            ("Иван", "Петров", "both"),
            ("", "名前", "boss"),
            ("Ann,Lee", "\u202eevil", "peer"),
        ]
    )
]


def _csv(rows: list[list[str]], delimiter: str = ",") -> str:
    return "".join(
        delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows
    )


WHOLE = _csv([HEADERS, *PEOPLE])


def _truncated(chance: random.Random) -> bytes:
    return WHOLE.encode()[: chance.randrange(1, len(WHOLE))]


def _quotes(chance: random.Random) -> bytes:
    text = list(WHOLE)
    for _time in range(chance.randrange(1, 6)):
        text.insert(chance.randrange(len(text)), chance.choice("\"'\n\r;"))
    return "".join(text).encode()


def _many_columns(chance: random.Random) -> bytes:
    extra = chance.choice([150, 199, 1_000, 10_000])
    return _csv([row + ["x"] * extra for row in [HEADERS, *PEOPLE]]).encode()


def _bomb(chance: random.Random) -> bytes:
    kept = io.BytesIO()
    row = b'<row><c t="inlineStr"><is><t>' + b"a" * 1_000 + b"</t></is></c></row>"
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        with zipfile.ZipFile(io.BytesIO(workbook(HEADERS, *PEOPLE))) as good:
            for name in good.namelist():
                if not name.endswith("sheet1.xml"):
                    archive.writestr(name, good.read(name))
        head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        size = chance.choice([1_000, 70_000])
        archive.writestr(
            "xl/worksheets/sheet1.xml", head + b"<sheetData>" + row * size + b"</sheetData>"
        )
    return kept.getvalue()


def _formulas(chance: random.Random) -> bytes:
    cells = ['=HYPERLINK("http://x","y")', "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3"]
    rows = [[chance.choice([cell, *cells]) for cell in row] for row in PEOPLE]
    return workbook(HEADERS, *rows) if chance.random() < 0.5 else _csv([HEADERS, *rows]).encode()


def _nul(chance: random.Random) -> bytes:
    raw = bytearray(WHOLE.encode())
    for _time in range(chance.randrange(1, 20)):
        raw.insert(chance.randrange(len(raw)), chance.choice([0, 1, 8, 27]))
    return bytes(raw)


def _code_page(chance: random.Random) -> bytes:
    return WHOLE.encode(chance.choice(PAGES), "replace")


def _utf_16(chance: random.Random) -> bytes:
    raw = WHOLE.encode(chance.choice(["utf-16-le", "utf-16-be"]))
    return raw[: len(raw) - chance.randrange(3)]


def _brackets(chance: random.Random) -> bytes:
    return (
        "Work email," + chance.choice("([{") * chance.choice([150, 20_000]) + "\na@b.c,\n"
    ).encode()


def _spoiled_workbook(chance: random.Random) -> bytes:
    raw = bytearray(workbook(HEADERS, *PEOPLE))
    for _time in range(chance.randrange(1, 30)):
        raw[chance.randrange(4, len(raw))] = chance.randrange(256)
    return bytes(raw[: chance.randrange(len(raw) // 2, len(raw) + 1)])


def _bytes(chance: random.Random) -> bytes:
    raw = bytearray(WHOLE.encode())
    for _time in range(chance.randrange(1, 60)):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(raw)


def _cells(chance: random.Random) -> bytes:
    rows = [[chance.choice([cell, chance.choice(ODD)]) for cell in row] for row in PEOPLE]
    return _csv([HEADERS, *rows], chance.choice(",;\t|")).encode()


WAYS: tuple[Callable[[random.Random], bytes], ...] = (
    _truncated,
    _quotes,
    _many_columns,
    _bomb,
    _formulas,
    _nul,
    _code_page,
    _utf_16,
    _brackets,
    _spoiled_workbook,
    _bytes,
    _cells,
)


def spoiled_file(number: int) -> bytes:
    return WAYS[number % len(WAYS)](random.Random(number))
