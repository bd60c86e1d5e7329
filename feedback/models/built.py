"""Surveys that a coordinator builds: when they are asked, and their questions in each version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import StampedModel, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from programs.models.programs import Cohort, Program

if TYPE_CHECKING:
    from typing import Self


class BuiltSurveyQuerySet(TenantQuerySet["BuiltSurvey"]):
    def visible_to(self, member: Member) -> Self:
        """Seen with their program by who runs it, and by HR, who reads the results."""
        rows = super().visible_to(member)
        if member.role == Member.Role.PARTICIPANT:
            return rows.none()
        programs = Program.objects.visible_to(member).filter(pk=OuterRef("program_id"))
        return rows.filter(Exists(programs))

    def for_list(self) -> Self:
        return self.select_related("organisation", "program")


class BuiltSurvey(TenantModel):
    """A survey of one program: its frame and its times; its questions are in its versions."""

    program = TenantForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=80)
    intro = models.TextField(max_length=500, blank=True)
    # codes of builder/moments.py: start, s3 (after session 3), d30 (day 30), mid, end, end90
    moments = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    mandatory = models.BooleanField(default=False)
    anonymous = models.BooleanField(default=False)
    asking = models.BooleanField(default=False)

    privacy = Privacy(Keep.ORGANISATION)
    objects = BuiltSurveyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("feedback:built_survey", args=[self.organisation.slug, self.pk])


class _SurveyVersionQuerySet(TenantQuerySet["SurveyVersion"]):
    def visible_to(self, member: Member) -> Self:
        surveys = BuiltSurvey.objects.visible_to(member).filter(pk=OuterRef("survey_id"))
        return super().visible_to(member).filter(Exists(surveys))


class SurveyVersion(TenantModel):
    """The questions of a built survey: once somebody has been asked them, they do not change.

    [{"key", "kind", "question", "choices": [str], "rows": [str], "required", "only_if"}], where
    `only_if` is "" or the key of an earlier question and one of its answers: "q1=2".  Of a scale
    whose words may not leave this platform a row is "licensed".  Lines of a scale know of it in
    "scale": its "key" and "name", after how many of its items they come ("first"), of how many
    ("of"), and which of them are scored the other way round ("turned", from 1).
    """

    survey = TenantForeignKey(BuiltSurvey, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    items = models.JSONField(default=list, blank=True)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _SurveyVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "survey", "number"], name="survey_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.number}"


class _SurveyResultQuerySet(TenantQuerySet["SurveyResult"]):
    def visible_to(self, member: Member) -> Self:
        """Totals: for who runs the program, and HR."""
        rows = super().visible_to(member)
        if member.role == Member.Role.PARTICIPANT:
            return rows.none()
        programs = Program.objects.visible_to(member).filter(pk=OuterRef("cohort__program_id"))
        return rows.filter(Exists(programs))


class SurveyResult(StampedModel):
    """What one round of an anonymous survey came to, counted once at its close; frozen.

    `items` holds by question what may be shown of it: see builder/results.py for the rules.
    """

    survey = models.CharField(max_length=40)
    cohort = TenantForeignKey(Cohort, on_delete=models.PROTECT, related_name="+")
    occasion = models.CharField(max_length=40, blank=True)
    items = models.JSONField(default=dict, blank=True)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _SurveyResultQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "survey", "cohort", "occasion"], name="survey_result_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.occasion}"
