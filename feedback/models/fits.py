"""Whether a partnership works for each of its people, and which have fallen silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from pairing.models.partnerships import Cause, Partnership, Seat
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


class FitWordsQuerySet(TenantQuerySet["FitWords"]):
    def visible_to(self, member: Member) -> Self:
        """Only the stated readers; the database shows it to nobody else in any case."""
        return super().visible_to(member).filter(readers__contains=[member.pk])


class FitWords(TenantModel):
    """The words with an answer: only the stated readers may see them, by the database's rule."""

    question = TenantForeignKey(FitQuestion, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=1000)
    readers = ArrayField(models.UUIDField())

    objects = FitWordsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "question"], name="fit_words_once")
        ]

    def __str__(self) -> str:
        return str(self.question_id)


class StaleWarning(TenantModel):
    """A partnership was warned that it has had no contact since a day: it lapses 30 days later."""

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    silent_since = models.DateField()
    warned_on = models.DateField()

    objects = TenantQuerySet["StaleWarning"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "partnership", "silent_since"],
                name="stale_warning_once_per_silence",
            ),
            models.CheckConstraint(
                name="stale_warning_after_silence", condition=Q(warned_on__gt=F("silent_since"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.partnership_id)
