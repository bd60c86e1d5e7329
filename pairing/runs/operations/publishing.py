"""From a draft to partnerships: one winner, everything checked again, e-mails; and back again.

Where the program wants it a second person publishes: asked, approved, sent back, withdrawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from django.db import transaction
from django.urls import reverse

from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.models import Member
from core.notifications import operations as notifications_operations
from core.notifications.models import Email
from core.tenancy.days import day_of
from pairing.engine.shapes import LeftOverReason
from pairing.errors import (
    ApprovalAsked,
    CohortNotMatching,
    NobodyToApprove,
    NotADraft,
    NothingToPublish,
    NotPublished,
    NotYourRequest,
    OwnRequest,
    RequestClosed,
    RunOutdated,
    SecondPersonNeeded,
    TooLateToUndo,
)
from pairing.inputs.snapshot import Snapshot
from pairing.models.partnerships import Partnership, Seat
from pairing.models.requests import SEATABLE
from pairing.models.runs import (
    COORDINATING,
    UNDO_WITHIN,
    LeftOver,
    MatchRun,
    Proposal,
    ProposalSeat,
    PublicationRequest,
)
from pairing.partnerships.operations.partnerships import circle_name, pair_name
from pairing.runs.emails import Tables, email_words, proposed_tables
from pairing.runs.queries import changes_since
from pairing.solve import solver_of
from pairing.texts.left_over import PARTNER_GONE, say_to_them
from programs.models.programs import Cohort, Enrolment, Program
from programs.operations import cohorts, enrolments

STEPS_TO_RUNNING = (
    Cohort.Phase.DRAFT,
    Cohort.Phase.ENROLLING,
    Cohort.Phase.MATCHING,
    Cohort.Phase.RUNNING,
)


@transaction.atomic
def publish_run(*, run: MatchRun, by: Member) -> list[Partnership]:
    """Turn a draft into partnerships, start the cohort's people and write to them; return those.

    Exactly one caller gets through: the others raise NotADraft.  Who has gone or has no room left
    is left out, and their partners are left over.  Raises NothingToPublish for an empty run,
    CohortNotMatching once the cohort is closing, RunOutdated, naming what has changed, when
    nothing of it stands or two are kept apart by now, and SecondPersonNeeded where the program
    wants one: see `approve_publication`.
    """
    if Program.objects.filter(cohorts=run.cohort_id, second_person=True).exists():
        raise SecondPersonNeeded
    return publish_approved(run=run, by=by)


@transaction.atomic
def publish_approved(*, run: MatchRun, by: Member) -> list[Partnership]:
    """Do what `publish_run` does, whether or not the program wants a second person."""
    now = clock.now()
    # first the cohort, always: two runs of one cohort must not seat a person twice
    cohort = (
        Cohort.objects.select_for_update(of=("self",))
        .select_related("organisation", "program")
        .get(pk=run.cohort_id)
    )
    claimed = MatchRun.objects.filter(pk=run.pk, state=MatchRun.State.DRAFT).update(
        state=MatchRun.State.PUBLISHED, published_at=now, published_by=by
    )
    run.refresh_from_db()
    if not claimed:
        raise NotADraft(run.state)
    today = day_of(now)
    over = cohort.ends_on is not None and cohort.ends_on <= today
    if over or not cohort.is_matched:
        raise CohortNotMatching
    tables = proposed_tables(run)
    if not tables:
        raise NothingToPublish
    # nobody may withdraw or be seated by hand between the check below and their seat
    wanted = [seat.enrolment_id for _proposal, seats in tables for seat in seats]
    list(Enrolment.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("id"))
    changes = changes_since(run, tables)
    if changes.blocking:
        raise RunOutdated(list(changes.blocking))
    tables = _weighed_again(run, tables, changes.stands)
    LeftOver.objects.bulk_create(
        LeftOver(run=run, enrolment_id=seat.enrolment_id, part=seat.part, reason=PARTNER_GONE)
        for seat in changes.alone
    )
    partnerships = _seat(run, cohort, tables, today)
    enrolments.start_enrolments(cohort=cohort, at=now, by=by)
    _let_it_run(cohort, by, today)
    _write_to_partners(run, tables, partnerships)
    _write_to_left_over(run)
    record(by=by, verb="match_run.published", target=run, partnerships=len(partnerships))
    return partnerships


def _weighed_again(run: MatchRun, tables: Tables, stands: Tables) -> Tables:
    """Give circles that have become smaller the score and the reasons of those who stay."""
    before = {proposal.pk: len(seats) for proposal, seats in tables}
    if all(len(seats) == before[proposal.pk] for proposal, seats in stands):
        return stands
    solver = solver_of(Snapshot.from_json(run.snapshot))
    weighed = solver.weigh([[str(seat.enrolment_id) for seat in seats] for _p, seats in stands])
    for circle, (proposal, seats) in enumerate(stands):
        if weighed and len(seats) < before[proposal.pk]:
            proposal.score = weighed.score(circle)
            proposal.reasons = [reason.as_json() for reason in weighed.reasons[circle]]
    return stands


def _seat(run: MatchRun, cohort: Cohort, tables: Tables, today: date) -> list[Partnership]:
    assert run.published_at is not None
    names = Partnership.objects.filter(cohort=cohort).standing().values_list("name", flat=True)
    taken = set(names)
    circles = cohort.program.format == Program.Format.CIRCLES
    begins = max(cohort.starts_on, today)
    words = cohort.program.own_words
    partnerships, seats = [], []
    for proposal, people in tables:
        partnership = Partnership(
            cohort=cohort,
            run=run,
            name=circle_name(taken, words) if circles else pair_name(_by_part(people), taken),
            starts_on=begins,
            ends_on=cohort.last_day_from(begins),
            published_at=run.published_at,
            reasons=proposal.reasons,
            score=proposal.score,
            changed_at=run.published_at,
        )
        partnerships.append(partnership)
        seats += [
            Seat(
                partnership=partnership,
                enrolment_id=seat.enrolment_id,
                part=seat.part,
                taken_at=run.published_at,
            )
            for seat in people
        ]
    Partnership.objects.bulk_create(partnerships, batch_size=1000)
    Seat.objects.bulk_create(seats, batch_size=1000)
    return partnerships


def _by_part(seats: Sequence[ProposalSeat]) -> list[Member]:
    in_order = sorted(seats, key=lambda seat: seat.part != Enrolment.Part.MENTOR)
    return [seat.enrolment.member for seat in in_order]


def _let_it_run(cohort: Cohort, by: Member, today: date) -> None:
    """Take the cohort through its phases until it is running; before its first day, to matching.

    On that day it runs by itself.  Whoever publishes has seen whom it leaves out.
    """
    steps = STEPS_TO_RUNNING if cohort.starts_on <= today else STEPS_TO_RUNNING[:-1]
    if cohort.phase in steps:
        for phase in steps[steps.index(Cohort.Phase(cohort.phase)) + 1 :]:
            cohort = cohorts.move_cohort(cohort=cohort, to=phase, by=by, confirmed=True)


def _write_to_partners(run: MatchRun, tables: Tables, partnerships: Sequence[Partnership]) -> None:
    """Write one e-mail to each person, whatever number of partners they were given."""
    slug = run.organisation.slug
    emails = email_words(run, tables)
    first: dict[Enrolment, Partnership] = {}
    for partnership, (_proposal, seats) in zip(partnerships, tables, strict=True):
        for seat in seats:
            first.setdefault(seat.enrolment, partnership)
    notifications_operations.enqueue_all(
        [
            notifications_operations.Draft(
                member=enrolment.member,
                kind="pairing.matched",
                program=run.cohort.program_id,
                dedupe_key=f"pairing.matched:{run.pk}:{enrolment.member_id}",
                link=notifications_operations.Link(
                    page=reverse("pairing:partnership", args=[slug, partnership.pk])
                ),
                context=asdict(emails[enrolment.member])
                | {
                    "partnership": partnership.name,
                    "starts_on": partnership.starts_on.isoformat(),
                },
                about=partnership.pk,
                cause=enrolment.pk,
            )
            for enrolment, partnership in first.items()
        ]
    )


def _write_to_left_over(run: MatchRun) -> None:
    """Tell whom a run leaves over the plain reason and what happens next, once each.

    Who pauses has chosen it, and who is gone is not written to.  Who has a partner in another
    part reads both in one: the cause is the same.
    """
    rows = (
        LeftOver.objects.filter(run=run, enrolment__state__in=SEATABLE)
        .exclude(reason=LeftOverReason.NO_CAPACITY)
        .exclude(enrolment__member__state=Member.State.LEFT)
        .select_related("enrolment__member__organisation")
        .order_by("id")
    )
    program = run.cohort.program
    circles = program.format == Program.Format.CIRCLES
    drafts = {}
    for left in rows:
        member = left.enrolment.member
        drafts[member.pk] = notifications_operations.Draft(
            member=member,
            kind="pairing.left_over",
            program=run.cohort.program_id,
            dedupe_key=f"pairing.left_over:{run.pk}:{member.pk}",
            link=notifications_operations.Link(page=run.cohort.get_absolute_url()),
            context={
                "program": program.name,
                "circle": circles,
                "part": str(left.part),
                "why": say_to_them(left.reason),
                "first": not circles,
            },
            about=run.pk,
            cause=left.enrolment_id,
        )
    notifications_operations.enqueue_all(list(drafts.values()))


@transaction.atomic
def withdraw_run(*, run: MatchRun, by: Member) -> list[Member]:
    """Take a published run back and return whom its e-mails have reached already.

    Its partnerships become withdrawn, which no figure counts; unsent e-mails are taken back;
    its people are as they were, so the next run may pair the same two; and the cohort goes back
    to matching if nothing else runs in it.  Raises NotPublished, or TooLateToUndo after a day.

    Whether anybody has met is not known here: `sessions.operations.undo_publication` asks that
    first, and is the one caller.
    """
    now = clock.now()
    cohort = Cohort.objects.select_for_update(of=("self",)).get(pk=run.cohort_id)
    published = MatchRun.objects.filter(pk=run.pk, state=MatchRun.State.PUBLISHED)
    if not published.exists():
        raise NotPublished
    in_time = published.filter(published_at__gt=now - UNDO_WITHIN)
    if not in_time.update(state=MatchRun.State.WITHDRAWN, withdrawn_at=now):
        raise TooLateToUndo
    run.refresh_from_db(fields=["state", "withdrawn_at"])
    theirs = Partnership.objects.filter(run=run)
    ids = list(theirs.values_list("pk", flat=True))
    theirs.update(
        state=Partnership.State.WITHDRAWN, ended_at=now, end_reason="undone", changed_at=now
    )
    Seat.objects.filter(partnership__in=ids, left_at=None).update(left_at=now)
    reached = _reached(run)
    for partnership_id in ids:
        notifications_operations.withdraw(about=partnership_id)
    notifications_operations.withdraw(about=run.pk, kind="pairing.left_over")
    assert run.published_at is not None
    elsewhere = Seat.objects.open().filter(
        partnership__cohort=cohort, partnership__state__in=Partnership.OPEN
    )
    enrolments.unstart_enrolments(
        cohort=cohort,
        at=run.published_at,
        but=set(elsewhere.values_list("enrolment_id", flat=True)),
        by=by,
    )
    stands = Partnership.objects.filter(cohort=cohort).standing().exists()
    if cohort.phase == Cohort.Phase.RUNNING and not stands:
        cohorts.move_cohort(cohort=cohort, to=Cohort.Phase.MATCHING, by=by)
    record(by=by, verb="match_run.withdrawn", target=run, partnerships=len(ids))
    return reached


def _reached(run: MatchRun) -> list[Member]:
    """Return who has had an e-mail of this run and still takes part."""
    emails = Email.objects.filter(
        sent_at__isnull=False, dedupe_key__startswith=f"pairing.matched:{run.pk}:"
    )
    still_in = Enrolment.objects.filter(cohort=run.cohort_id, state__in=SEATABLE)
    people = Member.objects.exclude(state=Member.State.LEFT).filter(
        pk__in=still_in.filter(member__in=emails.values("member_id")).values("member_id")
    )
    return list(people.order_by("family_name", "id"))


@transaction.atomic
def ask_to_publish(*, run: MatchRun, by: Member) -> PublicationRequest:
    """Ask everybody else who may publish in this program to approve a draft.

    Raises NotADraft, NothingToPublish, NobodyToApprove, or ApprovalAsked while one is open.
    """
    if not MatchRun.objects.filter(pk=run.pk, state=MatchRun.State.DRAFT).exists():
        raise NotADraft(run.state)
    tables = Proposal.objects.filter(run=run).count()
    if not tables:
        raise NothingToPublish
    approvers = approvers_of(run.cohort.program, but=by)
    if not approvers:
        raise NobodyToApprove
    with refusing("publication_request_one_open", ApprovalAsked()):
        request = PublicationRequest.objects.create(run=run, asked_by=by)
    for member in approvers:
        notifications_operations.enqueue(
            member=member,
            kind="pairing.approval_asked",
            program=run.cohort.program_id,
            dedupe_key=f"pairing.approval_asked:{request.pk}:{member.pk}",
            link=notifications_operations.Link(page=_summary(run)),
            context=_about(run, tables) | {"asker": by.full_name},
            about=request.pk,
        )
    record(by=by, verb="publication.asked", target=run)
    return request


@transaction.atomic
def approve_publication(*, request: PublicationRequest, by: Member) -> list[Partnership]:
    """Publish the draft that somebody else has asked for; return its partnerships.

    Raises OwnRequest, RequestClosed, and what `publish_run` raises.
    """
    if request.asked_by_id == by.pk:
        raise OwnRequest
    _close(request, PublicationRequest.State.APPROVED, by)
    made = publish_approved(run=request.run, by=by)
    record(by=by, verb="publication.approved", target=request.run, asker=str(request.asked_by_id))
    _answer(request, by, approved=True, tables=len(made))
    return made


@transaction.atomic
def decline_publication(*, request: PublicationRequest, by: Member) -> PublicationRequest:
    """Send a draft back to whoever asked; raises OwnRequest or RequestClosed."""
    if request.asked_by_id == by.pk:
        raise OwnRequest
    _close(request, PublicationRequest.State.DECLINED, by)
    record(by=by, verb="publication.sent_back", target=request.run, asker=str(request.asked_by_id))
    tables = Proposal.objects.filter(run=request.run).count()
    _answer(request, by, approved=False, tables=tables)
    return request


@transaction.atomic
def withdraw_publication(*, request: PublicationRequest, by: Member) -> PublicationRequest:
    """Take one's own question back; raises NotYourRequest or RequestClosed."""
    if request.asked_by_id != by.pk:
        raise NotYourRequest
    _close(request, PublicationRequest.State.WITHDRAWN, by)
    record(by=by, verb="publication.withdrawn", target=request.run)
    return request


def _close(request: PublicationRequest, state: str, by: Member) -> None:
    open_one = PublicationRequest.objects.filter(
        pk=request.pk, state=PublicationRequest.State.ASKED
    )
    if not open_one.update(state=state, decided_by=by, decided_at=clock.now()):
        raise RequestClosed
    notifications_operations.withdraw(
        about=request.pk
    )  # whoever has not been asked yet need not be
    request.refresh_from_db(fields=["state", "decided_by", "decided_at"])


def _answer(request: PublicationRequest, by: Member, *, approved: bool, tables: int) -> None:
    run = request.run
    notifications_operations.enqueue(
        member=request.asked_by,
        kind="pairing.approval_answered",
        program=run.cohort.program_id,
        dedupe_key=f"pairing.approval_answered:{request.pk}",
        link=notifications_operations.Link(page=run.get_absolute_url()),
        context=_about(run, tables) | {"approver": by.full_name, "approved": approved},
        about=run.pk,
    )


def _about(run: MatchRun, tables: int) -> dict[str, object]:
    return {"cohort": str(run.cohort), "number": run.number, "tables": tables}


def _summary(run: MatchRun) -> str:
    return reverse("pairing:publish_run", args=[run.organisation.slug, run.pk])


def approvers_of(program: Program, *, but: Member) -> list[Member]:
    """Return the live owners and coordinators who see this program, without `but`, by name."""
    able = Member.objects.filter(state=Member.State.LIVE, role__in=COORDINATING).exclude(pk=but.pk)
    return [
        member
        for member in able.order_by("family_name", "given_name", "id")
        if Program.objects.visible_to(member).filter(pk=program.pk).exists()
    ]
