"""What was shown of the answers after a session, and who has learnt to give feedback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from core.common.statistics import rounded
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import AtTableQuerySet, Seat
from pairing.models.runs import COORDINATING
from programs.models.programs import Cohort
from sessions.models.sessions import Session

if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Self


class _SessionFeedbackQuerySet(AtTableQuerySet["SessionFeedback"]):
    partnership = "session__partnership_id"
    written = ("created_at", "session__starts_at")

    def visible_to(self, member: Member) -> Self:
        """The circle reads what it thinks of its session, and whoever led what was said to them;
        who runs the program and is no member of the circle reads what may be read outside."""
        rows = super().visible_to(member)
        ours = Q(self.from_a_seat_of(member), seat=None) | Q(seat__enrolment__member=member)
        if member.role not in COORDINATING:
            return rows.filter(ours)
        runs = Cohort.objects.visible_to(member).filter(
            pk=OuterRef("session__partnership__cohort_id")
        )
        return rows.filter(ours | Q(Exists(runs), seat=None, outside=True))


class SessionFeedback(TenantModel):
    """One question after a session as its answers were when they were first shown: frozen.

    `total` of `n` answers makes the average of a scale.  Of words, `responses` are those that are
    shown, in an order of no meaning.  `seat` is the one who led, where it was said to them.
    `outside`: so many answered, and not all alike, that a coordinator may read it.
    """

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    item = models.CharField(max_length=40)
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    total = models.PositiveSmallIntegerField(null=True, blank=True)
    n = models.PositiveSmallIntegerField()
    responses = ArrayField(models.UUIDField(), default=list, blank=True)
    outside = models.BooleanField(default=False)

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",), sealed=("responses",))
    objects = _SessionFeedbackQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "session", "item", "seat"],
                name="session_feedback_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.item}"

    @property
    def mean(self) -> Decimal | None:
        return None if self.total is None else rounded(self.total, self.n)


class _FeedbackLessonQuerySet(TenantQuerySet["FeedbackLesson"]):
    def visible_to(self, member: Member) -> Self:
        return super().visible_to(member).filter(member=member)


class FeedbackLesson(TenantModel):
    """Somebody has read how to give feedback, before giving it for the first time."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")

    privacy = Privacy(Keep.ORGANISATION, export=("member",))
    objects = _FeedbackLessonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "member"], name="feedback_lesson_once")
        ]

    def __str__(self) -> str:
        return str(self.member_id)
