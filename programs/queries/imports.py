"""What an import would do, computed anew each time from the file and the people we have."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from core.members.models import Member
from programs.importing.fields import FACTS, FIELDS
from programs.importing.parsing import parse_level
from programs.importing.planning import ExistingPerson, Plan, PlannedRow, plan
from programs.importing.values import PersonValues
from programs.models.imports import PeopleImport


def known_people() -> list[ExistingPerson]:
    """Return everybody of the organisation as an import compares them, in one statement."""
    members = Member.objects.select_related("manager").order_by("id")
    return [ExistingPerson(member.pk, _values(member)) for member in members]


def _values(member: Member) -> PersonValues:
    values: dict[str, Any] = {name: getattr(member, name) for name in FACTS}
    values["level"] = parse_level(member.level).value
    values["languages"] = tuple(member.languages)
    values["manager"] = member.manager.employee_id if member.manager else ""
    return PersonValues(**values)


@dataclass(frozen=True)
class ImportPreview:
    """What importing a file would do.

    `digest` names the decisions: applying refuses when they have become others.
    """

    plan: Plan
    digest: str


def preview_import(people_import: PeopleImport) -> ImportPreview:
    """Return what importing the file with its confirmed columns would do now."""
    import_plan = plan_people(people_import)
    return ImportPreview(import_plan, digest_of(import_plan))


def plan_people(people_import: PeopleImport) -> Plan:
    """Plan an import by its confirmed columns against the people of the organisation in force.

    Answers are not compared: they are a person's own once they have enrolled.
    """
    return plan(people_import.table, people_import.mapping, existing=known_people(), compare=FACTS)


def digest_of(import_plan: Plan) -> str:
    """Return a short name for all decisions of a plan."""
    digest = hashlib.sha256()
    for row in import_plan.rows:
        digest.update(repr(_decision(row)).encode())
    return digest.hexdigest()[:32]


def _decision(row: PlannedRow) -> tuple[object, ...]:
    values = tuple(getattr(row.values, name) for name in FIELDS)
    return (row.line, row.verdict, row.action, row.match, row.changes, values)
