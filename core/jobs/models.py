"""Long work as rows: what was asked, how it stands, what came of it; and uploaded files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.members.models import Member, TenantQuerySet
from core.members.permissions import runs_all_programs
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy

if TYPE_CHECKING:
    from typing import Self


class _JobQuerySet(TenantQuerySet["Job"]):
    def visible_to(self, member: Member) -> Self:
        """Everybody sees what they asked for; others' work who runs all programs."""
        rows = super().visible_to(member)
        return rows if runs_all_programs(member) else rows.filter(asked_by=member)


class Job(TenantModel):
    """One piece of long work.  Progress and the wish to cancel live in the cache, not here."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to start")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    input = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    asked_by = TenantForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(default=dict, blank=True)
    result_path = models.CharField(max_length=300, blank=True)
    error = models.CharField(max_length=500, blank=True)

    privacy = Privacy(
        Keep.DAYS, export=("asked_by",), rows=True, quotes=("title", "input", "result", "error")
    )
    objects = _JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="job_lease_iff_running",
                condition=Q(state="running", lease_until__isnull=False)
                | (~Q(state="running") & Q(lease_until=None)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "state"],
                name="job_unfinished",
                condition=Q(state__in=["queued", "running"]),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("jobs:job", args=[self.organisation.slug, self.pk])

    @property
    def is_finished(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}


class _StoredFileQuerySet(TenantQuerySet["StoredFile"]):
    def visible_to(self, member: Member) -> Self:
        return super().visible_to(member).filter(uploaded_by=member)


class StoredFile(TenantModel):
    """An upload of at most 10 MB, kept for seven days as a row."""

    uploaded_by = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    expires_at = models.DateTimeField()

    privacy = Privacy(Keep.DAYS, about=("uploaded_by",), rows=True, quotes=("content",))
    objects = _StoredFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="file_size_limit", condition=Q(size__lte=10_485_760)),
        ]

    def __str__(self) -> str:
        return self.name


class Recurring(models.Model):
    """When something that the platform does now and then is due next.

    Global, as what it does is for all organisations.  A row, so that it is done however often
    beat and its schedule are made anew.
    """

    name = models.CharField(max_length=40, primary_key=True)
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
