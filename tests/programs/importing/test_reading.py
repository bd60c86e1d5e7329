"""What an HR system and a spreadsheet do to a file: letters, days, numbers, names, workbooks."""

import io
import zipfile
from datetime import date, datetime
from uuid import UUID

import pytest
from openpyxl import Workbook

from programs.importing import workbooks
from programs.importing.mapping import Options, guess_mapping, remembered_mapping
from programs.importing.messages import Code, UnreadableFile
from programs.importing.parsing import judge_dates, parse_date, parse_full_name
from programs.importing.planning import ExistingPerson, plan
from programs.importing.questions import AskedQuestion
from programs.importing.tables import read_table
from programs.importing.values import PersonValues

# a workbook knows no zones
MIDNIGHT = datetime(2019, 5, 6)  # noqa: DTZ001  # a workbook's cell has no zone


def workbook(*rows, formats=None) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def plan_of(raw, *existing, mapping=None, **more):
    table = read_table(raw if isinstance(raw, bytes) else raw.encode())
    columns = guess_mapping(table.headers) | (mapping or {})
    return plan(table, columns, existing=existing, **more).rows


@pytest.mark.parametrize(
    ("names", "page"),
    [
        (["Jörg Müßig", "André"], "cp1252"),
        (["Jörg Müßig", "Köhler"], "mac_roman"),
        (["Köhler", "Müller"], "cp850"),
        (["Łukasz Świątek", "Ďurčo"], "cp1250"),
        (["Ďurčo", "Růžička"], "cp1250"),
        (["Şahin Yıldız", "Ağaoğlu"], "cp1254"),
        (["Иван Петров", "Щукина"], "cp1251"),
    ],
)
def test_the_letters_of_an_old_file_are_guessed_by_its_words_and_shown(names, page):
    raw = ("Name;E-Mail\n" + "".join(f"{name};a@x.example\n" for name in names)).encode(page)

    table = read_table(raw)

    assert table.encoding == page
    assert [row.cells[0] for row in table.rows] == names
    assert {word for name in names for word in name.split() if not word.isascii()} >= set(
        table.letters[page]
    )


def test_the_letters_are_read_as_somebody_chooses():
    raw = "Name,E-Mail\nJürg,j@x.example\n".encode("mac_roman")

    assert read_table(raw, code_page="cp1252").rows[0].cells[0] == "JŸrg"
    assert read_table(raw, code_page="mac_roman").rows[0].cells[0] == "Jürg"


def test_a_workbook_is_read_as_the_text_that_its_cells_show():
    raw = workbook(
        ["Employee ID", "Work email", "Hire date", "Level", "Manager ID"],
        [123, "a@x.example", date(2020, 1, 31), 3, 124.0],
        ["00124", "b@x.example", MIDNIGHT, "L4", None],
        [125.0, "c@x.example", "=1+1", True, "00124"],
        formats={"A2": "00000"},
    )

    table = read_table(raw)

    assert table.encoding == "xlsx"
    assert [row.cells for row in table.rows] == [
        ("00123", "a@x.example", "2020-01-31", "3", "124"),
        ("00124", "b@x.example", "2019-05-06", "L4", ""),
        ("125", "c@x.example", "", "TRUE", "00124"),
    ]


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_opened(monkeypatch):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (workbooks.MAX_UNPACKED + 1))
    monkeypatch.setattr(workbooks, "load_workbook", None)

    with pytest.raises(UnreadableFile) as refused:
        read_table(kept.getvalue())

    assert refused.value.code == Code.FILE_UNPACKS_TOO_LARGE


@pytest.mark.parametrize(
    ("days", "order"),
    [
        (["01.08.2017", "18.02.2017"], "dmy"),
        (["01/08/2017", "02/18/2017"], "mdy"),
        (["01.08.2017"], "dmy"),
        (["01/08/2017", "02/03/2017"], ""),
        (["18/02/2017", "02/18/2017"], ""),
        (["2017-02-18", ""], ""),
    ],
)
def test_the_days_of_a_column_are_judged_together(days, order):
    assert judge_dates(days) == order


def test_a_day_is_read_as_the_whole_column_or_a_person_says():
    assert parse_date("01.08.2017", order="dmy").value == date(2017, 8, 1)
    assert parse_date("01/08/2017", order="mdy").value == date(2017, 1, 8)
    text = "Work email,Hire date\na@x.example,01.08.2017\nb@x.example,18.02.2017\n"
    assert [row.values.hired_on for row in plan_of(text)] == [date(2017, 8, 1), date(2017, 2, 18)]
    text = "Work email,Hire date\na@x.example,01/08/2017\n"
    [unsaid], [said] = plan_of(text), plan_of(text, options=Options(dates="mdy"))
    assert unsaid.problems[0].code == Code.DATE_AMBIGUOUS
    assert said.values.hired_on == date(2017, 1, 8)


@pytest.mark.parametrize(
    ("cell", "given", "family"),
    [
        ("Ada Byron", "Ada", "Byron"),
        ("Byron, Ada", "Ada", "Byron"),
        ("Ann Lee", "Ann", "Lee"),
        ("Anna Maria von der Heide", "Anna Maria", "von der Heide"),
        ("Sukarno", "Sukarno", ""),
        ("", "", ""),
    ],
)
def test_one_column_holds_the_whole_name(cell, given, family):
    assert parse_full_name(cell).value == (given, family)
    [row] = plan_of(f'Name,Work email\n"{cell}",a@x.example\n')
    assert (row.values.given_name, row.values.family_name) == (given, family)


def test_name_beside_vorname_is_the_family_name():
    mapping = guess_mapping(["Vorname", "Name", "E-Mail"])
    assert (mapping["given_name"], mapping["family_name"], mapping["full_name"]) == (0, 1, None)


def test_a_decimal_that_a_spreadsheet_made_is_the_whole_number_where_that_exists():
    text = "Employee ID,Work email,Manager ID\n200,a@x.example,\n201,b@x.example,200.0\n"
    assert plan_of(text)[1].values.manager == "200"
    boss = ExistingPerson(UUID(int=1), PersonValues(employee_id="300", email="c@x.example"))
    [row] = plan_of("Employee ID,Work email\n300.0,c@x.example\n", boss)
    assert (row.verdict, row.values.employee_id) == ("same", "300")


def test_rows_without_a_part_are_what_somebody_says():
    text = "Work email,Part\na@x.example,\nb@x.example,mentor\nc@x.example,boss\n"
    parts = [row.values.part for row in plan_of(text, options=Options(part="mentee"))]
    assert parts == ["mentee", "mentor", None], "what could not be read is not guessed"


def test_the_questions_of_the_program_are_columns():
    asked = AskedQuestion("q1", "besides", "choices", "Besides work", {"Theatre": "theatre"})
    scale = AskedQuestion("q2", "drive", "scale", "Drive")
    text = "Work email,X,Y\na@x.example,Theatre; Chess,4\nb@x.example,,9\n"

    first, second = plan_of(text, mapping={asked.name: 1, scale.name: 2}, questions=[asked, scale])

    assert first.values.answers == (("q1", ["theatre"]), ("q2", 4))
    assert [(p.field, p.code) for p in first.problems] == [("Besides work", Code.CHOICE_UNKNOWN)]
    assert second.values.answers == ()
    assert [(p.field, p.code) for p in second.problems] == [("Drive", Code.NUMBER_UNREADABLE)]


def person(number, name, email, **more):
    given, family = name.split()
    values = PersonValues(
        employee_id=str(number), given_name=given, family_name=family, email=email
    )
    return ExistingPerson(UUID(int=number), values, **more)


def test_a_status_column_lets_people_go_and_enters_none_of_them():
    ada = person(1, "Ada Byron", "a@x.example")
    olga = person(2, "Olga Own", "o@x.example", takes_part_only=False)
    text = (
        "Employee ID,Work email,Status\n1,a@x.example,Terminated\n"
        "2,o@x.example,left\n3,n@x.example,Inactive\n4,m@x.example,Active\n"
    )

    rows = plan_of(text, ada, olga)

    assert [row.action for row in rows] == ["leave", "nothing", "nothing", "create"]
    assert [row.problems[0].code for row in rows[:3]] == [
        Code.SAYS_LEFT,
        Code.LEAVES_BY_HAND,
        Code.LEFT_UNKNOWN,
    ]


def test_a_file_names_no_other_mailbox_of_who_does_more_than_take_part():
    """Whoever may import could be an owner else, by the invitation that goes to that mailbox."""
    ada = person(1, "Ada Byron", "a@x.example")
    olga = person(2, "Olga Own", "o@x.example", takes_part_only=False)
    text = (
        "Employee ID,First name,Last name,Work email,Team\n"
        "1,Ada,Byron,ada@y.example,New\n2,Olga,Own,mine@y.example,New\n"
    )

    rows = plan_of(text, ada, olga)

    assert [[name for name, *_rest in row.changes] for row in rows] == [["email", "team"], ["team"]]
    assert rows[1].values.email == "o@x.example"
    assert [problem.code for problem in rows[1].problems] == [Code.EMAIL_BY_HAND]


def test_who_is_absent_leaves_only_if_the_file_is_complete_and_no_row_could_be_them():
    here = [
        person(1, "Ada Byron", "a@x.example"),
        person(2, "Bo Chen", "b@x.example"),  # named by a refused row
        person(3, "Cy Diaz", "c@x.example"),  # a namesake is in the file
        person(4, "Di Eden", "d@x.example"),
        person(5, "Ed Fox", "e@x.example", state="left"),
        person(6, "Flo Gray", "f@x.example", takes_part_only=False),
    ]
    text = (
        "Employee ID,First name,Last name,Work email\n1,Ada,Byron,a@x.example\n"
        "2,Zoe,Young,z@x.example\n,Cy,Diaz,cy@home.example\n"
    )

    assert len(plan_of(text, *here)) == 3
    absent = plan_of(text, *here, options=Options(absent_leave=True))[3:]
    assert [(row.action, row.values.given_name) for row in absent] == [("leave", "Di")]


def test_columns_are_as_last_time_and_new_ones_are_guessed():
    before = {"email": "Contact", "team": "Unit"}
    mapping = remembered_mapping(
        ["Unit", "Contact", "Department", "Level"], before, unused=["Level"]
    )
    used = {name: column for name, column in mapping.items() if column is not None}
    assert used == {"email": 1, "team": 0, "department": 2}
