"""A proposal a partnership decides on: its facts, and in tables of their own its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.decisions import counting
from core.common import clock
from core.members.models import Member
from core.tenancy.models import Row, StampedModel, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import FactsQuerySet, Partnership, Seat, WordsQuerySet
from sessions.models.actions import Action
from sessions.models.sessions import Session, counted

if TYPE_CHECKING:
    from typing import Self

REASON_LENGTH = 600


class Method(models.TextChoices):
    """How it is decided; the count of each is in agreements.decisions.counting."""

    CONSENT = counting.Method.CONSENT.value, _("Consent")
    CONSENSUS = counting.Method.CONSENSUS.value, _("Consensus")
    GRADIENTS = counting.Method.GRADIENTS.value, _("Gradients of agreement")
    ADVICE = counting.Method.ADVICE.value, _("Advice")
    SENSE_CHECK = counting.Method.SENSE_CHECK.value, _("Sense check")
    DOTS = counting.Method.DOTS.value, _("Choice by dots")
    RANKED = counting.Method.RANKED.value, _("Choice by ranking")


class Quorum(models.TextChoices):
    """How many of the people at the table have to answer."""

    HALF = counting.Quorum.HALF.value, _("More than half")
    TWO_THIRDS = counting.Quorum.TWO_THIRDS.value, _("Two thirds")
    ALL = counting.Quorum.ALL.value, _("Everybody")


class DecisionQuerySet(FactsQuerySet["Decision"]):
    def visible_to(self, member: Member) -> Self:
        """The facts of a decision are seen with its partnership; a draft by its proposer."""
        return super().visible_to(member).filter(_out_of_draft(member))

    def facts_for(self, member: Member) -> Self:
        """Return those whose facts a token of this member may read; drafts are no facts yet."""
        return super().facts_for(member).exclude(state=Decision.State.DRAFT)

    def of(self, member: Member) -> Self:
        """Return those of tables at which this person sits now."""
        seats = Seat.objects.open().filter(
            partnership=OuterRef("partnership_id"), enrolment__member=member
        )
        return self.filter(Exists(seats))

    def running(self) -> Self:
        return self.filter(state__in=Decision.RUNNING)

    def with_answered(self) -> Self:
        """Count in `answered` who has answered in the latest ballot; never what."""
        votes = Vote.objects.filter(decision=OuterRef("pk"), ballot=OuterRef("ballot"))
        return self.annotate(answered=Coalesce(Subquery(counted(votes)), 0))

    def with_title(self, member: Member) -> Self:
        """Give in `title` the title in force; '' where this person may not read it."""
        wordings = Wording.objects.visible_to(member).filter(
            decision=OuterRef("pk"), version=OuterRef("version")
        )
        return self.annotate(title=Coalesce(Subquery(wordings.values("title")), Value("")))

    def for_list(self) -> Self:
        return self.select_related(
            "organisation",
            "partnership__cohort__program",
            "proposer__enrolment__member",
            "owner__enrolment__member",
        )


class Decision(StampedModel):
    """The facts of one decision: no words of the proposal and no answer is in this row.

    `ballot` counts how often it has come to deciding, `round` how often to reacting; the text
    in force is the Wording of `version`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CLARIFY = "clarify", _("Clarifying")
        REACT = "react", _("Reacting")
        DECIDE = "decide", _("Deciding")
        ADOPTED = "adopted", _("Adopted")
        NOT_ADOPTED = "not_adopted", _("Not adopted")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REVIEW = "review", _("Up for review")

    RUNNING = ("clarify", "react", "decide")
    IN_FORCE = ("adopted", "review")
    OVER = ("adopted", "not_adopted", "withdrawn", "review")
    WINDOWS = (0, 3, 5, 7)  # days; 0 is in the meeting

    partnership = TenantForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    session = TenantForeignKey(
        Session, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    number = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=12, choices=Method)
    quorum = models.CharField(max_length=10, choices=Quorum, default=Quorum.TWO_THIRDS)
    window_days = models.PositiveSmallIntegerField(default=5)
    practice = models.BooleanField(default=False)
    review_weeks = models.PositiveSmallIntegerField(default=12)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    proposer = TenantForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField(default=1)
    round = models.PositiveSmallIntegerField(default=0)
    ballot = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    extended = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    # the organisation's day of closed_at: what figures count by
    closed_on = models.DateField(null=True, blank=True)
    why = models.CharField(max_length=20, blank=True)
    owner = TenantForeignKey(
        Seat, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    action = TenantForeignKey(
        Action, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    review_on = models.DateField(null=True, blank=True)
    # adopted, it lets the circle rest until that day
    pause_until = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    privacy = Privacy(
        Keep.ORGANISATION, export=("proposer__enrolment__member", "owner__enrolment__member")
    )
    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "partnership", "number"], name="decision_number_once"
            ),
            models.CheckConstraint(
                name="decision_closes_while_deciding",
                condition=Q(state="decide", closes_at__isnull=False)
                | (~Q(state="decide") & Q(closes_at=None)),
            ),
            models.CheckConstraint(
                name="decision_closed_iff_over",
                condition=Q(
                    state__in=["adopted", "not_adopted", "withdrawn", "review"],
                    closed_at__isnull=False,
                    closed_on__isnull=False,
                )
                | (
                    Q(state__in=["draft", "clarify", "react", "decide"])
                    & Q(closed_at=None, closed_on=None)
                ),
            ),
            models.CheckConstraint(
                name="decision_opened_unless_draft",
                condition=Q(state__in=["draft", "withdrawn"]) | Q(opened_at__isnull=False),
            ),
            models.CheckConstraint(
                name="decision_window_known", condition=Q(window_days__in=[0, 3, 5, 7])
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "closes_at"],
                name="decision_deciding",
                condition=Q(state="decide"),
            ),
            models.Index(
                fields=["organisation", "review_on"],
                name="decision_to_review",
                condition=Q(state="adopted"),
            ),
        ]

    def __str__(self) -> str:
        """Its number and no word of it: an audit trail reads this."""
        return f"{self.partnership}, decision {self.number}"

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING

    @property
    def is_over(self) -> bool:
        return self.state in self.OVER

    @property
    def is_in_force(self) -> bool:
        return self.state in self.IN_FORCE

    @property
    def in_the_meeting(self) -> bool:
        return self.window_days == 0

    @property
    def is_choice(self) -> bool:
        return self.method in counting.CHOICES

    @property
    def takes_answers(self) -> bool:
        """Whether its ballot is open now; advice is taken until its owner has decided."""
        in_time = self.closes_at is not None and self.closes_at > clock.now()
        return self.state == self.State.DECIDE and (in_time or self.method == Method.ADVICE)

    def steered_by(self, seat: Seat) -> bool:
        """Say whether this partner takes the decision further.

        Its proposer does; in a meeting everybody, since one phone lies on the table; and
        everybody if the proposer has left.
        """
        return (
            self.proposer_id == seat.pk or self.in_the_meeting or self.proposer.left_at is not None
        )

    def get_absolute_url(self) -> str:
        return reverse("agreements:decision", args=[self.organisation.slug, self.pk])


def _out_of_draft(member: Member, path: str = "") -> Q:
    own = Q(**{f"{path}proposer__enrolment__member": member})
    return ~Q(**{f"{path}state": "draft"}) | own


class _OfDecisionQuerySet(WordsQuerySet[Row]):
    """Rows with the words of a decision: for its partners, and of a draft for its proposer."""

    partnership: ClassVar[str] = "decision__partnership_id"

    def visible_to(self, member: Member) -> Self:
        return super().visible_to(member).filter(_out_of_draft(member, "decision__"))


class Wording(TenantModel):
    """The proposal as it was worded once; an amendment is a new one, and none is ever changed.

    Only that of a draft is written over, by its proposer.
    """

    decision = TenantForeignKey(Decision, on_delete=models.CASCADE, related_name="wordings")
    version = models.PositiveSmallIntegerField()
    title = models.CharField(_("The proposal in one sentence"), max_length=200)
    text = models.TextField(_("More about it"), max_length=4000, blank=True)
    options = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    by = TenantForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    privacy = Privacy(
        Keep.PARTNERSHIP,
        export=("by__enrolment__member",),
        shared=("title", "text", "options"),
        partnership="decision__partnership",
    )
    objects = _OfDecisionQuerySet["Wording"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "decision", "version"], name="wording_version_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.version)


class Remark(TenantModel):
    """What somebody said on the way: a question, its answer, or a reaction in a round."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("Question")
        ANSWER = "answer", _("Answer")
        REACTION = "reaction", _("Reaction")

    decision = TenantForeignKey(Decision, on_delete=models.CASCADE, related_name="remarks")
    kind = models.CharField(max_length=8, choices=Kind)
    seat = TenantForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    question = TenantForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="answers"
    )
    round = models.PositiveSmallIntegerField(default=0)
    words = models.CharField(max_length=REASON_LENGTH, blank=True)
    passed = models.BooleanField(default=False)
    said_at = models.DateTimeField()

    privacy = Privacy(Keep.PERSON, export=("seat__enrolment__member",), erase=("words",))
    objects = _OfDecisionQuerySet["Remark"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "decision", "round", "seat"],
                condition=Q(kind="reaction"),
                name="reaction_once_each_round",
            ),
            models.CheckConstraint(
                name="remark_has_words_or_is_a_pass",
                condition=Q(passed=True, words="", kind="reaction")
                | (Q(passed=False) & ~Q(words="")),
            ),
            models.CheckConstraint(
                name="remark_answers_a_question",
                condition=Q(kind="answer", question__isnull=False)
                | (~Q(kind="answer") & Q(question=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class _VoteQuerySet(_OfDecisionQuerySet["Vote"]):
    written = ("cast_at",)

    def visible_to(self, member: Member) -> Self:
        """One's own; those of others once one has answered oneself, or the ballot is over.

        For advice the owner, who asked for it, sees each as it comes.
        """
        own = Q(seat__enrolment__member=member)
        still_open = Q(decision__state="decide", ballot=F("decision__ballot"))
        answered = Vote.objects.filter(
            decision=OuterRef("decision_id"),
            ballot=OuterRef("ballot"),
            seat__enrolment__member=member,
        )
        advice = Q(decision__method="advice", decision__proposer__enrolment__member=member)
        rows = super().visible_to(member)
        return rows.filter(own | ~still_open | advice | Exists(answered))

    def standing(self) -> Self:
        return self.filter(ballot=F("decision__ballot"))


class Vote(TenantModel):
    """One person's answer in one ballot; it may change until that ballot is over."""

    decision = TenantForeignKey(Decision, on_delete=models.CASCADE, related_name="votes")
    ballot = models.PositiveSmallIntegerField()
    seat = TenantForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=10, blank=True)
    # of a choice: dots by option, or options best first
    marks = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    cast_at = models.DateTimeField()
    # the wording that takes this objection up
    integrated_in = models.PositiveSmallIntegerField(null=True, blank=True)

    privacy = Privacy(Keep.PERSON, export=("seat__enrolment__member",), erase=("reason",))
    objects = _VoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "decision", "ballot", "seat"], name="vote_once_each_ballot"
            ),
            models.CheckConstraint(
                name="vote_answers_or_marks",
                condition=Q(answer="", marks__len__gt=0) | (~Q(answer="") & Q(marks__len=0)),
            ),
            models.CheckConstraint(
                name="vote_that_binds_has_a_reason",
                condition=~Q(answer__in=["object", "block", "7", "8", "advice"]) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.ballot)


class Adviser(TenantModel):
    """Somebody whose advice the owner of a decision asks for, and why theirs."""

    class Reason(models.TextChoices):
        AFFECTED = "affected", _("It affects them")
        EXPERIENCED = "experienced", _("They have experience with it")

    decision = TenantForeignKey(Decision, on_delete=models.CASCADE, related_name="advisers")
    seat = TenantForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    because = models.CharField(max_length=12, choices=Reason)

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
    objects = _OfDecisionQuerySet["Adviser"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "decision", "seat"], name="adviser_once"
            )
        ]

    def __str__(self) -> str:
        return self.because


class Step(TenantModel):
    """A decision came into a state: what is never taken back, so that reopening keeps all."""

    decision = TenantForeignKey(Decision, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=Decision.State)
    version = models.PositiveSmallIntegerField()
    ballot = models.PositiveSmallIntegerField()
    # None: by the clock
    by = TenantForeignKey(Seat, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()

    privacy = Privacy(Keep.ORGANISATION, export=("by__enrolment__member",))
    objects = _OfDecisionQuerySet["Step"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "decision", "number"], name="step_number_once"
            )
        ]

    def __str__(self) -> str:
        return self.state


class Outcome(TenantModel):
    """What a ballot came to, as it was counted, and what its owner said of it."""

    decision = TenantForeignKey(Decision, on_delete=models.CASCADE, related_name="outcomes")
    ballot = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField()
    adopted = models.BooleanField()
    why = models.CharField(max_length=20, blank=True)
    # {"counts": [[answer, n]], "winner": option or null, "rounds": [...], "tied": bool,
    #  "answered": n, "needed": n, "people": n}
    count = models.JSONField(default=dict)
    reason = models.CharField(_("Why"), max_length=REASON_LENGTH, blank=True)
    # how many sat at the table, and how many of them had answered, asked or reacted
    partners = models.PositiveSmallIntegerField()
    voices = models.PositiveSmallIntegerField()
    # from when it was proposed, or opened again; `day` is the organisation's day of `at`
    opened_at = models.DateTimeField()
    at = models.DateTimeField()
    day = models.DateField()

    privacy = Privacy(Keep.PARTNERSHIP, shared=("reason",), partnership="decision__partnership")
    objects = _OfDecisionQuerySet["Outcome"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "decision", "ballot"], name="outcome_once_each_ballot"
            ),
            models.CheckConstraint(
                name="outcome_voices_at_the_table", condition=Q(voices__lte=F("partners"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.ballot)
