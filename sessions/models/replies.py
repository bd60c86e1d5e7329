"""What people said to an invitation, beside the absence itself; their kits and calendars."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import Row, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import Seat
from sessions.models.sessions import Session, SessionFactsQuerySet, SessionWordsQuerySet

if TYPE_CHECKING:
    from typing import Self


class PartStat(StrEnum):
    """What an attendee has answered (RFC 5545, 3.2.12)."""

    NEEDS_ACTION = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    TENTATIVE = "TENTATIVE"


class Rsvp(TenantModel):
    """Somebody's yes to one session; a no is an Absence, and neither means nothing was said."""

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="rsvps")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    said_at = models.DateTimeField(default=clock.now)

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
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

    privacy = Privacy(Keep.PERSON, export=("seat__enrolment__member",), rows=True)
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

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
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


class OwnQuerySet(TenantQuerySet[Row]):
    def visible_to(self, member: Member) -> Self:
        """People see their own."""
        return super().visible_to(member).filter(member=member)


class CalendarFeed(TenantModel):
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    # when a calendar program last read it: events then need no e-mail
    read_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.PERSON, export=("member",))
    objects = OwnQuerySet["CalendarFeed"].as_manager()

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


class BusyCalendar(TenantModel):
    """A calendar of somebody's own, read so that proposals avoid their other meetings.

    Its address is sealed (core/common/secrets.py) and shown to them alone.  Of what is read only
    the busy times are kept, as [begins, ends] in seconds since 1970: no words, no people.
    """

    class Problem(models.TextChoices):
        """Why it could not be read; the first ones are those of core/common/fetch.py."""

        ADDRESS = "address", _("this is not a web address")
        UNKNOWN = "unknown", _("there is no such address")
        INSIDE = "inside", _("this address is not on the public internet")
        UNREACHABLE = "unreachable", _("nobody answers there")
        SLOW = "slow", _("it took too long to answer")
        REDIRECT = "redirect", _("it sends us on to another address")
        STATUS = "status", _("it refuses to show the calendar")
        LARGE = "large", _("the calendar is too large")
        COMPRESSED = "compressed", _("it is compressed in a way we do not read")
        UNREADABLE = "unreadable", _("what is there is not a calendar")

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    sealed_address = models.TextField()
    spans = models.JSONField(default=list, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=12, choices=Problem, blank=True)
    next_read_at = models.DateTimeField(default=clock.now)

    privacy = Privacy(Keep.PERSON, export=("member",), rows=True, sealed=("sealed_address",))
    objects = OwnQuerySet["BusyCalendar"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "member"], name="busy_calendar_once")
        ]
        indexes = [
            models.Index(fields=["organisation", "next_read_at"], name="busy_calendar_due"),
        ]

    def __str__(self) -> str:
        return str(self.member_id)
