"""The audit trail: who did what to what, when.  Rows are written once and never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from core.members.models import Member, TenantQuerySet
from core.members.permissions import Permission, can
from core.tenancy.models import TenantModel
from core.tenancy.privacy import Keep, Privacy

if TYPE_CHECKING:
    from typing import Self


class AuditEventQuerySet(TenantQuerySet["AuditEvent"]):
    def visible_to(self, member: Member) -> Self:
        rows = super().visible_to(member)
        return rows if can(member, Permission.AUDIT_READ) else rows.none()


class AuditEvent(TenantModel):
    """One administrative act.  No foreign keys: it outlives what it speaks of.

    Of people it holds ids alone: their names are looked up when it is read (`names.py`), so that
    it keeps the act of somebody who has been erased.  `target_name` is of what is nobody's own.
    """

    actor_id = models.UUIDField(null=True, blank=True)
    # written by the releases before; a later one drops it
    actor_name = models.CharField(max_length=320, blank=True)
    verb = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=60)
    target_id = models.UUIDField(null=True, blank=True)
    target_name = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()

    privacy = Privacy(Keep.ORGANISATION, export=("actor_id",))
    objects = AuditEventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organisation", "-id"], name="audit_newest_first")]

    def __str__(self) -> str:
        return f"{self.verb} {self.target_kind}"
