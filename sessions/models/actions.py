"""What somebody promised to do until next time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import Partnership, Seat, WordsQuerySet
from sessions.models.sessions import Session

if TYPE_CHECKING:
    from typing import Self


class _ActionQuerySet(WordsQuerySet["Action"]):
    written = ("promised_at", "settled_at")

    def open(self) -> Self:
        return self.filter(state=Action.State.OPEN)

    def for_list(self) -> Self:
        return self.select_related("organisation", "seat__enrolment__member", "session")

    def with_carried(self) -> Self:
        """Count the sessions held since, without the one in which it was promised.

        0 is new, 1 was not done by next time.
        """
        held = (
            Session.objects.filter(
                partnership=OuterRef("partnership"),
                state=Session.State.HELD,
                starts_at__gt=Coalesce(OuterRef("session__starts_at"), OuterRef("promised_at")),
            )
            .order_by()
            .values("partnership")
            .annotate(n=Count("pk"))
            .values("n")
        )
        counted = {"carried": Coalesce(Subquery(held), 0)}  # declared below, so not by keyword
        return self.annotate(**counted)


class Action(TenantModel):
    """ "One action" someone promised until next time; it is carried until done or dropped.

    `session` is where it was promised; None if that was between sessions, with a decision.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    session = TenantForeignKey(
        Session, on_delete=models.CASCADE, null=True, blank=True, related_name="actions"
    )
    seat = TenantForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(_("What will you do?"), max_length=300)
    promised_at = models.DateTimeField()
    due_on = models.DateField(_("until"), null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    # why it was dropped
    word = models.CharField(max_length=200, blank=True)

    if TYPE_CHECKING:  # counted by with_carried
        carried: int

    privacy = Privacy(Keep.PERSON, export=("seat__enrolment__member",), erase=("words", "word"))
    objects = _ActionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "session", "seat"],
                condition=Q(state="open"),
                name="action_one_open_each_session",
            ),
            models.CheckConstraint(
                name="action_settled_whole",
                condition=Q(state="open", settled_at=None, word="")
                | Q(state="done", settled_at__isnull=False, word="")
                | (Q(state="dropped", settled_at__isnull=False) & ~Q(word="")),
            ),
            models.CheckConstraint(name="action_has_words", condition=~Q(words="")),
        ]

    def __str__(self) -> str:
        return str(self.partnership_id)

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN
