"""The review of a program at the end of a cohort: what was said, and what changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import Row, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from feedback.models.testimonials import Testimonial
from pairing.models.runs import COORDINATING
from programs.models.programs import Cohort, Enrolment, Program

if TYPE_CHECKING:
    from typing import Self


class _OfReviewQuerySet(TenantQuerySet[Row]):
    """Rows of a review: for who runs the program, and once published for the cohort's people."""

    review = "review__"

    def visible_to(self, member: Member) -> Self:
        rows, of_cohort = super().visible_to(member), OuterRef(f"{self.review}cohort_id")
        theirs = Enrolment.objects.filter(
            cohort=of_cohort, member=member, state__in=Testimonial.PEOPLE
        )
        read = Q(Exists(theirs), **{f"{self.review}published_at__isnull": False})
        if member.role not in COORDINATING:
            return rows.filter(read)
        return rows.filter(read | Q(Exists(Cohort.objects.visible_to(member).filter(pk=of_cohort))))


class ProgramReviewQuerySet(_OfReviewQuerySet["ProgramReview"]):
    review = ""

    def for_list(self) -> Self:
        return self.select_related("organisation", "cohort__program", "cohort__organisation")


class ProgramReview(TenantModel):
    """What the people of a cohort said of the program, by theme, and what changes; then published.

    `themes` are a coordinator's, in order: `{"name": words, "comments": [digest]}`, each comment
    by the digest of its text, which stays where it was counted (SurveyResult).
    """

    cohort = TenantForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    themes = models.JSONField(default=list, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION)
    objects = ProgramReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "cohort"], name="program_review_once")
        ]

    def __str__(self) -> str:
        return str(self.cohort)

    def get_absolute_url(self) -> str:
        return reverse("feedback:review", args=[self.organisation.slug, self.cohort_id])


class ReviewChangeQuerySet(_OfReviewQuerySet["ReviewChange"]):
    def for_list(self) -> Self:
        return self.select_related("organisation", "review__cohort", "done_in")


class ReviewChange(TenantModel):
    """One thing that people said, and what changes because of it; done once a design has it."""

    MOST = 5

    review = TenantForeignKey(ProgramReview, on_delete=models.CASCADE, related_name="changes")
    place = models.PositiveSmallIntegerField()
    said = models.CharField(max_length=200)
    change = models.CharField(max_length=300)
    # the program whose design has it
    done_in = TenantForeignKey(
        Program, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    privacy = Privacy(Keep.ORGANISATION)
    objects = ReviewChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "review", "place"], name="review_change_once_per_place"
            )
        ]

    def __str__(self) -> str:
        return self.change


class ReviewQuoteQuerySet(_OfReviewQuerySet["ReviewQuote"]):
    def for_list(self) -> Self:
        return self.select_related("organisation", "testimonial__enrolment__member")


class ReviewQuote(TenantModel):
    """A testimonial beside the figure it explains; it goes with its consent."""

    review = TenantForeignKey(ProgramReview, on_delete=models.CASCADE, related_name="quotes")
    testimonial = TenantForeignKey(Testimonial, on_delete=models.CASCADE, related_name="+")
    # the question of the closing survey whose figure it stands beside
    item = models.CharField(max_length=40)

    privacy = Privacy(Keep.ORGANISATION)
    objects = ReviewQuoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "review", "testimonial"], name="review_quote_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.testimonial_id)
