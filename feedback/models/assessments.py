"""Assessments: competency ratings of one person, by themselves and by their peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from programs.models.parts import Competency
from programs.models.programs import Enrolment

if TYPE_CHECKING:
    from typing import Self


class AssessmentQuerySet(TenantQuerySet["Assessment"]):
    def visible_to(self, member: Member) -> Self:
        """A self-assessment is its author's own."""
        return super().visible_to(member).filter(enrolment__member=member)

    def for_list(self) -> Self:
        return self.select_related("organisation", "enrolment__cohort__program")


class Assessment(TenantModel):
    """Competency ratings of one person by themselves, at the start, the midpoint or the end.

    `scales` holds by item what they answered to the scales that are asked beside them.
    """

    class Moment(models.TextChoices):
        START = "start", _("Start")
        MIDPOINT = "mid", _("Midpoint")
        END = "end", _("End")

    enrolment = TenantForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    moment = models.CharField(max_length=5, choices=Moment)
    opened_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    scales = models.JSONField(default=dict, blank=True, db_default={})

    privacy = Privacy(Keep.ORGANISATION, export=("enrolment__member",))
    objects = AssessmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "enrolment", "moment"], name="assessment_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.moment}"

    def get_absolute_url(self) -> str:
        return reverse("feedback:assessment", args=[self.organisation.slug, self.pk])


class _AssessmentRatingQuerySet(TenantQuerySet["AssessmentRating"]):
    def visible_to(self, member: Member) -> Self:
        """Seen with its assessment: by its author."""
        return super().visible_to(member).filter(assessment__enrolment__member=member)


class AssessmentRating(TenantModel):
    """One competency in one assessment, 1–5."""

    assessment = TenantForeignKey(Assessment, on_delete=models.CASCADE, related_name="ratings")
    competency = TenantForeignKey(Competency, on_delete=models.PROTECT, related_name="+")
    rating = models.PositiveSmallIntegerField()

    privacy = Privacy(Keep.ORGANISATION, export=("assessment__enrolment__member",))
    objects = _AssessmentRatingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "assessment", "competency"], name="assessment_rating_once"
            ),
            models.CheckConstraint(
                name="assessment_rating_one_to_five", condition=Q(rating__gte=1, rating__lte=5)
            ),
        ]

    def __str__(self) -> str:
        return str(self.rating)


class PeerResultQuerySet(TenantQuerySet["PeerResult"]):
    def visible_to(self, member: Member) -> Self:
        """The one who was rated, and only where enough rated them."""
        return super().visible_to(member).filter(enrolment__member=member, shown=True)


class PeerResult(TenantModel):
    """What the peers of one person said at one moment, counted once at the close; frozen.

    Where fewer than three answered it is not `shown`, for good.  `variance` is pooled over all
    competencies, with so many `degrees` of freedom: from it nobody's mark follows.
    """

    enrolment = TenantForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    moment = models.CharField(max_length=5, choices=Assessment.Moment)
    shown = models.BooleanField()
    variance = models.DecimalField(max_digits=6, decimal_places=4, null=True, blank=True)
    degrees = models.PositiveSmallIntegerField(default=0)

    privacy = Privacy(Keep.ORGANISATION, export=("enrolment__member",))
    objects = PeerResultQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "enrolment", "moment"], name="peer_result_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.moment}"


class _PeerMarkQuerySet(TenantQuerySet["PeerMark"]):
    def visible_to(self, member: Member) -> Self:
        """Seen with its result: by the one who was rated."""
        return (
            super().visible_to(member).filter(result__enrolment__member=member, result__shown=True)
        )


class PeerMark(TenantModel):
    """One competency as `n` peers rated it: the sum of their marks.

    Where all gave the highest or the lowest mark the sum is one less or more: otherwise
    everybody's mark could be read from it.
    """

    result = TenantForeignKey(PeerResult, on_delete=models.CASCADE, related_name="marks")
    competency = TenantForeignKey(Competency, on_delete=models.PROTECT, related_name="+")
    total = models.PositiveSmallIntegerField()
    n = models.PositiveSmallIntegerField()

    privacy = Privacy(Keep.ORGANISATION, export=("result__enrolment__member",))
    objects = _PeerMarkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "result", "competency"], name="peer_mark_once"
            ),
            models.CheckConstraint(name="peer_mark_of_three", condition=Q(n__gte=3)),
            models.CheckConstraint(
                name="peer_mark_between",
                condition=Q(total__gt=models.F("n"), total__lt=models.F("n") * 5),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.total} of {self.n}"
