"""Fit: whether a partnership works for a partner, asked at two moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from feedback.models.words import Audience, WordsQuerySet
from pairing.models.partnerships import Cause, Seat
from programs.models.programs import Cohort

if TYPE_CHECKING:
    from typing import Self


class FitQuestionQuerySet(TenantQuerySet["FitQuestion"]):
    def visible_to(self, member: Member) -> Self:
        """Everybody sees their own; coordinators of the program those they were let see.

        A coordinator who sits at the same table is a partner there, and partners never see it.
        """
        rows = super().visible_to(member)
        own = Q(seat__enrolment__member=member)
        if member.role not in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows.filter(own)
        runs = Cohort.objects.visible_to(member).filter(pk=OuterRef("seat__partnership__cohort_id"))
        sits = Seat.objects.filter(
            partnership=OuterRef("seat__partnership"), enrolment__member=member
        )
        return rows.filter(own | Q(Exists(runs), ~Exists(sits), coordinator_sees=True))

    def of(self, member: Member) -> Self:
        """Return this person's own: theirs to answer, whatever else they may see."""
        return self.filter(seat__enrolment__member=member)

    def for_list(self) -> Self:
        return self.select_related(
            "organisation", "seat__enrolment__member", "seat__partnership__cohort__program"
        )


class FitQuestion(TenantModel):
    """One partner is asked, once for each moment, whether the partnership works for them."""

    class Moment(models.TextChoices):
        FIRST_SESSION = "first_session", _("After the first session")
        DAY_30 = "day_30", _("After a month")

    class Fits(models.TextChoices):
        YES = "yes", _("Yes")
        MOSTLY = "mostly", _("Mostly")
        NO = "no", _("No")

    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    moment = models.CharField(max_length=13, choices=Moment)
    opened_at = models.DateTimeField()
    due_on = models.DateField()  # the first day on which it is no longer asked
    answered_at = models.DateTimeField(null=True, blank=True)
    fits = models.CharField(max_length=6, choices=Fits, blank=True)
    cause = models.CharField(max_length=8, choices=Cause, blank=True)
    # whether a coordinator may read the answer: said beside the field, on at first
    coordinator_sees = models.BooleanField(default=True)

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
    objects = FitQuestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "seat", "moment"], name="fit_question_once_per_moment"
            ),
            models.CheckConstraint(
                name="fit_question_answered_whole",
                condition=Q(answered_at=None, fits="", cause="")
                | (Q(answered_at__isnull=False) & ~Q(fits="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "due_on"],
                name="fit_question_open",
                condition=Q(answered_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.seat_id} {self.moment}"

    def get_absolute_url(self) -> str:
        return reverse("feedback:fit", args=[self.organisation.slug, self.pk])


class FitWords(TenantModel):
    """The words with an answer: only the stated readers may see them, by the database's rule."""

    question = TenantForeignKey(FitQuestion, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=1000)
    readers = ArrayField(models.UUIDField())
    audience = models.CharField(
        max_length=12, choices=Audience, blank=True, default="", db_default=""
    )

    privacy = Privacy(Keep.PERSON, export=("question__seat__enrolment__member",), erase=("text",))
    objects = WordsQuerySet["FitWords"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "question"], name="fit_words_once")
        ]

    def __str__(self) -> str:
        return str(self.question_id)
