"""The page of criteria: who reads it, what it says, and that the command says the same."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.common import clock
from core.tenancy.context import tenant
from devtools.embedded import ROOT
from metrics.fit.operations import look_at_fit
from metrics.models import FitLook
from programs.models.programs import Cohort, ProgramStaff
from tests.cast import Cast, main_of, sign_in
from tests.metrics.build import NOW, make_cohort
from tests.metrics.fit.build import matched_cohort
from tests.metrics.impact.test_pages import CAUSAL, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort(cast: Cast) -> Iterator[Cohort]:
    with clock.at(NOW):
        made = matched_cohort(cast.acme, meets=lambda points: points["goals"] > 50)
        with tenant(cast.acme):
            ProgramStaff.objects.get_or_create(program=made.program, member=cast.cora)
        yield made


def page_of(client: Client, cast: Cast) -> str:
    answer = client.get(reverse("metrics:fit", args=[cast.acme.slug]))
    assert answer.status_code == 200
    return main_of(answer)


def look_url(cast: Cast, cohort: Cohort) -> str:
    return reverse("metrics:look_at_fit", args=[cast.acme.slug, cohort.program_id])


def test_a_coordinator_looks_and_reads_what_went_with_good_partnerships(
    cast: Cast, cohort: Cohort
) -> None:
    cora = sign_in(cast.cora)
    before = words(page_of(cora, cast))
    assert before.count("Nobody has looked yet.") == 1
    assert before.count("At least half of the goals") == 1
    assert "Look at its partnerships" in before

    after = cora.post(look_url(cast, cohort), follow=True)

    page = words(main_of(after))
    assert "Look at newer partnerships" in page
    assert "Something new is released: see below." in after.content.decode()
    assert "60 partnerships, as of 1 June 2026" in page
    assert "went with more" in page
    assert "may be chance" in page
    assert "40 are needed, half of them on each side" in page  # of goals
    assert "Goals 5 56 % 6 60 %" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "Level 4 44 % 4 40 %" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "Nothing is applied." in page
    design = reverse("programs:design", args=[cast.acme.slug, cohort.program_id])
    assert f'href="{design}#criteria"' in main_of(after)
    with tenant(cast.acme):
        assert dict(cohort.program.criteria.values_list("key", "weight")) == {
            "goals": 5,
            "level": 4,
        }


def test_a_second_look_says_that_nothing_is_new(cast: Cast, cohort: Cohort) -> None:
    cora = sign_in(cast.cora)
    cora.post(look_url(cast, cohort))
    again = cora.post(look_url(cast, cohort), follow=True)
    assert "Nothing new can be shown." in again.content.decode()
    assert "Newer partnerships are too few" in main_of(again)
    assert "60 partnerships, as of 1 June 2026" in main_of(again)


def test_who_reads_and_who_looks(cast: Cast, cohort: Cohort) -> None:
    url = look_url(cast, cohort)
    page = reverse("metrics:fit", args=[cast.acme.slug])
    hugo, petra = sign_in(cast.hugo), sign_in(cast.petra)
    assert url not in page_of(hugo, cast)  # HR reads, and does not look
    assert hugo.post(url).status_code == 403
    assert petra.get(page).status_code == 403
    assert petra.post(url).status_code == 403
    assert sign_in(cast.gustav).get(page).status_code == 404
    assert sign_in(cast.gustav).post(url).status_code == 404
    elsewhere = reverse("metrics:look_at_fit", args=[cast.globex.slug, cohort.program_id])
    assert sign_in(cast.gina).post(elsewhere).status_code == 404
    with tenant(cast.acme):
        assert not FitLook.objects.exists()
        ProgramStaff.objects.all().delete()
        cast.cora.runs_all = False
        cast.cora.save()
    assert sign_in(cast.cora).post(url).status_code == 404
    assert str(cohort.program) not in page_of(sign_in(cast.cora), cast)


def test_of_circles_the_page_says_why_there_is_nothing(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    olga = sign_in(cast.olga)
    assert "Circles are matched as a whole" in page_of(olga, cast)
    answer = olga.post(look_url(cast, cohort), follow=True)
    assert "Circles are matched as a whole" in answer.content.decode()


def test_without_a_program_the_page_says_so(cast: Cast) -> None:
    assert "No program yet" in page_of(sign_in(cast.olga), cast)


def test_insights_lead_there(cast: Cast, cohort: Cohort) -> None:
    insights = sign_in(cast.hugo).get(reverse("metrics:insights", args=[cast.acme.slug]))
    assert reverse("metrics:fit", args=[cast.acme.slug]) in insights.content.decode()


def test_the_page_costs_the_same_for_one_program_and_for_three(cast: Cast, cohort: Cohort) -> None:
    olga = sign_in(cast.olga)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(olga, cast)
        return len(queries)

    page_of(olga, cast)
    one = cost()
    make_cohort(cast.acme)
    make_cohort(cast.acme, format="pairs")
    with tenant(cast.acme):
        look_at_fit(program=cohort.program, by=cast.olga)
    assert cost() == one


def test_the_command_says_what_the_page_says(cast: Cast, cohort: Cohort) -> None:
    make_cohort(cast.acme)
    out = io.StringIO()
    call_command("learn_fit", cast.acme.slug, stdout=out)
    assert "Good fit: Nobody has looked yet." in out.getvalue()

    out = io.StringIO()
    call_command("learn_fit", cast.acme.slug, "--look", stdout=out)

    said, page = out.getvalue(), page_of(sign_in(cast.olga), cast)
    assert "Proposed weight of Goals: 5 → 6 (not applied)" in said
    assert "Circles are matched as a whole" in said
    ranges = re.findall(r"points \(([^)]+ to [^)]+)\)", said.replace("\N{NO-BREAK SPACE}", " "))
    assert len(ranges) == 4
    assert all(one in words(page).replace("\N{NO-BREAK SPACE}", " ") for one in ranges)


def test_the_command_knows_only_open_organisations(cast: Cast) -> None:
    with pytest.raises(CommandError, match="no organisation 'nowhere' is open"):
        call_command("learn_fit", "nowhere")


@pytest.mark.parametrize(
    "path",
    [*sorted((ROOT / "templates/metrics/fit").glob("*.html")), ROOT / "metrics/fit/words.py"],
    ids=lambda path: path.name,
)
def test_no_text_says_that_a_criterion_made_the_difference(path: Path) -> None:
    assert CAUSAL.findall(path.read_text()) == []
