"""Much data and bad data: what is read does not grow with years, and one row holds up no other."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.common import clock
from core.common.rows import row_by_row
from core.jobs import operations as jobs
from core.jobs import progress
from core.jobs.models import Job
from core.jobs.work import Outcome, job_task
from core.tenancy.context import tenant
from core.tenancy.models import Due
from feedback.models.check_ins import CheckIn
from mentoring.follow_ups import FOLLOW_UPS
from metrics.operations import fold_dirty_days, judge_findings
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import Cohort
from sessions.models.sessions import Session
from sessions.planning.operations import planning
from tests.cast import Cast, make_cast, make_member, sign_in
from tests.core.jobs.test_pages import make_job
from tests.feedback import build as feedback
from tests.metrics.build import NOW, full_cohort
from tests.metrics.test_findings import PLUMBING
from tests.sessions.build import NOON, make_cohort, make_partnership


@contextmanager
def rows_made() -> Iterator[Counter[str]]:
    """Count the rows that are read as objects, by model."""
    made: Counter[str] = Counter()
    usual = models.Model.from_db.__func__  # type: ignore[attr-defined]  # a method

    def counted(cls: type[models.Model], *values: Any) -> models.Model:
        made[cls.__name__] += 1
        return usual(cls, *values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models.Model, "from_db", classmethod(counted))
        yield made


def remember(seats: list[Seat], periods: range) -> None:
    """Give a partnership its past: a session held and a check-in of each for every period."""
    day = feedback.START
    with tenant(seats[0].organisation_id):
        Session.objects.bulk_create(
            Session(
                partnership=seats[0].partnership,
                number=period,
                starts_at=feedback.noon(day + timedelta(days=period)),
                day=day + timedelta(days=period),
                duration_minutes=60,
                state=Session.State.HELD,
                held_at=feedback.noon(day + timedelta(days=period)),
            )
            for period in periods
        )
        CheckIn.objects.bulk_create(
            CheckIn(
                seat=seat,
                period=period,
                opens_on=day + timedelta(days=period),
                due_on=day + timedelta(days=period + 1),
                opened_at=feedback.noon(day),
            )
            for seat in seats
            for period in periods
        )


def test_home_and_the_list_read_as_much_after_years_as_after_weeks(cast: Cast):
    seats = feedback.make_partnership(feedback.make_cohort(cast.acme), cast.petra, cast.pavel)
    costs: dict[str, list[tuple[Counter[str], int]]] = {"home": [], "metrics:todo": []}
    with clock.at(feedback.noon(feedback.START + timedelta(days=200))):
        browser = sign_in(cast.cora)
        for periods in (range(1, 9), range(9, 90)):
            remember(seats, periods)
            for name, cost in costs.items():
                with rows_made() as made, CaptureQueriesContext(connection) as statements:
                    assert browser.get(reverse(name, args=["acme"])).status_code == 200
                cost.append((made, len(statements)))
    for few, many in costs.values():
        assert few == many


# the report asks once for each of its readings; all else is to keep to the bar of bench/pages.py
MOST_STATEMENTS = {"feedback:cohort_check_ins": 12, "pairing:matching": 12, "metrics:report": 32}


@pytest.mark.slow
def test_a_page_asks_for_nothing_twice(cast: Cast):
    asked: dict[str, list[str]] = {}
    with clock.at(NOW):
        cohort = full_cohort(cast.acme)
        with tenant(cast.acme):
            fold_dirty_days(at=NOW)
            judge_findings(at=NOW)
        browser = sign_in(cast.olga)
        for name in MOST_STATEMENTS:
            page = reverse(name, args=["acme", cohort.pk])
            browser.get(page)
            with CaptureQueriesContext(connection) as statements:
                assert browser.get(page).status_code == 200
            sql = (statement["sql"] for statement in statements)
            asked[name] = [words for words in sql if not words.startswith(PLUMBING)]
    for name, most in MOST_STATEMENTS.items():
        assert len(asked[name]) <= most, (name, *asked[name])


@pytest.mark.slow
def test_check_ins_of_many_partnerships_over_years_are_a_page(cast: Cast):
    cohort, sizes = feedback.make_cohort(cast.acme), []
    people = [make_member(cast.acme, f"P{number}") for number in range(60)]
    tables = [
        feedback.make_partnership(cohort, *people[n : n + 2], name=f"Circle {n:03}")
        for n in range(0, 60, 2)
    ]
    page = reverse("feedback:cohort_check_ins", args=["acme", cohort.pk])
    with clock.at(feedback.noon(feedback.START + timedelta(days=60))):
        browser = sign_in(cast.cora)
        for periods in (range(1, 13), range(13, 60)):
            for seats in tables:
                remember(seats, periods)
            with CaptureQueriesContext(connection) as statements:
                shown = browser.get(page)
            sizes.append((shown.text.count('class="mark'), len(statements)))
            assert len(shown.content) < 100_000
        assert sizes[0] == sizes[1]
        assert "of the last 12 periods are answered" in shown.text
        assert "Circle 048" in shown.text
        assert "Circle 050" not in shown.text
        more = browser.get(page + "?q=P51").text
        assert "Circle 050" in more
        silent = browser.get(page + "?answers=silent").context["facts"]
        assert [chip.n for chip in silent.chips] == [30, 30]


def test_no_follow_up_goes_through_rows_unguarded():
    """A bad row would take the others' turn: `row_by_row` gives each a savepoint of its own."""
    loose = [
        f"{step.__module__}.{step.__name__}: line {loop.lineno}"
        for step in {inspect.unwrap(_function(step)) for step in FOLLOW_UPS}
        for loop in _own_loops(step)
        if not all(_only_collects(line) for line in loop.body)
    ]
    assert sorted(loose) == []


def _function(step: Callable[..., int]) -> Callable[..., int]:
    return step.func if isinstance(step, partial) else step


def _own_loops(step: Callable[..., int]) -> list[ast.For]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(step)))
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For)]
    return [loop for loop in loops if not ast.unparse(loop.iter).startswith("range(")]


def _only_collects(line: ast.stmt) -> bool:
    """Gathering rows, or marking a moment, goes wrong for none of them alone."""
    call = line.value if isinstance(line, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in {"append", "setdefault", "update", "mark"}
    )


def test_a_bad_row_is_taken_back_and_logged_and_the_next_ones_turn_comes(
    cast: Cast, caplog: pytest.LogCaptureFixture
):
    def act(number: int) -> int:
        Due.objects.create(organisation=cast.acme, due_at=NOON)
        if number == 1:
            Due.objects.create(organisation_id=0, due_at=None)
        return 2

    before = Due.objects.count()
    assert row_by_row([1, 2, 3], act) == 4
    assert Due.objects.count() == before + 2
    assert "a follow-up failed for int" in caplog.text


def test_what_is_passed_over_does_not_use_up_the_round(db: None):
    def refuse(number: int) -> int:
        if number < 3:
            raise IntegrityError
        return number > 4

    rows = iter(range(1, 9))
    assert row_by_row(rows, refuse, refusals=(IntegrityError,), most=2) == 2
    assert list(rows) == [7, 8], "the rest waits for the next round"


def test_without_the_database_no_row_is_blamed(db: None):
    def away(_row: int) -> int:
        raise OperationalError("away")

    with pytest.raises(OperationalError):
        row_by_row([1], away)


def test_a_partnership_that_cannot_be_planned_holds_up_no_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    usual = planning.plan_season

    def fails_for_the_first(*, partnership: Partnership, by: None) -> object:
        if partnership == bad:
            Cohort.objects.update(name="half done")
            raise RuntimeError("a bad row")
        return usual(partnership=partnership, by=by)

    with clock.at(NOON):
        cohort = make_cohort(cast.acme)
        bad = make_partnership(cohort, [cast.petra, cast.pavel, cast.cora])
        good = make_partnership(cohort, [make_member(cast.acme, name) for name in "XYZ"])
        monkeypatch.setattr(planning, "plan_season", fails_for_the_first)
        with tenant(cast.acme):
            assert planning.plan_missing_seasons(at=NOON) == 1
            assert set(Session.objects.values_list("partnership", flat=True)) == {good.pk}
            assert not Cohort.objects.filter(name="half done").exists()
    assert f"a follow-up failed for Partnership {bad.pk}" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_lease_is_extended_while_the_work_is_in_the_middle_of_its_transaction(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(progress, "HEARTBEAT_EVERY", -1.0)
    job = make_job(make_cast().olga)
    seen = []

    def lease() -> Any:
        try:
            with tenant(job.organisation_id):
                return Job.objects.get(pk=job.pk).lease_until
        finally:
            connection.close()

    def elsewhere() -> Any:
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(lease).result()

    def work(_organisation_id: int, claimed: Job, report: progress.Reporter) -> Outcome:
        with tenant(claimed.organisation_id):
            seen.append(elsewhere())
            with clock.at(clock.now() + timedelta(minutes=4)):
                report(1, 2, "rows")
            seen.append(elsewhere())
        return Outcome()

    assert job_task("tests.long_import")(work)(job.organisation_id, str(job.pk)) == "done"
    first, then = seen
    assert then - first >= timedelta(minutes=3)
    assert timedelta(minutes=4) <= jobs.LEASE
