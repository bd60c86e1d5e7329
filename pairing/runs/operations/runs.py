"""Computing a matching: asked for as a job, computed outside any transaction, stored as a draft."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core.audit.operations import record
from core.common import clock
from core.common.env import semantic_model
from core.common.errors import refusing
from core.common.rows import row_by_row
from core.jobs import operations as jobs_operations
from core.jobs.models import Job
from core.jobs.operations import AlreadyFinished
from core.jobs.progress import Cancelled
from core.members.models import Member
from core.tenancy.context import tenant
from pairing.engine.shapes import EngineError, Policy, Progress
from pairing.errors import (
    AlreadyComputing,
    CohortNotMatching,
    NobodyHasAccepted,
    NobodyToMatch,
    NotADraft,
    RunFailed,
)
from pairing.inputs.collect import take_snapshot
from pairing.inputs.problem import VECTORS, has_candidates, texts_of
from pairing.inputs.snapshot import Choice, Snapshot, choice_of
from pairing.models.runs import (
    CriteriaSet,
    LeftOver,
    MatchRun,
    Proposal,
    ProposalSeat,
    PublicationRequest,
)
from pairing.solve import Result, compute
from programs.errors import NobodyHasLearnt
from programs.models.programs import Cohort

COMPUTE = "pairing.compute_match_run"
OVER = (Cohort.Phase.CLOSING, Cohort.Phase.CLOSED)


@transaction.atomic
def start_match_run(
    *,
    cohort: Cohort,
    policy: str = Policy.FAIREST_WORST_CASE,
    seed: int = 0,
    choice: Choice | None = None,
    criteria_set: CriteriaSet | None = None,
    unaccepted_too: bool = False,
    by: Member | None,
) -> MatchRun:
    """Freeze the cohort's inputs and ask for a matching; return the run, still computing.

    `choice` stands in for the design's weights and rules; `criteria_set` is the named set it was
    made from, which the run remembers by its name of today.  With `unaccepted_too` people are in
    it who have not accepted the expectations.

    Raises CohortNotMatching, NobodyToMatch, NobodyHasAccepted, NobodyHasLearnt, or AlreadyComputing
    while another run of this cohort is under way; ValueError for a policy that is none.
    """
    policy = Policy(policy)
    if cohort.phase in OVER:
        raise CohortNotMatching
    settle_runs(MatchRun.objects.filter(cohort=cohort))
    design = take_snapshot(cohort, unaccepted_too=unaccepted_too)
    if choice and not criteria_set and not choice.differs_from(design.criteria):
        choice = None
    snapshot = design
    if choice:
        snapshot = take_snapshot(cohort, choice, unaccepted_too=unaccepted_too)
    if not has_candidates(snapshot):
        if snapshot.unaccepted and not unaccepted_too:
            raise NobodyHasAccepted
        raise NobodyHasLearnt if snapshot.untrained else NobodyToMatch
    with (
        refusing("match_run_one_computing", AlreadyComputing()),
        refusing("match_run_number_once", AlreadyComputing()),
    ):
        run = MatchRun.objects.create(
            cohort=cohort,
            number=_next_number(cohort),
            policy=policy,
            seed=seed,
            asked_by=by,
            criteria_set=criteria_set,
            set_name=_named(criteria_set, choice, policy, design),
            choice=choice.as_json() if choice else None,
            unaccepted_too=unaccepted_too,
            snapshot=snapshot.as_json(),
        )
    title = _("Matching for %(cohort)s, run %(number)d") % {"cohort": cohort, "number": run.number}
    job = jobs_operations.start(kind=COMPUTE, title=title[:200], by=by, input={"run": str(run.pk)})
    MatchRun.objects.filter(pk=run.pk).update(job_id=job.pk)
    run.job_id = job.pk
    record(
        by=by,
        verb="match_run.started",
        target=run,
        policy=str(policy),
        seed=seed,
        criteria=run.set_name,
    )
    return run


def repeat_match_run(*, run: MatchRun, by: Member) -> MatchRun:
    """Start a run as this one was, on the cohort as it stands now; raises what starting does."""
    return start_match_run(
        cohort=run.cohort,
        policy=run.policy,
        seed=run.seed,
        choice=choice_of(run.choice),
        criteria_set=run.criteria_set,
        unaccepted_too=run.unaccepted_too,
        by=by,
    )


def _named(
    criteria_set: CriteriaSet | None, choice: Choice | None, policy: str, design: Snapshot
) -> str:
    """Return what a run remembers of where its choice came from; "" where from the design."""
    if criteria_set is None:
        return _("As designed, changed") if choice else ""
    kept = choice_of(criteria_set.choice) or Choice()
    as_kept = (choice or Choice()).applied_to(design.criteria) == kept.applied_to(design.criteria)
    if as_kept and policy == criteria_set.policy:
        return criteria_set.name
    return (_("%(name)s, changed") % {"name": criteria_set.name})[:100]


def _next_number(cohort: Cohort) -> int:
    last: int | None = MatchRun.objects.filter(cohort=cohort).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def compute_match_run(organisation_id: int, job: Job, report: Progress) -> UUID:
    """Do a job's run and return its id: read, compute with no transaction open, store.

    Safe to repeat: a run that is no longer computing is left as it is.
    Raises Cancelled, or RunFailed with a sentence that names the person and the rule.
    """
    run_id = UUID(job.input["run"])
    with tenant(organisation_id):
        run = MatchRun.objects.get(pk=run_id)
    if run.state != MatchRun.State.COMPUTING:
        return run_id
    try:
        snapshot = _with_vectors(organisation_id, run, report)
        result = compute(snapshot, policy=run.policy, seed=run.seed, progress=report)
        report(1, 1, _("Storing the result"))
    except Cancelled:
        _close(organisation_id, run_id, MatchRun.State.CANCELLED)
        raise
    except EngineError as error:
        sentence = _sentence(error, Snapshot.from_json(run.snapshot))
        _close(organisation_id, run_id, MatchRun.State.FAILED, sentence, error)
        raise RunFailed(sentence) from error
    except Exception:
        _close(
            organisation_id, run_id, MatchRun.State.FAILED, _("Something went wrong on our side.")
        )
        raise
    with tenant(organisation_id):
        _store(run_id, result)
    return run_id


def _with_vectors(organisation_id: int, run: MatchRun, report: Progress) -> Snapshot:
    """Return the run's snapshot with the meaning of its free texts, and keep it so.

    A text that an earlier run of the cohort has read is not read again.  Where the extra
    `semantic` is not installed the texts are left, and the result says so.
    """
    snapshot = Snapshot.from_json(run.snapshot)
    texts = texts_of(snapshot)
    if not texts or semantic_model() is None or snapshot.vectors is not None:
        return snapshot
    from pairing.inputs.text_vectors import embed  # needs the extra, which not everybody installs

    with tenant(organisation_id):
        earlier = MatchRun.objects.filter(cohort=run.cohort_id, snapshot__has_key=VECTORS)
        known = earlier.order_by("-number").values_list(f"snapshot__{VECTORS}", flat=True).first()
    vectors = {text: known[text] for text in texts if known and text in known}
    reading = _("Reading what people wrote")
    vectors |= embed(texts - vectors.keys(), lambda done, of: report(done, of, reading))
    snapshot = replace(snapshot, vectors=vectors)
    with tenant(organisation_id):
        MatchRun.objects.filter(pk=run.pk, state=MatchRun.State.COMPUTING).update(
            snapshot=snapshot.as_json()
        )
    return snapshot


def _store(run_id: UUID, result: Result) -> None:
    """Keep the result, unless somebody has closed the run meanwhile."""
    stored = MatchRun.objects.filter(pk=run_id, state=MatchRun.State.COMPUTING).update(
        state=MatchRun.State.DRAFT,
        objective=result.objective,
        bound=result.bound,
        gap_ppm=result.gap_ppm,
        rounds=result.rounds,
        seconds=result.seconds,
        facts=result.facts.as_json(),
        finished_at=clock.now(),
    )
    if not stored:
        raise Cancelled
    rows = [
        Proposal(
            run_id=run_id,
            position=position,
            points=proposal.points,
            score=proposal.score,
            reasons=[reason.as_json() for reason in proposal.reasons],
            locked=proposal.locked,
        )
        for position, proposal in enumerate(result.proposals, start=1)
    ]
    Proposal.objects.bulk_create(rows, batch_size=1000)
    ProposalSeat.objects.bulk_create(
        [
            ProposalSeat(
                proposal=row,
                enrolment_id=UUID(enrolment),
                part=part,
                choice=own[0] if own else None,
                choices=own[1] if own else None,
            )
            for row, proposal in zip(rows, result.proposals, strict=True)
            for (enrolment, part), own in zip_longest(proposal.people, proposal.choices)
        ],
        batch_size=1000,
    )
    LeftOver.objects.bulk_create(
        [
            LeftOver(
                run_id=run_id,
                enrolment_id=UUID(left_over.enrolment),
                part=left_over.part,
                reason=left_over.reason,
                detail=dict(left_over.detail),
                remedy=left_over.remedy.as_json() if left_over.remedy else {},
            )
            for left_over in result.left_over
        ],
        batch_size=1000,
    )


def _sentence(error: EngineError, snapshot: Snapshot) -> str:
    """Return the engine's sentence with the rule's own name in the place of its key."""
    label = snapshot.labels.get(error.rule or "")
    if not label:
        return str(error)
    named = str(error).replace(repr(error.rule), f"“{label}”")
    return named if label in named else f"{named} ({label})"


def _close(
    organisation_id: int,
    run_id: UUID,
    state: str,
    why: str = "",
    error: EngineError | None = None,
) -> None:
    facts = {"error": why} if why else {}
    if error is not None:
        facts |= {"person": error.person or "", "rule": error.rule or ""}
    with tenant(organisation_id):
        MatchRun.objects.filter(pk=run_id, state=MatchRun.State.COMPUTING).update(
            state=state, facts=facts, finished_at=clock.now()
        )


@transaction.atomic
def cancel_match_run(*, run: MatchRun, by: Member) -> MatchRun:
    """Stop a run that is being computed: at once if it waits, else at its next step.

    Raises AlreadyFinished if there is nothing left to stop.
    """
    if run.job_id is None:
        raise AlreadyFinished
    job = Job.objects.get(pk=run.job_id)
    jobs_operations.cancel(job=job, by=by)
    settle_runs(MatchRun.objects.filter(pk=run.pk))
    record(by=by, verb="match_run.cancelled", target=run)
    run.refresh_from_db()
    return run


@transaction.atomic
def settle_runs(runs: Iterable[MatchRun] | None = None, *, at: datetime | None = None) -> int:
    """Close computing runs whose job has ended without them; return how many.

    A job may be cancelled while it waits, or given up after its worker died three times:
    then nobody is left who would tell the run.  Safe to repeat.
    """
    computing = MatchRun.objects.filter(state=MatchRun.State.COMPUTING).defer("snapshot")
    rows = computing if runs is None else runs
    waiting = {
        run.job_id: run
        for run in rows
        if run.state == MatchRun.State.COMPUTING and run.job_id is not None
    }
    ended = {Job.State.CANCELLED: MatchRun.State.CANCELLED, Job.State.FAILED: MatchRun.State.FAILED}

    def settle(job: Job) -> int:
        rows = MatchRun.objects.filter(pk=waiting[job.pk].pk, state=MatchRun.State.COMPUTING)
        return rows.update(
            state=ended[Job.State(job.state)],
            facts={"error": job.error} if job.error else {},
            finished_at=at or clock.now(),
        )

    return row_by_row(Job.objects.filter(pk__in=waiting, state__in=ended), settle)


@transaction.atomic
def discard_run(*, run: MatchRun, by: Member) -> MatchRun:
    """Put a draft aside; it stays to be looked at.  Raises NotADraft if it is none."""
    if not MatchRun.objects.filter(pk=run.pk, state=MatchRun.State.DRAFT).update(
        state=MatchRun.State.DISCARDED
    ):
        run.refresh_from_db(fields=["state"])
        raise NotADraft(run.state)
    PublicationRequest.objects.filter(run=run).open().update(
        state=PublicationRequest.State.WITHDRAWN, decided_by=by, decided_at=clock.now()
    )
    record(by=by, verb="match_run.discarded", target=run)
    run.refresh_from_db(fields=["state"])
    return run


@transaction.atomic
def restore_run(*, run: MatchRun, by: Member) -> MatchRun:
    """Make a discarded run a draft again; raises NotADraft if it is not discarded."""
    discarded = MatchRun.objects.filter(pk=run.pk, state=MatchRun.State.DISCARDED)
    if not discarded.update(state=MatchRun.State.DRAFT):
        run.refresh_from_db(fields=["state"])
        raise NotADraft(run.state)
    record(by=by, verb="match_run.brought_back", target=run)
    run.refresh_from_db(fields=["state"])
    return run
