"""From a draft to partnerships: one winner, everything checked again, e-mails in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from django.db import transaction
from django.urls import reverse

from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from core.notifications import operations as notifications_operations
from core.tenancy.days import day_of
from pairing.errors import (
    CohortNotMatching,
    NotADraft,
    NothingToPublish,
    RunOutdated,
    SecondPersonNeeded,
)
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import MatchRun, ProposalSeat
from pairing.partnerships.operations.names import circle_name, pair_name
from pairing.runs.emails import Tables, email_words, proposed_tables
from pairing.runs.queries.changes import changes_since
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

    Exactly one caller gets through: the others raise NotADraft.  Raises NothingToPublish for an
    empty run, CohortNotMatching once the cohort is closing, RunOutdated, naming what has
    changed, when somebody has gone, has no room left or is kept apart by now, and
    SecondPersonNeeded where the program wants one: see `approve_publication`.
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
    if cohort.phase in {Cohort.Phase.CLOSING, Cohort.Phase.CLOSED} or cohort.ends_on <= today:
        raise CohortNotMatching
    tables = proposed_tables(run)
    if not tables:
        raise NothingToPublish
    # nobody may withdraw or be seated by hand between the check below and their seat
    wanted = [seat.enrolment_id for _proposal, seats in tables for seat in seats]
    list(Enrolment.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("id"))
    changes = changes_since(run, [_ids(seats) for _proposal, seats in tables])
    if changes.blocking:
        raise RunOutdated(list(changes.blocking))
    partnerships = _seat(run, cohort, tables, today)
    enrolments.start_enrolments(cohort=cohort, at=now, by=by)
    _let_it_run(cohort, by)
    _write_to_partners(run, tables, partnerships)
    record(by=by, verb="match_run.published", target=run, partnerships=len(partnerships))
    return partnerships


def _ids(seats: Sequence[ProposalSeat]) -> list[tuple[str, str]]:
    return [(str(seat.enrolment_id), seat.part) for seat in seats]


def _seat(run: MatchRun, cohort: Cohort, tables: Tables, today: date) -> list[Partnership]:
    assert run.published_at is not None
    names = Partnership.objects.filter(cohort=cohort).standing().values_list("name", flat=True)
    taken = set(names)
    circles = cohort.program.format == Program.Format.CIRCLES
    partnerships, seats = [], []
    for proposal, people in tables:
        partnership = Partnership(
            cohort=cohort,
            run=run,
            name=circle_name(taken) if circles else pair_name(_by_part(people), taken),
            starts_on=max(cohort.starts_on, today),
            ends_on=cohort.ends_on,
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
    """Return the people of a pair, mentor first."""
    in_order = sorted(seats, key=lambda seat: seat.part != Enrolment.Part.MENTOR)
    return [seat.enrolment.member for seat in in_order]


def _let_it_run(cohort: Cohort, by: Member) -> None:
    """Take the cohort through its phases, one step at a time, until it is running."""
    if cohort.phase in STEPS_TO_RUNNING:
        for phase in STEPS_TO_RUNNING[STEPS_TO_RUNNING.index(Cohort.Phase(cohort.phase)) + 1 :]:
            cohort = cohorts.move_cohort(cohort=cohort, to=phase, by=by)


def _write_to_partners(run: MatchRun, tables: Tables, partnerships: Sequence[Partnership]) -> None:
    """One e-mail to each person, whatever number of partners they were given."""
    slug = run.organisation.slug
    emails = email_words(run, tables)
    first: dict[Member, Partnership] = {}
    for partnership, (_proposal, seats) in zip(partnerships, tables, strict=True):
        for seat in seats:
            first.setdefault(seat.enrolment.member, partnership)
    notifications_operations.enqueue_all(
        [
            notifications_operations.Draft(
                member=member,
                kind="pairing.matched",
                dedupe_key=f"pairing.matched:{run.pk}:{member.pk}",
                link=notifications_operations.Link(
                    page=reverse("pairing:partnership", args=[slug, partnership.pk])
                ),
                context=asdict(emails[member])
                | {
                    "partnership": partnership.name,
                    "starts_on": partnership.starts_on.isoformat(),
                },
                about=partnership.pk,
            )
            for member, partnership in first.items()
        ]
    )
