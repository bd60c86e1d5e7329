"""What an import would do, computed anew each time from the file and the people we have."""

from __future__ import annotations

from typing import Any

from core.members.models import Member
from programs.importing.fields import FACTS
from programs.importing.parsing import parse_level
from programs.importing.planning import ExistingPerson, Plan, plan
from programs.importing.values import PersonValues
from programs.models.imports import PeopleImport


def plan_people(people_import: PeopleImport) -> Plan:
    """Plan an import by its confirmed columns against the people of the organisation in force.

    Answers are not compared: they are a person's own once they have enrolled.
    """
    members = Member.objects.select_related("manager").order_by("id")
    existing = [ExistingPerson(member.pk, _values(member)) for member in members]
    return plan(people_import.table, people_import.mapping, existing=existing, compare=FACTS)


def _values(member: Member) -> PersonValues:
    values: dict[str, Any] = {name: getattr(member, name) for name in FACTS}
    values["level"] = parse_level(member.level).value
    values["languages"] = tuple(member.languages)
    values["manager"] = member.manager.employee_id if member.manager else ""
    return PersonValues(**values)
