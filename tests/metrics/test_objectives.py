"""Objectives beside their results; what is hidden is judged neither way."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from core.tenancy.context import tenant
from metrics.definitions.shapes import Figure
from metrics.figures import DEFINITIONS
from metrics.report import aims
from programs.models.parts import Objective
from tests.cast import Cast, main_of, sign_in
from tests.programs.build import STARTS_ON, make_cohort, make_program

LATE = date(2027, 12, 1)


def test_every_objective_is_of_a_figure_there_is():
    known = {entry.key: entry for entry in DEFINITIONS}
    for metric in Objective.Metric:
        unit = known[metric].unit
        assert (unit == "share") == (metric not in Objective.DAYS), metric


@pytest.mark.parametrize(
    ("figure", "today", "state"),
    [
        (Figure.ratio("satisfied", "", 9, 10, 10), STARTS_ON, "reached"),
        (Figure.ratio("satisfied", "", 8, 10, 10), LATE, "reached"),
        (Figure.ratio("satisfied", "", 7, 10, 10), STARTS_ON, "not yet reached"),
        (Figure.ratio("satisfied", "", 7, 10, 10), LATE, "missed"),
        (Figure.unreleased("satisfied"), LATE, "cannot be said yet"),
        (Figure.ratio("satisfied", "", 0, 0, 0), LATE, "cannot be said yet"),
        (Figure.ratio("decision_days", "", 140, 10, 10), STARTS_ON, "reached"),
        (Figure.ratio("decision_days", "", 141, 10, 10), LATE, "missed"),
    ],
)
def test_a_result_is_held_against_the_aim(cast: Cast, figure: Figure, today: date, state: str):
    program = make_program(cast.acme)
    cohort = make_cohort(program)
    with tenant(cast.acme):
        program.objectives.all().delete()
        Objective.objects.create(program=program, metric="satisfied", value="0.8", week=24)
        Objective.objects.create(program=program, metric="decision_days", value=14, week=24)
        found = aims([figure], program.objectives.all(), cohort, today)
    assert [aim.state for aim in found] == [state]
    assert found[0].due == date(2027, 6, 28)


def test_the_report_shows_aims_and_no_section_without_any(cast: Cast):
    program = make_program(cast.acme)
    cohort = make_cohort(program, phase="running")
    url = reverse("metrics:report", args=["acme", cohort.pk])
    page = main_of(sign_in(cast.hugo).get(url))
    assert 'id="objectives"' in page
    assert "cannot be said yet" in page
    with tenant(cast.acme):
        program.objectives.all().delete()
    assert 'id="objectives"' not in main_of(sign_in(cast.hugo).get(url))
