"""Making a program from a design file."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from core.audit.operations import record
from core.common.errors import refusing
from core.members.models import Member
from programs.errors import NameTaken
from programs.interchange.reading import BY_KEY, PARTS, Design, problems_of
from programs.models.parts import MeetingRole
from programs.models.programs import Program
from programs.operations.designs import keep_in_sight


@transaction.atomic
def import_design(*, design: Design, name: str, by: Member) -> Program:
    """Make a program of that name from a design without problems; raises NameTaken.

    Raises ValueError for a design that `problems_of` finds fault with.
    """
    if problems := problems_of(design):
        raise ValueError(str(problems))
    with refusing("program_name_once", NameTaken()):
        program: Program = Program.objects.create(**{**design["program"], "name": name.strip()})
    made: dict[str, dict[str, Any]] = {}
    for part, (model, fields) in PARTS.items():
        made[part] = {}
        for row in design[part]:
            values = {field: row[field] for field in fields if field not in BY_KEY}
            if row.get("competency"):
                values["competency"] = made["competencies"][row["competency"]]
            kept = model._default_manager.create(program_id=program.pk, **values)
            made[part][row.get("key", "")] = kept
    for row in design["meeting_roles"]:
        if row["after"]:
            role = MeetingRole.objects.filter(pk=made["meeting_roles"][row["key"]].pk)
            role.update(after=made["meeting_roles"][row["after"]])
    keep_in_sight(program, by)
    record(by=by, verb="program.imported", target=program)
    return program
