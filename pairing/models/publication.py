"""Asking a second person to publish a draft, where the program wants one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from pairing.models.runs import MatchRun

if TYPE_CHECKING:
    from typing import Self


class PublicationRequestQuerySet(TenantQuerySet["PublicationRequest"]):
    def visible_to(self, member: Member) -> Self:
        """A request is seen with its run."""
        runs = MatchRun.objects.visible_to(member).filter(pk=OuterRef("run_id"))
        return super().visible_to(member).filter(Exists(runs))

    def open(self) -> Self:
        return self.filter(state=PublicationRequest.State.ASKED)


class PublicationRequest(TenantModel):
    """A draft that waits for somebody other than its asker to publish it."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a second person")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Sent back")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    run = TenantForeignKey(MatchRun, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_by = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    decided_by = TenantForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = PublicationRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "run"],
                condition=Q(state="asked"),
                name="publication_request_one_open",
            ),
            models.CheckConstraint(
                name="publication_request_decided_iff_closed",
                condition=Q(state="asked", decided_at=None)
                | (~Q(state="asked") & Q(decided_at__isnull=False)),
            ),
            # the second person is another one
            models.CheckConstraint(
                name="publication_request_by_another",
                condition=~Q(state="approved") | ~Q(decided_by=models.F("asked_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.state
