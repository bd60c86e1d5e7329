from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from programs.importing.fields import FACTS
from programs.importing.mapping import guess_mapping
from programs.importing.messages import Code
from programs.importing.planning import ExistingPerson, plan
from programs.importing.tables import read_table
from programs.importing.values import PersonValues, Skill, Slot

UMA = UUID(int=1)
ZOE = UUID(int=2)


def plan_of(text, *existing):
    table = read_table(text.encode())
    return plan(table, guess_mapping(table.headers), existing=existing)


def person(id, **values):
    return ExistingPerson(id, PersonValues(**values))


def summary(result):
    return [(row.line, row.verdict, row.action) for row in result.rows]


def codes(row):
    return [(problem.field, problem.code) for problem in row.problems]


def test_a_new_person_is_created_with_all_that_was_said():
    result = plan_of(
        "Employee ID,First Name,Work Email,Level,Hire Date,Role,Skills offered,Availability"
        ",Capacity\nE1,Uma, UMA@Acme.example ,3,2020-05-07,both,Coaching (4),Mon 9-10,0\n"
    )

    [row] = result.rows
    assert (row.verdict, row.action, row.match, row.changes) == ("new", "create", None, ())
    assert row.email == "uma@acme.example"
    assert row.values == PersonValues(
        employee_id="E1",
        given_name="Uma",
        email="uma@acme.example",
        level=3,
        hired_on=date(2020, 5, 7),
        part="both",
        skills_offered=(Skill("Coaching", 4),),
        availability=(Slot(0, 540, 600),),
        capacity=0,
    )
    assert result.counts == {
        "new": 1,
        "changed": 0,
        "same": 0,
        "leaves": 0,
        "question": 0,
        "refused": 0,
    }


def test_a_person_is_found_by_id_when_the_name_agrees_and_changes_are_listed():
    uma = person(
        UMA,
        employee_id="E1",
        given_name="Uma",
        family_name="Jansen",
        email="uma@acme.example",
        team="Data",
        capacity=2,
    )

    [row] = plan_of(
        "Employee ID,First name,Last name,Email,Team,Capacity\n"
        "e1,UMA,jansen,uma.new@acme.example,Data,0\n",
        uma,
    ).rows

    assert (row.verdict, row.action, row.match) == ("changed", "update", UMA)
    assert row.changes[-2:] == (
        ("email", "uma@acme.example", "uma.new@acme.example"),
        ("capacity", 2, 0),
    )


def known(id, employee_id, name, email, **more):
    given, _space, family = name.partition(" ")
    values = PersonValues(
        employee_id=employee_id, given_name=given, family_name=family, email=email
    )
    return ExistingPerson(id, values, **more)


IMANI = known(UMA, "E1", "Imani Novák", "imani@acme.example", state="live")
PADDED = known(ZOE, "00123", "Ada Byron", "ada@acme.example")


@pytest.mark.parametrize(
    ("row", "verdict", "codes_expected"),
    [
        # the id is known: the address or both names must agree
        ("E1,Imani,Other,imani@acme.example", "changed", []),
        ("E1,Imani,Novák,new@acme.example", "changed", [("email", Code.EMAIL_TO_PROVE)]),
        ("E1,Zoë,Yılmaz,zoe@acme.example", "refused", [("employee_id", Code.ID_OF_ANOTHER)]),
        ("E1,Imani,,zoe@acme.example", "refused", [("employee_id", Code.ID_OF_ANOTHER)]),
        # the id is unknown or absent: found by the address, unless that person has another id
        (",Imani,Novák,imani@acme.example", "same", []),
        ("E9,Imani,Novák,imani@acme.example", "refused", [("email", Code.ADDRESS_HAS_OTHER_ID)]),
        ("E9,Imani,Novák,plus+imani@acme.example", "new", [("", Code.SAME_NAME)]),
        # a spreadsheet took the zeros away
        ("123,Ada,Byron,ada@acme.example", "same", [("employee_id", Code.ID_ZEROS)]),
        ("123,Ada,Byron,new@acme.example", "changed", [("employee_id", Code.ID_ZEROS)]),
        ("123,Bo,Chen,bo@acme.example", "new", [("employee_id", Code.ID_ZEROS_NEW)]),
        # both, and they are two people
        (
            "E1,Ada,Byron,ada@acme.example",
            "refused",
            [("employee_id", Code.CONFLICTING_IDENTITY)],
        ),
    ],
)
def test_an_id_alone_is_nobody(row, verdict, codes_expected):
    [planned] = plan_of(f"Employee ID,First name,Last name,Email\n{row}\n", IMANI, PADDED).rows

    assert (planned.verdict, codes(planned)) == (verdict, codes_expected)
    if verdict == "refused":
        said = str(planned.problems[0])
        assert "Imani Novák (imani@acme.example)" in said, "the one who is there is named"
        assert row.split(",")[3] in said, "and so is the row's"


def test_the_known_id_stays_where_a_spreadsheet_dropped_its_zeros():
    [row] = plan_of("Employee ID,Email\n123,ada@acme.example\n", PADDED).rows

    assert row.values.employee_id == "00123"
    assert str(row.problems[0]).startswith("123 or 00123?")


def test_an_address_with_which_somebody_here_signs_in_is_a_conflict_on_its_line():
    ada = known(UMA, "", "Ada Byron", "ada@acme.example", sign_ins=frozenset({"a@home.example"}))

    result = plan_of(
        "First name,Last name,Email\nBo,Chen,a@home.example\nCy,Diaz,cy@acme.example\n", ada
    )

    assert [row.verdict for row in result.rows] == ["refused", "new"]
    assert codes(result.rows[0]) == [("email", Code.SIGN_IN_OF_ANOTHER)]


def test_who_has_left_is_asked_about_and_never_revived():
    zoe = known(ZOE, "E2", "Zoë Yılmaz", "zoe@acme.example", state="left")

    [row] = plan_of(
        "Employee ID,First name,Last name,Email,Team\nE2,Zoë,Yılmaz,zoe@acme.example,Data\n", zoe
    ).rows

    assert (row.verdict, row.action, row.match) == ("question", "refuse", ZOE)
    assert codes(row) == [("", Code.HAS_LEFT)]


def test_what_is_not_compared_is_as_the_row_says_and_no_change():
    uma = person(UMA, email="uma@acme.example", team="Data", goal="Listen")
    table = read_table(b"Email,Team,Goal,Capacity\numa@acme.example,Data,Lead,2\n")

    [row] = plan(table, guess_mapping(table.headers), existing=[uma], compare=FACTS).rows

    assert (row.verdict, row.action, row.changes) == ("same", "nothing", ())
    assert row.values == replace(uma.values, goal="Lead", capacity=2)


def test_a_person_without_that_id_is_found_by_e_mail():
    uma = person(UMA, email="Uma@acme.example")

    [row] = plan_of("Employee ID,Email\nE1,UMA@ACME.example\n", uma).rows

    assert (row.verdict, row.match) == ("changed", UMA)
    assert row.changes == (("employee_id", "", "E1"),)


def test_what_differs_only_in_writing_is_the_same():
    uma = person(
        UMA,
        employee_id="e1",
        email="UMA@acme.example",
        languages=("de", "en"),
        skills_offered=(Skill("coaching", 4), Skill("Facilitation", 2)),
        hired_on=date(2020, 5, 7),
        availability=(Slot(4, 600, 660), Slot(0, 540, 570), Slot(0, 570, 600)),
        interests=("chess",),
    )

    result = plan_of(
        "Employee ID,Email,Languages,Skills offered,Hire Date,Availability,Interests\n"
        "E1, uma@ACME.example,EN;de,facilitation (2);Coaching (4),2020/5/7"
        ",Mon 09:00-10:00;Fri 10:00-11:00,Chess;chess\n",
        uma,
    )

    assert summary(result) == [(2, "same", "nothing")]
    assert result.rows[0].values == uma.values


def test_an_empty_cell_and_an_unmapped_column_erase_nothing():
    uma = person(UMA, employee_id="E1", email="u@acme.example", team="Data", goal="Listen")

    result = plan_of("Employee ID,Email,Team,Cost Centre\nE1,u@acme.example,,CC-1\n", uma)

    assert summary(result) == [(2, "same", "nothing")]
    assert result.rows[0].values == uma.values


def test_a_warned_field_of_an_existing_person_stays_as_it_was():
    uma = person(
        UMA,
        email="u@acme.example",
        team="Data",
        time_zone="Asia/Kolkata",
        hired_on=date(2019, 3, 4),
        skills_offered=(Skill("facilitation", 3),),
        manager="E7",
    )

    [row] = plan_of(
        "Email,Team,Time Zone,Hire Date,Skills offered,Manager\n"
        "u@acme.example,Mobile,GMT+2,03/04/2019,coaching (2); facilitation (9),E9\n",
        uma,
    ).rows

    assert (row.verdict, row.action) == ("changed", "update")
    assert row.changes == (("team", "Data", "Mobile"),)
    assert row.values == replace(uma.values, team="Mobile")
    assert codes(row) == [
        ("time_zone", Code.TIME_ZONE_UNKNOWN),
        ("hired_on", Code.DATE_AMBIGUOUS),
        ("skills_offered", Code.SKILL_LEVEL),
        ("manager", Code.MANAGER_UNKNOWN),
    ]


def test_a_warned_field_of_a_new_person_keeps_what_could_be_read():
    [row] = plan_of(
        "Email,Capacity,Skills offered\nu@acme.example,-1,coaching (2); facilitation (9)\n"
    ).rows

    assert (row.verdict, row.action) == ("new", "create")
    assert row.values.capacity is None
    assert row.values.skills_offered == (Skill("coaching", 2),)


def test_cells_without_a_column_are_a_warning():
    [row] = plan_of("Email,Team\nu@acme.example,Data,Mobile,\n").rows

    assert (row.verdict, codes(row)) == ("new", [("", Code.CELLS_BEYOND_HEADER)])
    assert row.problems[0].params == {"count": 1}


def test_managers_are_known_from_later_rows_and_from_existing_people():
    zoe = person(ZOE, employee_id="E9", email="z@acme.example")

    result = plan_of(
        "Employee ID,Email,Manager\n"
        "E1,a@acme.example,e2\n"
        "E2,b@acme.example,E9\n"
        "E3,c@acme.example,E4\n"
        "E4,no address,E9\n"
        "E5,e@acme.example,e5\n",
        zoe,
    )

    assert [(row.verdict, row.values.manager) for row in result.rows] == [
        ("new", "E2"),
        ("new", "E9"),
        ("new", ""),
        ("refused", "E9"),
        ("new", ""),
    ]
    assert codes(result.rows[2]) == [("manager", Code.MANAGER_UNKNOWN)]
    assert codes(result.rows[4]) == [("manager", Code.MANAGER_SELF)]


def test_a_person_found_by_e_mail_is_still_not_their_own_manager():
    uma = person(UMA, employee_id="E1", email="u@acme.example")

    [row] = plan_of("Email,Manager\nu@acme.example,E1\n", uma).rows

    assert (row.verdict, row.action) == ("same", "nothing")
    assert codes(row) == [("manager", Code.MANAGER_SELF)]


def test_a_manager_is_found_in_the_spelling_of_the_managers_own_row():
    uma = person(UMA, employee_id="E1", email="u@acme.example")
    zoe = person(ZOE, employee_id="E2", email="z@acme.example", manager="E1")

    result = plan_of(
        "Employee ID,Email,Manager\ne1,u@acme.example,\nE2,z@acme.example,e1\n", uma, zoe
    )

    assert [row.verdict for row in result.rows] == ["same", "same"]
    assert result.rows[1].values.manager == "e1"


def test_an_id_and_an_address_of_two_people_are_refused():
    uma = person(UMA, employee_id="E1", email="u@acme.example")
    zoe = person(ZOE, employee_id="E2", email="z@acme.example")

    [row] = plan_of("Employee ID,Email\nE1,z@acme.example\n", uma, zoe).rows

    assert (row.verdict, row.action, row.match) == ("refused", "refuse", None)
    assert codes(row) == [("employee_id", Code.CONFLICTING_IDENTITY)]


@pytest.mark.parametrize(
    ("second", "verdict", "code"),
    [
        ("E1,u@acme.example,Data", "same", Code.REPEATS_LINE),
        (" e1 , U@ACME.example ,Data", "same", Code.REPEATS_LINE),
        ("E1,u@acme.example,Mobile", "refused", Code.EMPLOYEE_ID_REPEATED),
        ("E1,v@acme.example,Data", "refused", Code.EMPLOYEE_ID_REPEATED),
        ("E2,u@acme.example,Data", "refused", Code.EMAIL_REPEATED),
        (",U@acme.example,Data", "refused", Code.EMAIL_REPEATED),
        ("E1,,Data", "refused", Code.EMAIL_MISSING),
    ],
)
def test_a_later_row_about_the_same_person_is_the_same_or_refused(second, verdict, code):
    result = plan_of(f"Employee ID,Email,Team\nE1,u@acme.example,Data\n{second}\n")

    assert [row.verdict for row in result.rows] == ["new", verdict]
    assert result.rows[1].action == ("nothing" if verdict == "same" else "refuse")
    assert result.rows[1].problems[0].code == code
    assert result.rows[1].problems[0].params.get("line", 2) == 2


def test_a_refused_row_still_holds_its_id():
    result = plan_of("Employee ID,Email\nE1,a@b\nE1,u@acme.example\n")

    assert [row.verdict for row in result.rows] == ["refused", "refused"]
    assert codes(result.rows[1]) == [("employee_id", Code.EMPLOYEE_ID_REPEATED)]


def test_a_copy_of_a_refused_row_is_refused_for_the_same_reason():
    uma = person(UMA, employee_id="E1", email="u@acme.example")
    zoe = person(ZOE, employee_id="E2", email="z@acme.example")

    result = plan_of("Employee ID,Email\nE1,z@acme.example\nE1,z@acme.example\n", uma, zoe)

    assert result.counts["refused"] == 2
    assert result.rows[0].problems == result.rows[1].problems


@pytest.mark.parametrize(
    "rows",
    [
        ("E1,new@acme.example", ",u@acme.example"),
        (",u@acme.example", "E1,new@acme.example"),
        ("E9,u@acme.example", "E1,new@acme.example"),
    ],
)
def test_two_rows_that_reach_one_person_are_not_both_in(rows):
    uma = person(UMA, employee_id="E1", email="u@acme.example")

    result = plan_of("Employee ID,Email\n" + "\n".join(rows), uma)

    assert [(row.verdict, row.match) for row in result.rows] == [("refused", None)] * 2
    repeated = [row for row in result.rows if codes(row) == [("email", Code.PERSON_REPEATED)]]
    assert all(row.problems[0].params["line"] == 5 - row.line for row in repeated)


def test_nobody_moves_into_an_address_that_another_row_is_leaving():
    uma = person(UMA, employee_id="E1", email="u@acme.example")
    zoe = known(ZOE, "E2", "Zoë Yılmaz", "z@acme.example")

    result = plan_of(
        "Employee ID,First name,Last name,Email\n"
        "E1,,,z@acme.example\nE2,Zoë,Yılmaz,new@acme.example\n",
        uma,
        zoe,
    )

    assert [codes(row) for row in result.rows] == [
        [("employee_id", Code.CONFLICTING_IDENTITY)],
        [("email", Code.PERSON_REPEATED)],
    ]


def test_rows_without_an_id_are_told_apart_by_their_address():
    result = plan_of("Employee ID,Email\n,a@acme.example\n,b@acme.example\n")

    assert [row.action for row in result.rows] == ["create", "create"]


@pytest.mark.parametrize("mapping", [{"shoe_size": 0}, {"email": 2}, {"email": -1}])
def test_a_mapping_to_nowhere_is_a_mistake(mapping):
    table = read_table(b"Email,Team\nu@acme.example,Data\n")

    with pytest.raises(ValueError, match="no such"):
        plan(table, mapping, existing=())


def test_one_column_for_two_fields_is_a_mistake():
    table = read_table(b"Email,Team\nu@acme.example,Data\n")

    with pytest.raises(ValueError, match="two fields"):
        plan(table, {"email": 0, "team": 0}, existing=())


def test_without_a_column_for_the_address_everybody_is_refused():
    result = plan_of("Team,Goal\nData,Listen\n")

    assert summary(result) == [(2, "refused", "refuse")]
