"""What an import would do, computed anew each time from the file and the people we have."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mentoring.identity.models import Member
from programs.errors import FileGone
from programs.importing import (
    FIELDS,
    ExistingPerson,
    PersonValues,
    Plan,
    PlannedRow,
    Table,
    plan,
    read_table,
)
from programs.importing.parsing import parse_level
from programs.models import PeopleImport

# What only an enrolment knows.  These are a person's own answers once they have enrolled, so
# that no file changes them: such a cell never makes a row "changed".
ANSWERS = (
    "part",
    "skills_offered",
    "skills_sought",
    "goal",
    "interests",
    "availability",
    "capacity",
)


def known_people() -> list[ExistingPerson]:
    """Return everybody of the organisation as an import compares them, in one statement."""
    members = Member.objects.select_related("manager").order_by("id")
    return [ExistingPerson(member.pk, _values(member)) for member in members]


def _values(member: Member) -> PersonValues:
    return PersonValues(
        employee_id=member.employee_id,
        given_name=member.given_name,
        family_name=member.family_name,
        email=member.email,
        department=member.department,
        team=member.team,
        job_title=member.job_title,
        level=parse_level(member.level).value,
        location=member.location,
        country=member.country,
        time_zone=member.time_zone,
        languages=tuple(member.languages),
        manager=member.manager.employee_id if member.manager else "",
        hired_on=member.hired_on,
    )


@dataclass(frozen=True)
class ImportPreview:
    """What importing a file would do.

    `digest` names the decisions: applying refuses when they have become others.
    """

    plan: Plan
    digest: str


def read_import(people_import: PeopleImport) -> Table:
    """Return the rows of an import's file; raises FileGone, or UnreadableFile."""
    if people_import.file is None:
        raise FileGone
    return read_table(bytes(people_import.file.content))


def preview_import(people_import: PeopleImport) -> ImportPreview:
    """Return what importing the file with its confirmed columns would do now."""
    decided = plan_people(read_import(people_import), people_import.mapping)
    return ImportPreview(decided, digest_of(decided))


def plan_people(table: Table, mapping: Mapping[str, int | None]) -> Plan:
    """Plan a table against the people of the organisation in force.

    Answers are not compared (see ANSWERS): who is known is planned a second time with the
    answers of their own row, which so cannot differ.
    """
    existing = known_people()
    first = plan(table, mapping, existing=existing)
    said = {row.match: row.values for row in first.rows if row.match}
    if not said:
        return first
    alike = [
        ExistingPerson(each.id, _with_answers(each.values, said.get(each.id))) for each in existing
    ]
    return plan(table, mapping, existing=alike)


def _with_answers(values: PersonValues, row: PersonValues | None) -> PersonValues:
    if row is None:
        return values
    answers: dict[str, Any] = {name: getattr(row, name) for name in ANSWERS}
    return replace(values, **answers)


def digest_of(decided: Plan) -> str:
    """Return a short name for all decisions of a plan."""
    found = hashlib.sha256()
    for row in decided.rows:
        found.update(repr(_decision(row)).encode())
    return found.hexdigest()[:32]


def _decision(row: PlannedRow) -> tuple[object, ...]:
    values = tuple(getattr(row.values, name) for name in FIELDS)
    return (row.line, row.verdict, row.action, row.match, row.changes, values)
