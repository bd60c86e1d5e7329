"""Tallies: what each finished day came to, so that pages never count raw rows of it."""

from __future__ import annotations

from django.db import models

from core.members.models import TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from programs.models.programs import Cohort
from sessions.models.sessions import Session


class DailyTally(TenantModel):
    """One figure's integer counts of one cohort on one day of the organisation."""

    cohort = TenantForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    key = models.CharField(max_length=40)
    part = models.CharField(max_length=20, blank=True)  # a breakdown within the figure
    numerator = models.BigIntegerField(default=0)
    denominator = models.BigIntegerField(default=0)

    objects = TenantQuerySet["DailyTally"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "cohort", "key", "day", "part"], name="tally_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.day}"


class FoldMark(TenantModel):
    """How far a cohort's days have been folded; late facts are found by comparing with them."""

    cohort = TenantForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    folded_at = models.DateTimeField()

    objects = TenantQuerySet["FoldMark"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "cohort"], name="fold_mark_once")
        ]

    def __str__(self) -> str:
        return str(self.folded_at)


class FoldedSession(TenantModel):
    """On which day a session was last tallied: one that is moved must leave that day too."""

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()

    objects = TenantQuerySet["FoldedSession"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "session"], name="folded_session_once")
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.day}"
