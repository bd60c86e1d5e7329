"""The parts of a program's design, and what people answered to its questions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import Row, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from programs.models.programs import Enrolment, Program

if TYPE_CHECKING:
    from typing import Self


def free_key(wanted: str, taken: set[str]) -> str:
    """Return a key of letters, digits and hyphens that is not yet taken."""
    base = slugify(wanted)[:34] or "item"
    key, number = base, 2
    while key in taken:
        key, number = f"{base}-{number}", number + 1
    return key


# The shape is that of the question's kind: skills, choice or text, choices, scale or number, slots.
AnswerValue: TypeAlias = dict[str, int] | str | list[str] | int | list[list[int]]


class _PartQuerySet(TenantQuerySet[Row]):
    def visible_to(self, member: Member) -> Self:
        """A part of a design is seen with its program."""
        programs = Program.objects.visible_to(member).filter(pk=OuterRef("program_id"))
        return super().visible_to(member).filter(Exists(programs))


class Competency(TenantModel):
    """A named leadership skill with a behaviour rubric."""

    program = TenantForeignKey(Program, on_delete=models.CASCADE, related_name="competencies")
    key = models.SlugField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    rubric = models.TextField(_("rubric"), max_length=1000, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _PartQuerySet["Competency"].as_manager()

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "program", "key"], name="competency_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class MeetingRole(TenantModel):
    """Facilitator, timekeeper, note-taker, …: who holds it in a session is a Turn."""

    program = TenantForeignKey(Program, on_delete=models.CASCADE, related_name="meeting_roles")
    key = models.SlugField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    duties = models.TextField(_("duties"), max_length=1000, blank=True)
    priority = models.PositiveSmallIntegerField(default=0)
    leads = models.BooleanField(default=False)
    competency = TenantForeignKey(
        Competency, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # who may hold it: those who have held another role before, or have this level in the competency
    after = TenantForeignKey(
        "MeetingRole", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    needs_level = models.PositiveSmallIntegerField(_("level needed"), default=0)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _PartQuerySet["MeetingRole"].as_manager()

    class Meta:
        ordering = ("priority", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "program", "key"], name="meeting_role_once"
            ),
            models.UniqueConstraint(
                fields=["organisation", "program"],
                condition=Q(leads=True),
                name="meeting_role_one_leads",
            ),
            models.CheckConstraint(
                name="meeting_role_level_of_five", condition=Q(needs_level__lte=5)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Question(TenantModel):
    """What a program asks at enrolment; its kind says what an answer looks like."""

    class Kind(models.TextChoices):
        SKILLS = "skills", _("Skills with level")  # {"facilitation": 4}
        CHOICE = "choice", _("One choice")  # "a"
        CHOICES = "choices", _("Several choices")  # ["a", "b"]
        SCALE = "scale", _("Scale 1–5")  # 3
        NUMBER = "number", _("Number")  # 7
        SHORT_TEXT = "short_text", _("Short text")
        LONG_TEXT = "long_text", _("Long text")
        AVAILABILITY = "availability", _("Availability")  # [[weekday, start, end]] in minutes

    WITH_OPTIONS = (Kind.SKILLS, Kind.CHOICE, Kind.CHOICES)

    class AskedOf(models.TextChoices):
        EVERYONE = "everyone", _("Everyone")
        OFFERERS = "offerers", _("Mentors")
        SEEKERS = "seekers", _("Mentees")

    program = TenantForeignKey(Program, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField(max_length=40)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    label = models.CharField(_("question"), max_length=200)
    help = models.CharField(_("help"), max_length=300, blank=True)
    options = models.JSONField(default=list, blank=True)
    required = models.BooleanField(_("required"), default=False)
    asked_of = models.CharField(max_length=10, choices=AskedOf, default=AskedOf.EVERYONE)
    # "" or one answer to another question with one choice: "travels=yes"
    only_if = models.CharField(max_length=90, blank=True, default="", db_default="")
    position = models.PositiveSmallIntegerField(default=0)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _PartQuerySet["Question"].as_manager()

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "program", "key"], name="question_once")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def follows(self) -> str:
        """Return the key of the question it is asked after, "" if it is always asked."""
        return self.only_if.partition("=")[0]

    def applies(self, answers: Mapping[str, object]) -> bool:
        """Say whether it is asked of who gave these answers (by key)."""
        key, _is, wanted = self.only_if.partition("=")
        return not key or answers.get(key) == wanted

    @property
    def shown_unless_said(self) -> bool:
        """Whether answers may be shown to partners as a reason where nobody said otherwise.

        Skills, lists, scales and free times may; a single choice may be about the person, and
        numbers and own words may say more than was meant.
        """
        kinds = {self.Kind.SKILLS, self.Kind.CHOICES, self.Kind.SCALE, self.Kind.AVAILABILITY}
        return self.kind in kinds


class Criterion(TenantModel):
    """One term of the match score, or a rule.

    `seeker_field` and `offerer_field` are `answer:<question key>` or `member:<work fact>`;
    `kind` and `parameters` are those of the matching engine.
    """

    class Sort(models.TextChoices):
        SCORE = "score", _("Score")
        RULE = "rule", _("Rule")

    program = TenantForeignKey(Program, on_delete=models.CASCADE, related_name="criteria")
    key = models.SlugField(max_length=40)
    sort = models.CharField(max_length=5, choices=Sort, default=Sort.SCORE)
    kind = models.CharField(max_length=20)
    label = models.CharField(_("name"), max_length=120)
    seeker_field = models.CharField(max_length=60)
    offerer_field = models.CharField(max_length=60)
    weight = models.PositiveSmallIntegerField(_("weight"), default=5)
    parameters = models.JSONField(default=dict, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _PartQuerySet["Criterion"].as_manager()

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "program", "key"], name="criterion_once"
            ),
            models.CheckConstraint(name="criterion_weight", condition=Q(weight__lte=10)),
        ]

    def __str__(self) -> str:
        return self.label


class Objective(TenantModel):
    """What a program wants to reach: a figure of its report, a value, and by which week.

    `metric` is the key of a figure (its whole); the report shows the result beside the value.
    """

    class Metric(models.TextChoices):
        MATCH_RATE = "match_rate", _("People with a partner, share of all")
        SESSION_COMPLETION = "session_completion", _("Sessions held, share of those planned")
        ATTENDANCE_RATE = "attendance_rate", _("Attendance, share of seats")
        CHECKIN_RESPONSE = "checkin_response", _("Check-ins answered, share of those sent")
        SATISFIED = "satisfied", _("Satisfied people, share of those who answered")
        VOICE_BALANCE = "voice_balance", _("Balance of voices")
        DECISION_DAYS = "decision_days", _("Days until a decision")
        TIME_TO_MATCH = "time_to_match", _("Days until half have a partner")
        REGULAR_CONTACT = "regular_contact", _("Regular contact, share of partnerships")
        COMPLETION = "completion", _("Partnerships completed, share of those that are over")
        LEAD_COVERAGE = "lead_coverage", _("Partners who have led, share of all")
        SHARED_LEADERSHIP = "shared_leadership", _("Shared leadership, from 0 to 100 %")

    # a number that is better the lower; the others are shares of 1 that are better the higher
    DAYS = (Metric.DECISION_DAYS, Metric.TIME_TO_MATCH)

    program = TenantForeignKey(Program, on_delete=models.CASCADE, related_name="objectives")
    metric = models.CharField(_("figure"), max_length=40, choices=Metric)
    value = models.DecimalField(_("value"), max_digits=8, decimal_places=4)
    week = models.PositiveSmallIntegerField(_("by week"), default=24)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _PartQuerySet["Objective"].as_manager()

    class Meta:
        ordering = ("week", "metric")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "program", "metric"], name="objective_once"
            ),
            models.CheckConstraint(name="objective_can_be", condition=Q(value__gte=0, week__gte=1)),
        ]

    def __str__(self) -> str:
        return str(self.get_metric_display())

    @property
    def is_share(self) -> bool:
        return self.metric not in self.DAYS

    @property
    def percent(self) -> Decimal:
        """Return the value as people write it: 80 for 0.8, days as they are."""
        return (self.value * 100 if self.is_share else self.value).normalize()

    def is_reached(self, value: Decimal) -> bool:
        return value >= self.value if self.is_share else value <= self.value


class _AnswerQuerySet(TenantQuerySet["Answer"]):
    def visible_to(self, member: Member) -> Self:
        """One's own, and for coordinators those of their programs' people."""
        rows = super().visible_to(member)
        if member.role not in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows.filter(enrolment__member=member)
        enrolments = Enrolment.objects.visible_to(member).filter(pk=OuterRef("enrolment_id"))
        return rows.filter(Exists(enrolments))


class Answer(TenantModel):
    """What one person answered to one question, in the shape of the question's kind."""

    enrolment = TenantForeignKey(Enrolment, on_delete=models.CASCADE, related_name="answers")
    question = TenantForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    value = models.JSONField()
    # whether partners may read it as a reason of their matching; else they read what was compared
    shown = models.BooleanField(default=False, db_default=False)

    privacy = Privacy(Keep.PERSON, export=("enrolment__member",), rows=True)
    objects = _AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "enrolment", "question"], name="answer_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.question_id)
