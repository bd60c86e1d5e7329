"""Figures of answers as they were released, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.members.models import InnerQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from programs.models.programs import Cohort

if TYPE_CHECKING:
    pass


class ReleaseMark(TenantModel):
    """How far the answers of a cohort have been released, and to how few people.

    `threshold` is the highest that was in force since the cohort began: one lowered later holds
    for later cohorts only, or it would open what was hidden before.  `looked_on` is the
    organisation's day on which its answers were last looked at: once a day, so that the hour of
    a release tells of nobody's answer.
    """

    cohort = TenantForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    threshold = models.PositiveSmallIntegerField()
    looked_on = models.DateField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION)
    objects = InnerQuerySet["ReleaseMark"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "cohort"], name="release_mark_once")
        ]

    def __str__(self) -> str:
        return f"{self.threshold} {self.looked_on}"


class ReleasedStep(TenantModel):
    """One step in which a figure of people's answers was released; nothing of ours can change it.

    `counts` and `n` are of all steps so far, `units` (the rows that were counted) and `people`
    (their enrolments) of this one.  A step in which everybody gave the same answer is `aside`:
    released never, and its rows are not counted again.
    """

    cohort = TenantForeignKey(Cohort, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=40)
    part = models.CharField(max_length=40, blank=True)
    number = models.PositiveSmallIntegerField()
    until = models.DateField()
    counts = ArrayField(models.BigIntegerField())
    n = models.PositiveIntegerField()
    units = ArrayField(models.UUIDField())
    people = ArrayField(models.UUIDField())
    aside = models.BooleanField()

    privacy = Privacy(Keep.ORGANISATION)
    objects = InnerQuerySet["ReleasedStep"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "cohort", "key", "part", "number"],
                name="released_step_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.key}/{self.part} {self.number}"
