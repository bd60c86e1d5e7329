"""Circles of a draft are composed by hand: this person to that circle, with the price."""

from __future__ import annotations

import pytest

from core.tenancy.context import tenant
from pairing.errors import KeptApart, TooFewLeft
from pairing.inputs.snapshot import Snapshot
from pairing.models.runs import LeftOver, MatchRun, Proposal, ProposalSeat
from pairing.runs.operations.composing import place_by_hand
from pairing.runs.operations.rules import set_pair_rule
from pairing.runs.presenters.composing import Draft
from pairing.solve import solver_of
from programs.models.parts import Criterion
from programs.models.programs import Cohort, Enrolment
from tests.cast import Cast, sign_in
from tests.pairing import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(cast: Cast) -> MatchRun:
    """A draft of two circles of six."""
    return build.make_run(build.make_circles_cohort(cast.acme, peers=12), cast.cora)


def circles(run: MatchRun) -> list[list[str]]:
    with tenant(run.organisation):
        return [
            [
                str(pk)
                for pk in ProposalSeat.objects.filter(proposal=row)
                .order_by("id")
                .values_list("enrolment_id", flat=True)
            ]
            for row in Proposal.objects.filter(run=run).order_by("position")
        ]


def test_somebody_moves_to_another_circle_and_everything_is_weighed_again(
    cast: Cast, run: MatchRun
) -> None:
    first, second = circles(run)
    who = first[0]
    url = f"{run.get_absolute_url()}compose/"
    browser = sign_in(cast.cora)
    with tenant(cast.acme):
        (place,) = Draft(run).places(who)
    page = browser.get(f"{url}?person={who}").text
    assert f"{place.after} with this person" in page
    assert f"The run as a whole: {place.total_after} instead of {place.total_before}." in page

    browser.post(url, {"person": who, "proposal": str(place.proposal.pk)})

    assert circles(run) == [first[1:], [*second, who]]
    with tenant(cast.acme):
        changed = MatchRun.objects.get(pk=run.pk)
        weighed = solver_of(Snapshot.from_json(run.snapshot)).weigh(circles(run))
        scores = list(Proposal.objects.filter(run=run).order_by("position").values_list("score"))
        assert scores == [(weighed.score(0),), (weighed.score(1),)]
        assert changed.objective == weighed.objective
        assert not changed.facts["proved"]
    assert len(build.publish(changed, cast.cora)) == 2


def test_somebody_left_over_is_put_into_a_circle(cast: Cast) -> None:
    run = build.make_run(build.make_circles_cohort(cast.acme, peers=11), cast.cora)
    with tenant(cast.acme):
        left = LeftOver.objects.filter(run=run).select_related("enrolment").first()
        assert left is not None
        target = Proposal.objects.filter(run=run).first()
        Enrolment.objects.get(pk=left.enrolment_id)
        type(run.cohort.program).objects.filter(pk=run.cohort.program_id).update(circle_max=9)
    url = f"{run.get_absolute_url()}compose/"
    browser = sign_in(cast.cora)
    answer = browser.post(url, {"person": str(left.enrolment_id), "proposal": str(target.pk)})
    assert answer.status_code == 302
    with tenant(cast.acme):
        assert LeftOver.objects.filter(run=run).count() == 2
        assert ProposalSeat.objects.filter(proposal=target).count() == 9
        assert MatchRun.objects.get(pk=run.pk).facts["people"] == 9


def test_a_circle_that_is_full_or_a_reporting_line_refuses(cast: Cast, run: MatchRun) -> None:
    first, second = circles(run)
    url = f"{run.get_absolute_url()}compose/"
    browser = sign_in(cast.cora)
    with tenant(cast.acme):
        target = Proposal.objects.filter(run=run).order_by("position")[1]
        type(run.cohort.program).objects.filter(pk=run.cohort.program_id).update(circle_max=6)
    refused = browser.post(url, {"person": first[0], "proposal": str(target.pk)})
    assert refused.status_code == 422
    assert "There is no room" in refused.text
    assert circles(run) == [first, second]


def test_a_published_run_is_not_composed(cast: Cast, run: MatchRun) -> None:
    first, _second = circles(run)
    build.publish(run, cast.cora)
    with tenant(cast.acme):
        target = Proposal.objects.filter(run=run).order_by("position")[1]
    url = f"{run.get_absolute_url()}compose/"
    refused = sign_in(cast.cora).post(url, {"person": first[0], "proposal": str(target.pk)})
    assert refused.status_code == 422


def _two_of(cohort: Cohort) -> list[Enrolment]:
    rows = Enrolment.objects.filter(cohort=cohort).select_related("member")
    return list(rows.order_by("id")[:2])


def test_two_who_are_never_to_be_together_are_not_composed_into_one_circle(cast: Cast) -> None:
    cohort = build.make_circles_cohort(cast.acme, peers=12)
    with tenant(cast.acme):
        one, other = _two_of(cohort)
        set_pair_rule(cohort=cohort, kind="forbidden", first=one, second=other, by=cast.cora)
    run = build.make_run(cohort, cast.cora)
    before = circles(run)
    with tenant(cast.acme):
        target = ProposalSeat.objects.get(proposal__run=run, enrolment=other).proposal
        with pytest.raises(KeptApart) as refused:
            place_by_hand(run=run, enrolment=one, proposal=target, by=cast.cora)
    assert refused.value.other == str(other.member)
    assert circles(run) == before


def test_a_rule_of_the_program_warns_and_does_not_keep_a_coordinator_from_composing(
    cast: Cast,
) -> None:
    cohort = build.make_circles_cohort(cast.acme, peers=12)
    with tenant(cast.acme):
        one, other = _two_of(cohort)
        type(one.member).objects.filter(pk__in=[one.member_id, other.member_id]).update(team="Law")
        Criterion.objects.create(
            program=cohort.program,
            key="teams",
            sort="rule",
            kind="never_same",
            label="Team",
            seeker_field="member:team",
            offerer_field="member:team",
        )
    run = build.make_run(cohort, cast.cora)
    with tenant(cast.acme):
        target = ProposalSeat.objects.get(proposal__run=run, enrolment=other).proposal
        against = Draft(run).place(target.pk, str(one.pk)).against
        place_by_hand(run=run, enrolment=one, proposal=target, by=cast.cora)
        seated = ProposalSeat.objects.get(proposal__run=run, enrolment=one)
    assert [(each.other, each.refused) for each in against] == [(str(other.member), False)]
    assert seated.proposal_id == target.pk


def test_nobody_is_composed_out_of_a_circle_that_would_be_left_with_one(
    cast: Cast, run: MatchRun
) -> None:
    first, second = circles(run)
    with tenant(cast.acme):
        type(run.cohort.program).objects.filter(pk=run.cohort.program_id).update(circle_max=12)
        run = MatchRun.objects.select_related("cohort__program").get(pk=run.pk)
        target = Proposal.objects.filter(run=run).order_by("position")[1]
        people = Enrolment.objects.select_related("member").in_bulk(first, field_name="id")
        moved = [people[pk] for pk in sorted(people, key=lambda pk: first.index(str(pk)))]
        for enrolment in moved[:4]:
            place_by_hand(run=run, enrolment=enrolment, proposal=target, by=cast.cora)
        with pytest.raises(TooFewLeft):
            place_by_hand(run=run, enrolment=moved[4], proposal=target, by=cast.cora)
    assert circles(run) == [first[4:], [*second, *first[:4]]]
