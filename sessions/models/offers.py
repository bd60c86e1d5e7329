"""Turns that change hands by agreement: swaps asked for, stand-ins proposed, turns declined."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.members.models import Member
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import Partnership, Seat, WordsQuerySet
from programs.models.parts import MeetingRole
from sessions.models.sessions import Session, SessionFactsQuerySet

if TYPE_CHECKING:
    from typing import Self


class _TurnOfferQuerySet(SessionFactsQuerySet["TurnOffer"]):
    """Offers are facts: seen with their session; only who is asked answers."""

    def open(self) -> Self:
        return self.filter(state=TurnOffer.State.ASKED)

    def asked_of(self, member: Member) -> Self:
        """Return those that this person, at the table still, has to answer."""
        return self.open().filter(asked__enrolment__member=member, asked__left_at=None)

    def for_list(self) -> Self:
        return self.select_related(
            "session__organisation",
            "session__partnership__cohort__program",
            "role",
            "giver__enrolment__member",
            "asked__enrolment__member",
            "return_session",
            "return_role",
        )


class TurnOffer(TenantModel):
    """Somebody is asked to take a turn, perhaps giving one of theirs in return.

    A swap is asked by the person who holds the turn and keeps it until the other agrees; a
    stand-in is proposed by the platform for a turn whose holder cannot come or has declined.
    """

    class Kind(models.TextChoices):
        SWAP = "swap", _("Swap")
        STAND_IN = "stand_in", _("Stand-in")

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for an answer")
        ACCEPTED = "accepted", _("Agreed")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Not answered in time")

    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="offers")
    role = TenantForeignKey(MeetingRole, on_delete=models.CASCADE, related_name="+")
    giver = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    asked = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    return_session = TenantForeignKey(
        Session, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    return_role = TenantForeignKey(
        MeetingRole, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(
        Keep.ORGANISATION, export=("giver__enrolment__member", "asked__enrolment__member")
    )
    objects = _TurnOfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "session", "role"],
                condition=Q(state="asked"),
                name="turn_offer_one_open",
            ),
            models.CheckConstraint(name="turn_offer_of_two_people", condition=~Q(giver=F("asked"))),
            models.CheckConstraint(
                name="turn_offer_return_is_whole",
                condition=Q(return_session=None, return_role=None)
                | Q(return_session__isnull=False, return_role__isnull=False),
            ),
            models.CheckConstraint(
                name="turn_offer_answered_iff_closed",
                condition=Q(state="asked", answered_at=None)
                | (~Q(state="asked") & Q(answered_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "expires_at"],
                condition=Q(state="asked"),
                name="turn_offer_by_expiry",
            )
        ]

    def __str__(self) -> str:
        return str(self.role)

    def is_open(self, now: datetime) -> bool:
        return self.state == self.State.ASKED and now < self.expires_at

    def get_absolute_url(self) -> str:
        return reverse("sessions:turn_offer", args=[self.organisation.slug, self.pk])


class DeclineReason(models.TextChoices):
    """Why somebody declines a turn: a fact, so it has no free words."""

    WORKLOAD = "workload", _("Too much other work")
    NOT_READY = "not_ready", _("I do not feel ready for it yet")
    TOO_OFTEN = "too_often", _("I had this role not long ago")
    OTHER_ROLE = "other_role", _("I would rather take another role")
    PERSONAL = "personal", _("Personal reasons")


class TurnDecline(TenantModel):
    """Somebody who comes has declined a turn: a fact, never held against them."""

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="declines")
    role = TenantForeignKey(MeetingRole, on_delete=models.CASCADE, related_name="+")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(_("why"), max_length=12, choices=DeclineReason)
    declined_at = models.DateTimeField()

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
    objects = SessionFactsQuerySet["TurnDecline"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "session", "role", "seat"], name="turn_decline_once"
            )
        ]

    def __str__(self) -> str:
        return self.reason


class _DeclineWordsQuerySet(WordsQuerySet["DeclineWords"]):
    def visible_to(self, member: Member) -> Self:
        """Only those who sat at the table; the database shows them to nobody else in any case."""
        return super().visible_to(member).filter(readers__contains=[member.pk])


class DeclineWords(TenantModel):
    """Words to the circle with a declined turn; coordinators do not read them."""

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    decline = TenantForeignKey(TurnDecline, on_delete=models.CASCADE, related_name="+")
    text = models.CharField(_("to the circle"), max_length=300)
    readers = ArrayField(models.UUIDField())

    privacy = Privacy(Keep.PERSON, export=("decline__seat__enrolment__member",), erase=("text",))
    objects = _DeclineWordsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "decline"], name="decline_words_once")
        ]

    def __str__(self) -> str:
        return str(self.decline_id)
