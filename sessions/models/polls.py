"""Asking everybody which of a few times suits, where no time fits by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.members.models import Member
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import FactsQuerySet, Partnership, Seat
from programs.models.programs import CadenceUnit
from sessions.models.sessions import Session

if TYPE_CHECKING:
    from typing import Self


class _TimePollQuerySet(FactsQuerySet["TimePoll"]):
    """A poll is seen with its partnership."""

    def in_force(self) -> Self:
        return self.filter(state__in=TimePoll.IN_FORCE)

    def for_list(self) -> Self:
        return self.select_related(
            "organisation", "partnership__cohort__program", "opened_by", "session"
        )


class TimePoll(TenantModel):
    """Three to six times put to the partners, for one session or for the whole season.

    `open → closed → confirmed`: it closes at `closes_at` or when all have answered, and the best
    time is taken at once (`confirms_itself`) or by whoever opened it.  `lapsed`: nothing was
    left to choose from; `withdrawn`: taken back.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")
        CONFIRMED = "confirmed", _("Decided")
        LAPSED = "lapsed", _("No time suited")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    IN_FORCE = ("open", "closed")

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    # the session that is to be moved; none: the season
    session = TenantForeignKey(
        Session, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    opened_by = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    closes_at = models.DateTimeField()
    confirms_itself = models.BooleanField(default=True)
    cadence_every = models.PositiveSmallIntegerField(default=2)
    cadence_unit = models.CharField(max_length=6, choices=CadenceUnit, default=CadenceUnit.WEEKS)
    sessions_wanted = models.PositiveSmallIntegerField(default=1)
    reminded_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # the time that was taken, or while it is closed the one that is best
    best_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION, export=("opened_by",))
    objects = _TimePollQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "partnership"],
                condition=Q(state__in=["open", "closed"]),
                name="time_poll_one_in_force",
            ),
            models.CheckConstraint(
                name="time_poll_closed_at_iff_not_open",
                condition=Q(state="open", closed_at=None)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "closes_at"],
                name="time_poll_due",
                condition=Q(state="open"),
            )
        ]

    def __str__(self) -> str:
        return self.state

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    def get_absolute_url(self) -> str:
        return reverse("sessions:poll", args=[self.organisation.slug, self.pk])


class _PollTimeQuerySet(FactsQuerySet["PollTime"]):
    partnership = "poll__partnership_id"


class _PollAnswerQuerySet(FactsQuerySet["PollAnswer"]):
    partnership = "time__poll__partnership_id"


class PollTime(TenantModel):
    poll = TenantForeignKey(TimePoll, on_delete=models.CASCADE, related_name="times")
    starts_at = models.DateTimeField()

    privacy = Privacy(Keep.ORGANISATION)
    objects = _PollTimeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "poll", "starts_at"], name="poll_time_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.starts_at)


class PollAnswer(TenantModel):
    class Says(models.TextChoices):
        YES = "yes", _("Yes")
        IF_NEED_BE = "if_need_be", _("Possible")
        NO = "no", _("No")

    time = TenantForeignKey(PollTime, on_delete=models.CASCADE, related_name="answers")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    says = models.CharField(max_length=10, choices=Says)

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
    objects = _PollAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "time", "seat"], name="poll_answer_once"
            )
        ]

    def __str__(self) -> str:
        return self.says
