"""Self-match: whom people wish for, whom they ask, and the words between the two."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import Partnership
from pairing.models.runs import COORDINATING
from programs.models.programs import Cohort, Enrolment, Program

if TYPE_CHECKING:
    from typing import Self

SEATABLE = (Enrolment.State.ACCEPTED, Enrolment.State.ACTIVE)


class _WishQuerySet(TenantQuerySet["Wish"]):
    def visible_to(self, member: Member) -> Self:
        """Wishes are their author's own; a run shows coordinators those that it weighed."""
        return super().visible_to(member).filter(enrolment__member=member)


class Wish(TenantModel):
    """Somebody whom a person would like to work with; rank 1 is the first wish."""

    MOST = 5

    enrolment = TenantForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    wished = TenantForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField()

    privacy = Privacy(Keep.PERSON, export=("enrolment__member",), rows=True)
    objects = _WishQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "enrolment", "wished"], name="wish_once_per_person"
            ),
            models.UniqueConstraint(
                fields=["organisation", "enrolment", "rank"], name="wish_once_per_rank"
            ),
            models.CheckConstraint(name="wish_for_another", condition=~Q(enrolment=F("wished"))),
            models.CheckConstraint(name="wish_rank", condition=Q(rank__gte=1, rank__lte=5)),
        ]

    def __str__(self) -> str:
        return str(self.rank)


class PartnerRequestQuerySet(TenantQuerySet["PartnerRequest"]):
    def visible_to(self, member: Member) -> Self:
        """The two it is between see it; coordinators see the facts in their programs."""
        rows = super().visible_to(member)
        own = Q(asker__member=member) | Q(asked__member=member)
        if member.role in COORDINATING:
            cohorts = Cohort.objects.visible_to(member).filter(pk=OuterRef("cohort_id"))
            return rows.filter(own | Exists(cohorts))
        return rows.filter(own)

    def between(self, member: Member) -> Self:
        """Return those this person has sent or was sent: theirs, whatever else they may see."""
        return self.filter(Q(asker__member=member) | Q(asked__member=member))

    def undecided(self) -> Self:
        return self.filter(state__in=PartnerRequest.UNDECIDED)

    def for_list(self) -> Self:
        return self.select_related(
            "organisation",
            "asker__member",
            "asked__member",
            "cohort__program",
            "cohort__organisation",
            "partnership__organisation",
        )


class PartnerRequest(TenantModel):
    """One person asks another to become partners; it waits a few days, then it lapses.

    open → question → open (once), and from either → accepted / declined / lapsed /
    withdrawn / closed; nothing leads out of those.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for an answer")
        QUESTION = "question", _("Asked to tell more")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Not this time")
        LAPSED = "lapsed", _("Not answered in time")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        CLOSED = "closed", _("Closed")

    class Because(models.TextChoices):
        """Why it was closed by neither of the two."""

        PARTNERED = "partnered", _("The asker has found a partner")
        FULL = "full", _("The person asked has no place left")
        GONE = "gone", _("One of the two no longer takes part")
        COORDINATOR = "coordinator", _("Closed by a coordinator")

    UNDECIDED = ("open", "question")
    # after these the next wish is asked by itself
    UNANSWERED = ("declined", "lapsed", "closed")

    cohort = TenantForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    asker = TenantForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    asked = TenantForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    because = models.CharField(max_length=12, choices=Because, blank=True)
    # the wish it came of; none if the person was asked outside the list
    rank = models.PositiveSmallIntegerField(null=True, blank=True)
    # the request after whose end this one was sent by itself
    follows = TenantForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # why these two fit, as a run would have explained it when the request was sent
    reasons = models.JSONField(default=list, blank=True)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    asked_at = models.DateTimeField()
    # whoever has to say something has until then
    due_at = models.DateTimeField()
    questioned_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    # when the sweep saw to what follows an end without a yes
    followed_at = models.DateTimeField(null=True, blank=True)
    partnership = TenantForeignKey(
        Partnership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(default=clock.now)

    privacy = Privacy(
        Keep.ORGANISATION, export=("asker__member", "asked__member"), quotes=("reasons",)
    )
    objects = PartnerRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "asker", "asked"],
                condition=Q(state__in=["open", "question"]),
                name="partner_request_once_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["organisation", "follows"],
                condition=Q(follows__isnull=False),
                name="partner_request_one_successor",
            ),
            models.CheckConstraint(
                name="partner_request_decided_iff_over",
                condition=Q(state__in=["open", "question"], decided_at=None)
                | (~Q(state__in=["open", "question"]) & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="partner_request_because_iff_closed",
                condition=(Q(state="closed") & ~Q(because=""))
                | (~Q(state="closed") & Q(because="")),
            ),
            models.CheckConstraint(
                name="partner_request_of_another", condition=~Q(asker=F("asked"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "due_at"],
                name="partner_request_due",
                condition=Q(state__in=["open", "question"]),
            ),
            models.Index(fields=["organisation", "cohort", "state"], name="partner_request_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.asker.member} – {self.asked.member}"

    def get_absolute_url(self) -> str:
        return reverse("pairing:partner_request", args=[self.organisation.slug, self.pk])

    @property
    def is_undecided(self) -> bool:
        return self.state in self.UNDECIDED

    @property
    def people(self) -> list[tuple[UUID, str]]:
        """The two enrolments with the part each would take: who asks seeks, or both are peers."""
        if self.cohort.program.format == Program.Format.MENTOR:
            return [(self.asker_id, "mentee"), (self.asked_id, "mentor")]
        return [(self.asker_id, "peer"), (self.asked_id, "peer")]


class _RequestWordsQuerySet(TenantQuerySet["RequestWords"]):
    def visible_to(self, member: Member) -> Self:
        """Only the two it is between; the database shows it to nobody else in any case."""
        return super().visible_to(member).filter(readers__contains=[member.pk])


class RequestWords(TenantModel):
    """What the two say to each other with a request: theirs alone, by the database's rule."""

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        QUESTION = "question", _("Question")
        ANSWER = "answer", _("Answer")
        REPLY = "reply", _("Reply")

    request = TenantForeignKey(PartnerRequest, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    author = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=1000)
    readers = ArrayField(models.UUIDField())

    privacy = Privacy(Keep.PERSON, export=("author",), erase=("text",))
    objects = _RequestWordsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "request", "kind"], name="request_words_once_per_kind"
            )
        ]

    def __str__(self) -> str:
        return str(self.request_id)
