"""Figures narrowed by their address: to a program, a group of people, or some months."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.urls import reverse

from core.members.models import Member
from core.tenancy.context import tenant
from metrics.narrowing import FigureFilter
from programs.models.programs import Cohort, Enrolment
from tests.cast import Cast, sign_in
from tests.metrics.build import full_cohort, make_cohort, set_threshold
from tests.metrics.test_pages import Figures, get, url_of


def insights(query: str = "") -> str:
    return reverse("metrics:insights", args=["acme"]) + query


def into(cohort: Cohort, *departments: str) -> None:
    """Put the people of a cohort into departments, in turn."""
    with tenant(cohort.organisation_id):
        rows = Enrolment.objects.filter(cohort=cohort).order_by("pk")
        for place, member in enumerate(rows.values_list("member", flat=True)):
            department = departments[place % len(departments)]
            Member.objects.filter(pk=member).update(department=department)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("department=Sales", "Department: Sales"),
        ("since=2026-01&until=2026-02", "Weeks that begin from January 2026 to February 2026"),
        ("since=2026-01", "Weeks that begin in January 2026 or later"),
        ("until=2026-02", "Weeks that begin in February 2026 or before"),
    ],
)
def test_a_part_is_named(query: str, words: str) -> None:
    assert FigureFilter.read(QueryDict(query)).words == words


@pytest.mark.parametrize("query", ["since=2026-13", "since=x", "until=1", "program=x"])
def test_what_an_address_cannot_mean_is_no_part(query: str) -> None:
    wanted = FigureFilter.read(QueryDict(query))
    assert (wanted.is_part, wanted.program_id) == (False, None)


def test_a_program_s_cohorts_alone_with_their_sum(cast: Cast) -> None:
    spring, autumn = full_cohort(cast.acme), full_cohort(cast.acme, "Autumn")
    other = make_cohort(cast.acme, "Pairs of ours", format="pairs")
    client = sign_in(cast.hugo)
    page = get(client, insights(f"?program={spring.program_id}"))
    assert (url_of(spring) in page, url_of(autumn) in page, url_of(other) in page) == (
        True,
        True,
        False,
    )
    assert f"<h1>{spring.program.name}</h1>" in page
    shown = Figures(page).values
    assert shown["enrolled/"] == {"6.0000"}
    assert shown["enrolled/all"] == {"12.0000"}
    assert shown["attendance_rate/all"] == {"0.7500"}
    assert "18 of 24" in page
    assert "retention/all" not in shown
    assert "No cohort matches" in get(client, insights("?program=x"))
    assert url_of(other) in get(client, insights("?q=pairs of ours"))


def test_what_is_hidden_is_not_in_the_sum(cast: Cast) -> None:
    full_cohort(cast.acme)
    make_cohort(cast.acme, "Empty")
    set_threshold(cast.acme, 7)
    shown = Figures(get(sign_in(cast.hugo), insights())).values
    assert "enrolled/all" not in shown


def test_a_department_has_its_own_figures_beside_the_other_departments(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    set_threshold(cast.acme, 3)
    into(cohort, "Sales", "Works")
    client = sign_in(cast.hugo)
    page = get(client, url_of(cohort) + "?department=Sales")
    shown = Figures(page).values
    assert shown["enrolled/department:Sales"] == {"3.0000"}
    assert shown["enrolled/department:Works"] == {"3.0000"}
    assert "What people answer is not shown by group." in page
    assert "mood/" not in shown
    assert "session_completion/" not in shown
    listed = Figures(get(client, insights("?department=Sales"))).values
    assert listed["attendance_rate/department:Sales"] == shown["attendance_rate/department:Sales"]


def test_a_department_of_few_or_of_nobody_is_hidden_alike(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    into(cohort, "Sales", "Works", "Law")
    client = sign_in(cast.hugo)
    for value in ("Law", "Nobody"):
        words = Figures(get(client, insights(f"?department={value}"))).values
        assert {word for row in words.values() for word in row} == {"hidden"}


@pytest.mark.parametrize("query", ["?department=Sales&level=L1", "?department=Sales&since=2026-01"])
def test_two_parts_at_once_are_refused_in_words(cast: Cast, query: str) -> None:
    cohort = full_cohort(cast.acme)
    into(cohort, "Sales")
    client = sign_in(cast.hugo)
    for url in (insights(query), url_of(cohort) + query):
        page = get(client, url)
        assert "single people could be told" in page
        assert Figures(page).values == {}


def test_a_period_is_the_sum_of_its_weeks(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    client = sign_in(cast.hugo)
    page = get(client, url_of(cohort) + "?since=2026-05&until=2026-05")
    shown = Figures(page).values
    assert shown["attendance_rate/"] == {"0.7500"}
    assert "9 of 12" in page
    before = Figures(get(client, insights("?until=2026-04"))).values
    assert before["attendance_rate/"] == {"no data yet"}


def test_a_period_says_how_many_weeks_it_leaves_out(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    set_threshold(cast.acme, 7)
    page = get(sign_in(cast.hugo), url_of(cohort) + "?since=2026-05")
    assert "Without 3 weeks of too few people" in page.replace("\n  ", " ")
