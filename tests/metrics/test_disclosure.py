"""Nobody can be counted back: small cells are hidden, and so is what they would follow from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tenancy.context import tenant
from metrics.definitions.shapes import Figure, Sample, State, bounded, breakdown, shown_whole
from tests.cast import Cast
from tests.metrics.build import (
    TODAY,
    circle,
    enrol,
    figures,
    full_cohort,
    make_cohort,
    meet,
    people,
    set_threshold,
)


def cells(*sizes: int) -> list[Figure]:
    return [Figure.count("enrolled", f"part{place}", n) for place, n in enumerate(sizes)]


def shown(figures: list[Figure]) -> list[int | None]:
    return [None if figure.suppressed else figure.n for figure in figures]


def test_a_small_cell_takes_the_smallest_other_one_with_it() -> None:
    assert shown(breakdown(cells(3, 20, 9), 5, disjoint=True)) == [None, 20, None]


def test_two_small_cells_of_k_people_together_are_enough() -> None:
    assert shown(breakdown(cells(3, 20, 2), 5, disjoint=True)) == [None, 20, None]
    assert shown(breakdown(cells(1, 20, 1), 5, disjoint=True)) == [None, None, None]


def test_weeks_share_their_people_so_one_hidden_week_must_reach_k_itself() -> None:
    assert shown(breakdown(cells(4, 4, 8, 12), 5, disjoint=False)) == [None, None, None, 12]


def test_nothing_is_hidden_without_a_small_cell_and_nobody_is_no_small_cell() -> None:
    assert shown(breakdown(cells(5, 0, 9), 5, disjoint=True)) == [5, 0, 9]


def test_a_hidden_figure_holds_nothing() -> None:
    (hidden,) = shown_whole(cells(4), 5)
    assert (hidden.numerator, hidden.denominator, hidden.value, hidden.n) == (None,) * 4
    assert (hidden.low, hidden.high, hidden.state) == (None, None, State.HIDDEN)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 30), st.sampled_from(Sample))
def test_an_interval_tells_nothing_that_its_figure_does_not_show(
    did: int, of: int, n: int, sample: Sample
) -> None:
    figure = Figure.ratio("match_rate", "", min(did, of), of, n)
    one, other = bounded(figure, sample), bounded(replace(figure, part="of others"), sample)

    assert bounded(figure.hidden(), sample) == figure.hidden()
    assert bounded(figure, None) == figure
    # the same counts have the same interval, whoever they are of
    assert (one.low, one.high) == (other.low, other.high)
    if one.low is None or one.high is None or figure.value is None:
        assert not of or not n
    else:
        assert 0 <= one.low <= figure.value <= one.high <= 1


def test_what_is_hidden_has_no_interval(cast: Cast) -> None:
    set_threshold(cast.acme, 7)
    for figure in figures(full_cohort(cast.acme)).values():  # of six people
        if figure.state != State.SHOWN:
            assert (figure.low, figure.high) == (None, None)
    assert figures(full_cohort(cast.acme, "Autumn"))["match_rate", ""].suppressed


@pytest.mark.parametrize(
    ("did", "of", "n", "sample", "low", "high"),
    [
        (81, 263, 200, Sample.ROWS, "0.2553", "0.3662"),
        # 40 of 50 rows of 10 people: as wide as 8 of 10
        (40, 50, 10, Sample.PEOPLE, "0.4902", "0.9433"),
        (8, 10, 10, Sample.ROWS, "0.4902", "0.9433"),
        # people who share a row are no more observations than there are rows
        (8, 10, 30, Sample.PEOPLE, "0.4902", "0.9433"),
    ],
)
def test_a_share_has_the_interval_of_its_observations(
    did: int, of: int, n: int, sample: Sample, low: str, high: str
) -> None:
    """The first is in the table of Newcombe, Statistics in Medicine 17 (1998) 857–872."""
    got = bounded(Figure.ratio("match_rate", "", did, of, n), sample)
    assert (str(got.low), str(got.high)) == (low, high)


@given(st.lists(st.integers(0, 30), max_size=6), st.integers(1, 8))
def test_no_group_below_k_follows_from_a_breakdown_and_its_total(sizes: list[int], k: int) -> None:
    total = sum(sizes)
    (whole,) = shown_whole(cells(total), k)
    seen = shown(breakdown(cells(*sizes), k, disjoint=True))

    assert not any(n is not None and 0 < n < k for n in seen)
    hidden = [size for size, n in zip(sizes, seen, strict=True) if n is None]
    if not whole.suppressed and hidden:
        # what can be had by subtraction: the sum of the hidden cells
        assert sum(hidden) >= k
        assert len(hidden) >= 2


@given(st.lists(st.integers(0, 12), max_size=6), st.integers(1, 8))
def test_what_is_shared_is_hidden_only_for_a_reason(sizes: list[int], k: int) -> None:
    seen = shown(breakdown(cells(*sizes), k, disjoint=False))
    hidden = [size for size, n in zip(sizes, seen, strict=True) if n is None]
    small = [size for size in sizes if 0 < size < k]
    assert not any(n is not None and 0 < n < k for n in seen)
    assert len(hidden) - len(small) in ({0, 1} if small else {0})
    if small and any(size >= k for size in sizes):
        assert max(hidden) >= k


def test_three_mentors_cannot_be_counted_from_the_mentees(cast: Cast) -> None:
    cohort = make_cohort(cast.acme, format="mentor")
    members = people(cast.acme, 12)
    with tenant(cast.acme):
        for place, member in enumerate(members):
            enrol(cohort, member, part="mentor" if place < 3 else "mentee")

    found = figures(cohort)

    assert found["enrolled", ""].numerator == 12
    assert found["enrolled", "mentor"].state == State.HIDDEN
    assert found["enrolled", "mentee"].state == State.HIDDEN
    # each person was counted as one and the same in the rest
    assert found["match_rate", ""].denominator == 12


def test_figures_about_four_people_are_hidden_and_about_five_are_shown(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 5)
    with tenant(cast.acme):
        rows = [enrol(cohort, member) for member in members[:4]]
        partnership = circle(cohort, rows)
        meet(partnership, TODAY - timedelta(days=3), came="pppp")

    hidden = figures(cohort)
    assert {hidden[key, ""].state for key in ("enrolled", "match_rate", "attendance_rate")} == {
        State.HIDDEN
    }
    assert hidden["session_completion", ""].state == State.HIDDEN
    assert hidden["retention", ""].value is None
    assert hidden["checkin_response", ""].state == State.NO_DATA

    with tenant(cast.acme):
        enrol(cohort, members[4])
    assert figures(cohort)["enrolled", ""].numerator == 5

    set_threshold(cast.acme, 6)
    assert figures(cohort)["enrolled", ""].state == State.HIDDEN


def test_the_curve_ends_where_fewer_than_k_are_followed(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 7)
    with tenant(cast.acme):
        for place, member in enumerate(members):
            # three are followed for one week, four for ten
            weeks = 1 if place < 3 else 10
            enrol(cohort, member, started=TODAY - timedelta(weeks=weeks))

    points = [part for (key, part) in figures(cohort) if key == "retention"]
    assert points == ["", "week:0", "week:1"]


def test_that_nobody_of_three_has_met_is_not_said(cast: Cast) -> None:
    """Zero is a number about somebody: about those who reached the step before."""
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 8)
    with tenant(cast.acme):
        for member in members[:3]:
            enrol(cohort, member)
    steps = ("applied", "accepted", "active", "met")
    found = figures(cohort)
    assert {found["funnel", step].state for step in steps} == {State.HIDDEN}

    with tenant(cast.acme):
        for member in members[3:]:
            enrol(cohort, member)
    found = figures(cohort)
    assert [(found["funnel", step].numerator, found["funnel", step].n) for step in steps] == [
        *[(8, 8)] * 3,
        (0, 8),
    ]


def test_a_curve_and_a_rate_say_nothing_of_a_cohort_of_one(cast: Cast) -> None:
    cohort = make_cohort(cast.acme, format="mentor")
    with tenant(cast.acme):
        enrol(cohort, people(cast.acme, 1)[0], part="mentor")
    assert not any(figure.state == State.SHOWN for figure in figures(cohort).values())
