"""Check-ins: the short report of one partner for one period, its words, and silence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, Func, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import InnerQuerySet, Member, TenantQuerySet
from core.tenancy.models import StampedModel, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from feedback.models.words import Audience, WordsQuerySet
from pairing.models.partnerships import Partnership, Seat
from sessions.models.sessions import Session

if TYPE_CHECKING:
    from typing import Self


def have_met(partnership: str) -> ExpressionWrapper[Q]:
    """Return whether people of a partnership ever met, by what is known; `partnership` is its path.

    A session that was held, or a check-in that says so.
    """
    held = Session.objects.filter(partnership=OuterRef(partnership), state=Session.State.HELD)
    told = CheckIn.objects.filter(seat__partnership=OuterRef(partnership), met=True)
    return ExpressionWrapper(Exists(held) | Exists(told), output_field=models.BooleanField())


def with_whom(seat: str, path: str = "") -> Case:
    """Return what stands after "with" for a seat: the one other's name, or that of the circle.

    `seat` is the column of the seat, `path` what leads to its partnership.
    """
    others = (
        Seat.objects.open()
        .filter(partnership=OuterRef(f"{path}partnership"))
        .exclude(pk=OuterRef(seat))
        .order_by("pk")
    )
    circle = F(f"{path}partnership__name")
    return Case(
        When(Exists(others[1:2]), then=circle),
        default=Coalesce(Subquery(others.values("enrolment__member__given_name")[:1]), circle),
    )


def _minus(day: Any, less: Any, output_field: models.Field[Any, Any]) -> Func:
    """Return a day less days, or the days between two, as PostgreSQL counts them."""
    return Func(
        day,
        less,
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=output_field,
    )


class CheckInQuerySet(TenantQuerySet["CheckIn"]):
    def visible_to(self, member: Member) -> Self:
        """Everybody sees their own; coordinators the facts of their programs' partnerships."""
        rows = super().visible_to(member)
        own = Q(seat__enrolment__member=member)
        if member.role in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            partnerships = Partnership.objects.visible_to(member)
            return rows.filter(own | Exists(partnerships.filter(pk=OuterRef("seat__partnership"))))
        return rows.filter(own)

    def facts_for(self, member: Member) -> Self:
        """Return those whose facts a token of this member may read."""
        partnerships = Partnership.objects.facts_for(member)
        rows = super().visible_to(member)
        return rows.filter(Exists(partnerships.filter(pk=OuterRef("seat__partnership"))))

    def of(self, member: Member) -> Self:
        """Return this person's own: theirs to answer, whatever else they may see."""
        return self.filter(seat__enrolment__member=member)

    def unanswered(self) -> Self:
        return self.filter(answered_at=None)

    def unrecorded(self) -> Self:
        """Return those of whose days no session is recorded as held."""
        length = _minus(OuterRef("due_on"), OuterRef("opens_on"), models.IntegerField())
        held = Session.objects.filter(
            partnership=OuterRef("seat__partnership"),
            state=Session.State.HELD,
            day__lt=OuterRef("opens_on"),
            day__gte=_minus(OuterRef("opens_on"), length, models.DateField()),
        )
        return self.filter(~Exists(held))

    def with_met(self) -> Self:
        """Say of each whether its partners `have_met`: nobody else is asked how it went."""
        return self.annotate(have_met=have_met("seat__partnership"))

    def with_whom(self) -> Self:
        """Say of each `with_whom` its person works."""
        return self.annotate(with_whom=with_whom("seat_id", "seat__"))

    def for_list(self) -> Self:
        return self.select_related(
            "organisation",
            "seat__enrolment__member",
            "seat__partnership__cohort__program",
        )


class CheckIn(StampedModel):
    """One partner's short report for one period: of the days before it opens."""

    class Blocker(models.TextChoices):
        NONE = "none", _("No")
        TIME = "time", _("Time")
        FIT = "fit", _("The fit")
        OTHER = "other", _("Other")

    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    period = models.PositiveSmallIntegerField()
    opens_on = models.DateField()
    due_on = models.DateField()  # the next one opens on this day
    opened_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    # the organisation's day of answered_at
    answered_on = models.DateField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    met = models.BooleanField(_("met"), null=True, blank=True)
    # of those who met where no session says so: the day, of which the other of a pair is asked
    met_on = models.DateField(null=True, blank=True)
    mood = models.PositiveSmallIntegerField(_("mood"), null=True, blank=True)
    # asked of those who met
    progress = models.PositiveSmallIntegerField(_("progress"), null=True, blank=True)
    blocker = models.CharField(_("blocker"), max_length=40, blank=True)
    # whether mood and progress may be shown to a coordinator: said beside the field, on at first
    coordinator_sees = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=clock.now)

    if TYPE_CHECKING:  # annotated by with_met and with_whom, and where it opens
        have_met: bool
        with_whom: str
        is_one_of_several: bool

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
    objects = CheckInQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "seat", "period"], name="check_in_once_per_period"
            ),
            models.CheckConstraint(
                name="check_in_due_after_open", condition=Q(due_on__gt=F("opens_on"))
            ),
            models.CheckConstraint(
                name="check_in_answered_whole",
                condition=Q(answered_at=None, met=None, mood=None, progress=None)
                | Q(
                    answered_at__isnull=False,
                    met__isnull=False,
                    mood__gte=1,
                    mood__lte=5,
                )
                & (Q(met=False, progress=None) | Q(progress__gte=1, progress__lte=5)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "due_on"],
                name="check_in_open",
                condition=Q(answered_at=None),
            ),
            models.Index(fields=["organisation", "changed_at"], name="check_in_by_change"),
            models.Index(fields=["organisation", "due_on"], name="check_in_by_due_day"),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id} {self.period}"

    def get_absolute_url(self) -> str:
        return reverse("feedback:check_in", args=[self.organisation.slug, self.pk])

    @property
    def first_day(self) -> date:
        return self.opens_on - (self.due_on - self.opens_on)

    @property
    def last_day(self) -> date:
        """The last day it asks about: the one before it opens."""
        return self.opens_on - timedelta(days=1)


class _CheckInNoteQuerySet(WordsQuerySet["CheckInNote"]):
    def for_list(self) -> Self:
        return self.select_related(
            "check_in__seat__enrolment__member", "check_in__seat__partnership"
        )


class CheckInNote(TenantModel):
    """The words of a check-in: only the stated readers may see them, by the database's rule."""

    check_in = TenantForeignKey(CheckIn, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=2000)
    readers = ArrayField(models.UUIDField())
    audience = models.CharField(
        max_length=12, choices=Audience, blank=True, default="", db_default=""
    )

    privacy = Privacy(Keep.PERSON, export=("check_in__seat__enrolment__member",), erase=("text",))
    objects = _CheckInNoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "check_in"], name="note_once")
        ]

    def __str__(self) -> str:
        return str(self.check_in_id)


class StaleWarning(TenantModel):
    """A partnership was warned that it has had no contact since a day: it lapses 30 days later."""

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    silent_since = models.DateField()
    warned_on = models.DateField()

    privacy = Privacy(Keep.ORGANISATION)
    objects = InnerQuerySet["StaleWarning"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "partnership", "silent_since"],
                name="stale_warning_once_per_silence",
            ),
            models.CheckConstraint(
                name="stale_warning_after_silence", condition=Q(warned_on__gt=F("silent_since"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.partnership_id)
