"""A file of people on its way in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mentoring.identity.models import Member, TenantQuerySet
from mentoring.identity.tenancy import TenantForeignKey, TenantModel
from mentoring.jobs.models import StoredFile

if TYPE_CHECKING:
    from typing import Self


class PeopleImportQuerySet(TenantQuerySet["PeopleImport"]):
    def visible_to(self, member: Member) -> Self:
        """Owners and coordinators see imports; nobody else does."""
        rows = super().visible_to(member)
        if member.role in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows
        return rows.none()

    def for_list(self) -> Self:
        return self.select_related("organisation", "asked_by")


class PeopleImport(TenantModel):
    """One file of people on its way in: uploaded, mapped, previewed, applied or dropped."""

    class State(models.TextChoices):
        MAPPING = "mapping", _("Columns to be confirmed")
        PREVIEW = "preview", _("Ready to apply")
        APPLYING = "applying", _("Being applied")
        APPLIED = "applied", _("Applied")

    file = TenantForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(max_length=200)
    cohorts = models.JSONField(default=dict, blank=True)  # part → cohort id to enrol into
    asked_by = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.MAPPING)
    mapping = models.JSONField(default=dict, blank=True)
    job_id = models.UUIDField(null=True, blank=True)
    report = models.JSONField(default=dict, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    objects = PeopleImportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("programs:people_import", args=[self.organisation.slug, self.pk])
