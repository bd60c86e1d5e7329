"""What benches measure is written by statements: they must still fit the tables."""

from __future__ import annotations

from datetime import date

import pytest

from bench import metrics as bench_metrics
from bench import pages as bench_pages
from core.members.models import Member
from core.tenancy.context import tenant
from feedback.models.check_ins import CheckIn
from programs.models.programs import Enrolment
from sessions.models.sessions import Attendance
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_history_of_two_cohorts_can_be_written(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bench_metrics, "analyse", lambda: None)  # no VACUUM in a transaction
    shape = bench_metrics.Shape(cohorts=2, circles=2, weeks=3)
    bench_metrics.make_history(cast.olga, shape, date(2026, 6, 1))
    with tenant(cast.acme):
        people = 2 * 2 * bench_metrics.CIRCLE
        assert Enrolment.objects.filter(part="peer", state="active").count() == people
        assert CheckIn.objects.count() == people * shape.weeks
        assert Attendance.objects.count() == people * shape.weeks


def test_members_beside_a_cohort_fill_an_organisation(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bench_metrics, "analyse", lambda: None)
    shape = bench_metrics.Shape(cohorts=1, circles=2, weeks=2)
    cohort = bench_pages.seed(cast.olga, shape, 40)
    with tenant(cast.acme):
        assert Member.objects.filter(email__endswith="@example.org").count() == 40
        assert Enrolment.objects.filter(cohort=cohort).count() == 2 * bench_metrics.CIRCLE


def test_a_look_counts_the_statements_of_a_page(cast: Cast):
    browser = bench_pages.sign_in(cast.olga)
    people = bench_pages.Page("people", "/o/acme/people/")
    cost = bench_pages.look(browser, people)
    assert cost.status == 200
    assert 0 < cost.statements <= 12
    assert cost.weight > 1000
    missing = bench_pages.look(browser, bench_pages.Page("none", "/o/acme/nowhere/"))
    assert missing.status == 404
