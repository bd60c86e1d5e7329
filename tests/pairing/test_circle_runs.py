"""Runs of circles: mixed anew from round to round, with company and with time in common."""

from __future__ import annotations

from itertools import combinations

import pytest

from core.tenancy.context import tenant
from pairing.models.runs import Proposal
from pairing.partnerships.operations import partnerships
from pairing.runs.presenters.results import proof_of
from programs.forms.criteria import CriterionForm
from programs.models.parts import Criterion
from tests.pairing.build import make_circles_cohort, make_cohort, make_run, person, publish


def couples_of(run):
    with tenant(run.organisation):
        return {
            frozenset(couple)
            for proposal in Proposal.objects.filter(run=run)
            for couple in combinations(
                [seat.enrolment.member_id for seat in proposal.seats.all()], 2
            )
        }


@pytest.mark.slow
def test_the_next_round_mixes_people_anew_also_in_another_cohort_of_the_program(cast):
    cohort = make_circles_cohort(cast.acme, peers=18)
    first = make_run(cohort, cast.cora)
    assert first.facts["met_again"] == 0
    with tenant(cast.acme):
        cohort.program.circle_min = cohort.program.circle_max = 6
        cohort.program.save(update_fields=["circle_min", "circle_max"])
    for partnership in publish(first, cast.cora):
        with tenant(cast.acme):
            partnerships.end_partnership(partnership=partnership, reason="Over", by=cast.cora)

    second = make_run(cohort, cast.cora)

    again = len(couples_of(first) & couples_of(second))
    assert second.facts["met_again"] == again
    assert again <= 12  # of 45 couples; each of three tables has two of the same at least
    note = proof_of(second).note
    assert ("together again" in note) == bool(again)


def criterion(cohort, kind, field, **typed):
    """Save a criterion as the design's form does."""
    with tenant(cohort.organisation):
        form = CriterionForm(
            {"label": "It", "kind": kind, "seeker_field": field, "offerer_field": field}
            | {"weight": 5, "missing": "neutral"}
            | typed,
            program=cohort.program,
        )
        assert form.is_valid(), form.errors
        fields = form.values()
        return Criterion.objects.create(program=cohort.program, key="it", position=50, **fields)


@pytest.mark.slow
def test_nobody_is_alone_of_their_kind_where_the_coordinator_says_so(cast):
    cohort = make_cohort(cast.acme, "leadership-circles")
    for i in range(24):
        person(cohort, f"Peer{i}", "peer", job_title="Engineer" if i % 6 else "Nurse")
    criterion(cohort, "different", "member:job_title", company="on")

    run = make_run(cohort, cast.cora)

    with tenant(cast.acme):
        nurses = [
            sum(seat.enrolment.member.job_title == "Nurse" for seat in proposal.seats.all())
            for proposal in Proposal.objects.filter(run=run)
        ]
    assert sum(nurses) == 4
    assert 1 not in nurses
    assert run.facts["alone"] == 0


@pytest.mark.parametrize(
    ("minutes", "short"), [(60, 0), pytest.param(600, 2, marks=pytest.mark.slow)]
)
def test_a_circle_shares_the_time_it_must_or_the_proof_line_says_so(cast, minutes, short):
    cohort = make_cohort(cast.acme, "leadership-circles")
    with tenant(cast.acme):
        Criterion.objects.filter(program=cohort.program, kind="availability").delete()
    criterion(
        cohort, "availability", "answer:availability", required_minutes=minutes, enough_overlap=90
    )
    for i in range(12):
        times = [[0, 540, 630]] if i % 2 else [[0, 840, 930]]
        person(cohort, f"Peer{i}", "peer", answers={"availability": times})

    run = make_run(cohort, cast.cora)

    assert run.facts["short"] == short
    assert ("less free time" in proof_of(run).note) == bool(short)
    with tenant(cast.acme):
        times = [
            each["evidence"]["common"]
            for proposal in Proposal.objects.filter(run=run)
            for each in proposal.reasons
            if each["criterion"] == "it"
        ]
    assert all(time >= minutes for time in times) == (not short)
