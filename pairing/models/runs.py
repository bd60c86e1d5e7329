"""Matching runs: what they start from, what they propose, and who may publish it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member, TenantQuerySet
from core.tenancy.models import Row, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from programs.models.programs import Cohort, Enrolment, Program

if TYPE_CHECKING:
    from typing import Self

COORDINATING = (Member.Role.OWNER, Member.Role.COORDINATOR)
UNDO_WITHIN = timedelta(days=1)


class _CohortsQuerySet(TenantQuerySet[Row]):
    cohort = "cohort_id"

    def visible_to(self, member: Member) -> Self:
        """Owners and coordinators see matchings of cohorts they see; nobody else sees any."""
        rows = super().visible_to(member)
        if member.role not in COORDINATING:
            return rows.none()
        cohorts = Cohort.objects.visible_to(member).filter(pk=OuterRef(self.cohort))
        return rows.filter(Exists(cohorts))


class _OfRunQuerySet(_CohortsQuerySet[Row]):
    cohort = "run__cohort_id"


class _OfProposalQuerySet(_CohortsQuerySet[Row]):
    cohort = "proposal__run__cohort_id"


class _MatchRunQuerySet(_CohortsQuerySet["MatchRun"]):
    def for_list(self) -> Self:
        return self.select_related("organisation", "cohort__program", "asked_by", "criteria_set")


class MatchRun(TenantModel):
    """One computed matching from a frozen snapshot of its inputs."""

    class State(models.TextChoices):
        COMPUTING = "computing", _("Computing")
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        DISCARDED = "discarded", _("Discarded")

    cohort = TenantForeignKey(Cohort, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.COMPUTING)
    policy = models.CharField(max_length=20)
    # the named set it was started from, its name then, and what it chose; null: as designed
    criteria_set = TenantForeignKey(
        "pairing.CriteriaSet", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    set_name = models.CharField(max_length=100, blank=True)
    choice = models.JSONField(null=True, blank=True)
    seed = models.PositiveIntegerField(default=0)
    # also people who have not accepted the expectations: a coordinator says so for this run
    unaccepted_too = models.BooleanField(default=False)
    asked_by = TenantForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    job_id = models.UUIDField(null=True, blank=True)
    # criteria, rules, people and locks as they stood; what the result is proved against
    snapshot = models.JSONField(default=dict, blank=True)
    # what the engine found beside the proposals: counts, what is proved, or why it refused
    facts = models.JSONField(default=dict, blank=True)
    objective = models.BigIntegerField(null=True, blank=True)
    bound = models.BigIntegerField(null=True, blank=True)
    gap_ppm = models.PositiveIntegerField(null=True, blank=True)
    rounds = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = TenantForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    withdrawn_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION, quotes=("snapshot", "facts", "choice"))
    objects = _MatchRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "cohort", "number"], name="match_run_number_once"
            ),
            models.UniqueConstraint(
                fields=["organisation", "cohort"],
                condition=Q(state="computing"),
                name="match_run_one_computing",
            ),
            models.CheckConstraint(
                name="match_run_withdrawn_at_iff_withdrawn",
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_at=None)),
            ),
            models.CheckConstraint(
                name="match_run_published_at_iff_published",
                condition=Q(state__in=["published", "withdrawn"], published_at__isnull=False)
                | (~Q(state__in=["published", "withdrawn"]) & Q(published_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort}, run {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("pairing:match_run", args=[self.organisation.slug, self.pk])


# of a proposal's reasons: those that read answers, and those of them that somebody did answer
READS_ANSWERS = '$[*].fields[*] ? (@ starts with "answer:")'
IS_ANSWERED = (
    '$[*] ? (exists(@.fields[*] ? (@ starts with "answer:")) && !(@.reason starts with "missing")'
    " && !(@.evidence.present.size() == 0) && !(@.evidence.common == null))"
)


class ProposalQuerySet(_OfRunQuerySet["Proposal"]):
    def resting_on_no_answers(self) -> Self:
        """Return those that compare answers of people of whom nobody answered any."""
        return self.filter(_path_exists(READS_ANSWERS)).exclude(_path_exists(IS_ANSWERED))


def _path_exists(path: str) -> Func:
    return Func(
        F("reasons"),
        Value(path),
        template="jsonb_path_exists(%(expressions)s::jsonpath)",
        output_field=models.BooleanField(),
    )


class Proposal(TenantModel):
    """A pair or a circle that a run proposes, with its score and the reasons by criterion."""

    run = TenantForeignKey(MatchRun, on_delete=models.CASCADE, related_name="proposals")
    position = models.PositiveIntegerField()
    points = models.IntegerField()  # the engine's integer total
    score = models.PositiveSmallIntegerField()  # shown, 0–100
    # [{"criterion", "points", "of", "evidence"}], each as the engine explained it
    reasons = models.JSONField(default=list)
    locked = models.BooleanField(default=False)

    privacy = Privacy(Keep.ORGANISATION, quotes=("reasons",))
    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "run", "position"], name="proposal_position_once"
            ),
            models.CheckConstraint(name="proposal_score_in_100", condition=Q(score__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.score}"


class ProposalSeat(TenantModel):
    """Who a proposal would seat, in which part."""

    proposal = TenantForeignKey(Proposal, on_delete=models.CASCADE, related_name="seats")
    enrolment = TenantForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=8, choices=Enrolment.Part)
    # of the partners this person was allowed, which by score the given one is; none in circles
    choice = models.PositiveIntegerField(null=True, blank=True)
    choices = models.PositiveIntegerField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION, about=("enrolment__member",))
    objects = _OfProposalQuerySet["ProposalSeat"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "proposal", "enrolment"], name="proposal_seat_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.enrolment_id)


class LeftOver(TenantModel):
    """Somebody a run could not seat, and the binding reason."""

    run = TenantForeignKey(MatchRun, on_delete=models.CASCADE, related_name="left_over")
    enrolment = TenantForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=8, choices=Enrolment.Part)
    reason = models.CharField(max_length=40)
    detail = models.JSONField(default=dict, blank=True)
    # what would change it: {"without": {rule: partners}, "rival": who was given the best place}
    remedy = models.JSONField(default=dict, blank=True)

    privacy = Privacy(Keep.ORGANISATION, about=("enrolment__member",), quotes=("detail", "remedy"))
    objects = _OfRunQuerySet["LeftOver"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "run", "enrolment", "part"], name="left_over_once"
            )
        ]

    def __str__(self) -> str:
        return self.reason


class PairRule(TenantModel):
    """Two people of a cohort whom a coordinator keeps together or apart in every run, or
    would like to see together: that adds points and decides nothing alone."""

    class Kind(models.TextChoices):
        LOCKED = "locked", _("Together")
        PREFERRED = "preferred", _("Preferred")
        FORBIDDEN = "forbidden", _("Never together")

    cohort = TenantForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind)
    # mentor programs: first is the mentee (seeker), second the mentor (offerer);
    # circles and pairs: no order
    first = TenantForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    second = TenantForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    set_by = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(Keep.ORGANISATION, about=("first__member", "second__member"))
    objects = _CohortsQuerySet["PairRule"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "cohort", "first", "second"], name="pair_rule_once"
            ),
            models.CheckConstraint(name="pair_rule_of_two", condition=~Q(first=F("second"))),
        ]

    def __str__(self) -> str:
        return self.kind


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

    privacy = Privacy(Keep.ORGANISATION, export=("asked_by", "decided_by"))
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


class _CriteriaSetQuerySet(TenantQuerySet["CriteriaSet"]):
    def visible_to(self, member: Member) -> Self:
        """Owners and coordinators see the sets of programs they see; nobody else sees any."""
        rows = super().visible_to(member)
        if member.role not in COORDINATING:
            return rows.none()
        programs = Program.objects.visible_to(member).filter(pk=OuterRef("program_id"))
        return rows.filter(Exists(programs))

    def kept(self) -> Self:
        return self.filter(removed_at=None)


class CriteriaSet(TenantModel):
    """A named choice of weights, rules and aim; a run keeps its own copy of what it used."""

    program = TenantForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    policy = models.CharField(max_length=20)
    # what `Choice.as_json` writes: weights by criterion, rules that are off, limits
    choice = models.JSONField(default=dict)
    made_by = TenantForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION, quotes=("choice",))
    objects = _CriteriaSetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "program", "name"],
                condition=Q(removed_at=None),
                name="criteria_set_name_once",
            )
        ]

    def __str__(self) -> str:
        return self.name
