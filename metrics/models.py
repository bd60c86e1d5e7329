"""Tallies of finished days, so that pages never count raw rows; what was done about an alert;
what HR knew of people at a date, and the comparisons made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.jobs.models import StoredFile
from core.members.models import InnerQuerySet, Member, TenantQuerySet
from core.members.permissions import Permission, can
from core.tenancy.models import StampedModel, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import Partnership, Seat
from programs.errors import FileGone
from programs.models.imports import ImportPreview
from programs.models.programs import Cohort, Program
from sessions.models.sessions import Session

if TYPE_CHECKING:
    from typing import Self


class _DailyTallyQuerySet(TenantQuerySet["DailyTally"]):
    def visible_to(self, member: Member) -> Self:
        """Seen with their cohort by who reads figures."""
        rows = super().visible_to(member)
        if not can(member, Permission.FIGURES_READ):
            return rows.none()
        cohorts = Cohort.objects.visible_to(member).filter(pk=OuterRef("cohort_id"))
        return rows.filter(Exists(cohorts))


class DailyTally(TenantModel):
    """One figure's integer counts of one cohort on one day of the organisation."""

    cohort = TenantForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    key = models.CharField(max_length=40)
    part = models.CharField(max_length=20, blank=True)  # a breakdown within the figure
    numerator = models.BigIntegerField(default=0)
    denominator = models.BigIntegerField(default=0)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _DailyTallyQuerySet.as_manager()

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
    # the days before it are folded.  A zone that moves cannot jump over it, and what is deleted
    # takes it back to its day (a trigger: metrics/migrations); null: folded before that was kept
    day = models.DateField(null=True)

    privacy = Privacy(Keep.ORGANISATION)
    objects = InnerQuerySet["FoldMark"].as_manager()

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

    privacy = Privacy(Keep.ORGANISATION)
    objects = InnerQuerySet["FoldedSession"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "session"], name="folded_session_once")
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.day}"


class FindingQuerySet(TenantQuerySet["Finding"]):
    def visible_to(self, member: Member) -> Self:
        """Who coordinates the cohort; of a table where they sit themselves nothing.

        That it does not work for somebody is kept from whoever has ever sat there with them.
        """
        rows = super().visible_to(member)
        if not can(member, Permission.PARTNERSHIPS_MANAGE):
            return rows.none()
        cohorts = Cohort.objects.visible_to(member).filter(pk=OuterRef("cohort_id"))
        own = Seat.objects.filter(partnership=OuterRef("partnership_id"), enrolment__member=member)
        rows = rows.filter(Exists(cohorts), ~Exists(own.open()))
        return rows.exclude(Q(Exists(own), reason="no_fit"))


class Finding(TenantModel):
    """That a reason holds for a coordinator to look at something, as it was last judged.

    Derived, and never a second truth: `judge_findings` brings the rows in line with what the rules
    of metrics/health.py and cohort_alerts.py find.  `facts` are what the words of its reason need:
    days, numbers, keys and ids, and no word of anybody's.
    """

    reason = models.CharField(max_length=20)
    cohort = TenantForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    # without one it is about the whole cohort
    partnership = TenantForeignKey(
        Partnership, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    person = TenantForeignKey(
        Member, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    since = models.DateField()  # the newest of the evidence
    facts = models.JSONField(default=list, blank=True)

    privacy = Privacy(Keep.PERSON, export=("person",), rows=True)
    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "reason", "cohort", "partnership", "person"],
                name="finding_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.reason

    @property
    def about_id(self) -> UUID:
        """The partnership or, without one, the cohort."""
        about: UUID = self.partnership_id or self.cohort_id
        return about

    @property
    def key(self) -> tuple[str, UUID, UUID | None]:
        return self.reason, self.about_id, self.person_id


class FindingMark(TenantModel):
    """When what waits for coordinators was last judged."""

    judged_at = models.DateTimeField()
    # smaller than the id of anything that is done from then on
    first_id = models.UUIDField()

    privacy = Privacy(Keep.ORGANISATION)
    objects = InnerQuerySet["FindingMark"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation"], name="finding_mark_once")]

    def __str__(self) -> str:
        return str(self.judged_at)


class _AlertNoteQuerySet(TenantQuerySet["AlertNote"]):
    def visible_to(self, member: Member) -> Self:
        """Those who coordinate; of which alerts, the list itself says."""
        rows = super().visible_to(member)
        return rows if can(member, Permission.PARTNERSHIPS_MANAGE) else rows.none()


class AlertNote(TenantModel):
    """What a coordinator did about one alert of the list, which itself is derived anew each time.

    An alert is known by its reason, the row it is about (partnership or cohort) and the person.
    """

    class Act(models.TextChoices):
        NOTED = "noted", _("Note")
        ASSIGNED = "assigned", _("Assigned")
        SNOOZED = "snoozed", _("Remind me later")
        SETTLED = "settled", _("Spoken to")
        REOPENED = "reopened", _("Back on the list")

    reason = models.CharField(max_length=20)
    about_id = models.UUIDField()
    person = TenantForeignKey(
        Member, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    by = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=10, choices=Act)
    text = models.CharField(_("note"), max_length=500, blank=True)
    until = models.DateField(null=True, blank=True)
    assigned_to = TenantForeignKey(
        Member, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )

    privacy = Privacy(Keep.PERSON, export=("person",), about=("person", "by"), erase=("text",))
    objects = _AlertNoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="alert_note_snoozed_until",
                condition=Q(act="snoozed", until__isnull=False)
                | (~Q(act="snoozed") & Q(until=None)),
            ),
            models.CheckConstraint(
                name="alert_note_assigned_to_somebody",
                condition=Q(act="assigned") | Q(assigned_to=None),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "about_id"], name="alert_note_about"),
        ]

    def __str__(self) -> str:
        return f"{self.act}: {self.reason}"


class _HrRecordQuerySet(TenantQuerySet["HrRecord"]):
    def visible_to(self, member: Member) -> Self:
        """HR and owners; a coordinator reads nobody's, and everybody else their own."""
        rows = super().visible_to(member)
        return rows if can(member, Permission.OUTCOMES_MANAGE) else rows.filter(member=member)


class HrRecord(StampedModel):
    """What HR knew of one person on one day: where they stood, and what had become of them.

    Empty fields were not said on that day: the record before it still holds there.
    """

    class Status(models.TextChoices):
        EMPLOYED = "employed", _("Employed")
        LEFT = "left", _("Left")

    # what a row of a file or of REST may say beside whom and when it is about
    FACTS: ClassVar[tuple[str, ...]] = (
        "status",
        "left_on",
        "promoted_on",
        "in_role_since",
        "job_satisfaction",
        "level",
        "department",
        "location",
        "hired_on",
    )

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    known_on = models.DateField()
    status = models.CharField(max_length=8, choices=Status, default=Status.EMPLOYED)
    left_on = models.DateField(null=True, blank=True)
    promoted_on = models.DateField(null=True, blank=True)  # the last time
    in_role_since = models.DateField(null=True, blank=True)
    job_satisfaction = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True)
    level = models.CharField(max_length=40, blank=True)
    department = models.CharField(max_length=200, blank=True)
    location = models.CharField(max_length=200, blank=True)
    hired_on = models.DateField(null=True, blank=True)

    privacy = Privacy(Keep.PERSON, export=("member",), rows=True)
    objects = _HrRecordQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member", "known_on"], name="hr_record_once"
            ),
            models.CheckConstraint(
                name="hr_record_left_on_iff_left",
                condition=Q(status="left", left_on__isnull=False)
                | Q(status="employed", left_on=None),
            ),
            models.CheckConstraint(
                name="hr_record_satisfaction_from_1_to_5",
                condition=Q(job_satisfaction=None)
                | Q(job_satisfaction__gte=1, job_satisfaction__lte=5),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "known_on"], name="hr_record_day")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.known_on}"


class _RecordImportQuerySet(TenantQuerySet["RecordImport"]):
    def visible_to(self, member: Member) -> Self:
        """What was applied HR and owners see; what waits is its uploader's."""
        rows = super().visible_to(member)
        if not can(member, Permission.OUTCOMES_MANAGE):
            return rows.none()
        return rows.filter(Q(asked_by=member) | Q(applied_at__isnull=False))

    def for_list(self) -> Self:
        return self.select_related("organisation", "asked_by")


class RecordImport(TenantModel):
    """One file of HR records on its way in, or one batch that came by REST."""

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
    asked_by = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.READING)
    # how the file was read: headers, a few rows, how many; or the code of a refusal
    reading = models.JSONField(default=dict, blank=True)
    mapping = models.JSONField(default=dict, blank=True)  # field → column
    # how the file writes its days, and the day it is of where no column says it
    date_order = models.CharField(max_length=3, blank=True, default="")
    known_on = models.DateField(null=True, blank=True)
    job_id = models.UUIDField(null=True, blank=True)
    # of a batch that came by REST: the key it came with, and the digest of what was sent
    idempotency_key = models.CharField(max_length=80, blank=True, default="")
    body_digest = models.CharField(max_length=64, blank=True, default="")
    preview = TenantForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, related_name="+")
    # rows by verdict, once applied; once undone also what was removed, restored and kept
    counts = models.JSONField(default=dict, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(
        Keep.ORGANISATION,
        export=("asked_by",),
        erase=("file_name", "idempotency_key"),
        quotes=("file_name", "reading", "mapping"),
    )
    objects = _RecordImportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("metrics:record_import", args=[self.organisation.slug, self.pk])

    @property
    def may_be_undone(self) -> bool:
        """Say whether it has written something, and what it wrote is still kept."""
        written = self.counts.get("new", 0) + self.counts.get("changed", 0)
        states = {self.State.APPLIED, self.State.UNDOING}
        return self.state in states and self.preview_id is not None and written > 0

    @property
    def planned(self) -> ImportPreview:
        """What was planned last; raises FileGone where it is no longer kept."""
        if self.preview is None:
            raise FileGone
        return ImportPreview.from_bytes(bytes(self.preview.content))


class _ComparisonQuerySet(TenantQuerySet["Comparison"]):
    def visible_to(self, member: Member) -> Self:
        """HR and owners: whole programs are compared, and reasons say what the records hold."""
        rows = super().visible_to(member)
        return rows if can(member, Permission.OUTCOMES_MANAGE) else rows.none()


class Comparison(TenantModel):
    """The participants of some cohorts against similar colleagues, in one outcome; made once.

    Released, it never changes again and its cohorts are in no other of that outcome, so that no
    two readings differ by anybody.  Refused, it says why, and is made anew once there are records
    that it has not seen.
    """

    program = TenantForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=40)
    cohorts = ArrayField(models.UUIDField())
    compared_on = models.DateField()
    refusal = models.CharField(max_length=20, blank=True)
    # four numbers a group: participants, of how many it is so, others, of how many of them
    groups = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    participants = models.PositiveIntegerField()
    participants_so = models.PositiveIntegerField()
    others = models.PositiveIntegerField()
    others_so = models.PositiveIntegerField()
    unmatched = models.PositiveIntegerField()
    balance = models.JSONField(default=list, blank=True)  # trait, before, after

    privacy = Privacy(Keep.ORGANISATION)
    objects = _ComparisonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "program", "key"],
                condition=~Q(refusal=""),
                name="comparison_refused_once",
            ),
            models.CheckConstraint(
                name="comparison_released_with_groups",
                condition=Q(refusal="", groups__len__gt=0) | (~Q(refusal="") & Q(groups__len=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.compared_on}"


class _FitLookQuerySet(TenantQuerySet["FitLook"]):
    def visible_to(self, member: Member) -> Self:
        """Seen with their program by who reads figures."""
        rows = super().visible_to(member)
        if not can(member, Permission.FIGURES_READ):
            return rows.none()
        programs = Program.objects.visible_to(member).filter(pk=OuterRef("program_id"))
        return rows.filter(Exists(programs))


class FitLook(TenantModel):
    """Which criteria went with one outcome of a program's partnerships, as of one day.

    Released, it never changes again and its partnerships are in no other look at that outcome.
    Refused, it says why, and gives way to the next, which is made once there are enough people
    whom it has not seen.
    """

    class Outcome(models.TextChoices):
        FIT = "fit", _("Fit")
        CONTACT = "contact", _("Contact kept")
        GOALS = "goals", _("Goals met")

    program = TenantForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=7, choices=Outcome)
    looked_on = models.DateField()
    refusal = models.CharField(max_length=20, blank=True)
    partnerships = ArrayField(models.UUIDField())
    # by key of a criterion: partnerships with more points, how many of them went well, then those
    # with fewer; or why nothing is said of it
    splits = models.JSONField(default=dict, blank=True)
    refused = models.JSONField(default=dict, blank=True)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _FitLookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "program", "outcome"],
                condition=~Q(refusal=""),
                name="fit_look_refused_once",
            ),
            models.CheckConstraint(
                name="fit_look_released_with_splits",
                condition=(Q(refusal="") & ~Q(splits={})) | (~Q(refusal="") & Q(splits={})),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.looked_on}"


class _ReportReaderQuerySet(TenantQuerySet["ReportReader"]):
    def visible_to(self, member: Member) -> Self:
        """Seen with their cohort by who reads figures."""
        rows = super().visible_to(member)
        if not can(member, Permission.FIGURES_READ):
            return rows.none()
        cohorts = Cohort.objects.visible_to(member).filter(pk=OuterRef("cohort_id"))
        return rows.filter(Exists(cohorts))


class ReportReader(TenantModel):
    """Who is sent a link to a cohort's report, how often, and when next."""

    class Every(models.TextChoices):
        WEEK = "week", _("Every Monday")
        MONTH = "month", _("On the first of every month")

    cohort = TenantForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    every = models.CharField(max_length=5, choices=Every)
    next_on = models.DateField()
    set_by = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(Keep.PERSON, export=("member",), rows=True)
    objects = _ReportReaderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "cohort", "member"], name="report_reader_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.every}: {self.member}"
