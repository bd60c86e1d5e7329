"""The page of comparisons: what it says, what it costs, and that page, CSV and REST are one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.common import clock
from core.members.permissions import Permission
from core.tenancy.context import tenant
from devtools.embedded import ROOT
from metrics.impact.operations import compare_participants
from metrics.models import Comparison
from programs.models.programs import Cohort
from tests.api.test_api import SECRET, make_token
from tests.cast import Cast, main_of, sign_in
from tests.metrics.build import enrol, make_cohort
from tests.metrics.impact.build import NOW, STARTED, colleagues, compared_cohort

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort(cast: Cast) -> Iterator[Cohort]:
    with clock.at(NOW):
        yield compared_cohort(cast.acme)


def words(page: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page).split())


def impact_page(client: Client, cast: Cast) -> str:
    answer = client.get(reverse("metrics:impact", args=[cast.acme.slug]))
    assert answer.status_code == 200
    return main_of(answer)


def test_hr_compares_a_program_once_and_reads_what_is_released(cast: Cast, cohort: Cohort) -> None:
    hugo = sign_in(cast.hugo)
    url = reverse("metrics:compare_program", args=[cast.acme.slug, cohort.program_id])
    assert url in impact_page(hugo, cast)
    counted = words(main_of(hugo.get(url)))
    assert "25 people have started in these cohorts: Winter." in counted
    assert "Promoted within 12 months 25 40" in counted
    assert (
        hugo.post(url, {"complete": ""}).status_code == 422
    )  # it has to be said that all records are in

    after = hugo.post(url, {"complete": "on"}, follow=True)

    assert "Compared: 2 released, 1 too small." in after.content.decode()
    page = words(main_of(after))
    assert (
        "40 % of participants and 15 % of similar colleagues: +25 percentage points (95 % interval "
        "+3 to +47)."
    ) in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "1.4 times as likely with it as without it (E-value)" in page
    assert "this may be chance" in page  # of satisfaction
    assert "a figure would say too much of them" in page  # of who stayed
    assert "Level 0.00 0.00" not in page  # all alike at the start: there is no spread to tell
    assert "Level not known not known" in page


def test_page_csv_and_rest_say_the_same(cast: Cast, cohort: Cohort) -> None:
    with tenant(cast.acme):
        compare_participants(program=cohort.program, by=cast.hugo)
    hugo = sign_in(cast.hugo)
    make_token(cast.hugo, Permission.FIGURES_READ)

    page = impact_page(hugo, cast)
    stream = hugo.get(reverse("metrics:impact_csv", args=[cast.acme.slug]))
    rows = list(csv.DictReader(io.StringIO(b"".join(stream).decode())))
    headers = {"Authorization": f"Bearer {SECRET}"}
    rest = Client().get(f"/api/v1/figures/?cohort={cohort.pk}", headers=headers).json()
    figures = {(one["key"], one["part"]): one for one in rest["results"][0]["figures"]}

    assert [row["figure"] for row in rows] == ["outcome_promotion", "outcome_jobsat"]
    for row in rows:
        whole = figures[row["figure"], ""]
        assert (row["difference"], row["low"], row["high"]) == tuple(
            whole[name] for name in ("value", "low", "high")
        )
        assert (row["participants_n"], row["cohorts"]) == (str(whole["n"]), "Winter")
        assert row["participants_share"] == figures[row["figure"], "participants:"]["value"]
        assert row["colleagues_share"] == figures[row["figure"], "others:"]["value"]
        assert row["e_value"] == figures[row["figure"], "e_value:"]["value"]
        assert f'<data value="{row["difference"]}">' in page


def test_the_report_of_a_cohort_has_them_in_its_file_and_leads_hr_to_the_page(
    cast: Cast, cohort: Cohort
) -> None:
    with tenant(cast.acme):
        compare_participants(program=cohort.program, by=cast.hugo)
    link = reverse("metrics:impact", args=[cast.acme.slug])
    for name, args in (("insights", []), ("report", [cohort.pk])):
        url = reverse(f"metrics:{name}", args=[cast.acme.slug, *args])
        assert link in sign_in(cast.hugo).get(url).content.decode()
        assert link not in sign_in(cast.cora).get(url).content.decode()
    stream = sign_in(cast.cora).get(reverse("metrics:report_csv", args=[cast.acme.slug, cohort.pk]))
    lines = csv.DictReader(io.StringIO(b"".join(stream).decode()))
    values = {(row["figure"], row["part"]): row["value"] for row in lines}
    assert values["outcome_promotion", ""] == "0.2500"


@pytest.mark.parametrize("key", ["outcome_promotion", "outcome_stay", "outcome_jobsat"])
def test_each_outcome_has_its_definition(cast: Cast, key: str) -> None:
    answer = sign_in(cast.hugo).get(reverse("metrics:definition", args=[cast.acme.slug, key]))

    page = words(main_of(answer))

    assert "Coarsened exact matching" in page
    assert "Compared once: what has been released stays as it is." in page
    assert "in percentage points" in page


def test_the_page_costs_the_same_for_one_program_and_for_three(cast: Cast, cohort: Cohort) -> None:
    hugo = sign_in(cast.hugo)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            impact_page(hugo, cast)
        return len(queries)

    impact_page(hugo, cast)
    one = cost()
    for kind in ("pairs", "mentor"):
        other = make_cohort(cast.acme, format=kind)
        (member,) = colleagues(cast.acme, 1, kind)
        with tenant(cast.acme):
            enrol(other, member, started=STARTED, part="peer")
    assert cost() == one


def test_without_a_start_the_page_says_what_will_stand_there(cast: Cast) -> None:
    assert "Nobody has started yet" in impact_page(sign_in(cast.hugo), cast)


def test_what_does_not_wait_cannot_be_compared(cast: Cast, cohort: Cohort) -> None:
    olga = sign_in(cast.olga)
    with tenant(cast.acme):
        Comparison.objects.all().delete()
        other = make_cohort(cast.acme, format="pairs")
    url = reverse("metrics:compare_program", args=[cast.acme.slug, other.program_id])

    assert "No cohort of this program can be compared now." in main_of(olga.get(url))
    assert sign_in(cast.cora).get(url).status_code == 403
    assert sign_in(cast.gustav).get(url).status_code == 404


CAUSAL = re.compile(
    r"caus|effect|due to|thanks to|because|leads to|improve|increase|benefit|works", re.IGNORECASE
)


@pytest.mark.parametrize(
    "path",
    [
        *sorted((ROOT / "templates/metrics/impact").glob("*.html")),
        ROOT / "metrics/impact/words.py",
        ROOT / "metrics/definitions/outcomes.py",
    ],
    ids=lambda path: path.name,
)
def test_no_text_says_that_taking_part_made_the_difference(path: Path) -> None:
    assert CAUSAL.findall(path.read_text()) == []
