"""Who may publish in a program beside somebody."""

from __future__ import annotations

from core.members.models import Member
from pairing.models.runs import COORDINATING
from programs.models.programs import Program


def approvers_of(program: Program, *, but: Member) -> list[Member]:
    """Return the live owners and coordinators who see this program, without `but`, by name."""
    able = Member.objects.filter(state=Member.State.LIVE, role__in=COORDINATING).exclude(pk=but.pk)
    return [
        member
        for member in able.order_by("family_name", "given_name", "id")
        if Program.objects.visible_to(member).filter(pk=program.pk).exists()
    ]
