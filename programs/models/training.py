"""Lessons, the path of a program through them, who has done which, and workshops."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import StampedModel, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from programs.models.programs import Cohort, Enrolment, Program

if TYPE_CHECKING:
    from typing import Self


class LessonVersion(TenantModel):
    """One version of a lesson of the organisation's own, or of its own wording of one of ours.

    The newest of a key is read; without any, the file of programs/training/lessons is.
    """

    key = models.SlugField(max_length=40)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=300)
    minutes = models.PositiveSmallIntegerField()
    tags = models.JSONField(default=list, blank=True)
    body = models.TextField(max_length=20_000)
    practice = models.TextField(max_length=2000, blank=True)
    # [{"question": str, "options": [str], "right": int, "why": str}]
    checks = models.JSONField(default=list, blank=True)
    written_by = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(
        Keep.ORGANISATION,
        export=("written_by",),
        quotes=("title", "summary", "tags", "body", "practice", "checks"),
    )
    objects = TenantQuerySet["LessonVersion"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "key", "version"], name="lesson_version_once"
            ),
            models.CheckConstraint(
                name="lesson_minutes", condition=Q(minutes__gte=1, minutes__lte=60)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class LessonFile(TenantModel):
    """A picture or a PDF that a lesson shows; everybody who may read lessons may read it."""

    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    content = models.BinaryField()
    uploaded_by = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(Keep.ORGANISATION, about=("uploaded_by",), quotes=("name",))
    objects = TenantQuerySet["LessonFile"].as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.kind.startswith("image/")

    def get_absolute_url(self) -> str:
        return reverse("programs:lesson_file", args=[self.organisation.slug, self.pk])


class _PathStepQuerySet(TenantQuerySet["PathStep"]):
    def visible_to(self, member: Member) -> Self:
        """A step is seen with its program."""
        programs = Program.objects.visible_to(member).filter(pk=OuterRef("program_id"))
        return super().visible_to(member).filter(Exists(programs))

    def on_path(self) -> Self:
        """Return those that are on a path today; who looks back sees what was taken off it."""
        return self.filter(removed_at=None)


class PathStep(TenantModel):
    """A lesson on the path of a program: for which part, when, and whether it is required."""

    class When(models.TextChoices):
        MATCHING = "matching", _("Before matching")
        LEAD = "lead", _("Before the first turn as facilitator")
        ALONG = "along", _("While you meet")
        CLOSING = "closing", _("Before you close")

    GATES = (When.MATCHING, When.LEAD)

    program = TenantForeignKey(Program, on_delete=models.CASCADE, related_name="path_steps")
    key = models.SlugField(max_length=40)
    part = models.CharField(max_length=8, choices=Enrolment.Part, blank=True, default="")
    when = models.CharField(max_length=8, choices=When)
    required = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    removed_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _PathStepQuerySet.as_manager()

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "program", "key", "part"],
                condition=Q(removed_at=None),
                name="path_step_once",
            ),
            models.CheckConstraint(
                name="path_step_required_at_a_gate",
                condition=Q(required=False) | Q(when__in=["matching", "lead"]),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_at_a_gate(self) -> bool:
        return self.when in self.GATES


class _LessonProgressQuerySet(TenantQuerySet["LessonProgress"]):
    def visible_to(self, member: Member) -> Self:
        """One's own; and for who runs a program what its people did of its path."""
        rows = super().visible_to(member)
        own = Q(member=member)
        if member.role not in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows.filter(own)
        steps = PathStep.objects.filter(
            key=OuterRef(OuterRef("key")), program=OuterRef("cohort__program")
        )
        people = Enrolment.objects.visible_to(member).filter(member=OuterRef("member_id"))
        return rows.filter(own | Exists(people.filter(Exists(steps))))


class LessonProgress(StampedModel):
    """How far one person is with one lesson: done, let off it by a coordinator, or kept."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    key = models.SlugField(max_length=40)
    # the version that was done; 0 is the one of ours
    version = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    let_off_at = models.DateTimeField(null=True, blank=True)
    let_off_by = TenantForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    bookmarked = models.BooleanField(default=False)

    privacy = Privacy(Keep.PERSON, export=("member",), rows=True)
    objects = _LessonProgressQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member", "key"], name="lesson_progress_once"
            )
        ]

    def __str__(self) -> str:
        return self.key


class _WorkshopQuerySet(TenantQuerySet["Workshop"]):
    def visible_to(self, member: Member) -> Self:
        """Seen by who runs the program, and by who holds a place in the cohort."""
        rows = super().visible_to(member)
        mine = Enrolment.objects.in_place().filter(member=member, cohort=OuterRef("cohort_id"))
        if member.role not in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows.filter(Exists(mine))
        programs = Program.objects.visible_to(member).filter(pk=OuterRef("cohort__program_id"))
        return rows.filter(Exists(programs) | Exists(mine))

    def for_list(self) -> Self:
        return self.select_related("organisation", "cohort__program")

    def to_come(self, at: datetime) -> Self:
        return self.filter(called_off_at=None, starts_at__gt=at)


class Workshop(TenantModel):
    """An event of a cohort: what is done there, where, when, and for how many."""

    cohort = TenantForeignKey(Cohort, on_delete=models.CASCADE, related_name="workshops")
    title = models.CharField(max_length=120)
    agenda = models.TextField(max_length=4000)
    place = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    places = models.PositiveSmallIntegerField(null=True, blank=True)
    called_off_at = models.DateTimeField(null=True, blank=True)
    sequence = models.PositiveIntegerField(default=0)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _WorkshopQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="workshop_length", condition=Q(minutes__gte=10, minutes__lte=600)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("programs:workshop", args=[self.organisation.slug, self.pk])

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


class _WorkshopPlaceQuerySet(TenantQuerySet["WorkshopPlace"]):
    def visible_to(self, member: Member) -> Self:
        """One's own, and all of them for who runs the program."""
        rows = super().visible_to(member)
        if member.role not in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows.filter(member=member)
        programs = Program.objects.visible_to(member).filter(
            pk=OuterRef("workshop__cohort__program_id")
        )
        return rows.filter(Q(member=member) | Exists(programs))

    def in_line(self) -> Self:
        """Return who waits, whoever waits longest first."""
        return self.filter(state=WorkshopPlace.State.WAITING).order_by("asked_at", "id")


class WorkshopPlace(TenantModel):
    """Somebody's place at a workshop, or in its line."""

    class State(models.TextChoices):
        COMING = "coming", _("Has a place")
        WAITING = "waiting", _("On the waiting list")
        GIVEN_UP = "given_up", _("Gave the place up")

    workshop = TenantForeignKey(Workshop, on_delete=models.CASCADE, related_name="people")
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State)
    asked_at = models.DateTimeField()
    came = models.BooleanField(null=True, blank=True)

    privacy = Privacy(Keep.PERSON, export=("member",))
    objects = _WorkshopPlaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "workshop", "member"], name="workshop_place_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.member_id)
