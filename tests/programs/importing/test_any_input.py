"""What must hold for every file, however strange; hypothesis writes the files."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.importing.fields import FIELDS
from programs.importing.planning import VERDICTS, ExistingPerson, plan
from programs.importing.tables import Table, TableRow

IDS = st.sampled_from(["", "E1", "e1", "E2", "E3", " E3 "])
EMAILS = st.sampled_from(
    ["", "a@b", "a@acme.example", "A@ACME.example", "b@acme.example", "c@acme.example"]
)
CELLS = st.text(max_size=12) | st.sampled_from(
    [
        "03.04.2019",
        "2020-05-07",
        "GMT+2",
        "Europe/Berlin",
        "-1",
        "3",
        "peer",
        "coaching (4); COACHING (9)",
        "Mon 09:00-11:00; Fun 1-2",
    ]
)


@st.composite
def tables(draw):
    """Tables with every field, a few people who get in each other's way, and any text."""
    strategies = {"employee_id": IDS, "manager": IDS, "email": EMAILS}
    row = st.tuples(*(strategies.get(name, CELLS) for name in FIELDS))
    cells = draw(st.lists(row, max_size=6))
    beyond = draw(st.integers(0, 1))
    rows = tuple(TableRow(line, each, beyond) for line, each in enumerate(cells, start=2))
    return Table(FIELDS, rows, "utf-8", ",")


WHOLE = {name: column for column, name in enumerate(FIELDS)}


def people_after(existing, result):
    """Everybody after the plan is applied; a manager is a link, so it follows a new id."""
    people = {each.id: each for each in existing}
    renamed = {
        people[row.match].values.employee_id.casefold(): row.values.employee_id
        for row in result.rows
        if row.action == "update" and people[row.match].values.employee_id
    }
    for key, each in people.items():
        manager = each.values.manager
        manager = renamed.get(manager.casefold(), manager)
        people[key] = replace(each, values=replace(each.values, manager=manager))
    for row in result.rows:
        if row.action in ("create", "update"):
            key = row.match or UUID(int=1_000_000 + len(people))
            people[key] = ExistingPerson(key, row.values)
    return list(people.values())


@pytest.mark.slow
@given(tables(), tables())
def test_each_line_has_one_verdict_and_a_second_import_changes_nothing(before, table):
    existing = people_after([], plan(before, WHOLE, existing=()))
    result = plan(table, WHOLE, existing=existing)

    assert [row.line for row in result.rows] == [row.line for row in table.rows]
    assert sum(result.counts.values()) == len(table.rows)
    assert tuple(result.counts) == VERDICTS
    for row in result.rows:
        assert (row.verdict == "refused") == (row.action == "refuse")
        assert bool(row.changes) == (row.action == "update")
        assert row.verdict not in ("question", "refused") or row.problems

    after = people_after(existing, result)
    emails = [each.values.email for each in after]
    ids = [each.values.employee_id.casefold() for each in after if each.values.employee_id]
    assert len(set(emails)) == len(emails)
    assert len(set(ids)) == len(ids)
    assert all(each.values.manager.casefold() in {"", *ids} for each in after)

    again = plan(table, WHOLE, existing=after)
    assert {row.action for row in again.rows} <= {"nothing", "refuse"}
    assert again.counts["refused"] == result.counts["refused"]


@given(st.lists(st.lists(st.text(), min_size=3, max_size=3), max_size=4), st.permutations(FIELDS))
def test_no_text_in_any_column_raises(cells, order):
    rows = tuple(TableRow(line, tuple(each)) for line, each in enumerate(cells, start=2))
    table = Table(("a", "b", "c"), rows, "utf-8", ",")

    result = plan(table, dict(zip(order[:3], range(3), strict=True)), existing=())

    assert [row.line for row in result.rows] == [row.line for row in rows]


@given(tables(), st.permutations(range(len(FIELDS))))
def test_permuted_columns_give_the_same_plan(table, order):
    rows = tuple(
        TableRow(row.line, tuple(row.cells[each] for each in order), row.beyond)
        for row in table.rows
    )
    shuffled = Table(tuple(FIELDS[each] for each in order), rows, "utf-8", ",")
    mapping = {FIELDS[each]: column for column, each in enumerate(order)}

    assert plan(shuffled, mapping, existing=()) == plan(table, WHOLE, existing=())
