"""Runs of circles: mixed anew from round to round, with company and with time in common."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from core.tenancy.context import tenant
from pairing.inputs.problem import bonus_labels, circles_of
from pairing.inputs.snapshot import Candidates, CriterionSpec, Snapshot
from pairing.models.runs import Proposal
from pairing.partnerships.operations import partnerships
from pairing.runs.operations import rules
from pairing.runs.presenters.results import proof_of
from pairing.texts.reasons import Reason, read_reasons, say_reason
from pairing.texts.sentence import open_reasons
from programs.forms.criteria import CriterionForm
from programs.models.parts import Criterion
from programs.models.programs import Enrolment
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


def test_a_run_of_circles_weighs_pairs_too_and_says_so(cast):
    cohort = make_circles_cohort(cast.acme, peers=8)
    criterion(cohort, "same", "member:location")
    with tenant(cast.acme):
        first, *_others, last = Enrolment.objects.filter(cohort=cohort).order_by("id")
        rules.set_pair_rule(cohort=cohort, first=first, second=last, kind="preferred", by=cast.cora)
    run = make_run(cohort, cast.cora)
    assert run.facts["unused"] == []
    with tenant(cast.acme):
        proposals = list(Proposal.objects.filter(run=run))
    said = [{each["criterion"]: each for each in proposal.reasons} for proposal in proposals]
    assert all(0 <= parts["it"]["evidence"]["mean"] <= 100 for parts in said)
    assert sum(parts["pair:preferred"]["evidence"]["of"] for parts in said) == 2
    sentences = [say_reason(Reason.from_json(parts["it"])) for parts in said]
    assert all("Each two here fit by it at" in sentence for sentence in sentences)
    for proposal, parts in zip(proposals, said, strict=True):
        assert sum(part["points"] for part in parts.values()) == proposal.points
        read = read_reasons(proposal.reasons)
        open_to_them = open_reasons(read, [], {})
        assert not any(part.reason.startswith("bonus_") for part in open_to_them)


def test_of_people_in_circles_all_wishes_of_one_weigh_as_much_as_one_of_another():
    names = ("ada", "bo", "cy", "di")
    pool = Candidates(names, names, names, (1,) * 4, (False,) * 4)
    snapshot = Snapshot(
        "circles",
        (CriterionSpec("time", "score", "availability", "Time", 5, "", ""),),
        peers=replace(pool, columns={"time": [1, 3, 3, None]}),
        sizes=(2, 3),
        wishes=(("ada", "bo", 1), ("ada", "cy", 2), ("ada", "gone", 3), ("bo", "di", 4)),
        preferred=(("cy", "di"),),
        first=("bo", "gone"),
        avoided=(("bo", "time"),),
    )
    problem = circles_of(snapshot)
    bonuses = {bonus.key: bonus.pairs for bonus in problem.bonuses}
    assert bonuses["wishes"] == {
        (0, 1): 20_000 * 5 // 9,
        (0, 2): 20_000 * 4 // 9,
        (1, 3): 20_000,
    }
    assert bonuses["pair:preferred"] == {(2, 3): 10_000, (3, 2): 10_000}
    # half an hour of two hours in common, an hour, and half of the points for no answer: by two
    assert bonuses["avoided:time"] == {(1, 0): 12_500, (1, 2): 25_000, (1, 3): 25_000}
    assert problem.first == {1}
    assert bonus_labels().keys() >= bonuses.keys()
