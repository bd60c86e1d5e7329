"""One person's private calendar feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel

if TYPE_CHECKING:
    from typing import Self


class CalendarFeedQuerySet(TenantQuerySet["CalendarFeed"]):
    def visible_to(self, member: Member) -> Self:
        """People see their own."""
        return super().visible_to(member).filter(member=member)


class CalendarFeed(TenantModel):
    """One person's private calendar feed; its address is a Key that can be revoked."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member"],
                condition=Q(revoked_at=None),
                name="calendar_feed_one_open",
            )
        ]

    def __str__(self) -> str:
        return str(self.member_id)
