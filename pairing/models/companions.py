"""A mentor beside a circle: no seat, so no turn, no vote, and no part in its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import Partnership

if TYPE_CHECKING:
    from typing import Self


class _CompanionQuerySet(TenantQuerySet["Companion"]):
    def visible_to(self, member: Member) -> Self:
        """Seen by who sees the circle, and by the companion."""
        circles = Partnership.objects.visible_to(member).filter(pk=OuterRef("partnership_id"))
        return super().visible_to(member).filter(Q(member=member) | Exists(circles))

    def beside_now(self) -> Self:
        """Return those who are there now; who has left the organisation is not."""
        rows = self.filter(left_at=None, partnership__state__in=Partnership.OPEN)
        return rows.exclude(member__state=Member.State.LEFT).for_list()

    def for_list(self) -> Self:
        return self.select_related("member", "organisation", "partnership__cohort__program")


class Companion(TenantModel):
    """Somebody with experience whom a coordinator puts beside a circle, from – to."""

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION, export=("member",))
    objects = _CompanionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "partnership"],
                condition=Q(left_at=None),
                name="companion_one_per_partnership",
            )
        ]

    def __str__(self) -> str:
        return str(self.member_id)

    def get_absolute_url(self) -> str:
        return reverse("pairing:accompanied", args=[self.organisation.slug, self.pk])
