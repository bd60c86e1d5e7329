"""Two runs side by side, the filters of a result, and two people paired by hand."""

import pytest
from django.urls import reverse

from core.tenancy.context import tenant
from core.ui.charts import ClassCounts, overlaid_bars
from pairing.inputs.snapshot import Choice
from pairing.models.runs import MatchRun, PairRule, Proposal
from pairing.runs.operations import rules
from pairing.runs.presenters.comparing import compare
from pairing.runs.queries import last_beside
from programs.models.programs import Enrolment
from tests.cast import sign_in
from tests.pairing.build import (
    make_circles_cohort,
    make_cohort,
    make_run,
    person,
    publish,
)
from tests.pairing.test_pages import at, cost


def by_name(cohort):
    return {
        each.member.given_name: each
        for each in Enrolment.objects.filter(cohort=cohort).select_related("member")
    }


def forbid(cast, cohort, first, second, kind="forbidden"):
    with tenant(cast.acme):
        people = by_name(cohort)
        rules.set_pair_rule(
            cohort=cohort, kind=kind, first=people[first], second=people[second], by=cast.cora
        )


def small_cohort(cast):
    """Ada fits Mo and nobody else; Ben fits both; so Ben loses when he may not have his best."""
    cohort = make_cohort(cast.acme)
    skills = {"skills_sought": {"coaching": 3}}
    person(cohort, "Ada", "mentee", department="Sales", answers=skills)
    person(cohort, "Ben", "mentee", department="Finance", answers=skills)
    person(cohort, "Mo", "mentor", answers={"skills_offered": {"coaching": 5}})
    person(cohort, "Nia", "mentor", answers={"skills_offered": {"delegation": 5}})
    return cohort


def partner_of(run, name):
    with tenant(run.organisation):
        proposal = Proposal.objects.get(run=run, seats__enrolment__member__given_name=name)
        seats = proposal.seats.exclude(enrolment__member__given_name=name)
        return seats.get().enrolment.member.given_name


def test_a_comparison_says_who_changes_and_what_each_gains_or_loses(cast):
    cohort = small_cohort(cast)
    first = make_run(cohort, cast.cora)
    lucky = "Ada" if partner_of(first, "Ada") == "Mo" else "Ben"
    forbid(cast, cohort, lucky, "Mo")
    second = make_run(cohort, cast.cora)

    with tenant(cast.acme):
        found = compare(first, second)

    changes = {each.name.split()[0]: each for each in found.changes}
    other = "Ben" if lucky == "Ada" else "Ada"
    assert {name: each.kind for name, each in changes.items()} == {lucky: "loses", other: "gains"}
    assert (changes[lucky].before, changes[lucky].after) == ("Mo Acme", "Nia Acme")
    with tenant(cast.acme):
        scores = {
            run.number: Proposal.objects.get(
                run=run, seats__enrolment__member__given_name=lucky
            ).score
            for run in (first, second)
        }
    assert changes[lucky].by == scores[2] - scores[1] < 0
    assert found.sentence == ("From run 1 to run 2, 2 mentees change partner: 1 gains, 1 loses.")
    assert sum(one for _label, one, _other in found.classes) == 2
    assert found.note == ""


def test_runs_that_weigh_differently_are_measured_by_one_yardstick(cast):
    cohort = small_cohort(cast)
    first = make_run(cohort, cast.cora)
    second = make_run(cohort, cast.cora, choice=Choice(weights={"skills": 0, "level": 10}))

    with tenant(cast.acme):
        found = compare(first, second)

    assert "is scored here as run 2 scores" in found.note
    unchanged = partner_of(first, "Ada") == partner_of(second, "Ada")
    if unchanged:  # the same pairs by the same yardstick score the same
        assert found.a.scores == found.b.scores
    assert found.a.criteria != found.b.criteria or found.a.run != found.b.run


def test_somebody_left_over_and_somebody_found_are_named(cast):
    cohort = make_cohort(cast.acme)
    for name in ("Ada", "Ben"):
        person(cohort, name, "mentee")
    person(cohort, "Mo", "mentor")
    first = make_run(cohort, cast.cora)
    seated = "Ada" if partner_of(first, "Mo") == "Ada" else "Ben"
    forbid(cast, cohort, seated, "Mo")
    second = make_run(cohort, cast.cora)

    with tenant(cast.acme):
        found = compare(first, second)

    assert {each.kind for each in found.changes} == {"left", "seated"}
    assert list(found.b.left.values()) == [f"{seated} Acme"]
    page = sign_in(cast.cora).get(
        at("compare_runs", cohort), {"a": first.pk, "b": second.pk, "show": "left"}
    )
    assert [each.kind for each in page.context["changes"]] == ["left"]
    assert f"{seated} Acme" in page.content.decode()


def test_circles_compare_by_whom_one_sits_with(cast):
    cohort = make_circles_cohort(cast.acme, peers=12)
    first = make_run(cohort, cast.cora, seed=1)
    with tenant(cast.acme):
        table = Proposal.objects.filter(run=first).first()
        one, other = [seat.enrolment for seat in table.seats.select_related("enrolment")[:2]]
        rules.set_pair_rule(cohort=cohort, kind="forbidden", first=one, second=other, by=cast.cora)
    second = make_run(cohort, cast.cora, seed=1)

    with tenant(cast.acme):
        found = compare(first, second)
        itself = compare(first, first)

    assert len(found.changes) == 12
    assert itself.changes == ()
    assert itself.sentence == "Run 1 and run 1 put the same people together."


def test_circles_that_weigh_differently_are_measured_by_one_yardstick(cast):
    cohort = make_circles_cohort(cast.acme, peers=12)
    first = make_run(cohort, cast.cora, seed=1)
    choice = Choice(weights={"skills": 0, "goals": 0, "department": 10, "level": 0})
    second = make_run(cohort, cast.cora, seed=1, choice=choice)

    with tenant(cast.acme):
        there, back = compare(first, second), compare(second, first)
        scores = list(Proposal.objects.filter(run=second).values_list("score", flat=True))

    assert "what run 1 proposes is scored here as run 2 scores." in there.note
    assert sorted(there.b.scores) == sorted(scores)
    by_first, by_second = sum(back.b.scores) - sum(back.a.scores), sum(there.b.scores)
    assert by_first >= 0  # no circles are better by a run's yardstick than its own
    assert by_second >= sum(there.a.scores)


def test_the_page_compares_runs_of_this_cohort_alone(cast):
    cohort = small_cohort(cast)
    runs = [make_run(cohort, cast.cora) for _ in range(2)]
    elsewhere = make_run(make_circles_cohort(cast.acme, peers=6), cast.cora)
    client, url = sign_in(cast.cora), at("compare_runs", cohort)

    assert client.get(url, {"a": runs[0].pk, "b": runs[1].pk}).status_code == 200
    assert client.get(url, {"a": runs[0].pk, "b": elsewhere.pk}).status_code == 404
    assert b"Compare" in client.get(url, {"a": "x", "b": "y"}).content
    assert sign_in(cast.petra).get(url).status_code == 403
    assert b"Compare two runs" in client.get(at("matching", cohort)).content


def test_a_comparison_costs_the_same_for_two_pairs_and_for_six(cast):
    costs = []
    for size in (2, 6):
        cohort = make_cohort(cast.acme, name=f"Of {size}")
        for number in range(size):
            for part in ("mentee", "mentor"):
                mail = f"{part}{number}of{size}@acme.example"
                person(cohort, f"{part}{number}", part, email=mail)
        a, b = make_run(cohort, cast.cora), make_run(cohort, cast.cora)
        costs.append(cost(sign_in(cast.cora), f"{at('compare_runs', cohort)}?a={a.pk}&b={b.pk}"))
    assert costs[0] == costs[1]


def test_a_result_is_narrowed_by_kind_department_and_words_and_exported_as_shown(cast):
    cohort = small_cohort(cast)
    make_run(cohort, cast.cora)
    forbid(cast, cohort, "Ada", "Nia", kind="locked")
    run = make_run(cohort, cast.cora)
    client, url = sign_in(cast.cora), at("match_run", run)

    def shown(**asked):
        return [row.names for row in client.get(url, asked).context["rows"]]

    assert len(shown()) == 2
    assert shown(show="locked") == ["Ada Acme, Nia Acme"]
    assert shown(department="Finance") == ["Ben Acme, Mo Acme"]
    assert shown(q="ada acme") == ["Ada Acme, Nia Acme"]
    assert shown(q="nobody") == []
    assert shown(order="lowest") == list(reversed(shown()))
    assert shown(show="wed", order="wed") == shown()
    exported = client.get(at("export_match_run", run), {"department": "Finance"})
    lines = exported.content.decode().splitlines()
    assert {line.split(",")[1] for line in lines[1:]} == {"Ben Acme", "Mo Acme"}


def test_changed_is_against_the_last_published_run_else_the_one_before(cast):
    cohort = small_cohort(cast)
    first = make_run(cohort, cast.cora)
    lucky = "Ada" if partner_of(first, "Ada") == "Mo" else "Ben"
    forbid(cast, cohort, lucky, "Mo")
    second = make_run(cohort, cast.cora)
    client = sign_in(cast.cora)

    page = client.get(at("match_run", second), {"show": "changed"})
    publish(second, cast.cora)
    person(cohort, "Late", "mentee")
    person(cohort, "Lou", "mentor")
    third = make_run(cohort, cast.cora)

    assert "Changed since run 1: 2" in page.content.decode()
    assert len(page.context["rows"]) == 2
    with tenant(cast.acme):
        assert last_beside(third).pk == second.pk
        assert last_beside(first).pk == second.pk
    assert "Not as published: 1" in client.get(at("match_run", third)).content.decode()


def test_pairing_by_hand_locks_and_runs_again_as_the_run_was(cast):
    cohort = small_cohort(cast)
    run = make_run(cohort, cast.cora, policy="best_total", seed=5)
    with tenant(cast.acme):
        people = by_name(cohort)
    chosen = {"first": people["Ada"].pk, "second": people["Nia"].pk}
    client = sign_in(cast.cora)

    asked = client.get(reverse("pairing:why_not", args=["acme", run.pk]), chosen).content.decode()
    answer = client.post(at("pair_by_hand", run), chosen)

    with tenant(cast.acme):
        again = MatchRun.objects.get(number=2)
        assert PairRule.objects.get().kind == "locked"
    assert "Lock them and run again" in asked or partner_of(run, "Ada") == "Nia"
    assert answer["Location"] == again.get_absolute_url()
    assert (again.policy, again.seed) == ("best_total", 5)
    assert (
        client.post(at("pair_by_hand", run), {"first": "x"})["Location"] == run.get_absolute_url()
    )


def test_overlaid_columns_share_one_scale_and_one_foot():
    drawing = overlaid_bars(
        [ClassCounts("a", 4, 2, "t"), ClassCounts("b", 0, 1, "u")], height=100, top=10
    )

    tall, short = drawing.columns
    assert (tall.behind_height, tall.before_height, short.before_height) == ("100", "50", "25")
    assert (tall.behind_y, tall.before_y) == ("10", "60")
    assert drawing.base == 110
    with pytest.raises(ValueError, match="fewer than nobody"):
        overlaid_bars([ClassCounts("a", -1, 0, "")])


def test_reciprocal_pairs_use_the_same_studio_in_words_of_their_own(cast):
    cohort = make_cohort(cast.acme, "reciprocal-peer-pairs")
    for number in range(5):
        person(cohort, f"Peer{number}", "peer", level=str(number))
    runs = [make_run(cohort, cast.cora) for _ in range(2)]
    client = sign_in(cast.cora)

    studio = client.get(at("matching", cohort)).content.decode()
    result = client.get(at("match_run", runs[1])).content.decode()
    both = {"a": runs[0].pk, "b": runs[1].pk}
    beside = client.get(at("compare_runs", cohort), both).content.decode()
    summary = client.get(at("publish_run", runs[1])).content.decode()

    assert "Waiting to be matched: 5 people." in studio
    assert "10 of 10 pairs are allowed." in studio
    assert "The other" in result
    assert "Three together" in result
    assert "Mentee" not in result
    assert "Run 1 and run 2 put the same people together." in beside
    assert "5 people get an e-mail" in summary
    assert "Publish 2 pairs" in summary
