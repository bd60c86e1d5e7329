"""Each chart as a file: the rows of its table, and a picture of its drawing."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from PIL import Image

from core.common import clock
from core.members.models import Member
from core.ui import charts, png
from programs.models.programs import Cohort
from tests.cast import Cast, sign_in
from tests.metrics.build import NOW, figures, full_cohort, make_cohort
from tests.metrics.test_pages import csv_rows


def file_of(member: Member, cohort: Cohort, key: str, form: str):
    url = reverse("metrics:chart_csv", args=["acme", cohort.pk, key]).removesuffix("csv") + form
    with clock.at(NOW):
        return sign_in(member).get(url)


@pytest.mark.parametrize("key", ["funnel", "retention", "weekly_attendance", "competency_change"])
def test_the_rows_of_a_chart_are_its_figures(cast: Cast, key: str) -> None:
    cohort = full_cohort(cast.acme)
    found = figures(cohort)
    url = reverse("metrics:chart_csv", args=["acme", cohort.pk, key])
    rows = csv_rows(sign_in(cast.hugo), url)
    assert rows
    for row in rows:
        figure = found[key, row["part"]]
        assert row["value"] == ("" if figure.value is None else str(figure.value))
        assert (row["label"], row["state"]) == (figure.label, figure.state.value)


@pytest.mark.parametrize("key", ["session_completion", "checkin_response", "contact"])
def test_weeks_and_contact_are_files_too(cast: Cast, key: str) -> None:
    cohort = full_cohort(cast.acme)
    url = reverse("metrics:chart_csv", args=["acme", cohort.pk, key])
    rows = csv_rows(sign_in(cast.hugo), url)
    assert {row["state"] for row in rows} <= {"shown", "no_data", "hidden"}
    assert [row["part"] for row in rows] == sorted(row["part"] for row in rows)
    assert rows[-1]["part"] == "2026-05-25"


def test_a_workbook_holds_numbers_and_no_formula(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    answer = file_of(cast.hugo, cohort, "funnel", "xlsx")
    sheet = load_workbook(BytesIO(answer.content))["data"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == (
        *("part", "label", "numerator", "denominator", "value", "low", "high", "n", "state"),
    )
    assert rows[1][:3] == ("applied", "Applied", 6)
    assert answer["Cache-Control"] == "no-store"


def test_a_picture_of_every_kind_of_chart(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    sizes = {}
    for key in ("funnel", "weekly_attendance", "retention", "competency_change", "partnerships"):
        answer = file_of(cast.cora, cohort, key, "png")
        assert answer["Content-Type"] == "image/png", key
        with Image.open(BytesIO(answer.content)) as image:
            sizes[key] = image.size
            colours = {colour for _n, colour in image.convert("RGB").getcolors(10**6)}
        assert (13, 88, 92) in colours or (32, 100, 103) in colours, key  # something is drawn
    assert {width for width, _height in sizes.values()} == {1200}


def test_partnerships_are_a_file_for_who_sees_them(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    for form in ("csv", "xlsx", "png"):
        assert file_of(cast.hugo, cohort, "partnerships", form).status_code == 404
        assert file_of(cast.cora, cohort, "partnerships", form).status_code == 200
    rows = csv_rows(
        sign_in(cast.cora), reverse("metrics:chart_csv", args=["acme", cohort.pk, "partnerships"])
    )
    assert rows[-1] == {"partnership": "Wye", "week": "2026-05-25", "contact": "session held"}


def test_what_is_no_chart_is_no_file(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    assert file_of(cast.hugo, cohort, "enrolled", "csv").status_code == 404
    assert file_of(cast.hugo, cohort, "mood", "png").status_code == 200  # its finding alone
    assert file_of(cast.hugo, cohort, "retention", "csv").status_code == 200


def test_a_picture_has_marks_scales_and_long_findings() -> None:
    weeks = [
        charts.Week("1", 40),
        charts.Week("2", None, "", mark="×"),
        charts.Week("3", None),
    ]
    drawing = charts.weekly_bars(weeks, most=100, scale=((100, "100 %"),))
    short = png.picture("Short", "", drawing)
    long = png.picture("A finding of many words " * 12, "n = 6", drawing)
    heights = [Image.open(BytesIO(body)).height for body in (short, long)]
    assert heights[0] < heights[1]
    grid = charts.heat_grid(
        [("Wye", [charts.HeatCell(0, ""), charts.HeatCell(3, ""), charts.HeatCell(None, "")])] * 60,
        row_labels=["1", "2", "3"],
    )
    assert Image.open(BytesIO(png.picture("Wide", "", grid))).width > 1200
