"""A program, its cohorts, and who is enrolled in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.common import clock
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel

if TYPE_CHECKING:
    from typing import Self


class _ProgramQuerySet(TenantQuerySet["Program"]):
    def visible_to(self, member: Member) -> Self:
        """Owners and HR see all; a coordinator those they staff (all, if none is named);
        a participant those they are enrolled in."""
        rows = super().visible_to(member)
        if member.role in {Member.Role.OWNER, Member.Role.HR}:
            return rows
        if member.role == Member.Role.COORDINATOR:
            staffed = ProgramStaff.objects.filter(member=member)
            mine = staffed.filter(program=OuterRef("pk"))
            return rows.filter(Exists(mine) | ~Exists(staffed))
        mine_as_participant = Enrolment.objects.filter(
            cohort__program=OuterRef("pk"), member=member
        )
        return rows.filter(Exists(mine_as_participant))

    def active(self) -> Self:
        return self.filter(archived_at=None)


class CadenceUnit(models.TextChoices):
    """What the rhythm of sessions is counted in; months keep the weekday: every second Tuesday."""

    DAYS = "days", _("days")
    WEEKS = "weeks", _("weeks")
    MONTHS = "months", _("months, on the same weekday")


def cadence_words(every: int, unit: str) -> str:
    match CadenceUnit(unit):
        case CadenceUnit.DAYS:
            return ngettext("every day", "every %(n)d days", every) % {"n": every}
        case CadenceUnit.WEEKS:
            return ngettext("every week", "every %(n)d weeks", every) % {"n": every}
        case CadenceUnit.MONTHS:
            return ngettext("once a month", "every %(n)d months", every) % {"n": every}


class Program(TenantModel):
    """A design, re-usable: purpose, format, questions, criteria, cadence, roles, agenda."""

    class Format(models.TextChoices):
        MENTOR = "mentor", _("Mentor and mentee")
        PAIRS = "pairs", _("Reciprocal peer pairs")
        CIRCLES = "circles", _("Circles")

    name = models.CharField(_("name"), max_length=120)
    purpose = models.TextField(_("purpose"), max_length=2000, blank=True)
    format = models.CharField(_("format"), max_length=8, choices=Format)
    template = models.CharField(max_length=40, blank=True)
    expectations = models.TextField(_("expectations"), max_length=4000, blank=True)
    cadence_every = models.PositiveSmallIntegerField(_("sessions come every"), default=2)
    cadence_unit = models.CharField(max_length=6, choices=CadenceUnit, default=CadenceUnit.WEEKS)
    session_minutes = models.PositiveSmallIntegerField(_("minutes of a session"), default=60)
    sessions_planned = models.PositiveSmallIntegerField(_("sessions of a season"), default=6)
    sessions_agreed = models.PositiveSmallIntegerField(_("least number of sessions"), default=4)
    circle_min = models.PositiveSmallIntegerField(_("smallest circle"), default=5)
    circle_max = models.PositiveSmallIntegerField(_("largest circle"), default=8)
    check_in_weeks = models.PositiveSmallIntegerField(_("weeks between check-ins"), default=2)
    # self-match: people ask each other; a request waits so many days, and so many are open at once
    self_match = models.BooleanField(_("self-match"), default=False)
    request_days = models.PositiveSmallIntegerField(_("days to answer a request"), default=3)
    requests_asking = models.PositiveSmallIntegerField(_("most people asked at once"), default=2)
    requests_asked = models.PositiveSmallIntegerField(_("most requests waiting"), default=3)
    second_person = models.BooleanField(_("a second person approves a publication"), default=False)
    # [{"title": str, "minutes": int, "kind": str}], copied to each session
    agenda = models.JSONField(default=list, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = _ProgramQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="program_name_once"),
            models.CheckConstraint(
                name="program_circle_sizes",
                condition=Q(circle_min__gte=3)
                & Q(circle_max__lte=12)
                & Q(circle_min__lte=F("circle_max")),
            ),
            models.CheckConstraint(
                name="program_cadence",
                condition=Q(cadence_every__gte=1, check_in_weeks__gte=1, session_minutes__gte=10),
            ),
            models.CheckConstraint(
                name="program_requests",
                condition=Q(request_days__gte=1, requests_asking__gte=1, requests_asked__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def cadence_days(self) -> int:
        """How many days lie between two sessions; a month counts as four weeks."""
        days = {CadenceUnit.DAYS: 1, CadenceUnit.WEEKS: 7, CadenceUnit.MONTHS: 28}
        return self.cadence_every * days[CadenceUnit(self.cadence_unit)]

    @property
    def cadence_words(self) -> str:
        return cadence_words(self.cadence_every, self.cadence_unit)

    def get_absolute_url(self) -> str:
        return reverse("programs:program", args=[self.organisation.slug, self.pk])

    @property
    def lets_people_ask(self) -> bool:
        """Whether its people may choose each other; circles are formed by a run alone."""
        return self.self_match and self.format != self.Format.CIRCLES


class ProgramStaff(TenantModel):
    """A coordinator who runs this program; a coordinator named nowhere runs all of them."""

    program = TenantForeignKey(Program, on_delete=models.CASCADE, related_name="staff")
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")

    objects = TenantQuerySet["ProgramStaff"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "program", "member"], name="program_staff_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.member_id)


class CohortQuerySet(TenantQuerySet["Cohort"]):
    def visible_to(self, member: Member) -> Self:
        """A cohort is seen with its program; a participant sees those they are enrolled in
        and those that are open for enrolment."""
        rows = super().visible_to(member)
        if member.role == Member.Role.PARTICIPANT:
            mine = Enrolment.objects.filter(cohort=OuterRef("pk"), member=member)
            return rows.filter(Exists(mine) | Q(phase=Cohort.Phase.ENROLLING))
        programs = Program.objects.visible_to(member).filter(pk=OuterRef("program_id"))
        return rows.filter(Exists(programs))

    def for_list(self) -> Self:
        return self.select_related("organisation", "program")


class Cohort(TenantModel):
    class Phase(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ENROLLING = "enrolling", _("Enrolling")
        MATCHING = "matching", _("Matching")
        RUNNING = "running", _("Running")
        CLOSING = "closing", _("Closing")
        CLOSED = "closed", _("Closed")

    UNDER_WAY = (Phase.ENROLLING, Phase.MATCHING, Phase.RUNNING, Phase.CLOSING)

    program = TenantForeignKey(Program, on_delete=models.PROTECT, related_name="cohorts")
    name = models.CharField(_("name"), max_length=120)
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.DRAFT)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    places = models.PositiveIntegerField(_("places"), null=True, blank=True)
    # counted by guarded updates: taking the last place is one statement
    places_taken = models.PositiveIntegerField(default=0)

    objects = CohortQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "program", "name"], name="cohort_name_once"
            ),
            models.CheckConstraint(
                name="cohort_ends_after_start", condition=Q(ends_on__gt=F("starts_on"))
            ),
            models.CheckConstraint(
                name="cohort_places_hold",
                condition=Q(places=None) | Q(places_taken__lte=F("places")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program.name}, {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("programs:cohort", args=[self.organisation.slug, self.pk])


class EnrolmentQuerySet(TenantQuerySet["Enrolment"]):
    def visible_to(self, member: Member) -> Self:
        """Coordinators and HR see those of their programs; everybody sees their own."""
        rows = super().visible_to(member)
        if member.role == Member.Role.PARTICIPANT:
            return rows.filter(member=member)
        programs = Program.objects.visible_to(member).filter(pk=OuterRef("cohort__program_id"))
        return rows.filter(Exists(programs) | Q(member=member))

    def for_list(self) -> Self:
        return self.select_related("organisation", "member", "cohort__program")


class Enrolment(TenantModel):
    """A Member in a Cohort, with part, state and capacity."""

    class Part(models.TextChoices):
        MENTOR = "mentor", _("Mentor")
        MENTEE = "mentee", _("Mentee")
        BOTH = "both", _("Mentor and mentee")
        PEER = "peer", _("Peer")

    class State(models.TextChoices):
        APPLIED = "applied", _("Applied")
        WAITLISTED = "waitlisted", _("On the waiting list")
        DECLINED = "declined", _("Declined")
        ACCEPTED = "accepted", _("Accepted")
        ACTIVE = "active", _("Active")
        COMPLETED = "completed", _("Completed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    ACCEPTED_OR_LATER = ("accepted", "active", "completed", "withdrawn")

    cohort = TenantForeignKey(Cohort, on_delete=models.PROTECT, related_name="enrolments")
    member = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(_("part"), max_length=8, choices=Part)
    state = models.CharField(max_length=10, choices=State, default=State.APPLIED)
    capacity = models.PositiveSmallIntegerField(_("capacity"), default=1)
    expectations_accepted_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=60, blank=True)
    paused_until = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "cohort", "member"], name="enrolment_once"
            ),
            models.CheckConstraint(
                name="enrolment_started_after_accepted",
                condition=Q(started_at=None) | Q(accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="enrolment_ended_iff_over",
                condition=Q(state__in=["completed", "withdrawn"], ended_at__isnull=False)
                | (~Q(state__in=["completed", "withdrawn"]) & Q(ended_at=None)),
            ),
            models.CheckConstraint(
                name="enrolment_capacity", condition=Q(capacity__gte=0, capacity__lte=20)
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "changed_at"], name="enrolment_by_change"),
        ]

    def __str__(self) -> str:
        return f"{self.member} ({self.part})"

    @property
    def offers(self) -> bool:
        return self.part in {self.Part.MENTOR, self.Part.BOTH, self.Part.PEER}

    @property
    def seeks(self) -> bool:
        return self.part in {self.Part.MENTEE, self.Part.BOTH, self.Part.PEER}
