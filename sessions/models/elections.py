"""Electing somebody to a role for a term, by open nomination and consent.

Describe the role → written nominations, hidden until all have made theirs or time is up →
reasons in turn → change round → consent. Source: G. Endenburg, "Sociocracy: the organization of
decision-making" (1998), the election process.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.tenancy.models import Row, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import Partnership, Seat, WordsQuerySet
from programs.models.parts import MeetingRole

if TYPE_CHECKING:
    from typing import Self


class _ElectionQuerySet(WordsQuerySet["Election"]):
    """Elections belong to the table: its partners see them, coordinators see who holds a role."""

    def open(self) -> Self:
        return self.filter(state__in=Election.OPEN)

    def in_force(self) -> Self:
        """Return those whose holder has the role until the term ends."""
        return self.filter(state=Election.State.ELECTED)

    def for_list(self) -> Self:
        return self.select_related(
            "organisation",
            "partnership__cohort__program",
            "role",
            "opened_by__enrolment__member",
            "proposed__enrolment__member",
        )


class Election(TenantModel):
    class State(models.TextChoices):
        NOMINATING = "nominating", _("Nominations")
        REASONS = "reasons", _("Reasons in turn")
        CHANGES = "changes", _("Change round")
        CONSENT = "consent", _("Consent")
        ELECTED = "elected", _("Elected")
        ENDED = "ended", _("Ended without a result")

    OPEN = (State.NOMINATING, State.REASONS, State.CHANGES, State.CONSENT)

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    role = TenantForeignKey(MeetingRole, on_delete=models.CASCADE, related_name="+")
    description = models.TextField(_("what the role asks for"), max_length=1000)
    state = models.CharField(max_length=12, choices=State, default=State.NOMINATING)
    opened_by = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    nominate_until = models.DateTimeField()
    term_from = models.DateField()
    term_until = models.DateField()
    review_on = models.DateField()
    # the candidate whom the table is asked to consent to; changed by an objection
    proposed = TenantForeignKey(
        Seat, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    lap = models.PositiveSmallIntegerField(default=0)  # how often consent has been asked for
    closed_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(
        Keep.PARTNERSHIP,
        about=("opened_by__enrolment__member",),
        shared=("description",),
        partnership="partnership",
    )
    objects = _ElectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "partnership", "role"],
                condition=Q(state__in=["nominating", "reasons", "changes", "consent"]),
                name="election_one_open_per_role",
            ),
            models.CheckConstraint(
                name="election_term_in_order",
                condition=Q(term_until__gt=F("term_from"))
                & Q(review_on__gt=F("term_from"))
                & Q(review_on__lte=F("term_until")),
            ),
            models.CheckConstraint(
                name="election_closed_at_iff_closed",
                condition=Q(state__in=["elected", "ended"], closed_at__isnull=False)
                | (~Q(state__in=["elected", "ended"]) & Q(closed_at=None)),
            ),
            models.CheckConstraint(
                name="election_proposes_somebody",
                condition=~Q(state__in=["consent", "elected"]) | Q(proposed__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.role)

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    def covers(self, day: date) -> bool:
        return self.term_from <= day <= self.term_until

    def get_absolute_url(self) -> str:
        return reverse(
            "sessions:election", args=[self.organisation.slug, self.partnership_id, self.pk]
        )


class _OfElectionQuerySet(WordsQuerySet[Row]):
    partnership = "election__partnership_id"


class _NominationQuerySet(_OfElectionQuerySet["Nomination"]):
    written = ("created_at", "changed_at")


class _ElectionVoteQuerySet(_OfElectionQuerySet["ElectionVote"]):
    written = ("voted_at",)


class Nomination(TenantModel):
    """Whom one person nominates and why, then again after all reasons; nobody: steps aside."""

    election = TenantForeignKey(Election, on_delete=models.CASCADE, related_name="nominations")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    nominee = TenantForeignKey(
        Seat, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("because"), max_length=300, blank=True)
    changed_to = TenantForeignKey(
        Seat, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    changed_reason = models.CharField(_("because"), max_length=300, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(
        Keep.PERSON, export=("seat__enrolment__member",), erase=("reason", "changed_reason")
    )
    objects = _NominationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "election", "seat"], name="nomination_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.seat_id)


class ElectionVote(TenantModel):
    """Consent to the proposed holder, or an objection with its reason; one each per lap."""

    election = TenantForeignKey(Election, on_delete=models.CASCADE, related_name="votes")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    lap = models.PositiveSmallIntegerField()
    consents = models.BooleanField()
    objection = models.CharField(_("objection"), max_length=300, blank=True)
    voted_at = models.DateTimeField()

    privacy = Privacy(Keep.PERSON, export=("seat__enrolment__member",), erase=("objection",))
    objects = _ElectionVoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "election", "seat", "lap"], name="election_vote_once"
            ),
            models.CheckConstraint(
                name="election_objection_has_a_reason",
                condition=Q(consents=True) | ~Q(objection=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.seat_id)


def nominations_are_hidden(election: Election, now: datetime) -> bool:
    """Whether people see their own nomination alone."""
    return election.state == Election.State.NOMINATING and now < election.nominate_until
