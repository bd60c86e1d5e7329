"""What people say of how it goes: check-ins, ratings, competencies, and whether it fits."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import Row, TenantForeignKey, TenantModel
from pairing.models.partnerships import Cause, Partnership, Seat
from programs.models.parts import Competency
from programs.models.programs import Cohort, Enrolment
from sessions.models.sessions import Session

if TYPE_CHECKING:
    from typing import Self


class CheckInQuerySet(TenantQuerySet["CheckIn"]):
    def visible_to(self, member: Member) -> Self:
        """Everybody sees their own; coordinators the facts of their programs' partnerships."""
        rows = super().visible_to(member)
        own = Q(seat__enrolment__member=member)
        if member.role in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            partnerships = Partnership.objects.visible_to(member)
            return rows.filter(own | Exists(partnerships.filter(pk=OuterRef("seat__partnership"))))
        return rows.filter(own)

    def facts_for(self, member: Member) -> Self:
        """Return those whose facts a token of this member may read."""
        partnerships = Partnership.objects.facts_for(member)
        rows = super().visible_to(member)
        return rows.filter(Exists(partnerships.filter(pk=OuterRef("seat__partnership"))))

    def of(self, member: Member) -> Self:
        """Return this person's own: theirs to answer, whatever else they may see."""
        return self.filter(seat__enrolment__member=member)

    def unanswered(self) -> Self:
        return self.filter(answered_at=None)

    def for_list(self) -> Self:
        return self.select_related(
            "organisation",
            "seat__enrolment__member",
            "seat__partnership__cohort__program",
        )


class CheckIn(TenantModel):
    """One partner's short report for one period: of the days before it opens."""

    class Blocker(models.TextChoices):
        NONE = "none", _("No")
        TIME = "time", _("Time")
        FIT = "fit", _("The fit")
        OTHER = "other", _("Other")

    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    period = models.PositiveSmallIntegerField()
    opens_on = models.DateField()
    due_on = models.DateField()  # the next one opens on this day
    opened_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    # the organisation's day of answered_at
    answered_on = models.DateField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    met = models.BooleanField(_("met"), null=True, blank=True)
    mood = models.PositiveSmallIntegerField(_("mood"), null=True, blank=True)
    progress = models.PositiveSmallIntegerField(_("progress"), null=True, blank=True)
    blocker = models.CharField(_("blocker"), max_length=40, blank=True)
    # whether mood and progress may be shown to a coordinator: said beside the field, on at first
    coordinator_sees = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=clock.now)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "seat", "period"], name="check_in_once_per_period"
            ),
            models.CheckConstraint(
                name="check_in_due_after_open", condition=Q(due_on__gt=F("opens_on"))
            ),
            models.CheckConstraint(
                name="check_in_answered_whole",
                condition=Q(answered_at=None, met=None, mood=None, progress=None)
                | Q(
                    answered_at__isnull=False,
                    met__isnull=False,
                    mood__gte=1,
                    mood__lte=5,
                    progress__gte=1,
                    progress__lte=5,
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "due_on"],
                name="check_in_open",
                condition=Q(answered_at=None),
            ),
            models.Index(fields=["organisation", "changed_at"], name="check_in_by_change"),
            models.Index(fields=["organisation", "due_on"], name="check_in_by_due_day"),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id} {self.period}"

    def get_absolute_url(self) -> str:
        return reverse("feedback:check_in", args=[self.organisation.slug, self.pk])

    @property
    def first_day(self) -> date:
        return self.opens_on - (self.due_on - self.opens_on)

    @property
    def last_day(self) -> date:
        """The last day it asks about: the one before it opens."""
        return self.opens_on - timedelta(days=1)


class _WordsQuerySet(TenantQuerySet[Row]):
    def visible_to(self, member: Member) -> Self:
        """Only the stated readers; the database shows it to nobody else in any case."""
        return super().visible_to(member).filter(readers__contains=[member.pk])


class _CheckInNoteQuerySet(_WordsQuerySet["CheckInNote"]):
    def for_list(self) -> Self:
        return self.select_related(
            "check_in__seat__enrolment__member", "check_in__seat__partnership"
        )


class CheckInNote(TenantModel):
    """The words of a check-in: only the stated readers may see them, by the database's rule."""

    check_in = TenantForeignKey(CheckIn, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=2000)
    readers = ArrayField(models.UUIDField())

    objects = _CheckInNoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "check_in"], name="note_once")
        ]

    def __str__(self) -> str:
        return str(self.check_in_id)


class _SessionRatingQuerySet(TenantQuerySet["SessionRating"]):
    def visible_to(self, member: Member) -> Self:
        """A rating is its author's own; others see averages."""
        return super().visible_to(member).filter(seat__enrolment__member=member)


class SessionRating(TenantModel):
    """How worthwhile one partner found a held session, 1–5."""

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    rating = models.PositiveSmallIntegerField()
    rated_at = models.DateTimeField()
    day = models.DateField()

    objects = _SessionRatingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "session", "seat"], name="rating_once"),
            models.CheckConstraint(
                name="rating_one_to_five", condition=Q(rating__gte=1, rating__lte=5)
            ),
        ]

    def __str__(self) -> str:
        return str(self.rating)


class AssessmentQuerySet(TenantQuerySet["Assessment"]):
    def visible_to(self, member: Member) -> Self:
        """A self-assessment is its author's own."""
        return super().visible_to(member).filter(enrolment__member=member)

    def for_list(self) -> Self:
        return self.select_related("organisation", "enrolment__cohort__program")


class Assessment(TenantModel):
    """Competency ratings of one person by themselves, at the start or the end."""

    class Moment(models.TextChoices):
        START = "start", _("Start")
        END = "end", _("End")

    enrolment = TenantForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    moment = models.CharField(max_length=5, choices=Moment)
    opened_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

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


class FitWords(TenantModel):
    """The words with an answer: only the stated readers may see them, by the database's rule."""

    question = TenantForeignKey(FitQuestion, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=1000)
    readers = ArrayField(models.UUIDField())

    objects = _WordsQuerySet["FitWords"].as_manager()

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
