"""What came of asking a circle, without names, whether everybody is heard."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import Partnership, Seat

if TYPE_CHECKING:
    from typing import Self

CLOSES_ON = 11  # of the next month: no answer is taken from that day on


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def last_month(day: date) -> date:
    """Return the first day of the month before."""
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)


def closed_month(today: date) -> date:
    """Return the last month of which no answer is taken any more: its results stand today."""
    before = last_month(today)
    return before if today.day >= CLOSES_ON else last_month(before)


class VoiceResultQuerySet(TenantQuerySet["VoiceResult"]):
    def visible_to(self, member: Member) -> Self:
        """What a circle said of itself is its own; a coordinator reads the second signal running.

        That is metrics.health's, in words of the circle alone.
        """
        own = Seat.objects.open().filter(
            partnership=OuterRef("partnership_id"), enrolment__member=member
        )
        return super().visible_to(member).filter(Exists(own))

    def standing(self, today: date) -> Self:
        """Return the results of the last month that has closed: an older one has cleared."""
        return self.filter(month=closed_month(today))

    def signals(self) -> Self:
        return self.filter(Q(unheard=True) | Q(dominated=True))


class VoiceResult(TenantModel):
    """What a circle said of one month at its close, frozen: no number, and nobody's answer.

    `enough` people answered, or nothing is said; `unheard` and `dominated` are signals, each of
    which takes two people or more.
    """

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    month = models.DateField()  # its first day
    enough = models.BooleanField()
    unheard = models.BooleanField()
    dominated = models.BooleanField()

    privacy = Privacy(Keep.ORGANISATION)
    objects = VoiceResultQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "partnership", "month"], name="voice_result_once_a_month"
            ),
            models.CheckConstraint(
                name="voice_result_needs_enough",
                condition=Q(enough=True) | Q(unheard=False, dominated=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partnership_id} {self.month}"

    @property
    def is_signal(self) -> bool:
        return self.unheard or self.dominated

    @property
    def closed_on(self) -> date:
        return next_month(self.month).replace(day=CLOSES_ON)
