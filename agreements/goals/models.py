"""What a partner or the whole partnership wants, with milestones."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import Row, StampedModel, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import AtTableQuerySet, Partnership, Seat, WordsQuerySet

if TYPE_CHECKING:
    from typing import Self


class GoalQuerySet(AtTableQuerySet["Goal"]):
    written = ("changed_at",)

    def visible_to(self, member: Member) -> Self:
        """Partners see the goals of their table; a private one is its owner's alone."""
        own = Q(seat__enrolment__member=member)
        shared = Q(self.from_a_seat_of(member), private=False)
        return super().visible_to(member).filter(own | shared)

    def facts_for(self, member: Member) -> Self:
        """Return those whose facts a token of this member may read; a private one has none."""
        partnerships = Partnership.objects.facts_for(member)
        rows = super().visible_to(member).filter(private=False)
        return rows.filter(Exists(partnerships.filter(pk=OuterRef("partnership_id"))))

    def of(self, member: Member) -> Self:
        """Return what this person works on where they sit now: their own and the shared ones."""
        sits = Seat.objects.open().filter(
            partnership=OuterRef("partnership_id"), enrolment__member=member
        )
        own = Q(seat=None) | Q(seat__enrolment__member=member)
        return self.filter(own, Exists(sits))

    def active(self) -> Self:
        return self.filter(state=Goal.State.ACTIVE)

    def for_list(self) -> Self:
        return self.select_related(
            "organisation", "partnership", "seat__enrolment__member", "lead__enrolment__member"
        )


class Goal(StampedModel):
    """A goal's facts, and its words unless it is private: then those are in a GoalBody."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Waiting for everybody")
        ACTIVE = "active", _("Active")
        MET = "met", _("Met")
        DROPPED = "dropped", _("Dropped")
        OVER = "over", _("Ended with the partnership")

    SETTLED = ("met", "dropped", "over")

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    # whose it is; None: everybody's at the table
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    private = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    due_on = models.DateField(_("by when"))
    # of a shared goal: who leads it, and to when
    lead = TenantForeignKey(
        Seat, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    lead_until = models.DateField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_on = models.DateField(null=True, blank=True)
    title = models.CharField(_("What do you want to reach?"), max_length=200, blank=True)
    # [{"words": str, "done_on": "2026-03-02" or null}]
    milestones = models.JSONField(default=list, blank=True)
    word = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    privacy = Privacy(
        Keep.PERSON,
        export=("seat__enrolment__member",),
        erase=("title", "milestones", "word"),
        shared=("title", "milestones", "word"),
        partnership="partnership",
    )
    objects = GoalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="goal_private_is_somebody_s",
                condition=Q(private=False) | Q(seat__isnull=False),
            ),
            models.CheckConstraint(
                name="goal_private_words_elsewhere",
                condition=Q(private=True, title="", milestones=[], word="")
                | (Q(private=False) & ~Q(title="")),
            ),
            models.CheckConstraint(
                name="goal_settled_whole",
                condition=Q(
                    state__in=["met", "dropped", "over"],
                    settled_at__isnull=False,
                    settled_on__isnull=False,
                )
                | Q(state__in=["proposed", "active"], settled_at=None, settled_on=None),
            ),
            models.CheckConstraint(
                name="goal_lead_has_a_term",
                condition=Q(lead=None, lead_until=None) | Q(lead_until__isnull=False, seat=None),
            ),
            models.CheckConstraint(
                name="goal_personal_needs_no_consent",
                condition=Q(seat=None) | ~Q(state="proposed"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "due_on"], name="goal_due", condition=Q(state="active")
            )
        ]

    def __str__(self) -> str:
        """Whose table it belongs to and no word of it: an audit trail reads this."""
        return f"{self.partnership}, goal"

    @property
    def is_shared(self) -> bool:
        return self.seat_id is None

    @property
    def is_settled(self) -> bool:
        return self.state in self.SETTLED

    def is_past_due(self, today: date) -> bool:
        return self.state == self.State.ACTIVE and self.due_on < today

    def get_absolute_url(self) -> str:
        return reverse("agreements:goal", args=[self.organisation.slug, self.pk])


class _GoalBodyQuerySet(TenantQuerySet["GoalBody"]):
    def visible_to(self, member: Member) -> Self:
        """Only the stated readers; the database shows it to nobody else in any case."""
        return super().visible_to(member).filter(readers__contains=[member.pk])


class GoalBody(TenantModel):
    """The words of a private goal: its owner alone reads them, by the database's rule."""

    goal = TenantForeignKey(Goal, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=200, blank=True)
    milestones = models.JSONField(default=list, blank=True)
    word = models.CharField(max_length=200, blank=True)
    readers = ArrayField(models.UUIDField())

    privacy = Privacy(
        Keep.PERSON,
        export=("goal__seat__enrolment__member",),
        erase=("title", "milestones", "word"),
    )
    objects = _GoalBodyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "goal"], name="goal_body_once")
        ]

    def __str__(self) -> str:
        return str(self.goal_id)


class _OfGoalQuerySet(AtTableQuerySet[Row]):
    """Rows of a goal that are seen with it."""

    partnership: ClassVar[str] = "goal__partnership_id"

    def visible_to(self, member: Member) -> Self:
        own = Q(goal__seat__enrolment__member=member)
        shared = Q(self.from_a_seat_of(member), goal__private=False)
        return super().visible_to(member).filter(own | shared)


class GoalVoice(TenantModel):
    """One partner's part in a shared goal: has taken it on, and says that it is met."""

    goal = TenantForeignKey(Goal, on_delete=models.CASCADE, related_name="voices")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    agreed_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
    objects = _OfGoalQuerySet["GoalVoice"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "goal", "seat"], name="goal_voice_once")
        ]

    def __str__(self) -> str:
        return str(self.seat_id)


class GoalProgress(TenantModel):
    """How far one partner saw a goal on one day, 1–5."""

    goal = TenantForeignKey(Goal, on_delete=models.CASCADE, related_name="progress")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    on = models.DateField()
    level = models.PositiveSmallIntegerField()

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
    objects = _OfGoalQuerySet["GoalProgress"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "goal", "seat", "on"], name="goal_progress_once_a_day"
            ),
            models.CheckConstraint(
                name="goal_progress_one_to_five", condition=Q(level__gte=1, level__lte=5)
            ),
        ]

    def __str__(self) -> str:
        return str(self.level)


class _ReadyToCloseQuerySet(WordsQuerySet["ReadyToClose"]):
    """Read by the partners whose table it is."""


class ReadyToClose(TenantModel):
    """A partner says: our goals are met, we can complete early.  When all say so, it completes."""

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
    objects = _ReadyToCloseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "partnership", "seat"], name="ready_to_close_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.seat_id)
