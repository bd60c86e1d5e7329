"""Concerns: what somebody reports in confidence, and those few who are named to read it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import Cohort, Program

if TYPE_CHECKING:
    from typing import Self


class _DeskQuerySet(TenantQuerySet["ConcernDesk"]):
    def visible_to(self, member: Member) -> Self:
        rows = super().visible_to(member)
        return rows if member.role == Member.Role.OWNER else rows.none()


class ConcernDesk(TenantModel):
    """How an organisation takes concerns: what its owners have set, one row each."""

    KEPT_DAYS: ClassVar[int] = 90

    # shown wherever a concern is raised; safety cannot wait for a reader
    phone = models.CharField(_("phone number for safety"), max_length=60, blank=True)
    # how long the words stay once a concern is closed
    kept_days = models.PositiveSmallIntegerField(default=KEPT_DAYS)
    # of the link that asks for no sign-in, another with each new one; none: there is no link.
    # Its secret is a Key
    link = models.UUIDField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _DeskQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation"], name="concern_desk_once")]

    def __str__(self) -> str:
        return str(self.pk)


class _HandlerQuerySet(TenantQuerySet["ConcernHandler"]):
    def visible_to(self, member: Member) -> Self:
        rows = super().visible_to(member)
        return rows if member.role == Member.Role.OWNER else rows.filter(member=member)

    def for_list(self) -> Self:
        return self.select_related("member", "program")


class ConcernHandler(TenantModel):
    """Somebody whom an owner has named to read concerns: all of them, or those of one program."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    program = TenantForeignKey(
        Program, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )

    privacy = Privacy(Keep.ORGANISATION, export=("member",))
    objects = _HandlerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member", "program"],
                name="concern_handler_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return str(self.member_id)


def _named(member: Member) -> Exists:
    """Return the condition that somebody is named for the concern of a file, and still here."""
    return Exists(
        ConcernHandler.objects.filter(
            Q(program=None) | Q(program=OuterRef("concern__cohort__program")),
            member=member,
            member__state=Member.State.LIVE,
        )
    )


def _not_involving(member: Member) -> Q:
    """Return the condition that somebody is not in the concern of a file.

    Who raised it is, whom it is about, whoever was ever in the partnership it is about or in one
    with that person, and whom its reporter has left out.  The database decides the same over the
    words (HANDLES_IT in feedback/migrations).
    """
    own = Seat.objects.filter(enrolment__member=member)
    in_it = own.filter(partnership=OuterRef("partnership"))
    with_them = Seat.objects.filter(
        enrolment__member=OuterRef("about"), partnership__in=own.values("partnership")
    )
    involved = Q(about=member) | Q(reporter=member) | Q(left_out__contains=[member.pk])
    return ~Q(Exists(in_it)) & ~Q(Exists(with_them)) & ~involved


class _ConcernQuerySet(TenantQuerySet["Concern"]):
    def visible_to(self, member: Member) -> Self:
        """Seen with its file; once that is gone only its days are left, and no page shows them."""
        files = ConcernFile.objects.visible_to(member)
        return super().visible_to(member).filter(Exists(files.filter(concern=OuterRef("pk"))))

    def open(self) -> Self:
        return self.filter(closed_on=None)


class Concern(TenantModel):
    """One concern as facts without words and people: what is left of it for the figures.

    No time finer than the day is kept, in its id neither: it would lead to who was here then.
    """

    class Topic(models.TextChoices):
        MISMATCH = "mismatch", _("We do not fit")
        CONFLICT = "conflict", _("A conflict")
        DOMINANCE = "dominance", _("Somebody dominates")
        ROLES = "roles", _("It is unclear who does what")
        RESISTANCE = "resistance", _("Leading is not shared")
        ABSENCE = "absence", _("Somebody does not come")
        SAFETY = "safety", _("Safety: threats, harassment, discrimination")
        OTHER = "other", _("Something else")

    class Urgency(models.TextChoices):
        DAY = "day", _("Today or tomorrow")
        WEEK = "week", _("Within a week")
        WEEKS = "weeks", _("Within three weeks")

    DAYS: ClassVar[dict[str, int]] = {Urgency.DAY: 1, Urgency.WEEK: 7, Urgency.WEEKS: 21}

    class Outcome(models.TextChoices):
        AGREED = "agreed", _("Those concerned have agreed how to go on")
        PARTED = "parted", _("They go on with other partners")
        CLEARED = "cleared", _("It was explained, and nothing had to change")
        PASSED_ON = "passed_on", _("Somebody outside this desk has taken it over")
        WITHDRAWN = "withdrawn", _("Who raised it does not want to go on")

    # whose partners it is about, as far as that is known
    cohort = TenantForeignKey(
        Cohort, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    topic = models.CharField(max_length=10, choices=Topic)
    urgency = models.CharField(max_length=5, choices=Urgency)
    anonymous = models.BooleanField(default=False)
    raised_on = models.DateField()
    due_on = models.DateField()
    # who is asked to see to it; nobody yet, or nobody who may
    handler = TenantForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # the day on which somebody else is asked if it is still open
    passes_on = models.DateField()
    owners_told_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)

    privacy = Privacy(Keep.ORGANISATION, about=("handler",))
    objects = _ConcernQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="concern_closed_with_outcome",
                condition=Q(closed_on=None, outcome="")
                | Q(closed_on__isnull=False) & ~Q(outcome=""),
            ),
            models.CheckConstraint(
                name="concern_due_after_raised", condition=Q(due_on__gt=F("raised_on"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_safety(self) -> bool:
        return self.topic == self.Topic.SAFETY


class _FileQuerySet(TenantQuerySet["ConcernFile"]):
    def visible_to(self, member: Member) -> Self:
        """Whoever raised it, and those who handle it."""
        rows = super().visible_to(member)
        return rows.filter(Q(reporter=member) | Q(_named(member)) & _not_involving(member))

    def not_involving(self, member: Member) -> Self:
        return self.filter(_not_involving(member))

    def handled_by(self, member: Member) -> Self:
        return self.not_involving(member).filter(_named(member))

    def open(self) -> Self:
        return self.filter(concern__closed_on=None)

    def for_list(self) -> Self:
        return self.select_related(
            "organisation",
            "concern__cohort__program",
            "concern__handler",
            "reporter",
            "about",
            "partnership",
        )


class ConcernFile(TenantModel):
    """Who raised a concern and about whom: goes with all its words some days after closing."""

    concern = TenantForeignKey(Concern, on_delete=models.CASCADE, related_name="+")
    reporter = TenantForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # who reads what is said to who raised it: that person, or whoever has the code
    reader = models.UUIDField()
    about = TenantForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    partnership = TenantForeignKey(
        Partnership, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    # who is not to read it, as its reporter wishes
    left_out = ArrayField(models.UUIDField(), default=list, blank=True)

    privacy = Privacy(Keep.DAYS, export=("reporter",), about=("reporter", "about"))
    objects = _FileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "concern"], name="concern_file_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("feedback:concern", args=[self.organisation.slug, self.pk])

    def words_go_on(self, kept_days: int) -> date | None:
        """Return the day on which the words are deleted; None while it is open."""
        closed_on = self.concern.closed_on
        return closed_on + timedelta(days=kept_days) if closed_on else None


class _StepQuerySet(TenantQuerySet["ConcernStep"]):
    def visible_to(self, member: Member) -> Self:
        """Seen with its file: also by who raised it, without the note."""
        files = ConcernFile.objects.visible_to(member)
        return super().visible_to(member).filter(Exists(files.filter(pk=OuterRef("file"))))


class ConcernStep(TenantModel):
    """One step of mediation, and the day on which it was done."""

    class Kind(models.TextChoices):
        LISTEN = "listen", _("Listened to who raised it")
        BOTH_SIDES = "both_sides", _("Heard both sides")
        AGREEMENT = "agreement", _("Reached an agreement")
        FOLLOW_UP = "follow_up", _("Asked again how it goes")

    file = TenantForeignKey(ConcernFile, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    done_on = models.DateField()

    privacy = Privacy(Keep.DAYS)
    objects = _StepQuerySet.as_manager()

    def __str__(self) -> str:
        return self.kind


class _TextQuerySet(TenantQuerySet["ConcernText"]):
    def visible_to(self, member: Member) -> Self:
        """Those of the files one sees; the database shows each text to its readers alone."""
        files = ConcernFile.objects.visible_to(member)
        rows = super().visible_to(member)
        return rows.filter(Exists(files.filter(pk=OuterRef("file"))))


class ConcernText(TenantModel):
    """Words of a concern, sealed: for `readers`, and for its handlers as they are today.

    Whoever handles it is never among the readers: who may no longer handle it reads no more.
    """

    class Kind(models.TextChoices):
        REPORT = "report", _("The concern")
        FROM_REPORTER = "reporter", _("From who raised it")
        FROM_HANDLER = "handler", _("From a handler")
        NOTE = "note", _("Note on a step")
        CLOSING = "closing", _("At the closing")

    class Audience(models.TextChoices):
        HANDLERS = "handlers", _("Those who handle it")

    # without a word from Django: the database takes the texts along, and lets nobody delete them
    file = TenantForeignKey(ConcernFile, on_delete=models.DO_NOTHING, related_name="+")
    step = TenantForeignKey(
        ConcernStep, on_delete=models.DO_NOTHING, null=True, blank=True, related_name="+"
    )
    number = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=8, choices=Kind)
    said_on = models.DateField()
    author = TenantForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sealed = models.TextField()  # encrypted (core/common/secrets.py)
    readers = ArrayField(models.UUIDField())
    audience = models.CharField(
        max_length=8, choices=Audience, blank=True, default=Audience.HANDLERS
    )

    privacy = Privacy(Keep.DAYS, about=("file__reporter",), erase=("sealed",), sealed=("sealed",))
    objects = _TextQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.file_id} {self.number}"
