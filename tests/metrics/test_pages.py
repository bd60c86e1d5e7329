"""The pages of figures: who may, what they cost, and that page and CSV are one."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.common import clock
from core.tenancy.context import tenant
from metrics import operations as metrics_operations
from metrics.definitions.shapes import Basis
from metrics.figures import DEFINITIONS
from metrics.queries.compared import OUTCOMES
from metrics.report import report
from programs.models.programs import Cohort, Program
from tests.cast import Cast, sign_in
from tests.metrics.build import (
    NOW,
    ask,
    circle,
    enrol,
    figures,
    full_cohort,
    make_cohort,
    people,
    set_threshold,
)
from tests.programs.build import run_only
from tests.reading import reading


class Figures(HTMLParser):
    """What a page says of each figure: its exact value, or the word that stands there."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, set[str]] = {}
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        mark = given.get("data-figure")
        if mark is None:
            return
        if tag == "data":
            self.values.setdefault(mark, set()).add(given["value"] or "")
        else:
            self._open = mark

    def handle_data(self, data: str) -> None:
        if self._open:
            self.values.setdefault(self._open, set()).add(data.strip())
            self._open = ""


def get(client: Client, url: str) -> str:
    with clock.at(NOW):
        answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def csv_rows(client: Client, url: str) -> list[dict[str, str]]:
    with clock.at(NOW):
        answer = client.get(url)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    body = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # a stream
    return list(csv.DictReader(io.StringIO(body)))


def url_of(cohort: Cohort, name: str = "report") -> str:
    return reverse(f"metrics:{name}", args=["acme", cohort.pk])


PAGES: list[Callable[[Cohort], str]] = [
    lambda cohort: url_of(cohort),
    lambda cohort: url_of(cohort, "report_csv"),
    lambda cohort: reverse("metrics:insights", args=["acme"]),
    lambda cohort: reverse("metrics:definitions", args=["acme"]),
    lambda cohort: reverse("metrics:definition", args=["acme", "retention"]),
]


@pytest.mark.parametrize("url", PAGES)
def test_who_may_see_figures(cast: Cast, url: Callable[[Cohort], str]) -> None:
    address = url(full_cohort(cast.acme))
    answers = {
        person.given_name: sign_in(person).get(address).status_code
        for person in (cast.olga, cast.cora, cast.hugo, cast.petra, cast.gina)
    }
    assert answers == {"Olga": 200, "Cora": 200, "Hugo": 200, "Petra": 403, "Gina": 404}


@pytest.mark.parametrize("name", ["report", "report_csv"])
def test_a_foreign_cohort_is_unknown(cast: Cast, name: str) -> None:
    theirs = full_cohort(cast.globex)
    assert sign_in(cast.cora).get(url_of(theirs, name)).status_code == 404


def test_a_coordinator_of_another_program_sees_no_report_of_this_one(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    with tenant(cast.acme):
        other = Program.objects.create(name="Another", format="pairs")
        run_only(cast.cora, other)
    client = sign_in(cast.cora)
    assert client.get(url_of(cohort)).status_code == 404
    assert cohort.name not in get(client, reverse("metrics:insights", args=["acme"]))


def test_nothing_is_changed_by_these_pages(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    client = sign_in(cast.cora)
    assert {client.post(url(cohort)).status_code for url in PAGES} == {405}


def test_page_and_csv_are_the_figures_to_the_last_digit(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    found = figures(cohort)
    client = sign_in(cast.hugo)

    shown = Figures(get(client, url_of(cohort))).values
    rows = {(r["figure"], r["part"]): r for r in csv_rows(client, url_of(cohort, "report_csv"))}

    assert rows.keys() == found.keys()
    for place, figure in found.items():
        row = rows[place]
        expected = [figure.value, figure.numerator, figure.denominator, figure.n, figure.low]
        got = [row[name] for name in ("value", "numerator", "denominator", "n", "low")]
        assert got == ["" if x is None else str(x) for x in expected]
        assert row["state"] == figure.state.value
        mark = f"{figure.key}/{figure.part}"
        if figure.value is not None and mark in shown:
            assert shown[mark] == {str(figure.value)}
    # and the page shows every one of them; retention as a whole is its last week
    assert {f"{key}/{part}" for key, part in found} - shown.keys() == {"retention/"}
    assert found["retention", ""].value == found["retention", "week:21"].value
    assert shown["session_completion/"] == {"0.6667"}
    assert rows["attendance_rate", ""]["value"] == "0.7500"


def test_the_pages_say_the_same_before_and_after_folding(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    client = sign_in(cast.hugo)
    before = Figures(get(client, url_of(cohort))).values
    with tenant(cast.acme), clock.at(NOW):
        assert metrics_operations.fold_dirty_days(at=clock.now()) == 3
    assert Figures(get(client, url_of(cohort))).values == before


OF_ANSWERS = {entry.key for entry in DEFINITIONS if entry.basis == Basis.ANSWERS}


def test_details_have_what_stands_nowhere_else_and_each_row_says_what_it_is(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    details = report(list(figures(cohort).values())).details
    assert {row.figure.key for row in details} == {
        *("enrolled", "match_rate_ever", "session_completion", "attendance_rate"),
        *("completion", "shared_leadership"),
        *("confidence_change", "belonging_change", "scale_reliability"),
        *OUTCOMES,
    }
    named = [(row.name, row.part_words) for row in details]
    assert len(set(named)) == len(named)
    assert [row.figure.part for row in details if not row.part_words] == [""] * (1 + len(OUTCOMES))
    page = get(sign_in(cast.hugo), url_of(cohort))
    assert page.count('data-figure="match_rate_ever/"') == 1
    assert "Mean at the start" in page


def test_tiles_say_share_and_counts(cast: Cast) -> None:
    page = get(sign_in(cast.hugo), url_of(full_cohort(cast.acme)))
    assert '<data value="0.6667" data-figure="session_completion/">67\u00a0%</data>' in page
    assert "2 of 3" in page
    assert "9 of 12" in page
    # each opens its definition
    for entry in ("enrolled", "match_rate", "session_completion", "funnel", "retention"):
        assert reverse("metrics:definition", args=["acme", entry]) in page


def test_an_empty_cohort_has_no_data_and_no_zero(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    page = get(sign_in(cast.cora), url_of(cohort))
    values = Figures(page).values
    # of answers nobody can tell none from too few
    answers = {mark for mark in values if mark.split("/")[0] in OF_ANSWERS}
    assert {word for mark in answers for word in values.pop(mark)} == {"hidden"}
    assert {word for words in values.values() for word in words} == {"no data yet"}
    assert "0\u00a0%" not in page


def test_a_small_cohort_is_hidden_everywhere(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    set_threshold(cast.acme, 7)
    client = sign_in(cast.hugo)
    page = get(client, url_of(cohort))
    shown = Figures(page).values
    assert shown.pop("funnel/completed") == {"no data yet"}  # the cohort runs
    assert shown.pop("decision_days/") == {"no data yet"}  # nothing was decided
    assert shown.pop("training_done/") == {"no data yet"}  # no lesson is required
    for part in ("", "ended", "lapsed", "never_started"):
        assert shown.pop(f"completion/{part}") == {"no data yet"}  # no partnership is over
    for key in ("lead_coverage", "lead_spread"):
        assert shown.pop(f"{key}/") == {"no data yet"}  # the program has no role that leads
    for key in OUTCOMES:
        assert shown.pop(f"{key}/") == {"no data yet"}  # nothing was compared
    assert {word for words in shown.values() for word in words} == {"hidden"}
    for row in csv_rows(client, url_of(cohort, "report_csv")):
        if row["part"] != "completed" and row["state"] != "no_data":
            assert (row["state"], row["value"], row["numerator"], row["n"]) == (
                "hidden",
                "",
                "",
                "",
            )


def test_insights_list_every_cohort_with_the_figures_of_its_report(cast: Cast) -> None:
    spring, autumn = full_cohort(cast.acme), full_cohort(cast.acme, "Autumn")
    page = get(sign_in(cast.hugo), reverse("metrics:insights", args=["acme"]))
    assert url_of(spring) in page
    assert url_of(autumn) in page
    assert Figures(page).values["session_completion/"] == {"0.6667"}


def test_insights_without_a_cohort_say_what_will_come(cast: Cast) -> None:
    assert "No cohort has begun yet" in get(
        sign_in(cast.hugo), reverse("metrics:insights", args=["acme"])
    )


def test_every_definition_has_its_page_and_others_do_not_exist(cast: Cast) -> None:
    client = sign_in(cast.hugo)
    for entry in DEFINITIONS:
        page = get(client, reverse("metrics:definition", args=["acme", entry.key]))
        assert str(entry.name) in page
        assert f"<code>{entry.key}</code>" in page
    unknown = reverse("metrics:definition", args=["acme", "happiness"])
    assert client.get(unknown).status_code == 404


@pytest.mark.parametrize("url", PAGES[:3])
def test_one_cohort_and_three_cost_the_same_statements(
    cast: Cast, url: Callable[[Cohort], str]
) -> None:
    cohort = full_cohort(cast.acme)
    client = sign_in(cast.cora)
    address = url(cohort)

    def cost() -> int:
        with clock.at(NOW), CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
            if answer.streaming:
                b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a stream
        return len(queries)

    cost()
    one = cost()
    full_cohort(cast.acme, "Autumn")
    full_cohort(cast.acme, "Winter")
    with tenant(cast.acme), clock.at(NOW):
        metrics_operations.fold_dirty_days(at=clock.now())
    assert cost() == one


def test_a_report_reads_what_it_shows_and_not_every_answer_of_a_history(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    client, count = sign_in(cast.cora), 16
    with tenant(cast.acme), clock.at(NOW):
        table = circle(cohort, [enrol(cohort, member) for member in people(cast.acme, count)])
        seats = list(table.seats.all())

    def rows(first: int, until: int) -> int:
        with tenant(cast.acme), clock.at(NOW):
            for period in range(first, until):
                due = NOW.date() - timedelta(weeks=period)
                for seat in seats:
                    ask(seat, period, due, due - timedelta(days=2))
            metrics_operations.fold_dirty_days(at=clock.now())
        with reading() as read:
            get(client, reverse("metrics:report", args=["acme", cohort.pk]))
        return read.rows

    weeks = 10
    short = rows(1, 3)
    assert rows(3, 3 + weeks) - short < weeks * count / 2
