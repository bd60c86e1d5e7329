import codecs
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.importing.mapping import guess_mapping
from programs.importing.messages import Code, UnreadableFile
from programs.importing.tables import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, read_table

TEXT = "Vorname;E-Mail\r\nZoë;zoe@acme.example\r\nŁukasz;l@acme.example\r\n"
WINDOWS = TEXT.replace("Łukasz", "José")


def refusal(raw: bytes) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read_table(raw)
    return caught.value


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-32"), "utf-32"),
    ],
)
def test_every_unicode_encoding_gives_the_same_table(raw, encoding):
    table = read_table(raw)

    assert table.headers == ("Vorname", "E-Mail")
    assert [row.cells[0] for row in table.rows] == ["Zoë", "Łukasz"]
    assert (table.encoding, table.delimiter) == (encoding, ";")


def test_windows_text_is_read_when_it_is_no_utf_8():
    table = read_table(WINDOWS.encode("cp1252"))

    assert [row.cells[0] for row in table.rows] == ["Zoë", "José"]
    assert table.encoding == "cp1252"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_though_cells_hold_the_others(delimiter):
    others = [each for each in ",;\t|" if each != delimiter]
    cell = '"' + "".join(f"a{each}b" for each in others) + '"'
    rows = [["Name", "Mail", "Skills"], ["Uma", "u@acme.example", cell], ["Zoë", "z@x.example", ""]]
    raw = "\n".join(delimiter.join(row) for row in rows).encode()

    table = read_table(raw)

    assert table.delimiter == delimiter
    assert table.rows[0].cells[2] == cell.strip('"')


def test_a_list_inside_unquoted_cells_is_not_taken_for_columns():
    raw = b"Name,Mail,Languages\nUma,u@acme.example,en;de;fr;it;es\n"

    assert read_table(raw).delimiter == ","


def test_the_line_in_which_excel_names_its_delimiter_is_believed():
    table = read_table(b"sep=;\r\nName;a,b,c\r\nUma;1,2,3\r\n")

    assert (table.headers, table.rows[0].line) == (("Name", "a,b,c"), 2)


def test_one_column_is_a_table():
    table = read_table(b"E-Mail\nu@acme.example")

    assert [row.cells for row in table.rows] == [("u@acme.example",)]


def test_lines_count_as_in_a_spreadsheet():
    raw = b'Name,Goal\n\nUma,"first\nthen"\n,\nZoe,b\n'

    table = read_table(raw)

    assert [(row.line, row.cells) for row in table.rows] == [
        (3, ("Uma", "first\nthen")),
        (5, ("Zoe", "b")),
    ]


def test_short_rows_are_filled_and_long_rows_say_what_is_beyond():
    raw = b"Name,Mail,,\nUma\nZoe,z@x.example,no name,,\nIda,i@x.example,,,lost,\n"

    table = read_table(raw)

    assert table.headers == ("Name", "Mail")
    assert [(row.cells, row.beyond) for row in table.rows] == [
        (("Uma", ""), 0),
        (("Zoe", "z@x.example"), 0),
        (("Ida", "i@x.example"), 1),
    ]


def test_old_macintosh_line_ends_and_nul_are_read():
    table = read_table(b"Name,Mail\rU\x00ma,u@x.example\r")

    assert table.rows[0].cells == ("Uma", "u@x.example")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", Code.FILE_EMPTY),
        (b"\n \n,,\n", Code.FILE_EMPTY),
        (codecs.BOM_UTF8, Code.FILE_EMPTY),
        (b"Name,Mail\n", Code.FILE_NO_ROWS),
        (b"Name,Mail\n,\n\n", Code.FILE_NO_ROWS),
        (b"Uma,u@acme.example\nZoe,z@acme.example\n", Code.FILE_NO_HEADER),
        (b"PK\x03\x04\x14\x00", Code.FILE_WORKBOOK_BROKEN),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", Code.FILE_SPREADSHEET),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", Code.FILE_NOT_TEXT),
        (b"Name,Mail\n\x81\x01\x02\x03,u@x.example\n", Code.FILE_NOT_TEXT),
        ("Name,Mail\nZoë Łu Ånn,".encode() + b"\xff\n", Code.FILE_BROKEN_ENCODING),
        (codecs.BOM_UTF8 + b"Name\nZo\xeb\n", Code.FILE_BROKEN_ENCODING),
        (codecs.BOM_UTF16_LE + b"N\x00a", Code.FILE_BROKEN_ENCODING),
        (b"Name,Goal\n" + b'U,"' + b"x" * 200_000 + b'"\n', Code.FILE_CELL_TOO_LONG),
        (b",".join([b"c"] * (MAX_COLUMNS + 1)) + b"\n1\n", Code.FILE_TOO_MANY_COLUMNS),
        (b"Name\n" + b"x\n" * (MAX_ROWS + 1), Code.FILE_TOO_MANY_ROWS),
        (b"x" * (MAX_BYTES + 1), Code.FILE_TOO_LARGE),
    ],
)
def test_a_file_that_is_no_table_is_refused(raw, code):
    refused = refusal(raw)

    assert refused.code == code
    assert str(refused)


def test_the_largest_file_is_read():
    row = b"x" * (MAX_BYTES // MAX_ROWS - 2) + b"\n"
    raw = (b"Name\n" + row * MAX_ROWS).ljust(MAX_BYTES)

    assert len(read_table(raw).rows) == MAX_ROWS


def test_a_quote_that_never_closes_is_named_and_swallows_nobody():
    refused = refusal(b'Name,Goal\nUma,a\nZoe,"b\nIda,c\nEva,d\n')

    assert (refused.code, refused.params["line"]) == (Code.FILE_OPEN_QUOTE, 3)


@given(st.binary())
def test_any_bytes_are_a_table_or_refused(raw):
    try:
        table = read_table(raw)
    except UnreadableFile:
        return
    assert table.rows
    assert all(len(row.cells) == len(table.headers) for row in table.rows)


@given(st.text())
def test_any_text_is_a_table_or_refused(text):
    try:
        table = read_table(("Name,Mail\n" + text).encode("utf-8", "replace"))
    except UnreadableFile:
        return
    assert table.rows
    assert len({row.line for row in table.rows}) == len(table.rows)


@pytest.mark.parametrize("header", ["(" * 200, "[(" * 100, "e\u0316\u0301" * 60, "()" * 100])
def test_no_header_takes_long(header):
    """S3: twenty thousand brackets in one cell stopped every organisation for half a minute."""
    before = time.process_time()
    guess_mapping(read_table(f"e-mail,{header}\na@b.example,1\n".encode()).headers)
    assert refusal(f"e-mail,{header * 101}\na@b.example,1\n".encode()).code == (
        Code.FILE_HEADER_TOO_LONG
    )
    assert time.process_time() - before < 0.2


def test_what_stands_in_brackets_is_left_out_of_a_header():
    assert guess_mapping(["E-mail (work) [x (y)]", "Team) (of"])["email"] == 0
    assert guess_mapping(["E-mail (work) [x (y)]", "Team) (of"])["team"] == 1
