"""Whether two met who have no session of it: one says so, the other is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from feedback.models.check_ins import CheckIn
from pairing.models.partnerships import Seat

if TYPE_CHECKING:
    from typing import Self


class MeetingQuestionQuerySet(TenantQuerySet["MeetingQuestion"]):
    def visible_to(self, member: Member) -> Self:
        """Whom it asks: what two people say of each other's word is no fact for anybody else."""
        return super().visible_to(member).filter(seat__enrolment__member=member)

    def for_list(self) -> Self:
        return self.select_related(
            "organisation",
            "seat__enrolment__member",
            "seat__partnership__organisation",
            "seat__partnership__cohort__program",
            "check_in__seat__enrolment__member",
        )


class MeetingQuestion(TenantModel):
    """The other of a pair is asked about the day on which a check-in says that they met."""

    check_in = TenantForeignKey(CheckIn, on_delete=models.CASCADE, related_name="+")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")  # who is asked
    opened_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    met = models.BooleanField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
    objects = MeetingQuestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "check_in"], name="meeting_question_once_a_check_in"
            ),
            models.CheckConstraint(
                name="meeting_question_answered_whole",
                condition=Q(answered_at=None, met=None)
                | Q(answered_at__isnull=False, met__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id} {self.check_in_id}"

    def get_absolute_url(self) -> str:
        return reverse("feedback:meeting", args=[self.organisation.slug, self.pk])
