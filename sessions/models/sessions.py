"""A session and what belongs to it: turns, absences, attendance, retrospectives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.tenancy.models import Row, StampedModel, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import FactsQuerySet, Partnership, Seat, WordsQuerySet
from programs.models.parts import MeetingRole

if TYPE_CHECKING:
    from typing import Self


class SessionQuerySet(FactsQuerySet["Session"]):
    """Seen with its partnership; who has left sees those that had begun by then."""

    written = ("created_at", "starts_at")

    def upcoming(self, now: datetime) -> Self:
        return self.filter(state=Session.State.PLANNED, starts_at__gte=now).order_by("starts_at")

    def for_list(self) -> Self:
        return self.select_related("organisation", "partnership__cohort__program")

    def counting(self) -> Self:
        """Return them as meetings of the season: cancelled and missed ones have no turns."""
        return self.filter(state__in=[Session.State.PLANNED, Session.State.HELD])

    def with_attendance(self) -> Self:
        """Count who was `present`, `excused` and `absent`, and who was `expected`.

        Expected are, of a held session, those whose attendance was recorded, otherwise the
        people in the open seats.
        """
        rows = Attendance.objects.filter(session=OuterRef("pk"))
        recorded = {
            kind: Coalesce(Subquery(counted(rows.filter(kind=kind))), 0)
            for kind in Attendance.Kind.values
        }
        seats = Seat.objects.filter(partnership=OuterRef("partnership_id"), left_at=None)
        return self.annotate(
            **recorded,
            expected=Case(
                When(state=Session.State.HELD, then=Coalesce(Subquery(counted(rows)), 0)),
                default=Coalesce(Subquery(counted(seats)), 0),
            ),
        )


def counted(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """Count the rows of a subquery in one number."""
    counted: QuerySet[Any, Any] = (
        rows.order_by().values("organisation_id").annotate(n=Count("pk")).values("n")
    )
    return counted


class CancelCause(models.TextChoices):
    """Why a session did not take place: a fact that is counted, so it has no free words.

    None tells of anybody's health: HR reads it beside the names of the partnership.
    """

    TOO_FEW = "too_few", _("Too few could come")
    WORKLOAD = "workload", _("Too much other work")
    HOLIDAY = "holiday", _("Holiday")
    NOT_NEEDED = "not_needed", _("Nothing to meet about")
    OTHER = "other", _("Another cause")


# what nobody has recorded a week after it is missed; what came of it can be put right for longer
MISSED_AFTER = timedelta(days=7)
CORRECTABLE = timedelta(days=30)


class OffCause(models.TextChoices):
    """Why the platform called a session off: nobody's cause, and outside of every figure."""

    ENDED = "ended", _("The partnership is over")
    PAUSED = "paused", _("The partnership is paused")
    TAKEN_BACK = "taken_back", _("The publication was undone")


class Session(StampedModel):
    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Held")
        CANCELLED = "cancelled", _("Cancelled")
        MISSED = "missed", _("Missed")

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField(_("starts at"))
    duration_minutes = models.PositiveSmallIntegerField(_("minutes"))
    # the organisation's day of starts_at: what figures count by
    day = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    held_at = models.DateTimeField(null=True, blank=True)
    topic = models.CharField(_("topic"), max_length=200, blank=True)
    place = models.CharField(_("place or link"), max_length=300, blank=True)
    # a link into a room: words of the partnership, like the place
    video_url = models.URLField(_("video link"), max_length=300, blank=True)
    cause = models.CharField(_("cause"), max_length=200, blank=True)
    agenda = models.JSONField(default=list, blank=True)
    # RFC 5545 SEQUENCE: counts changes that calendars must hear of
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(default=clock.now)

    if TYPE_CHECKING:  # counted by SessionQuerySet.with_attendance
        present: int
        excused: int
        absent: int
        expected: int

    privacy = Privacy(
        Keep.PARTNERSHIP,
        export=("partnership__seats__enrolment__member",),
        shared=("topic", "place", "video_url"),
        partnership="partnership",
        quotes=("topic", "cause", "agenda"),
    )
    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "partnership", "number"], name="session_number_once"
            ),
            models.CheckConstraint(
                name="session_held_at_iff_held",
                condition=Q(state="held", held_at__isnull=False)
                | (~Q(state="held") & Q(held_at=None)),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "starts_at"], name="session_by_time"),
            models.Index(fields=["organisation", "partnership", "day"], name="session_by_day"),
            models.Index(fields=["organisation", "changed_at"], name="session_by_change"),
        ]

    def __str__(self) -> str:
        return f"{self.partnership}, session {self.number}"

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.duration_minutes)

    @property
    def where(self) -> str:
        """Return the place and the link, as an e-mail says them."""
        return " · ".join(part for part in (self.place, self.video_url) if part)

    @property
    def is_planned(self) -> bool:
        return self.state == self.State.PLANNED

    @property
    def is_held(self) -> bool:
        return self.state == self.State.HELD

    @property
    def cause_words(self) -> str:
        for causes in (CancelCause, OffCause):
            if self.cause in causes.values:
                return str(causes(self.cause).label)
        return ""

    def get_absolute_url(self) -> str:
        return reverse("sessions:session", args=[self.organisation.slug, self.pk])


class SessionFactsQuerySet(FactsQuerySet[Row]):
    """Rows that belong to a session: facts, seen with it."""

    partnership = "session__partnership_id"
    written = ("created_at", "session__starts_at")


class SessionWordsQuerySet(WordsQuerySet[Row]):
    """Rows that belong to a session and stay at its table: coordinators see none of them."""

    partnership = "session__partnership_id"


class _RetrospectiveQuerySet(SessionWordsQuerySet["Retrospective"]):
    written = ("written_at",)


class Turn(StampedModel):
    """Who holds which MeetingRole in which Session, with the reason why."""

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="turns")
    role = TenantForeignKey(MeetingRole, on_delete=models.PROTECT, related_name="+")
    seat = TenantForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=40)
    reason_detail = models.JSONField(default=dict, blank=True)
    locked = models.BooleanField(default=False)
    # somebody who has led sits beside whoever leads for the first time; with none, nobody had
    first_lead = models.BooleanField(default=False)
    buddy = TenantForeignKey(
        Seat, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    privacy = Privacy(
        Keep.ORGANISATION, export=("seat__enrolment__member",), quotes=("reason_detail",)
    )
    objects = SessionFactsQuerySet["Turn"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "session", "role"], name="turn_one_holder"
            ),
            models.UniqueConstraint(
                fields=["organisation", "session", "seat"], name="turn_one_role_each"
            ),
            models.CheckConstraint(
                name="turn_buddy_of_a_first_lead",
                condition=Q(buddy=None) | (Q(first_lead=True) & ~Q(buddy=F("seat"))),
            ),
        ]

    def __str__(self) -> str:
        return str(self.role_id)


class Absence(TenantModel):
    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="absences")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    # it lies in a break of this person, and goes with it
    on_break = models.BooleanField(default=False)

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
    objects = SessionFactsQuerySet["Absence"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "session", "seat"], name="absence_once")
        ]

    def __str__(self) -> str:
        return str(self.seat_id)


class Attendance(StampedModel):
    class Kind(models.TextChoices):
        PRESENT = "present", _("Present")
        EXCUSED = "excused", _("Excused")
        ABSENT = "absent", _("Absent")

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="attendance")
    seat = TenantForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
    objects = SessionFactsQuerySet["Attendance"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "session", "seat"], name="attendance_once"
            )
        ]

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True)
class RetrospectiveLines:
    """One line each: what worked, what to change, whom to thank."""

    worked: str = ""
    change: str = ""
    thanks: str = ""

    def __bool__(self) -> bool:
        return bool(self.worked or self.change or self.thanks)


class Retrospective(TenantModel):
    """What worked, what to change, whom to thank: one line each; it belongs to the partnership."""

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="retrospectives")
    seat = TenantForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    worked = models.CharField(_("What worked"), max_length=300, blank=True)
    change = models.CharField(_("What to change"), max_length=300, blank=True)
    thanks = models.CharField(_("Thanks"), max_length=300, blank=True)
    # they may be written over, and who has left reads no later ones
    written_at = models.DateTimeField(default=clock.now)

    privacy = Privacy(
        Keep.PERSON, export=("seat__enrolment__member",), erase=("worked", "change", "thanks")
    )
    objects = _RetrospectiveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "session", "seat"], name="retrospective_once"
            )
        ]

    def __str__(self) -> str:
        return self.worked


def renumber(partnership: Partnership, *, at: datetime) -> None:
    """Let the numbers of sessions follow their times; the unique constraint wants two steps."""
    rows = list(Session.objects.filter(partnership=partnership).order_by("starts_at", "id"))
    moved = [(row, n) for n, row in enumerate(rows, 1) if row.number != n]
    for offset in (len(rows) + 10_000, 0):
        for row, number in moved:
            row.number = number + offset
            row.changed_at = at
        Session.objects.bulk_update([row for row, _ in moved], ["number", "changed_at"])


OPENS_BEFORE = timedelta(hours=1)


def room_is_open(session: Session, at: datetime) -> bool:
    """Say whether people may enter: from an hour before the session until it is recorded."""
    return session.is_planned and session.starts_at - OPENS_BEFORE <= at
