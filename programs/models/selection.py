"""How mentors are selected: what somebody says of the criteria, and their manager's yes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from programs.models.programs import Enrolment

if TYPE_CHECKING:
    from typing import Self


class _CandidacyQuerySet(TenantQuerySet["Candidacy"]):
    def visible_to(self, member: Member) -> Self:
        """One's own; coordinators those of their programs, as with the other answers."""
        rows = super().visible_to(member)
        if member.role not in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows.filter(enrolment__member=member)
        enrolments = Enrolment.objects.visible_to(member).filter(pk=OuterRef("enrolment_id"))
        return rows.filter(Exists(enrolments))


class Candidacy(TenantModel):
    """What somebody says who wants to be a mentor, and what their manager answers.

    Asking another manager makes another row, so that the first one's link is dead.
    """

    class Answer(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")

    ANSWERED_WITHIN = timedelta(days=14)

    enrolment = TenantForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    statement = models.TextField(max_length=2000)
    # the manager need be nobody here: no account, no name
    manager_address = models.EmailField(max_length=254)
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=3, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.PERSON, export=("enrolment__member",), rows=True)
    objects = _CandidacyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "enrolment"], name="candidacy_once"),
            models.CheckConstraint(
                name="candidacy_answered",
                condition=Q(answer="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.enrolment_id)

    @property
    def ends_at(self) -> datetime:
        return self.asked_at + self.ANSWERED_WITHIN

    def is_open(self, at: datetime) -> bool:
        return not self.answer and at < self.ends_at
