"""Wishes, going first and what is to be different: on top of the score, said in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.common import clock
from core.tenancy.context import tenant
from pairing.models.partnerships import Partnership
from pairing.models.runs import LeftOver, Proposal, ProposalSeat
from pairing.partnerships.operations import repairing
from pairing.requests.operations import asking
from pairing.runs.presenters.results import remaining_of, rows_of
from programs.models.parts import Criterion
from programs.models.programs import Enrolment, Program
from programs.operations.answers import save_answers
from tests.pairing.build import make_run, person, publish
from tests.pairing.requests.build import make_self_match, mentee, mentor, wish

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


def matched(run) -> dict[str, str]:
    """Return mentee -> mentor by given name."""
    with tenant(run.organisation):
        seats = ProposalSeat.objects.filter(proposal__run=run).select_related("enrolment__member")
        pairs: dict[object, dict[str, str]] = {}
        for seat in seats:
            pairs.setdefault(seat.proposal_id, {})[seat.part] = seat.enrolment.member.given_name
    return {pair["mentee"]: pair["mentor"] for pair in pairs.values()}


def reasons(run) -> dict[str, dict]:
    with tenant(run.organisation):
        [proposal] = Proposal.objects.filter(run=run)
        return {each["criterion"]: each for each in proposal.reasons}


def test_a_first_wish_decides_between_equals_and_is_said_by_name(cast):
    cohort = make_self_match(cast.acme)
    jonas = mentee(cohort, "Jonas")
    mentors = [mentor(cohort, name) for name in ("Amara", "Bela", "Cleo")]
    for wished in mentors:
        with tenant(cast.acme):
            asking.remove_wish(enrolment=jonas, wished=mentors[0])
        wish(jonas, wished, *[each for each in mentors if each != wished])
        run = make_run(cohort, cast.cora)
        assert matched(run) == {"Jonas": wished.member.given_name}
        with tenant(cast.acme):
            for each in mentors:
                asking.remove_wish(enrolment=jonas, wished=each)
    with tenant(cast.acme):
        [proposal] = Proposal.objects.filter(run=run)
        [row] = rows_of(run, [proposal])
    assert "Jonas’s first wish" in row.why
    assert 0 < reasons(run)["wish:1"]["points"] <= 20_000
    assert sum(each["points"] for each in proposal.reasons) == proposal.points


def test_a_wish_never_breaks_a_rule(cast):
    cohort = make_self_match(cast.acme)
    jonas, amara = mentee(cohort, "Jonas"), mentor(cohort, "Amara", languages=["fr"])
    mentor(cohort, "Bela")
    wish(jonas, amara)
    assert matched(make_run(cohort, cast.cora)) == {"Jonas": "Bela"}


def test_wishes_count_where_people_may_choose_alone(cast):
    cohort = make_self_match(cast.acme)
    jonas, amara, _bela = mentee(cohort, "Jonas"), mentor(cohort, "Amara"), mentor(cohort, "Bela")
    wish(jonas, amara)
    with tenant(cast.acme):
        Program.objects.filter(pk=cohort.program_id).update(self_match=False)
        cohort.program.refresh_from_db()
    assert "wish:1" not in reasons(make_run(cohort, cast.cora))


def test_wishes_of_peers_count_too(cast):
    cohort = make_self_match(cast.acme, format="pairs")
    people = [person(cohort, f"P{n}", "peer") for n in range(4)]
    wish(people[0], people[3])
    with tenant(cast.acme):
        cohort = type(cohort).objects.for_list().get(pk=cohort.pk)
    run = make_run(cohort, cast.cora)
    with tenant(cast.acme):
        tables = [
            {seat.enrolment_id for seat in proposal.seats.all()}
            for proposal in Proposal.objects.filter(run=run)
        ]
    assert {people[0].pk, people[3].pk} in tables


def parted(cast, cause: str = "other"):
    """Jonas and Amara were matched and part; two strangers seek what one mentor could give."""
    cohort = make_self_match(cast.acme)
    jonas, amara = mentee(cohort, "Jonas", level="1"), mentor(cohort, "Amara")
    [partnership] = publish(make_run(cohort, cast.cora), cast.cora)
    with clock.at(NOW + timedelta(days=30)), tenant(cast.acme):
        found = Partnership.objects.select_related("organisation", "cohort__program").get(
            pk=partnership.pk
        )
        repairing.part_ways(partnership=found, by=jonas.member, cause=cause)
    return cohort, jonas, amara


def test_who_waits_goes_first_and_is_never_matched_with_the_same_again(cast):
    cohort, _jonas, amara = parted(cast)
    with tenant(cast.acme):
        Enrolment.objects.filter(pk=amara.pk).update(state="completed", ended_at=NOW)
    # Bela has one place; both strangers fit better than Jonas, by level
    mentor(cohort, "Bela")
    mentee(cohort, "Kim"), mentee(cohort, "Lou")

    run = make_run(cohort, cast.cora)

    assert matched(run) == {"Jonas": "Bela"}
    assert reasons(run)["first"]["points"] > 0
    with tenant(cast.acme):
        [row] = rows_of(run, list(Proposal.objects.filter(run=run)))
        assert "goes first" in row.why or any("goes first" in bar.sentence for bar in row.bars)


def test_without_having_waited_the_better_fit_has_the_place(cast):
    cohort = make_self_match(cast.acme)
    mentee(cohort, "Jonas", level="1"), mentee(cohort, "Kim"), mentee(cohort, "Lou")
    mentor(cohort, "Bela")
    assert "Jonas" not in matched(make_run(cohort, cast.cora))


def test_left_over_all_the_same_it_is_said_that_they_went_first(cast):
    cohort, _jonas, _amara = parted(cast)

    run = make_run(cohort, cast.cora)  # only the one of before is free

    with tenant(cast.acme):
        assert LeftOver.objects.filter(run=run).count() == 2
        assert all("Goes first" in each.why for each in remaining_of(run))


@pytest.mark.parametrize(("cause", "whom"), [("other", "Near"), ("time", "Free")])
def test_the_cause_is_avoided_by_counting_its_criteria_twice(cast, cause, whom):
    cohort, jonas, amara = parted(cast, cause)
    hours = [[0, 600, 720]]
    with tenant(cast.acme):
        Enrolment.objects.filter(pk=amara.pk).update(state="completed", ended_at=NOW)
        said = {"availability": hours, "interests": ["hiking"], "skills_sought": {"coaching": 3}}
        save_answers(enrolment=jonas, answers=said, complete=False)
        Criterion.objects.filter(program=cohort.program_id, key="interests").update(weight=5)
    # common interests are worth 5, common hours 4, or twice that once they are to be different
    answers = {
        "Free": {"interests": ["cooking"], "availability": hours},
        "Near": {"interests": ["hiking"], "availability": [[1, 600, 720]]},
    }
    for name, said in answers.items():
        said = said | {"skills_offered": {"coaching": 1}}
        person(cohort, name, "mentor", level="6", department="Finance", answers=said)
    run = make_run(cohort, cast.cora)
    assert matched(run) == {"Jonas": whom}
    assert ("avoided:time" in reasons(run)) == (cause == "time")
