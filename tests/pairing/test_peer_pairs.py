"""Reciprocal pairs from one pool: a run with its proof, a trio where needed, re-mixing."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.tenancy.context import tenant
from pairing.engine.shapes import FULL_POINTS
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import LeftOver, Proposal
from pairing.partnerships.operations import partnerships
from pairing.runs.presenters.results import proof_of
from pairing.runs.presenters.why_not import answer_why_not, choices_of
from pairing.texts.reasons import read_reasons, say_reason
from pairing.texts.sentence import pair_sentence
from tests.cast import sign_in
from tests.pairing.build import DEPARTMENTS, LEVELS, SKILLS, make_cohort, make_run, person, publish


@pytest.fixture
def cohort(cast):
    return make_pool(cast.acme, 7)


def make_pool(organisation, peers):
    cohort = make_cohort(organisation, "reciprocal-peer-pairs")
    for i in range(peers):
        person(
            cohort,
            f"Peer{i}",
            "peer",
            level=LEVELS[i % 4],
            department=DEPARTMENTS[i % 3],
            answers={
                "skills_sought": {SKILLS[i % 4]: 2},
                "skills_offered": {SKILLS[(i + 1) % 4]: 4, SKILLS[(i + 2) % 4]: 3},
            },
        )
    return cohort


def tables(run):
    """Who is proposed together, by given names."""
    with tenant(run.organisation):
        return {
            frozenset(seat.enrolment.member.given_name for seat in proposal.seats.all())
            for proposal in Proposal.objects.filter(run=run)
        }


def test_an_odd_pool_makes_pairs_and_one_trio_proved_with_reasons_that_add_up(cast, cohort):
    run = make_run(cohort, cast.cora)

    assert (run.state, run.facts["proved"], run.facts["trios"]) == ("draft", True, 1)
    assert run.objective == run.bound
    assert sorted(len(each) for each in tables(run)) == [2, 2, 3]
    assert run.facts["possible"] == 21
    with tenant(cast.acme):
        assert not LeftOver.objects.filter(run=run).exists()
        for each in Proposal.objects.filter(run=run):
            assert sum(part["points"] for part in each.reasons) == each.points
            assert sum(part["shown"] for part in each.reasons) == each.score
            assert sum(part["of"] for part in each.reasons) == FULL_POINTS
            assert all(say_reason(part) for part in read_reasons(each.reasons))


def test_a_pair_is_explained_both_ways(cast):
    run = make_run(make_pool(cast.acme, 2), cast.cora)
    with tenant(cast.acme):
        (proposal,) = Proposal.objects.filter(run=run)
        reasons = read_reasons(proposal.reasons)
        (skills,) = [each for each in reasons if each.criterion == "skills"]
    # Peer0 seeks coaching and offers delegation and facilitation; Peer1 seeks delegation
    assert "Not offered: Coaching." in say_reason(skills)
    assert "The other way round: Offered as sought: Delegation." in say_reason(skills)
    said = pair_sentence(reasons, seeker="Peer0", offerer="Peer1")
    assert "Peer0 offers delegation at level 4, which Peer1 seeks" in said


def test_the_next_round_brings_new_pairs_and_another_third(cast, cohort):
    seen: set[frozenset[str]] = set()
    thirds: list[frozenset[str]] = []
    for _round in range(2):
        run = make_run(cohort, cast.cora)
        couples = {
            frozenset(pair) for each in tables(run) if len(each) == 2 for pair in [tuple(each)]
        }
        assert len(couples) == 2
        assert not couples & seen
        seen |= couples
        thirds += [each for each in tables(run) if len(each) == 3]
        for partnership in publish(run, cast.cora):
            with tenant(cast.acme):
                partnerships.end_partnership(
                    partnership=partnership, reason="The round is over", by=cast.cora
                )
    assert thirds[0] != thirds[1]
    with tenant(cast.acme):
        assert Seat.objects.filter(part="peer").count() == 14


def test_when_all_have_met_the_run_says_how_few_meet_again_and_that_fewer_cannot(cast):
    cohort = make_pool(cast.acme, 4)
    notes = []
    for _month in range(4):  # three months bring three new partners; then somebody comes again
        run = make_run(cohort, cast.cora)
        proof = proof_of(run)
        assert proof.proved
        notes.append((run.facts.get("met_again"), proof.title, proof.note))
        for partnership in publish(run, cast.cora):
            with tenant(cast.acme):
                partnerships.end_partnership(
                    partnership=partnership,
                    reason="",
                    by=None,
                    state=Partnership.State.COMPLETED,
                )
        answers = []
        with tenant(cast.acme):
            if run.facts.get("met_again"):
                people = [who for who, _name in choices_of(run)[0]]
                answers = [answer_why_not(run, people[0], other) for other in people[1:]]
        asked = [answer.verdict.title for answer in answers]

    assert asked.count("They are proposed as partners.") == 1
    assert [again for again, _title, _note in notes] == [None, 0, 0, 2]
    assert "met before" not in notes[0][1]
    assert "fewest pairs that have met before" in notes[3][1]
    assert "Nobody meets a partner of before." in notes[1][2]
    assert (
        "2 pairs of people are together again; fewer would cost somebody a partner" in notes[3][2]
    )


def test_the_studio_speaks_of_pairs_and_offers_the_policies(cast, cohort):
    run = make_run(cohort, cast.cora)
    client = sign_in(cast.cora)
    page = client.get(run.get_absolute_url()).content.decode()
    assert "Run 1: 3 pairs" in page
    assert "21 possible pairs" in page
    studio = client.get(reverse("pairing:matching", args=["acme", cohort.pk])).content.decode()
    assert "Fairest worst case" in studio


@pytest.mark.slow
def test_why_not_two_peers_names_the_price_and_who_would_move(cast):
    run = make_run(make_pool(cast.acme, 8), cast.cora)
    with tenant(cast.acme):
        people = [who for who, _name in choices_of(run)[0]]
        asked = {
            (a, b): answer_why_not(run, a, b) for i, a in enumerate(people) for b in people[i + 1 :]
        }
    titles = [answer.verdict.title for answer in asked.values()]
    assert titles.count("They are proposed as partners.") == 4
    others = [each for each in asked.values() if each.verdict.possible]
    assert len(others) == 24
    for answer in others:
        assert answer.verdict.title.startswith("Possible: all pairs together would score")
        assert len(answer.changes) >= 4
        assert all(change.before != change.after for change in answer.changes)
