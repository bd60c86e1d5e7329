"""The export of a real HR system: 244 rows with the usual dirt, each judged by hand."""

import csv
import random
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from programs.importing.mapping import guess_mapping
from programs.importing.messages import Code
from programs.importing.planning import ExistingPerson, plan
from programs.importing.tables import Table, read_table

PATH = Path(__file__).parents[2] / "data" / "leadership-circles.csv"

# Found by reading the file with the csv module and patterns alone, not with our parsers.
# The number is that of the data row; its line is one more, because of the header.
WARNED = {
    6: Code.MANAGER_UNKNOWN,  # E10005: manager E99999, whom nobody has
    84: Code.MANAGER_UNKNOWN,  # E10083: the same
    98: Code.MANAGER_UNKNOWN,  # E10097: the same
    114: Code.MANAGER_UNKNOWN,  # E10113: the same
    185: Code.MANAGER_UNKNOWN,  # E10184: the same
    60: Code.MANAGER_SELF,  # E10059
    134: Code.MANAGER_SELF,  # E10133
    153: Code.MANAGER_SELF,  # E10152
    18: Code.DATE_IMPOSSIBLE,  # E10017: 31/02/2021
    172: Code.DATE_UNREADABLE,  # E10171: 45123, a spreadsheet's day number
    24: Code.TIME_ZONE_UNKNOWN,  # E10023: GMT+2
    188: Code.TIME_ZONE_UNKNOWN,  # E10187: Mars/Olympus
    107: Code.CAPACITY_UNREADABLE,  # E10106: -1
    230: Code.CAPACITY_UNREADABLE,  # E10229: -1
    7: Code.SKILL_LEVEL,  # E10006: facilitation (5); FACILITATION (9)
    186: Code.SKILL_LEVEL,  # E10185: … FACILITATION (9)
    200: Code.SKILL_LEVEL,  # E10199: … FACILITATION (9)
}
REFUSED = {
    41: Code.EMAIL_UNUSABLE,  # E10040: a@b
    50: Code.EMAIL_UNUSABLE,  # E10049: x@@northwind.example
    121: Code.EMAIL_UNUSABLE,  # E10120: a@b
    216: Code.EMAIL_UNUSABLE,  # E10215: someone at northwind.example
    67: Code.EMAIL_MISSING,  # E10066
    125: Code.EMAIL_MISSING,  # E10124
    161: Code.EMAIL_MISSING,  # E10160
    162: Code.EMAIL_MISSING,  # E10161
    244: Code.EMAIL_MISSING,  # E10124 again, with another title
    242: Code.EMPLOYEE_ID_REPEATED,  # E10118 again (row 119), with another title
}
SAME = {
    241: 134,  # E10133 again, cell for cell
    243: 77,  # E10076 again, cell for cell
}
COUNTS = {"new": 232, "changed": 0, "same": 2, "leaves": 0, "question": 0, "refused": 10}


@pytest.fixture(scope="module")
def table():
    return read_table(PATH.read_bytes())


@pytest.fixture(scope="module")
def first(table):
    return plan(table, guess_mapping(table.headers), existing=())


def people_after(result):
    """Everybody the organisation has when the plan is applied to nobody."""
    written = [row for row in result.rows if row.action == "create"]
    return [ExistingPerson(UUID(int=row.line), row.values) for row in written]


def test_the_file_is_read_whole(table):
    assert (len(table.rows), table.encoding, table.delimiter) == (244, "utf-8-sig", ",")
    assert [row.line for row in table.rows] == list(range(2, 246))
    assert not any(row.beyond for row in table.rows)


def test_each_verdict_has_its_exact_count(first):
    assert first.counts == COUNTS
    assert sum(COUNTS.values()) == 244


def test_each_row_has_the_verdict_found_by_hand(first):
    expected = (
        {row: ("new", code) for row, code in WARNED.items()}
        | {row: ("refused", code) for row, code in REFUSED.items()}
        | dict.fromkeys(SAME, ("same", Code.REPEATS_LINE))
    )

    found = {row.line - 1: (row.verdict, *(p.code for p in row.problems)) for row in first.rows}

    assert {row: said for row, said in found.items() if said != ("new",)} == expected


def test_copies_name_the_row_they_repeat(first):
    said = {row.line - 1: row.problems[0].params for row in first.rows if row.verdict == "same"}

    assert said == {row: {"line": original + 1} for row, original in SAME.items()}


def test_the_warned_field_is_empty_and_everything_else_is_imported(first):
    by_id = {row.values.employee_id: row.values for row in first.rows[:240]}

    assert by_id["E10005"].manager == by_id["E10133"].manager == ""
    assert by_id["E10020"].hired_on == date(2019, 4, 3), "points stand after a day first"
    assert by_id["E10023"].time_zone == ""
    assert by_id["E10106"].capacity is None
    assert [skill.name for skill in by_id["E10006"].skills_offered] == ["facilitation"]
    assert by_id["E10005"].given_name == "Amara"


def test_dirt_that_is_only_text_arrives_as_text(first):
    by_id = {row.values.employee_id: row.values for row in first.rows[:240]}

    assert by_id["E10000"].email == "uma.jansen0@northwind.example"
    assert by_id["E10128"].goal == 'lead meetings; "listen" first,\nthen decide'
    assert by_id["E10094"].family_name == "<script>alert(1)</script>"
    assert by_id["E10234"].family_name == '=HYPERLINK("http://evil.example")'
    assert by_id["E10029"].time_zone == ""  # empty in the file, and so no warning
    assert by_id["E10012"].hired_on == by_id["E10032"].hired_on == by_id["E10086"].hired_on


def test_every_part_is_read_as_the_file_counts_them(first):
    with PATH.open(encoding="utf-8-sig", newline="") as file:
        said = Counter(row["Role in programme"] for row in csv.DictReader(file))

    assert Counter(row.values.part for row in first.rows) == said
    assert said["peer"] == 168


def test_the_same_file_twice_changes_nothing(table, first):
    second = plan(table, guess_mapping(table.headers), existing=people_after(first))

    assert dict(second.counts) == COUNTS | {"new": 0, "same": 234}
    assert {row.action for row in second.rows} == {"nothing", "refuse"}
    assert not any(row.changes for row in second.rows)
    warned = [(row.line, row.problems) for row in first.rows if row.problems]
    assert [(row.line, row.problems) for row in second.rows if row.problems] == warned
    known = {row.line: row.values for row in first.rows if row.action == "create"}
    assert {row.line: row.values for row in second.rows if row.line in known} == known


def test_one_changed_cell_is_one_changed_row(table, first):
    column = table.headers.index("Team")
    rows = list(table.rows)
    cells = list(rows[1].cells)
    cells[column] = "Night shift"
    rows[1] = replace(rows[1], cells=tuple(cells))

    result = plan(
        replace(table, rows=tuple(rows)),
        guess_mapping(table.headers),
        existing=people_after(first),
    )

    assert result.counts["changed"] == 1
    assert result.rows[1].changes == (("team", "Warehouse", "Night shift"),)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_columns_does_not_change_the_plan(table, first, seed):
    order = list(range(len(table.headers)))
    random.Random(seed).shuffle(order)
    shuffled = Table(
        tuple(table.headers[column] for column in order),
        tuple(replace(row, cells=tuple(row.cells[each] for each in order)) for row in table.rows),
        table.encoding,
        table.delimiter,
    )

    assert plan(shuffled, guess_mapping(shuffled.headers), existing=()) == first
