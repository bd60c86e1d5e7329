"""A file of people on its way in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.jobs.models import StoredFile
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from programs.errors import FileGone
from programs.importing.messages import Code
from programs.importing.tables import Table, read_table
from programs.importing.values import Problem

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True)
class ReportedRow:
    """A row with problems as it is kept: codes, so that each reader's language serves."""

    line: int
    verdict: str
    email: str
    name: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class ImportReport:
    """What an import has done: how many people, how many rows of each verdict, which problems."""

    counts: Mapping[str, int]
    rows: tuple[ReportedRow, ...]
    entered: int = 0
    changed: int = 0
    enrolled: int = 0
    waitlisted: int = 0

    @property
    def done(self) -> dict[str, int]:
        """How many people were entered, changed, enrolled and put on the waiting list."""
        names = ("entered", "changed", "enrolled", "waitlisted")
        return {name: getattr(self, name) for name in names}

    def as_json(self) -> dict[str, object]:
        problems = [asdict(row) for row in self.rows]
        return {"counts": dict(self.counts), "done": self.done, "problems": problems}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> ImportReport:
        """Read what `as_json` wrote; an import that is not applied has reported nothing."""
        rows = tuple(
            ReportedRow(
                row["line"],
                row["verdict"],
                row["email"],
                row["name"],
                tuple(
                    Problem(problem["field"], Code(problem["code"]), problem["params"])
                    for problem in row["problems"]
                ),
            )
            for row in kept.get("problems", ())
        )
        return cls(counts=kept.get("counts", {}), rows=rows, **kept.get("done", {}))


class _PeopleImportQuerySet(TenantQuerySet["PeopleImport"]):
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
    report = models.JSONField(default=dict, blank=True)  # an ImportReport, once applied
    applied_at = models.DateTimeField(null=True, blank=True)

    objects = _PeopleImportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.file_name

    @cached_property
    def table(self) -> Table:
        """The rows of the file, read once for each step; raises FileGone, or UnreadableFile."""
        if self.file is None:
            raise FileGone
        return read_table(bytes(self.file.content))

    def get_absolute_url(self) -> str:
        return reverse("programs:people_import", args=[self.organisation.slug, self.pk])
