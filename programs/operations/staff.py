"""Who runs a program: coordinators are named on it and taken off it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from core.accounts.errors import RoleAboveYours
from core.audit.operations import record
from core.common.rows import row_by_row
from core.members.models import Member
from core.members.permissions import is_below
from programs.models.programs import Program, ProgramStaff


@transaction.atomic
def name_coordinator(*, program: Program, member: Member, by: Member) -> ProgramStaff:
    """Let a coordinator run this program; raises RoleAboveYours if `by` does not run it."""
    if not Program.objects.visible_to(by).filter(pk=program.pk).exists():
        raise RoleAboveYours
    if member.role != Member.Role.COORDINATOR:
        raise ValueError(f"{member.pk} is no coordinator")
    row, is_new = ProgramStaff.objects.get_or_create(program=program, member=member)
    if is_new:
        record(by=by, verb="program.coordinator_named", target=program, member=str(member.pk))
    return row


@transaction.atomic
def take_off_the_gone(*, at: datetime) -> int:
    """Take who has left off their programs: who is back runs what they are named on anew.

    Or whoever invites them back would give more than they have.
    """
    gone = Q(member__state=Member.State.LEFT) | Q(member__left_at__gte=F("created_at"))
    rows = ProgramStaff.objects.filter(gone, created_at__lte=at).select_related("program")
    return row_by_row(rows, _take_off)


def _take_off(row: ProgramStaff) -> None:
    row.delete()
    details = {"member": str(row.member_id)}
    record(by=None, verb="program.coordinator_removed", target=row.program, **details)


@transaction.atomic
def remove_coordinator(*, program: Program, member: Member, by: Member) -> None:
    """Take a coordinator off this program: themselves, or one below `by`.

    Raises RoleAboveYours for anybody else; who runs all programs runs this one still.
    """
    if by.pk != member.pk and not is_below(member, by):
        raise RoleAboveYours
    removed, _by_model = ProgramStaff.objects.filter(program=program, member=member).delete()
    if removed:
        record(by=by, verb="program.coordinator_removed", target=program, member=str(member.pk))
