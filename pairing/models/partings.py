"""What people say when a partnership rests or ends: a cause for the next matching, kind words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import COORDINATING
from programs.models.programs import Cohort

if TYPE_CHECKING:
    from typing import Self


class Cause(models.TextChoices):
    """What should be different next time: of the match, never of a person."""

    TIME = "time", _("Time: we found no hours for it")
    GOALS = "goals", _("Goals: we want different things")
    STYLE = "style", _("Style: we work differently")
    DISTANCE = "distance", _("Distance: places or time zones")
    OTHER = "other", _("Something else")


class PartingQuerySet(TenantQuerySet["Parting"]):
    def visible_to(self, member: Member) -> Self:
        """Everybody sees their own; coordinators of the program those they were let see.

        A coordinator who sat at the same table was a partner there, and partners never see it.
        """
        rows = super().visible_to(member)
        own = Q(seat__enrolment__member=member)
        if member.role not in COORDINATING:
            return rows.filter(own)
        runs = Cohort.objects.visible_to(member).filter(pk=OuterRef("seat__partnership__cohort_id"))
        sits = Seat.objects.filter(
            partnership=OuterRef("seat__partnership"), enrolment__member=member
        )
        return rows.filter(own | Q(Exists(runs), ~Exists(sits), coordinator_sees=True))


class Parting(TenantModel):
    """What one person wants to be different after a partnership that ended."""

    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    cause = models.CharField(max_length=8, choices=Cause)
    # said beside the field, on at first
    coordinator_sees = models.BooleanField(default=True)
    said_at = models.DateTimeField()

    objects = PartingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "seat"], name="parting_once_per_seat")
        ]

    def __str__(self) -> str:
        return self.cause


class KindWordsQuerySet(TenantQuerySet["KindWords"]):
    def visible_to(self, member: Member) -> Self:
        """Only the partners it was said among; the database shows it to nobody else."""
        return super().visible_to(member).filter(readers__contains=[member.pk])


class KindWords(TenantModel):
    """What one partner says to the others when the partnership rests or ends: theirs alone."""

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    author = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=1000)
    said_at = models.DateTimeField()
    readers = ArrayField(models.UUIDField())

    objects = KindWordsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "partnership", "author"], name="kind_words_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.partnership_id)
