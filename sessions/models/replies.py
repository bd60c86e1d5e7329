"""What people said to an invitation, beside the absence itself; their kits and calendar feeds."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from pairing.models.partnerships import Seat
from sessions.models.sessions import Session, SessionFactsQuerySet, SessionWordsQuerySet

if TYPE_CHECKING:
    from typing import Self


class PartStat(StrEnum):
    """What an attendee has answered (RFC 5545, 3.2.12)."""

    NEEDS_ACTION = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"


class Rsvp(TenantModel):
    """Somebody's yes to one session; a no is an Absence, and neither means nothing was said."""

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="rsvps")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    said_at = models.DateTimeField(default=clock.now)

    objects = SessionFactsQuerySet["Rsvp"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "session", "seat"], name="rsvp_once")
        ]

    def __str__(self) -> str:
        return str(self.seat_id)


class AbsenceNote(TenantModel):
    """Why somebody cannot come, in a line to their partners; the absence itself is the fact."""

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    text = models.CharField(_("why"), max_length=200)

    objects = SessionWordsQuerySet["AbsenceNote"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "session", "seat"], name="absence_note_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.seat_id)


class Kit(TenantModel):
    """That the facilitator's kit of one session went to whoever was to lead it then."""

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = SessionFactsQuerySet["Kit"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "session"],
                condition=models.Q(withdrawn_at=None),
                name="kit_one_in_force",
            )
        ]

    def __str__(self) -> str:
        return str(self.seat_id)


class _CalendarFeedQuerySet(TenantQuerySet["CalendarFeed"]):
    def visible_to(self, member: Member) -> Self:
        """People see their own."""
        return super().visible_to(member).filter(member=member)


class CalendarFeed(TenantModel):
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = _CalendarFeedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member"],
                condition=Q(revoked_at=None),
                name="calendar_feed_one_open",
            )
        ]

    def __str__(self) -> str:
        return str(self.member_id)
