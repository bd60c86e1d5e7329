"""Who runs a program."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from core.members.models import Member
from programs.models.programs import Program, ProgramStaff


def coordinators_of(program: Program) -> list[Member]:
    """Return the coordinators who run this program: named on it, or named nowhere."""
    staffed = ProgramStaff.objects.filter(member=OuterRef("pk"))
    runs = Exists(staffed.filter(program=program)) | ~Exists(staffed)
    people = Member.objects.live().filter(runs, role=Member.Role.COORDINATOR)
    return list(people.order_by("given_name", "pk"))
