"""How a partnership wants to work together: written by all, signed by each."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import Row, TenantForeignKey, TenantModel
from pairing.models.partnerships import Partnership, Seat, WordsQuerySet

if TYPE_CHECKING:
    from typing import Self


class _CharterQuerySet(TenantQuerySet["Charter"]):
    def visible_to(self, member: Member) -> Self:
        """That there is one, and of when, is a fact: seen with its partnership."""
        partnerships = Partnership.objects.visible_to(member).filter(pk=OuterRef("partnership_id"))
        return super().visible_to(member).filter(Exists(partnerships))


class Charter(TenantModel):
    """The facts of a charter.

    `revision` counts its changes; who has signed an earlier one is asked again.
    """

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    revision = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(default=clock.now)

    objects = _CharterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "partnership"], name="charter_once")
        ]

    def __str__(self) -> str:
        return str(self.partnership)


class _OfCharterQuerySet(WordsQuerySet[Row]):
    """Rows with the words of a charter: for its partners."""

    partnership: ClassVar[str] = "charter__partnership_id"


class CharterSection(TenantModel):
    """One section as it reads now, which is its CharterEdit of `version` (0: none yet)."""

    charter = TenantForeignKey(Charter, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=120)
    prompt = models.CharField(max_length=300, blank=True)
    version = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(blank=True, max_length=4000)

    objects = _OfCharterQuerySet["CharterSection"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "charter", "position"], name="section_position_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.position)


class _OfSectionQuerySet(WordsQuerySet["CharterEdit"]):
    partnership: ClassVar[str] = "section__charter__partnership_id"


class CharterEdit(TenantModel):
    """A section as it was left once: every text is kept."""

    section = TenantForeignKey(CharterSection, on_delete=models.CASCADE, related_name="edits")
    version = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=4000, blank=True)
    by = TenantForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = _OfSectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "section", "version"], name="charter_edit_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.version)


class CharterSignature(TenantModel):
    """One partner's word on one revision: signed, or objected to with a reason."""

    charter = TenantForeignKey(Charter, on_delete=models.CASCADE, related_name="signatures")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    revision = models.PositiveIntegerField()
    signed = models.BooleanField()
    reason = models.CharField(max_length=600, blank=True)
    at = models.DateTimeField()

    objects = _OfCharterQuerySet["CharterSignature"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "charter", "seat", "revision"], name="signature_once"
            ),
            models.CheckConstraint(
                name="signature_objection_has_a_reason",
                condition=Q(signed=True, reason="") | (Q(signed=False) & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.revision)
