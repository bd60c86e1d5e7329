"""Whom people would like to sit with: from the page to the circles that are published."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.common import clock
from core.tenancy.context import tenant
from pairing.errors import SelfMatchClosed
from pairing.models.partnerships import Partnership
from pairing.models.requests import PartnerRequest
from pairing.models.runs import Proposal
from pairing.requests.operations import asking, sweeping
from pairing.requests.queries import choosing_enrolments
from pairing.runs.operations import rules
from programs.models.programs import Cohort, Program
from tests.cast import sign_in
from tests.pairing.build import make_cohort, make_partnership, make_run, person, publish
from tests.pairing.requests.build import ask, wish, wishes

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


def make_circles(organisation, people: int):
    """Open a cohort of circles of three whose people say whom they would like to sit with."""
    cohort = make_cohort(organisation, "leadership-circles")
    with tenant(organisation):
        program = Program.objects.filter(pk=cohort.program_id)
        program.update(self_match=True, circle_min=3, circle_max=3)
        cohort = Cohort.objects.for_list().get(pk=cohort.pk)
    return cohort, [person(cohort, f"P{i}", "peer") for i in range(people)]


def at(cohort, end: str = "") -> str:
    return f"/o/{cohort.organisation.slug}/cohorts/{cohort.pk}/self-match/{end}"


def together(run, *people) -> bool:
    with tenant(run.organisation):
        circles = Proposal.objects.filter(run=run)
        for each in people:
            circles = circles.filter(seats__enrolment=each)
        return circles.exists()


def say(who, act: str, whom) -> int:
    said = {"act": act, "wished": str(whom.pk)}
    return sign_in(who.member).post(at(who.cohort, "wish/"), said).status_code


@pytest.mark.slow
def test_wishes_go_from_the_page_to_the_circles_that_are_published(cast):
    cohort, people = make_circles(cast.acme, 9)
    couples = [(0, 3), (1, 4), (2, 5)]
    before = make_run(cohort, cast.cora)
    assert not all(together(before, people[i], people[j]) for i, j in couples)
    for i, j in couples:
        assert say(people[i], "add", people[j]) == 302
    assert wishes(people[0]) == [people[3]]

    run = make_run(cohort, cast.cora)

    with tenant(cast.acme):
        assert sorted(run.snapshot["wishes"]) == sorted(
            [str(people[i].pk), str(people[j].pk), 1] for i, j in couples
        )
        parts = [
            each["evidence"]
            for proposal in Proposal.objects.filter(run=run)
            for each in proposal.reasons
            if each["criterion"] == "wishes"
        ]
    assert sum(part["kept"] for part in parts) == sum(part["of"] for part in parts) == 3
    assert all(together(run, people[i], people[j]) for i, j in couples)
    assert "is fulfilled here." in sign_in(cast.cora).get(run.get_absolute_url()).text
    publish(run, cast.cora)
    own = sign_in(people[0].member)
    with tenant(cast.acme):
        circle = Partnership.objects.for_list().get(seats__enrolment=people[0])
        assert circle.seats.filter(enrolment=people[3]).exists()
    assert "fulfilled" not in own.get(circle.get_absolute_url()).text  # not whose wish it was
    assert "You have a circle" in own.get(at(cohort)).text
    assert say(people[0], "add", people[1]) == 404


@pytest.mark.slow
def test_the_page_names_people_by_name_and_suggests_five(cast):
    cohort, people = make_circles(cast.acme, 9)
    browser = sign_in(people[0].member)

    page = browser.get(at(cohort))

    assert len(page.context["choices"].suggestions) == 5
    assert "People you would like to sit with" in page.text
    assert f"words-{people[1].pk}" not in page.text  # nobody is asked
    assert "Nobody has answered" not in page.text
    looked = browser.get(at(cohort), {"name": "p7 ac"})
    assert [each.enrolment for each in looked.context["choices"].found] == [people[7]]
    assert browser.get(at(cohort), {"name": "P0"}).context["choices"].found == []
    assert "Nobody of that name" in browser.get(at(cohort), {"name": "%"}).text
    wish(people[0], people[7])
    assert browser.get(at(cohort), {"name": "P7"}).context["choices"].found == []
    assert 'name="act" value="remove"' in browser.get(at(cohort)).text


@pytest.mark.slow
def test_nobody_is_shown_whom_rules_a_circle_or_an_earlier_one_keep_away(cast):
    cohort, people = make_circles(cast.acme, 8)
    me, apart, seated, *more, before = people
    with tenant(cast.acme):
        rules.set_pair_rule(cohort=cohort, first=me, second=apart, kind="forbidden", by=cast.cora)
    make_partnership(cohort, seated.member, more[0].member)
    earlier = make_partnership(cohort, me.member, before.member)
    with tenant(cast.acme):
        Partnership.objects.filter(pk=earlier.pk).update(
            state=Partnership.State.ENDED, ended_at=NOW
        )
        earlier.seats.update(left_at=NOW)

    choices = sign_in(me.member).get(at(cohort)).context["choices"]

    assert set(choices.possible.points) == {each.pk for each in more[1:]}
    for whom in (apart, seated, before, me):
        assert say(me, "add", whom) == 404
    with tenant(cast.acme):
        asking.add_wish(enrolment=me, wished=seated)
    assert "passed over until that changes" in sign_in(me.member).get(at(cohort)).text


@pytest.mark.slow
def test_nobody_is_asked_in_circles_and_nothing_is_swept(cast):
    cohort, (me, other, *_others) = make_circles(cast.acme, 4)
    wish(me, other)
    with pytest.raises(SelfMatchClosed):
        ask(me, other)
    refused = sign_in(me.member).post(at(cohort, "ask/"), {"asked": str(other.pk), "words": ""})
    assert refused.status_code == 422
    with tenant(cast.acme):
        assert sweeping.follow_up_requests(at=NOW) == 0
        assert not PartnerRequest.objects.exists()


@pytest.mark.slow
def test_wishes_wait_for_the_design_and_the_matching_and_are_kept_from_others(cast):
    cohort, (me, other, *_others) = make_circles(cast.acme, 4)
    wish(me, other)
    day = sign_in(me.member).get("/o/acme/").text
    assert "Name up to five before the circles are formed." in day
    assert "Choose a partner" not in day
    waiting = f"/o/acme/cohorts/{cohort.pk}/waiting/"
    assert "who named whom stays with them" in sign_in(cast.cora).get(waiting).text
    with tenant(cast.acme):
        Program.objects.filter(pk=cohort.program_id).update(self_match=False)
        closed = Cohort.objects.for_list().get(pk=cohort.pk)
        assert not choosing_enrolments(me.member).exists()
        me.cohort = closed
        with pytest.raises(SelfMatchClosed):
            asking.remove_wish(enrolment=me, wished=other)
    assert "Not open now" in sign_in(me.member).get(at(cohort)).text
    assert make_run(closed, cast.cora).snapshot["wishes"] == []


@pytest.mark.slow
def test_more_people_cost_the_page_no_more_statements(cast):
    cohort, (me, *others) = make_circles(cast.acme, 4)
    browser, counts = sign_in(me.member), []
    for more in range(2):
        wish(me, others[more])
        browser.get(at(cohort))
        with CaptureQueriesContext(connection) as statements:
            assert browser.get(at(cohort), {"name": "P"}).status_code == 200
        counts.append(len(statements))
        others += [person(cohort, f"P{n}{more}", "peer") for n in range(4)]
    assert counts[0] == counts[1]
