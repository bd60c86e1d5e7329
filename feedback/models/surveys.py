"""Surveys of items: who is asked on which occasion, and what they answered."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from feedback.models.built import SurveyVersion
from feedback.models.words import Audience, WordsQuerySet
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import Cohort, Enrolment
from sessions.models.sessions import Session

if TYPE_CHECKING:
    from typing import Self


WRITTEN = "written"
GIVEN = {"given": True}


class SurveyResponseQuerySet(TenantQuerySet["SurveyResponse"]):
    def visible_to(self, member: Member) -> Self:
        """What somebody answers is their own, whoever else may read totals of it."""
        return super().visible_to(member).filter(enrolment__member=member)

    def for_list(self) -> Self:
        return self.select_related(
            "organisation",
            "enrolment__member",
            "enrolment__cohort__program",
            "seat__partnership__organisation",
            "session",
            "version__survey",
        )


class SurveyResponse(TenantModel):
    """One person is asked one survey of items on one occasion, and what they answered.

    `answers` holds by item a number or the key of a choice, never words: of those only that there
    are some (`WRITTEN`), and of an anonymous survey only that it was answered (`GIVEN`).
    """

    survey = models.CharField(max_length=40)
    enrolment = TenantForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    # what it is about: their place at a table, a session; neither is the program as a whole
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    session = TenantForeignKey(
        Session, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    # which one of several about the same
    occasion = models.CharField(max_length=40, blank=True)
    # the questions of a survey that a coordinator built, as they were asked
    version = TenantForeignKey(
        SurveyVersion, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    reminders = models.PositiveSmallIntegerField(default=0, db_default=0)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answers = models.JSONField(default=dict, blank=True)

    privacy = Privacy(Keep.ORGANISATION, export=("enrolment__member",))
    objects = SurveyResponseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "survey", "enrolment", "seat", "session", "occasion"],
                name="survey_response_once_per_occasion",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="survey_response_closes_after_open",
                condition=Q(closes_at__gt=F("opened_at")),
            ),
            models.CheckConstraint(
                name="survey_response_answered_iff_answers",
                condition=Q(answered_at=None, answers={})
                | (Q(answered_at__isnull=False) & ~Q(answers={})),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "closes_at"],
                name="survey_response_open",
                condition=Q(answered_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.enrolment_id} {self.occasion}"

    def get_absolute_url(self) -> str:
        return reverse(f"feedback:{self.survey}", args=[self.organisation.slug, self.pk])

    @property
    def about(self) -> tuple[UUID, UUID | None, UUID | None, str]:
        """Whom it asks about what on which occasion: once for each survey."""
        return self.enrolment_id, self.seat_id, self.session_id, self.occasion


class _SurveyWordsQuerySet(WordsQuerySet["SurveyWords"]):
    def for_list(self) -> Self:
        return self.select_related("response__enrolment__member", "response__session")


class SurveyWords(TenantModel):
    """What somebody wrote under one item: only the stated readers see it, by the database's rule.

    The survey decides who they are, and says so on its form.
    """

    response = TenantForeignKey(SurveyResponse, on_delete=models.CASCADE, related_name="+")
    item = models.CharField(max_length=40)
    text = models.TextField(max_length=2000)
    readers = ArrayField(models.UUIDField())
    audience = models.CharField(
        max_length=12, choices=Audience, blank=True, default="", db_default=""
    )

    privacy = Privacy(Keep.PERSON, export=("response__enrolment__member",), erase=("text",))
    objects = _SurveyWordsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "response", "item"], name="survey_words_once_per_item"
            )
        ]

    def __str__(self) -> str:
        return f"{self.response_id} {self.item}"


class _AnonymousBoxQuerySet(TenantQuerySet["AnonymousBox"]):
    def visible_to(self, member: Member) -> Self:
        """Nobody opens a box: what is shown of it are results at its survey's close."""
        return super().visible_to(member).none()


class AnonymousBox(TenantModel):
    """Up to a hundred answers to one anonymous survey, as nobody's: sorted, without ids or times.

    Who has answered stands in SurveyResponse, to the day; what was answered stands here.  No row,
    order, id or time leads from one to the other: the answers of a box are one value, sorted
    anew with each, its id is random and its day that of the survey's opening.
    """

    survey = models.CharField(max_length=40)
    cohort = TenantForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    # where a circle is asked about itself
    partnership = TenantForeignKey(
        Partnership, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    occasion = models.CharField(max_length=40, blank=True)
    number = models.PositiveSmallIntegerField(default=1)
    answers = models.JSONField(default=list, blank=True)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _AnonymousBoxQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "survey", "cohort", "partnership", "occasion", "number"],
                name="anonymous_box_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.occasion} {self.number}"
