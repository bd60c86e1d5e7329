"""How a partnership wants to work together: written by all, signed by each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import FactsQuerySet, Partnership, Seat, WordsQuerySet

if TYPE_CHECKING:
    from typing import Self


class _CharterQuerySet(FactsQuerySet["Charter"]):
    """That there is one, and of when, is a fact: seen with its partnership."""


class Charter(TenantModel):
    """The facts of a charter.

    `revision` counts its changes; who has signed an earlier one is asked again.
    """

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    revision = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(default=clock.now)

    privacy = Privacy(Keep.ORGANISATION, export=("partnership__seats__enrolment__member",))
    objects = _CharterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "partnership"], name="charter_once")
        ]

    def __str__(self) -> str:
        return str(self.partnership)


class _SectionQuerySet(WordsQuerySet["CharterSection"]):
    """A section as it reads now; who left before it was changed reads its earlier edits."""

    partnership = "charter__partnership_id"
    written = ("written_at",)

    def visible_to(self, member: Member) -> Self:
        latest = CharterEdit.objects.filter(section=OuterRef("pk"), version=OuterRef("version"))
        written_at = Coalesce(Subquery(latest.values("at")[:1]), F("created_at"))
        return super(_SectionQuerySet, self.annotate(written_at=written_at)).visible_to(member)


class CharterSection(TenantModel):
    """One section as it reads now, which is its CharterEdit of `version` (0: none yet)."""

    charter = TenantForeignKey(Charter, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=120)
    prompt = models.CharField(max_length=300, blank=True)
    version = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(blank=True, max_length=4000)

    privacy = Privacy(
        Keep.PARTNERSHIP,
        export=("charter__partnership__seats__enrolment__member",),
        shared=("text",),
        partnership="charter__partnership",
    )
    objects = _SectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "charter", "position"], name="section_position_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.position)


class _EditQuerySet(WordsQuerySet["CharterEdit"]):
    partnership = "section__charter__partnership_id"
    written = ("at",)


class CharterEdit(TenantModel):
    """A section as it was left once: every text is kept."""

    section = TenantForeignKey(CharterSection, on_delete=models.CASCADE, related_name="edits")
    version = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=4000, blank=True)
    by = TenantForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    privacy = Privacy(Keep.PERSON, export=("by__enrolment__member",), erase=("text",))
    objects = _EditQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "section", "version"], name="charter_edit_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.version)


class _SignatureQuerySet(WordsQuerySet["CharterSignature"]):
    partnership = "charter__partnership_id"
    written = ("at",)


class CharterSignature(TenantModel):
    """One partner's word on one revision: signed, or objected to with a reason."""

    charter = TenantForeignKey(Charter, on_delete=models.CASCADE, related_name="signatures")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    revision = models.PositiveIntegerField()
    signed = models.BooleanField()
    reason = models.CharField(max_length=600, blank=True)
    at = models.DateTimeField()

    privacy = Privacy(Keep.PERSON, export=("seat__enrolment__member",), erase=("reason",))
    objects = _SignatureQuerySet.as_manager()

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
