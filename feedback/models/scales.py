"""Scales that an organisation brings itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantModel
from core.tenancy.privacy import Keep, Privacy

if TYPE_CHECKING:
    from typing import Self


OWN = "own-"  # before the id of one, among the keys of the library


class OwnScaleQuerySet(TenantQuerySet["OwnScale"]):
    def visible_to(self, member: Member) -> Self:
        """Whoever builds surveys."""
        rows = super().visible_to(member)
        if member.role in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows
        return rows.none()


class OwnScale(TenantModel):
    """A scale with its items, where it is from, and what its licence permits.

    `items` are [{"key", "words", "reversed"}], in their order.
    """

    name = models.CharField(max_length=80)
    question = models.CharField(max_length=200)
    items = models.JSONField(default=list)
    steps = ArrayField(models.CharField(max_length=60))
    source = models.CharField(max_length=300)
    licence = models.CharField(max_length=200)
    use = models.CharField(max_length=300, blank=True)
    # whether the licence lets the items leave this platform
    exportable = models.BooleanField(default=False)

    privacy = Privacy(Keep.ORGANISATION)
    objects = OwnScaleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="own_scale_name_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """Return by what it is found in the library, and in the surveys that ask its items."""
        return f"{OWN}{self.pk.hex}"
