"""Named choices of what counts, kept with a program and used by its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from pairing.models.runs import COORDINATING
from programs.models.programs import Program

if TYPE_CHECKING:
    from typing import Self


class CriteriaSetQuerySet(TenantQuerySet["CriteriaSet"]):
    def visible_to(self, member: Member) -> Self:
        """Owners and coordinators see the sets of programs they see; nobody else sees any."""
        rows = super().visible_to(member)
        if member.role not in COORDINATING:
            return rows.none()
        programs = Program.objects.visible_to(member).filter(pk=OuterRef("program_id"))
        return rows.filter(Exists(programs))

    def kept(self) -> Self:
        return self.filter(removed_at=None)


class CriteriaSet(TenantModel):
    """A named choice of weights, rules and aim; a run keeps its own copy of what it used."""

    program = TenantForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    policy = models.CharField(max_length=20)
    # what `pairing.inputs.choice.Choice` writes: weights by criterion, rules that are off, limits
    choice = models.JSONField(default=dict)
    made_by = TenantForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = CriteriaSetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "program", "name"],
                condition=Q(removed_at=None),
                name="criteria_set_name_once",
            )
        ]

    def __str__(self) -> str:
        return self.name
