"""The people who work together, their seats, and what they say when it rests or ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import Row, StampedModel, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
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


class Partnership(StampedModel):
    """The people who work together: a pair or a circle."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        COMPLETED = "completed", _("Completed")
        ENDED = "ended", _("Ended")
        LAPSED = "lapsed", _("Lapsed")
        NEVER_STARTED = "never_started", _("Never started")
        WITHDRAWN = "withdrawn", _("Undone")  # its run was undone before anybody met

    OPEN = ("proposed", "active", "paused")

    cohort = TenantForeignKey(Cohort, on_delete=models.PROTECT, related_name="+")
    run = TenantForeignKey(
        MatchRun, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=14, choices=State, default=State.ACTIVE)
    starts_on = models.DateField()
    ends_on = models.DateField()
    # all its people have agreed on a later last day; closing the cohort does not end it before
    prolonged = models.BooleanField(default=False, db_default=False)
    published_at = models.DateTimeField()
    # a rest until that day, or until somebody resumes it; and when the last rest ended
    paused_until = models.DateField(null=True, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=60, blank=True)
    # when the words of its people went, so long after its end (OrganisationSettings.words_months)
    words_erased_at = models.DateTimeField(null=True, blank=True)
    reasons = models.JSONField(default=list, blank=True)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    privacy = Privacy(
        Keep.PARTNERSHIP, export=("seats__enrolment__member",), quotes=("name", "reasons")
    )
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
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("pairing:partnership", args=[self.organisation.slug, self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class AtTableQuerySet(TenantQuerySet[Row]):
    """Rows that are read from a seat: `until` that seat closed, if it did.

    Who has left reads what was written while they were there and nothing after; who sat there
    to the end of the partnership reads all.  `partnership` is the path to it, `written` are the
    columns that say when a row was written and last written over (null: never yet): all of them
    lie before the seat closed.
    """

    partnership: ClassVar[str] = "partnership_id"
    written: ClassVar[tuple[str, ...]] = ("created_at",)

    def from_a_seat_of(self, member: Member) -> Exists:
        until = Q(*(Q(left_at__gte=_unless_null(column)) for column in self.written))
        return Exists(
            Seat.objects.filter(
                Q(left_at=None) | Q(left_at__gte=F("partnership__ended_at")) | until,
                partnership=OuterRef(self.partnership),
                enrolment__member=member,
            )
        )


def _unless_null(column: str) -> Coalesce:
    """Return when a row was written, for a seat to be compared with; the seat's end where never."""
    return Coalesce(OuterRef(column), F("left_at"), output_field=models.DateTimeField())


class WordsQuerySet(AtTableQuerySet[Row]):
    """Rows that hold words of a partnership: its partners read them, coordinators do not."""

    def visible_to(self, member: Member) -> Self:
        return super().visible_to(member).filter(self.from_a_seat_of(member))


class FactsQuerySet(AtTableQuerySet[Row]):
    """Rows that hold facts of a partnership: who runs its program sees them as its partners do."""

    def visible_to(self, member: Member) -> Self:
        rows, theirs = super().visible_to(member), self.from_a_seat_of(member)
        if member.role not in COORDINATING:
            return rows.filter(theirs)
        cohort = f"{self.partnership.removesuffix('_id')}__cohort_id"
        runs = Cohort.objects.visible_to(member).filter(pk=OuterRef(cohort))
        return rows.filter(Exists(runs) | theirs)

    def facts_for(self, member: Member) -> Self:
        """Return those whose facts a token of this member may read: HR reads all of them."""
        if member.role != Member.Role.HR:
            return self.visible_to(member)
        partnerships = Partnership.objects.facts_for(member)
        return self.filter(Exists(partnerships.filter(pk=OuterRef(self.partnership))))


class SeatQuerySet(FactsQuerySet["Seat"]):
    """Who sits where; whoever came after somebody left is nothing that they see."""

    written = ("taken_at",)

    def open(self) -> Self:
        return self.filter(left_at=None)


class Seat(StampedModel):
    """One person's place in a partnership, in one part; a change of part opens a new seat."""

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="seats")
    enrolment = TenantForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=8, choices=Enrolment.Part)
    taken_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    # until when this person would like to go on, while not all of them have said so
    goes_on_until = models.DateField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION, export=("enrolment__member",))
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

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
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

    privacy = Privacy(Keep.PERSON, export=("author",), erase=("text",))
    objects = _KindWordsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "partnership", "author"], name="kind_words_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.partnership_id)
