"""What people say of themselves to those they work with, field by field, and who reads each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from programs.models.programs import BELONGS, RUN_PROGRAMS, Enrolment, Program

if TYPE_CHECKING:
    from typing import Self


class ProfileEntryQuerySet(TenantQuerySet["ProfileEntry"]):
    def visible_to(self, member: Member) -> Self:
        """Everybody sees their own; others what is for them, as far as the program allows it.

        Whoever works with somebody sees more: `for_partners`, which partnerships decide.
        """
        rows = super().visible_to(member)
        theirs = Enrolment.objects.filter(BELONGS, member=OuterRef("member"))
        mine = Enrolment.objects.filter(BELONGS, member=member, cohort=OuterRef("cohort"))
        together = theirs.filter(Exists(mine), cohort__program__profiles_to_cohort=True)
        seen = Q(Exists(together), shown_to__contains=[ProfileEntry.Audience.COHORT])
        if member.role in RUN_PROGRAMS:
            runs = Program.objects.visible_to(member).filter(pk=OuterRef("cohort__program"))
            run = theirs.filter(Exists(runs), cohort__program__profiles_to_coordinators=True)
            seen |= Q(Exists(run), shown_to__contains=[ProfileEntry.Audience.COORDINATORS])
        return rows.filter(Q(member=member) | (seen & ~Q(member__state=Member.State.LEFT)))

    def for_partners(self) -> Self:
        """Return what people let their partners read; who is a partner, the caller knows."""
        shown = self.filter(shown_to__contains=[ProfileEntry.Audience.PARTNERS])
        return shown.exclude(member__state=Member.State.LEFT)

    def for_list(self) -> Self:
        return self.select_related("member")


class ProfileEntry(TenantModel):
    """One field of somebody's profile: their words, and whom they let read them."""

    class Field(models.TextChoices):
        OFFER = "offer", _("What I offer")
        SEEK = "seek", _("What I look for")
        GOAL = "goal", _("My goal")
        HOURS = "hours", _("When I am usually free")
        LANGUAGES = "languages", _("Languages")
        PRONOUNS = "pronouns", _("Pronouns")

    class Audience(models.TextChoices):
        PARTNERS = "partners", _("My partners")
        COHORT = "cohort", _("My cohort")
        COORDINATORS = "coordinators", _("The program’s coordinators")

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    field = models.CharField(max_length=10, choices=Field)
    # of languages "": they are a work fact, which stands in one place
    text = models.TextField(max_length=1000, blank=True)
    shown_to = ArrayField(models.CharField(max_length=12), default=list, blank=True)

    privacy = Privacy(Keep.PERSON, export=("member",), rows=True)
    objects = ProfileEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member", "field"], name="profile_field_once"
            )
        ]

    def __str__(self) -> str:
        return self.field

    @property
    def words(self) -> str:
        """Return what there is to read; "" where nothing is."""
        if self.field == self.Field.LANGUAGES:
            return ", ".join(self.member.languages)
        return self.text
