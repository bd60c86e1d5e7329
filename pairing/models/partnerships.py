"""The people who work together, their seats, and what they say when it rests or ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import Row, TenantForeignKey, TenantModel
from pairing.models.runs import COORDINATING, MatchRun
from programs.models.programs import Cohort, Enrolment

if TYPE_CHECKING:
    from typing import Self


class PartnershipQuerySet(TenantQuerySet["Partnership"]):
    def visible_to(self, member: Member) -> Self:
        """Coordinators see those of their programs, HR none by page; partners see their own."""
        rows = super().visible_to(member)
        own = Seat.objects.filter(partnership=OuterRef("pk"), enrolment__member=member)
        if member.role in COORDINATING:
            cohorts = Cohort.objects.visible_to(member).filter(pk=OuterRef("cohort_id"))
            return rows.filter(Exists(cohorts) | Exists(own))
        return rows.filter(Exists(own))

    def facts_for(self, member: Member) -> Self:
        """Return those whose facts a token of this member may read: HR reads all of them."""
        if member.role == Member.Role.HR:
            return super().visible_to(member)
        return self.visible_to(member)

    def open(self) -> Self:
        return self.filter(state__in=Partnership.OPEN)

    def active(self) -> Self:
        return self.filter(state=Partnership.State.ACTIVE)

    def standing(self) -> Self:
        """Return all but those that were taken back: what was undone is counted nowhere."""
        return self.exclude(state=Partnership.State.WITHDRAWN)

    def for_list(self) -> Self:
        seats = Seat.objects.filter(left_at=None).select_related("enrolment__member")
        return self.select_related("organisation", "cohort__program").prefetch_related(
            models.Prefetch("seats", queryset=seats.order_by("id"), to_attr="people")
        )


class Partnership(TenantModel):
    """The people who work together: a pair or a circle."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        COMPLETED = "completed", _("Completed")
        ENDED = "ended", _("Ended")
        LAPSED = "lapsed", _("Lapsed")
        NEVER_STARTED = "never_started", _("Never started")
        WITHDRAWN = "withdrawn", _("Taken back")  # its run was undone before anybody met

    OPEN = ("proposed", "active", "paused")

    cohort = TenantForeignKey(Cohort, on_delete=models.PROTECT, related_name="+")
    run = TenantForeignKey(
        MatchRun, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=14, choices=State, default=State.ACTIVE)
    starts_on = models.DateField()
    ends_on = models.DateField()
    published_at = models.DateTimeField()
    # a rest until that day, or until somebody resumes it; and when the last rest ended
    paused_until = models.DateField(null=True, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=60, blank=True)
    reasons = models.JSONField(default=list, blank=True)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    objects = PartnershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "cohort", "name"],
                condition=~Q(state="withdrawn"),
                name="partnership_name_once",
            ),
            models.CheckConstraint(
                name="partnership_ended_iff_over",
                condition=Q(state__in=["proposed", "active", "paused"], ended_at=None)
                | (
                    Q(state__in=["completed", "ended", "lapsed", "never_started", "withdrawn"])
                    & Q(ended_at__isnull=False)
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "cohort", "state"], name="partnership_of_cohort"),
            models.Index(fields=["organisation", "changed_at"], name="partnership_by_change"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("pairing:partnership", args=[self.organisation.slug, self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class SeatQuerySet(TenantQuerySet["Seat"]):
    def visible_to(self, member: Member) -> Self:
        """A seat is seen with its partnership."""
        partnerships = Partnership.objects.visible_to(member).filter(pk=OuterRef("partnership_id"))
        return super().visible_to(member).filter(Exists(partnerships))

    def open(self) -> Self:
        return self.filter(left_at=None)


class Seat(TenantModel):
    """One person's place in a partnership, in one part; a change of part opens a new seat."""

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="seats")
    enrolment = TenantForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=8, choices=Enrolment.Part)
    taken_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="seat_left_after_taken",
                condition=Q(left_at=None) | Q(left_at__gte=F("taken_at")),
            ),
            models.UniqueConstraint(
                name="seat_one_open_mentor_per_partnership",
                fields=["organisation", "partnership"],
                condition=Q(part="mentor", left_at=None),
            ),
            models.UniqueConstraint(
                name="seat_one_open_per_person",
                fields=["organisation", "partnership", "enrolment"],
                condition=Q(left_at=None),
            ),
        ]

    def __str__(self) -> str:
        return str(self.enrolment_id)


class WordsQuerySet(TenantQuerySet[Row]):
    """Rows that hold words of a partnership: its partners read them, coordinators do not.

    Who has left a table that goes on reads them no longer; who sat there to its end still does.
    `partnership` is the path to it.
    """

    partnership: ClassVar[str] = "partnership_id"

    def visible_to(self, member: Member) -> Self:
        """Return those of this person's own partnerships."""
        own = Seat.objects.filter(
            Q(left_at=None) | Q(left_at__gte=F("partnership__ended_at")),
            partnership=OuterRef(self.partnership),
            enrolment__member=member,
        )
        return super().visible_to(member).filter(Exists(own))


class Cause(models.TextChoices):
    """What should be different next time: of the match, never of a person."""

    TIME = "time", _("Time: we found no hours for it")
    GOALS = "goals", _("Goals: we want different things")
    STYLE = "style", _("Style: we work differently")
    DISTANCE = "distance", _("Distance: places or time zones")
    OTHER = "other", _("Something else")


class _PartingQuerySet(TenantQuerySet["Parting"]):
    def visible_to(self, member: Member) -> Self:
        """Everybody sees their own; coordinators of the program those they were let see.

        A coordinator who sat at the same table was a partner there, and partners never see it.
        """
        rows = super().visible_to(member)
        own = Q(seat__enrolment__member=member)
        if member.role not in COORDINATING:
            return rows.filter(own)
        runs = Cohort.objects.visible_to(member).filter(pk=OuterRef("seat__partnership__cohort_id"))
        sits = Seat.objects.filter(
            partnership=OuterRef("seat__partnership"), enrolment__member=member
        )
        return rows.filter(own | Q(Exists(runs), ~Exists(sits), coordinator_sees=True))


class Parting(TenantModel):
    """What one person wants to be different after a partnership that ended."""

    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    cause = models.CharField(max_length=8, choices=Cause)
    # said beside the field, on at first
    coordinator_sees = models.BooleanField(default=True)
    said_at = models.DateTimeField()

    objects = _PartingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "seat"], name="parting_once_per_seat")
        ]

    def __str__(self) -> str:
        return self.cause


class _KindWordsQuerySet(TenantQuerySet["KindWords"]):
    def visible_to(self, member: Member) -> Self:
        """Only the partners it was said among; the database shows it to nobody else."""
        return super().visible_to(member).filter(readers__contains=[member.pk])


class KindWords(TenantModel):
    """What one partner says to the others when the partnership rests or ends: theirs alone."""

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    author = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=1000)
    said_at = models.DateTimeField()
    readers = ArrayField(models.UUIDField())

    objects = _KindWordsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "partnership", "author"], name="kind_words_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.partnership_id)
