"""Recognition: milestones, thanks among partners, and the certificate of a completed program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import StampedModel, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import FactsQuerySet, Partnership, Seat
from pairing.models.runs import COORDINATING
from programs.models.programs import Cohort, Enrolment

if TYPE_CHECKING:
    from typing import Self


class CertificateQuerySet(TenantQuerySet["Certificate"]):
    def visible_to(self, member: Member) -> Self:
        """Everybody sees their own; who runs the program sees those of its people."""
        rows, own = super().visible_to(member), Q(enrolment__member=member)
        if member.role not in COORDINATING:
            return rows.filter(own)
        runs = Cohort.objects.visible_to(member).filter(pk=OuterRef("enrolment__cohort_id"))
        return rows.filter(own | Exists(runs))

    def facts_for(self, member: Member) -> Self:
        """Return those whose facts a token of this member may read: HR reads all of them."""
        if member.role == Member.Role.HR:
            return super().visible_to(member)
        return self.visible_to(member)

    def of(self, member: Member) -> Self:
        """Return this person's own, whatever else they may see."""
        return self.filter(enrolment__member=member)

    def for_list(self) -> Self:
        return self.select_related(
            "organisation", "enrolment__member", "enrolment__cohort__program", "revoked_by"
        )


class Certificate(StampedModel):
    """That one enrolment was completed; its public address is a Key, and this row decides.

    What stands on it is read from the facts each time, so that a correction reaches it.
    """

    enrolment = TenantForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    issued_at = models.DateTimeField()
    # whether what the roles practise stands on it: as the person wishes
    shows_competencies = models.BooleanField(default=False)
    # for good; without `revoked_by` it went with an erasure
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = TenantForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoked_words = models.TextField(max_length=500, blank=True)

    privacy = Privacy(Keep.PERSON, export=("enrolment__member",), erase=("revoked_words",))
    objects = CertificateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "enrolment"], name="certificate_once_per_enrolment"
            )
        ]

    def __str__(self) -> str:
        return str(self.enrolment)

    def get_absolute_url(self) -> str:
        return reverse("feedback:certificate", args=[self.organisation.slug, self.pk])

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None


class ThanksQuerySet(TenantQuerySet["Thanks"]):
    def visible_to(self, member: Member) -> Self:
        """Only whom the author let read it; the database shows it to nobody else."""
        return super().visible_to(member).filter(readers__contains=[member.pk])

    def for_list(self) -> Self:
        return self.select_related("organisation", "partnership", "author", "to")


class Thanks(TenantModel):
    """What one partner thanks another for: both read it, and if the author likes their table."""

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    author = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    to = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=500)
    # whether everybody who sat there then may read it
    shown = models.BooleanField(default=False)
    given_at = models.DateTimeField()
    readers = ArrayField(models.UUIDField())

    privacy = Privacy(Keep.PERSON, export=("author", "to"), about=("author",), erase=("text",))
    objects = ThanksQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="thanks_are_of_somebody_else", condition=~Q(author=F("to"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.partnership_id)


class MilestoneQuerySet(FactsQuerySet["Milestone"]):
    def visible_to(self, member: Member) -> Self:
        """Partners see those of their table; who runs the program all but what somebody wanted
        for themselves: goals are their partners' to know."""
        wanted = Q(kind=Milestone.Kind.GOAL_MET, seat__isnull=False)
        return super().visible_to(member).filter(~wanted | Q(self.from_a_seat_of(member)))

    def for_list(self) -> Self:
        return self.select_related("organisation", "partnership", "seat__enrolment__member")


class Milestone(TenantModel):
    """Something to celebrate, found in the facts: once for a person's seat, or for a table.

    Its rule is in feedback/recognition/milestones.py; it goes if the fact is corrected.
    """

    class Kind(models.TextChoices):
        CONTACT_KEPT = "contact_kept", gettext_lazy("Three months of regular contact")
        GOAL_MET = "goal_met", gettext_lazy("A goal is reached")
        FIRST_LEAD = "first_lead", gettext_lazy("A session led for the first time")
        EVERYBODY_LED = "everybody_led", gettext_lazy("Everybody has led a session")
        ALL_ROLES_HELD = "all_roles_held", gettext_lazy("Every role held")
        DECISION_KEPT = "decision_kept", gettext_lazy("A decision kept at its review")
        CLOSING_DONE = "closing_done", gettext_lazy("Completed as agreed")

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    # whose it is; None: everybody's at the table
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=14, choices=Kind)
    reached_at = models.DateTimeField()

    privacy = Privacy(Keep.ORGANISATION, export=("partnership__seats__enrolment__member",))
    objects = MilestoneQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "partnership", "seat", "kind"],
                name="milestone_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return str(self.partnership_id)

    @property
    def words(self) -> str:
        """Return what there is to celebrate, with whose it is."""
        if self.seat is None:
            return str(self.get_kind_display())
        said = {"name": self.seat.enrolment.member.full_name, "what": self.get_kind_display()}
        return _("%(name)s: %(what)s") % said
