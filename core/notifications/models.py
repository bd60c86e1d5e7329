"""The outbox: e-mails (what is said, in the tenant) and envelopes (when, without content)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from core.common import clock
from core.common.ids import new_id
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import Organisation, TenantForeignKey, TenantModel

if TYPE_CHECKING:
    from typing import Self


class _EmailQuerySet(TenantQuerySet["Email"]):
    def visible_to(self, member: Member) -> Self:
        return super().visible_to(member).filter(member=member)


class Email(TenantModel):
    """One message to one person for one reason: at most once per reason and period.

    `context` holds plain values for the templates of `kind`; `link` says which link the one
    button opens and is signed only when the e-mail is written out; `about_id` is the row it
    speaks of, so that the e-mail can be withdrawn when there is nothing left to say.
    `calendar` are the events it brings, written when it was enqueued: it stays the same e-mail.
    """

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    about_id = models.UUIDField(null=True, blank=True)
    context = models.JSONField(default=dict, blank=True)
    link = models.JSONField(default=dict, blank=True)
    # [{"name": "session-1.ics", "method": "REQUEST", "text": "BEGIN:VCALENDAR…"}], as enqueued
    calendar = models.JSONField(default=list, blank=True)
    dedupe_key = models.CharField(max_length=160)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = _EmailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "dedupe_key"], name="email_once_per_reason"
            )
        ]
        indexes = [models.Index(fields=["organisation", "about_id"], name="email_about")]

    def __str__(self) -> str:
        return self.kind

    @property
    def mutable(self) -> bool:
        """Whether its reader may stop this kind: all but those that bring a key of their own."""
        return "key" not in self.link


class _MutedKindQuerySet(TenantQuerySet["MutedKind"]):
    def visible_to(self, member: Member) -> Self:
        return super().visible_to(member).filter(member=member)


class MutedKind(TenantModel):
    """A kind of e-mail that one person does not want by that channel any more."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    channel = models.CharField(max_length=16)

    objects = _MutedKindQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member", "kind", "channel"], name="muted_once"
            )
        ]

    def __str__(self) -> str:
        return self.kind


class Envelope(models.Model):
    """When an e-mail is due by one channel, and how its sending stands.

    Global, because dispatch claims what is due in any organisation; it holds no content.
    """

    class State(models.TextChoices):
        DUE = "due"
        SENT = "sent"
        WITHDRAWN = "withdrawn"
        DEAD = "dead"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    email_id = models.UUIDField()
    channel = models.CharField(max_length=16)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email_id", "channel"], name="envelope_once"
            )
        ]
        indexes = [
            # in the order in which dispatch claims: what is sent is not in it
            models.Index(
                fields=["attempts", "due_at", "id"],
                name="envelope_due",
                condition=Q(state="due"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email_id} {self.state}"
