"""Asking why two people are not together: the page, its fragment, and who may ask."""

import pytest

from core.tenancy.context import tenant
from pairing.inputs.snapshot import Snapshot
from pairing.models.runs import LeftOver, ProposalSeat
from pairing.runs.operations import rules
from pairing.solve import solver_of
from programs.models.programs import Enrolment
from tests.cast import sign_in
from tests.pairing.build import make_circles_cohort, make_mentor_cohort, make_run

HTMX = {"HX-Request": "true"}


def ask(client, run, first, second, **headers):
    address = f"/o/{run.organisation.slug}/match-runs/{run.pk}/why-not/"
    return client.get(address, {"first": first, "second": second}, headers=headers)


def pairs_of(run):
    """Enrolments of each proposal: mentee, mentor."""
    found = {}
    for seat in ProposalSeat.objects.filter(proposal__run=run).select_related("enrolment__member"):
        found.setdefault(seat.proposal_id, {})[seat.part] = seat.enrolment
    return [(pair["mentee"], pair["mentor"]) for pair in found.values()]


@pytest.fixture
def run(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=6, mentors=4)
    return make_run(cohort, cast.cora, policy="best_total")


def test_the_exact_price_of_a_pair_is_what_locking_it_then_costs(cast, run):
    with tenant(cast.acme):
        (mentee, _mine), (_other, mentor), *_rest = pairs_of(run)
    answer = ask(sign_in(cast.cora), run, mentee.pk, mentor.pk)
    told = answer.context["answer"]
    assert answer.status_code == 200
    assert told.verdict.possible
    assert told.changes[0].name == mentee.member.full_name
    assert mentor.member.full_name in told.changes[0].after

    with tenant(cast.acme):
        rules.set_pair_rule(
            cohort=run.cohort, kind="locked", first=mentee, second=mentor, by=cast.cora
        )
    again = make_run(run.cohort, cast.cora, policy="best_total")
    cost = run.objective - again.objective
    price = f"{max(cost, 100) / 1000:.1f}"
    said = (
        "Possible, and as good: the total stays the same."
        if not cost
        else f"Possible, but all pairs together would score {price} points less."
    )
    assert told.verdict.title == said


def test_the_fragment_is_the_middle_of_the_page(cast, run):
    with tenant(cast.acme):
        (mentee, mentor), *_rest = pairs_of(run)
    client = sign_in(cast.cora)
    page = ask(client, run, mentee.pk, mentor.pk).content.decode()
    fragment = ask(client, run, mentee.pk, mentor.pk, **HTMX).content.decode()
    assert fragment.strip() in page
    assert "are proposed as a pair." in fragment
    assert "<html" not in fragment


def test_a_rule_that_forbids_them_is_named(cast, run):
    with tenant(cast.acme):
        (mentee, _mine), (_other, mentor), *_rest = pairs_of(run)
        rules.set_pair_rule(
            cohort=run.cohort, kind="forbidden", first=mentee, second=mentor, by=cast.cora
        )
    again = make_run(run.cohort, cast.cora)
    answer = ask(sign_in(cast.cora), again, mentee.pk, mentor.pk)
    assert answer.context["answer"].verdict.title == (
        "A rule forbids it: set to never together, or a pair before."
    )
    assert b"Lock them" not in answer.content


def test_whoever_is_left_over_is_told_who_was_preferred_and_may_be_asked_about(cast, run):
    with tenant(cast.acme):
        left = LeftOver.objects.filter(run=run, part="mentee").first()
        rival = left.remedy["rival"]
        partner = Enrolment.objects.select_related("member").get(pk=rival["partner"])
    page = sign_in(cast.cora).get(run.get_absolute_url())
    shown = next(each for each in page.context["remaining"] if each.partner)
    assert "The best fit, " in shown.why
    asked = sign_in(cast.cora).get(shown.ask)
    assert asked.context["answer"].verdict.possible
    assert partner.member.full_name in page.content.decode()


def test_asking_about_nobody_or_one_person_twice_is_refused_at_the_field(cast, run):
    client = sign_in(cast.cora)
    assert ask(client, run, "", "x").status_code == 422
    empty = client.get(f"/o/acme/match-runs/{run.pk}/why-not/")
    assert empty.status_code == 200
    assert "answer" not in empty.context


@pytest.mark.slow
def test_circles_say_what_keeps_two_apart_or_what_a_common_table_costs(cast):
    run = make_run(make_circles_cohort(cast.acme, peers=12), cast.cora)
    with tenant(cast.acme):
        tables = {}
        for seat in ProposalSeat.objects.filter(proposal__run=run):
            tables.setdefault(seat.proposal_id, []).append(seat.enrolment_id)
        (one, two, *_), (other, *_) = tables.values()
    client = sign_in(cast.cora)
    assert ask(client, run, one, two).context["answer"].verdict.title == (
        "They are proposed for one circle."
    )
    told = ask(client, run, one, other).context["answer"].verdict
    assert told.title.startswith("Possible")
    assert told.meaning.startswith("That is proved: no circles with both in one score more.")
    assert "would sit in another circle." in told.meaning
    assert ask(client, run, one, one).status_code == 422


@pytest.mark.slow
def test_of_more_people_in_circles_the_answer_says_how_much_could_be_had_at_most(cast):
    run = make_run(make_circles_cohort(cast.acme, peers=30), cast.cora)
    with tenant(cast.acme):
        tables = {}
        for seat in ProposalSeat.objects.filter(proposal__run=run):
            tables.setdefault(seat.proposal_id, []).append(str(seat.enrolment_id))
        (one, *_), (other, *_), *_more = tables.values()
        solver = solver_of(Snapshot.from_json(run.snapshot))
        found = solver.bring_together(one, other, list(tables.values()), seed=run.seed)
    told = ask(sign_in(cast.cora), run, one, other).context["answer"].verdict
    assert told.title.startswith("Possible")
    assert found.objective <= found.bound
    said = "That is proved" if found.objective == found.bound else "at most"
    assert said in told.meaning


def test_only_who_runs_matchings_may_ask(cast, run):
    with tenant(cast.acme):
        (mentee, mentor), *_rest = pairs_of(run)
    assert ask(sign_in(cast.petra), run, mentee.pk, mentor.pk).status_code == 403
    assert ask(sign_in(cast.gina), run, mentee.pk, mentor.pk).status_code == 404
