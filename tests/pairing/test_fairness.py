"""Whether groups are treated alike: hand-computed figures, hidden cells, the page."""

import json
from datetime import timedelta
from fractions import Fraction

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from core.common import clock
from core.common.statistics import hidden_cells
from core.tenancy.context import tenant
from pairing.inputs.snapshot import Facts
from pairing.models.runs import MatchRun, ProposalSeat
from pairing.partnerships.operations import partnerships
from pairing.runs.fairness import (
    Outcome,
    places_in,
    price_of,
    report_on,
    table_of,
)
from programs.models.programs import Enrolment
from tests.cast import sign_in
from tests.pairing.build import (
    make_circles_cohort,
    make_cohort,
    make_mentor_cohort,
    make_run,
    person,
    publish,
)
from tests.profile import cases


def group(name, n, matched, *, score=70, choice=1, waited=10):
    """n people of a group, the first of them matched; scores go up by one."""
    return [
        Outcome(name, True, score + i, choice, waited)
        if i < matched
        else Outcome(name, False, None, None, waited)
        for i in range(n)
    ]


def test_rates_and_means_are_those_of_a_textbook():
    report = report_on([*group("Sales", 10, 8), *group("", 6, 6, score=50)], k=5)
    sales, unknown = report.groups
    assert [row.group for row in report.groups] == ["Sales", ""]
    # Wilson 1927 for 8 of 10: 0.490 to 0.943; the mean of 70 … 77 is 73.5, s = 2.449, t(7) 2.365
    assert (sales.rate.interval.estimate, sales.rate.n) == (Fraction(8, 10), 10)
    assert sales.rate.interval.low == pytest.approx(0.4902, abs=1e-4)
    assert sales.rate.interval.high == pytest.approx(0.9433, abs=1e-4)
    assert (float(sales.score.interval.estimate), sales.score.n) == (73.5, 8)
    assert sales.score.interval.low == pytest.approx(73.5 - 2.3646 * 2.4495 / 8**0.5, abs=1e-3)
    assert float(unknown.score.interval.estimate) == 52.5
    assert (float(sales.waited.interval.estimate), sales.waited.n) == (10, 10)
    assert (report.everybody.matched, report.everybody.rate.n) == (14, 16)
    assert not report.hides


def test_a_column_hides_by_itself_what_too_few_stand_behind():
    report = report_on([*group("A", 8, 3), *group("B", 9, 9), *group("C", 7, 7)], k=5)
    rates = [row.rate.hidden for row in report.groups]
    scores = [row.score.hidden for row in report.groups]
    # of A only three have a score, and so C goes too: else A followed from everybody
    assert (rates, scores) == ([False] * 3, [True, False, True])
    assert not report.everybody.score.hidden


def test_what_is_hidden_is_not_written_anywhere():
    report = report_on([*group("A", 2, 2, score=11), *group("B", 9, 9), *group("C", 7, 7)], k=5)
    table = table_of("Department", "mentee", report)
    assert table.title == "Mentees by department"
    assert [line.name for line in table.lines] == ["B", "A and C", "Everybody"]
    assert [cell.hidden for cell in table.lines[1].cells] == [True] * 4
    assert [cell.value for cell in table.lines[1].cells] == [""] * 4
    assert table.lines[0].cells[0].value == "100 % (9 of 9)"
    assert table.hides


@cases(75)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=8), st.integers(1, 6))
def test_no_cell_below_k_is_shown_or_follows_from_the_total(people, k):
    hidden = hidden_cells(people, k, disjoint=True)
    shown = [n for place, n in enumerate(people) if place not in hidden]
    assert all(n == 0 or n >= k for n in shown)
    remainder = sum(people) - sum(shown)
    if hidden and any(shown):
        # what everybody less the shown cells gives is about enough people, and no single cell
        assert remainder >= k
        assert len([place for place in hidden if people[place]]) > 1
    small = {place for place, n in enumerate(people) if 0 < n < k}
    assert small <= hidden
    assert len(hidden) <= len(small) + 1


@cases(75)
@given(
    st.lists(st.tuples(st.sampled_from("ABCD"), st.booleans(), st.integers(0, 100)), max_size=40),
    st.integers(2, 6),
)
def test_groups_add_up_to_everybody_wherever_all_are_shown(rows, k):
    people = [
        Outcome(name, matched, score if matched else None, 1 if matched else None, 3)
        for name, matched, score in rows
    ]
    report = report_on(people, k=k)
    if not people:
        assert (report.groups, report.everybody) == ((), None)
        return
    assert sum(row.matched for row in report.groups) == sum(each.matched for each in people)
    for column in ("rate", "score", "choice", "waited"):
        cells = [getattr(row, column) for row in report.groups]
        if not any(cell.hidden for cell in cells):
            total = getattr(report.everybody, column)
            assert total.hidden or total.n == sum(cell.n for cell in cells)
        assert all(cell.interval is None for cell in cells if cell.hidden)


def test_groups_of_which_nothing_is_shown_share_a_line_and_intervals_keep_to_their_scale():
    people = [*group("A", 2, 2), *group("B", 3, 3), *group("C", 9, 9, score=99, choice=1)]
    mixed = [*people, Outcome("C", True, 10, 30, 0)]
    lines = table_of("Level", "mentor", report_on(mixed, k=5)).lines
    assert [line.name for line in lines] == ["C", "A and B", "Everybody"]
    assert [cell.hidden for cell in lines[1].cells] == [True] * 4
    assert lines[0].cells[1].interval.endswith("–100.0")
    assert lines[0].cells[2].interval.startswith("1.0–")


def test_the_price_of_an_aim_is_said_in_points():
    facts = Facts(total=3_400_000, best_total=3_412_500)
    assert price_of(facts, "fairest_worst_case") == (
        "Aiming for “Fairest worst case” costs 12.5 points of 3412.5, 0.37 % of the best total."
    )
    assert price_of(Facts(total=5, best_total=5), "stable").endswith("more points in all.")
    assert price_of(Facts(), "stable") == ""


@pytest.mark.parametrize(
    ("demands", "lost", "most", "words"),
    [
        ((), 0, None, "These circles aim at points alone, so the aim costs nothing."),
        (
            (),
            0,
            98_000,
            "These circles aim at points alone, so the aim costs nothing. It is not proved that "
            "97.50 is the most; more than 98.00 is impossible.",
        ),
        (("met",), 0, None, "Before points comes: new faces. It costs nothing here."),
        (
            ("met", "time"),
            1_250,
            98_000,
            "Before points comes: new faces and the free time they must share. It costs 1.25 of "
            "100 points: circles without it were found that score 97.50. It is not proved that "
            "97.50 is the most; more than 98.00 is impossible.",
        ),
    ],
)
def test_the_price_of_what_circles_put_first_is_said_with_its_gap(demands, lost, most, words):
    facts = Facts(total=97_500 - lost, best_total=97_500, most_total=most, demands=demands)
    stored = Facts.from_json(json.loads(json.dumps(facts.as_json())))
    assert price_of(stored, "fairest_worst_case") == words


@pytest.fixture
def run(cast):
    with time_machine.travel(clock.now() - timedelta(days=9)):
        cohort = make_mentor_cohort(cast.acme, mentees=18, mentors=15)
    return make_run(cohort, cast.cora, policy="stable")


def address(run):
    return f"/o/{run.organisation.slug}/match-runs/{run.pk}/fairness/"


def test_the_page_counts_what_the_run_did(cast, run):
    answer = sign_in(cast.cora).get(address(run), {"by": ["member:department", "member:level"]})
    tables = answer.context["tables"]
    assert [table.title for table in tables] == [
        "Mentees by department", "Mentors by department", "Mentees by level", "Mentors by level",
    ]  # fmt: skip
    everybody = tables[0].lines[-1]
    with tenant(cast.acme):
        seats = ProposalSeat.objects.filter(proposal__run=run, part="mentee")
        matched, choices = len(seats), [seat.choice for seat in seats]
        people = Enrolment.objects.filter(cohort=run.cohort, part="mentee").count()
    share = round(100 * matched / people)
    assert everybody.cells[0].value == f"{share} % ({matched} of {people})"
    assert everybody.cells[2].value == f"{sum(choices) / matched:.1f}"
    assert everybody.cells[3].value == "9.0"
    assert answer.context["price"].startswith("Aiming for “Stable” costs")


def test_the_run_has_a_place_for_the_panel_and_htmx_gets_it_alone(cast, run):
    client = sign_in(cast.cora)
    assert f'hx-get="{address(run)}"' in client.get(run.get_absolute_url()).content.decode()
    page = client.get(address(run)).content.decode()
    panel = client.get(address(run), headers={"HX-Request": "true"}).content.decode()
    assert panel.strip() in page
    assert client.get(address(run), {"by": ["member:salary"]}).status_code == 422


def test_circles_compare_everybody_and_the_cost_of_the_page_does_not_grow(cast, run):
    circles = make_run(make_circles_cohort(cast.acme, peers=12), cast.cora)
    client = sign_in(cast.cora)
    assert [table.title for table in client.get(address(circles)).context["tables"]] == [
        "People by department"
    ]
    costs = []
    for by in (["member:department"], ["member:department", "member:level", "member:location"]):
        client.get(address(run), {"by": by})
        with CaptureQueriesContext(connection) as counted:
            client.get(address(run), {"by": by})
        costs.append(len(counted))
    assert costs[0] == costs[1]


@pytest.mark.slow
def test_circles_and_pairs_say_which_of_their_own_possible_ones_people_got(cast):
    circles = make_run(make_circles_cohort(cast.acme, peers=12), cast.cora)
    pairs_cohort = make_cohort(cast.acme, "reciprocal-peer-pairs")
    for i, level in enumerate("4567456"):
        person(pairs_cohort, f"Pair{i}", "peer", level=level)
    pairs = make_run(pairs_cohort, cast.cora, policy="stable")
    client = sign_in(cast.cora)

    of_circles, of_pairs = (client.get(address(one)).context for one in (circles, pairs))

    with tenant(cast.acme):
        places, paired = places_in(circles), places_in(pairs)
        mentors = make_run(make_mentor_cohort(cast.acme, mentees=2, mentors=2), cast.cora)
        assert places_in(mentors) == {}
    assert sorted({len(own) for own in places.values()}) == [5]
    means = [sum(place for place, _of in own) / 5 for own in places.values()]
    assert of_circles["tables"][0].lines[-1].cells[2].value == f"{sum(means) / 12:.1f}"
    assert "aim at points alone" in of_circles["price"]
    of = {total for own in paired.values() for _place, total in own}
    assert of == {6}
    assert of_pairs["tables"][0].lines[-1].cells[2].n == "n = 7"
    assert of_pairs["price"].startswith("Aiming for “Stable” costs")


@pytest.mark.slow
def test_what_circles_put_first_is_priced_by_forming_them_again_without(cast):
    cohort = make_circles_cohort(cast.acme, peers=12)
    with tenant(cast.acme):
        for partnership in publish(make_run(cohort, cast.cora), cast.cora):
            partnerships.end_partnership(partnership=partnership, reason="Over", by=cast.cora)
    again = make_run(cohort, cast.cora)
    assert again.facts["demands"] == ["met"]
    assert again.facts["best_total"] >= again.facts["total"] == again.objective
    words = sign_in(cast.cora).get(address(again)).context["price"]
    assert words.startswith("Before points comes: new faces.")


def test_only_who_runs_matchings_may_compare(cast, run):
    assert sign_in(cast.petra).get(address(run)).status_code == 403
    assert sign_in(cast.gina).get(address(run)).status_code == 404
    with tenant(cast.acme):
        MatchRun.objects.filter(pk=run.pk).update(objective=None)
    assert "Nobody to compare" in sign_in(cast.cora).get(address(run)).content.decode()
