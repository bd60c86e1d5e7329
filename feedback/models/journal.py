"""The reflection journal: what somebody writes for themselves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from feedback.journal.prompts import words_of
from sessions.models.sessions import Session

if TYPE_CHECKING:
    from typing import Self


class JournalEntryQuerySet(TenantQuerySet["JournalEntry"]):
    def visible_to(self, member: Member) -> Self:
        """One's own alone; the database shows it to nobody else."""
        return super().visible_to(member).filter(readers__contains=[member.pk])

    def for_list(self) -> Self:
        return self.select_related("organisation", "session__partnership")


class JournalEntry(TenantModel):
    """What somebody wrote for themselves, maybe about a session: only they read it.

    One that was deleted is an empty row, since the database lets nobody delete bodies.
    """

    author = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    session = TenantForeignKey(
        Session, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    # the question that was put, by its key (feedback/journal/prompts.py)
    prompt = models.CharField(max_length=20, blank=True)
    text = models.TextField(max_length=5000)
    written_at = models.DateTimeField()
    readers = ArrayField(models.UUIDField())

    privacy = Privacy(Keep.PERSON, export=("author",), erase=("text",))
    objects = JournalEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "author", "session"],
                name="journal_entry_once_per_session",
                condition=Q(session__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.author_id)

    def get_absolute_url(self) -> str:
        return reverse("feedback:journal_entry", args=[self.organisation.slug, self.pk])

    @property
    def question(self) -> str:
        return words_of(self.prompt)
