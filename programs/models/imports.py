"""A file of people on its way in."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.jobs.models import StoredFile
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from programs.errors import FileGone
from programs.importing.mapping import Options
from programs.importing.messages import Code
from programs.importing.values import Problem

if TYPE_CHECKING:
    from typing import Self

UNDO_LIFE = timedelta(days=1)


@dataclass(frozen=True)
class ReportedRow:
    """A row as it is kept to be shown: codes, so that each reader's language serves."""

    line: int
    verdict: str
    email: str
    name: str
    problems: tuple[Problem, ...]
    warned: bool = False
    part: str = ""
    work: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()  # field, before, after

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> ReportedRow:
        problems = tuple(
            Problem(problem["field"], Code(problem["code"]), problem["params"])
            for problem in kept["problems"]
        )
        changes = tuple((name, before, after) for name, before, after in kept.get("changes", ()))
        return cls(**dict(kept) | {"problems": problems, "changes": changes})


@dataclass(frozen=True)
class ImportPreview:
    """What an import would do, as it was planned: `digest` names these very decisions."""

    digest: str
    counts: Mapping[str, int]
    warned: int
    good: int  # people whom it enters or changes
    parts: Mapping[str, int]  # peer, mentor (and mentee), none
    rows: tuple[ReportedRow, ...]

    def as_bytes(self) -> bytes:
        return zlib.compress(json.dumps(asdict(self), separators=(",", ":")).encode())

    @classmethod
    def from_bytes(cls, kept: bytes) -> ImportPreview:
        content = json.loads(zlib.decompress(kept))
        return cls(**content | {"rows": tuple(map(ReportedRow.from_json, content["rows"]))})


@dataclass(frozen=True)
class WrittenPeople:
    """What an import has written, by id: what undoing it takes back."""

    entered: list[str] = field(default_factory=list)
    enrolled: list[str] = field(default_factory=list)  # the enrolments of those who were entered
    # fact by fact of those who were here: before, after
    changed: dict[str, dict[str, list[Any]]] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        return zlib.compress(json.dumps(asdict(self)).encode())

    @classmethod
    def from_bytes(cls, kept: bytes) -> WrittenPeople:
        return cls(**json.loads(zlib.decompress(kept)))


@dataclass(frozen=True)
class ImportReport:
    """What an import has done: how many people, how many rows of each verdict, which problems."""

    counts: Mapping[str, int]
    rows: tuple[ReportedRow, ...]
    entered: int = 0
    changed: int = 0
    enrolled: int = 0
    waitlisted: int = 0
    left: int = 0
    back: int = 0
    without_part: int = 0
    removed: int = 0  # by undoing it
    restored: int = 0
    kept: tuple[str, ...] = ()  # names of those who stay though they were entered

    @property
    def done(self) -> dict[str, int]:
        """How many people were entered, changed, enrolled, put on the waiting list, …"""
        names = ("entered", "changed", "enrolled", "waitlisted", "left", "back", "without_part")
        return {name: getattr(self, name) for name in names}

    def as_json(self) -> dict[str, object]:
        undone = {"removed": self.removed, "restored": self.restored, "kept": list(self.kept)}
        problems = [asdict(row) for row in self.rows]
        return {
            "counts": dict(self.counts),
            "done": self.done,
            "problems": problems,
            "undone": undone,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> ImportReport:
        """Read what `as_json` wrote; an import that is not applied has reported nothing."""
        undone = kept.get("undone", {})
        return cls(
            counts=kept.get("counts", {}),
            rows=tuple(map(ReportedRow.from_json, kept.get("problems", ()))),
            **kept.get("done", {}),
            **undone | {"kept": tuple(undone.get("kept", ()))},
        )


class _PeopleImportQuerySet(TenantQuerySet["PeopleImport"]):
    def visible_to(self, member: Member) -> Self:
        """Owners and coordinators see imports that were applied; what waits is its uploader's."""
        rows = super().visible_to(member)
        if member.role in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows.filter(Q(asked_by=member) | Q(applied_at__isnull=False))
        return rows.none()

    def for_list(self) -> Self:
        return self.select_related("organisation", "asked_by")

    def confirmed(self) -> Self:
        """Those whose columns a person has looked at."""
        return self.exclude(state__in=(PeopleImport.State.READING, PeopleImport.State.MAPPING))


class PeopleImport(TenantModel):
    """One file of people on its way in: uploaded, read, mapped, planned, applied or dropped."""

    class State(models.TextChoices):
        READING = "reading", _("Being read")
        MAPPING = "mapping", _("Columns to be confirmed")
        PLANNING = "planning", _("Being planned")
        PREVIEW = "preview", _("Ready to apply")
        APPLYING = "applying", _("Being applied")
        APPLIED = "applied", _("Applied")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    file = TenantForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(max_length=200)
    # how the file was read: headers, encoding, a few rows and words; or the code of a refusal
    reading = models.JSONField(default=dict, blank=True)
    cohorts = models.JSONField(default=dict, blank=True)  # part → cohort id to enrol into
    asked_by = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.READING)
    mapping = models.JSONField(default=dict, blank=True)
    options = models.JSONField(default=dict, blank=True)  # an Options, as it was confirmed
    # line → "back" or "else", for rows about somebody who has left
    answers = models.JSONField(default=dict, blank=True)
    job_id = models.UUIDField(null=True, blank=True)
    # of a batch that came by REST: the key it came with, and the digest of what was sent
    idempotency_key = models.CharField(max_length=80, blank=True, db_default="")
    body_digest = models.CharField(max_length=64, blank=True, db_default="")
    preview = TenantForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, related_name="+")
    written = TenantForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, related_name="+")
    report = models.JSONField(default=dict, blank=True)  # an ImportReport, once applied
    applied_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(
        Keep.ORGANISATION,
        export=("asked_by",),
        erase=("file_name", "idempotency_key"),
        quotes=("file_name", "reading", "mapping", "options", "answers", "report"),
    )
    objects = _PeopleImportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.file_name

    @property
    def said(self) -> Options:
        """What was said of the whole file beside its columns."""
        return Options(**self.options)

    @property
    def planned(self) -> ImportPreview:
        """What was planned last; raises FileGone where it is no longer kept."""
        if self.preview is None:
            raise FileGone
        return ImportPreview.from_bytes(bytes(self.preview.content))

    @property
    def may_be_undone(self) -> bool:
        return (
            self.state in {self.State.APPLIED, self.State.UNDOING}
            and self.written_id is not None
            and self.applied_at is not None
            and clock.now() < self.applied_at + UNDO_LIFE
        )

    def get_absolute_url(self) -> str:
        return reverse("programs:people_import", args=[self.organisation.slug, self.pk])
