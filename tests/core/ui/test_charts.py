"""The geometry of the charts: positions that follow from the numbers, and refusals."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils.translation import override

from core.common.numbers import decimal, signed
from core.ui.charts import (
    Change,
    HeatCell,
    StepPoint,
    Week,
    dumbbells,
    funnel,
    heat_grid,
    heat_step,
    step_curve,
    weekly_bars,
)


def test_a_funnel_measures_width_by_the_first_step_and_loss_by_the_one_before():
    steps = funnel([("Invited", 331), ("Enrolled", 274), ("Accepted", 240)])

    assert [(step.width, step.kept) for step in steps] == [(100.0, None), (82.78, 83), (72.51, 88)]


def test_a_funnel_of_nobody_has_no_shares():
    assert [(s.width, s.kept) for s in funnel([("Invited", 0), ("Enrolled", 0)])] == [
        (0.0, None),
        (0.0, None),
    ]
    assert funnel([]) == ()


def test_a_funnel_refuses_fewer_than_nobody():
    with pytest.raises(ValueError, match="nobody"):
        funnel([("Invited", -1)])


def test_the_largest_week_fills_the_chart_and_the_others_follow():
    drawing = weekly_bars([Week("1", 5), Week("2", 10)], height=100, top=20, now=1)

    assert [(bar.x, bar.width, bar.y, bar.height) for bar in drawing.bars] == [
        ("3", "44", "70", "50"),
        ("53", "44", "20", "100"),
    ]
    assert [bar.now for bar in drawing.bars] == [False, True]
    assert (drawing.base, drawing.height) == (120, 148)


def test_a_week_above_the_scale_stays_inside_the_chart():
    bar = weekly_bars([Week("1", 30)], height=100, most=20).bars[0]

    assert (bar.height, bar.value, bar.title) == ("100", "30", "1: 30")


def test_weeks_of_nothing_are_drawn_flat():
    assert [bar.height for bar in weekly_bars([Week("1", 0), Week("2", 0)]).bars] == ["0", "0"]
    assert weekly_bars([]).bars == ()


def test_a_curve_falls_in_steps_and_stays_until_the_end():
    points = [StepPoint(6, 0.95, 0.92, 0.98), StepPoint(12, 0.9, 0.85, 0.95)]
    drawing = step_curve(points, until=24, unit="week")

    assert drawing.floor == 80
    assert drawing.box == "0 0 24 20"
    assert drawing.line == "M0 0L6 0L6 5L12 5L12 10L24 10"
    assert drawing.band == "M0 0L6 0L6 2L12 2L12 5L24 5L24 15L12 15L12 8L6 8L6 0L0 0Z"
    assert [(line.y, line.label, line.base) for line in drawing.grid] == [
        ("20", "100 %", False),
        ("110", "90", False),
        ("200", "80", True),
    ]
    assert [tick.label for tick in drawing.ticks] == ["week 0", "6", "12", "18", "24"]
    assert drawing.last == "90"


def test_a_curve_that_falls_to_nothing_shows_the_whole_scale():
    drawing = step_curve([StepPoint(1, 0.0, 0.0, 0.2)], until=2)

    assert [line.label for line in drawing.grid] == ["100 %", "75", "50", "25", "0"]


def test_the_axis_begins_below_the_interval_even_when_it_ends_on_a_ten():
    assert step_curve([StepPoint(1, 0.95, 0.9, 1.0)], until=2).floor == 80


def test_nobody_left_yet_is_a_level_line():
    assert step_curve([], until=24).line == "M0 0L24 0"


@pytest.mark.parametrize(
    "points",
    [
        [StepPoint(5, 0.9, 0.8, 1.0), StepPoint(4, 0.8, 0.7, 0.9)],
        [StepPoint(25, 0.9, 0.8, 1.0)],
        [StepPoint(5, 0.9, 0.95, 1.0)],
        [StepPoint(5, 1.2, 0.9, 1.3)],
    ],
)
def test_a_curve_refuses_what_cannot_be(points: list[StepPoint]):
    with pytest.raises(ValueError, match="in"):
        step_curve(points, until=24)


def test_dumbbells_stand_on_one_scale():
    drawing = dumbbells([Change("Facilitation", 2.6, 3.7, 0.9, 1.3)], least=2, most=4.5)
    row = drawing.rows[0]

    assert (row.before_x, row.after_x, row.change, row.interval) == (
        "24",
        "68",
        "+1.1",
        "+0.9 … +1.3",
    )
    assert [(tick.x, tick.label) for tick in drawing.scale] == [
        ("0", "2"),
        ("40", "3"),
        ("80", "4"),
    ]


def test_dumbbells_refuse_a_value_off_the_scale():
    with pytest.raises(ValueError, match="scale"):
        dumbbells([Change("Facilitation", 0.5, 3)], least=1, most=5)


@pytest.mark.parametrize(
    ("value", "words"), [(1.14, "+1.1"), (-0.1, "−0.1"), (-0.04, "0.0"), (0, "0.0")]
)
def test_a_change_carries_its_sign(value: float, words: str):
    assert signed(value) == words


def test_a_heat_grid_leaves_a_gap_where_nothing_was_due():
    columns = [("Swale", [HeatCell(3, "a"), HeatCell(None, "")]), ("Aire", [HeatCell(0, "b")])]
    drawing = heat_grid(columns, row_labels=["1", "2"])

    assert [(m.x, m.y, m.step) for m in drawing.marks] == [(26, 0, 3), (48, 0, 0)]
    assert (drawing.width, drawing.height, drawing.first, drawing.last) == (70, 62, "Swale", "Aire")
    assert [row.text for row in drawing.rows] == ["1"]


def test_a_heat_grid_refuses_steps_and_weeks_it_has_not():
    with pytest.raises(ValueError, match="steps"):
        heat_grid([("Swale", [HeatCell(4, "")])], row_labels=["1"])
    with pytest.raises(ValueError, match="weeks"):
        heat_grid([("Swale", [HeatCell(1, "")] * 2)], row_labels=["1"])


@pytest.mark.parametrize(("came", "step"), [(0, 0), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3)])
def test_heat_follows_the_thirds_of_those_who_were_due(came: int, step: int):
    assert heat_step(came, 6) == step


def test_heat_needs_somebody_due():
    with pytest.raises(ValueError, match="due"):
        heat_step(0, 0)


def test_numbers_have_the_sign_of_the_language_and_halves_go_to_the_even_digit():
    assert (decimal(Decimal("0.35")), decimal(Decimal("0.45")), signed(0.35)) == (
        "0.4",
        "0.4",
        "+0.4",
    )
    with override("de"):
        assert (decimal(2.5), decimal(Decimal("2.345"), 2), signed(-1.25)) == (
            "2,5",
            "2,34",
            "−1,2",
        )
        bar = weekly_bars([Week("1", 2.5)]).bars[0]
        assert (bar.value, bar.title, bar.height) == ("2,5", "1: 2,5", "144")
        (row,) = dumbbells([Change("Wit", 2, 2.5)], least=1, most=5).rows
        assert (row.before, row.after, row.change, row.after_x) == ("2,0", "2,5", "+0,5", "37.5")


def test_a_change_is_written_as_elsewhere_and_not_as_the_difference_of_two_rounded_numbers():
    change = Change("Wit", Decimal("2.15"), Decimal("2.5"), moved=Decimal("0.3500"))
    (row,) = dumbbells([change], least=1, most=5).rows
    assert row.change == "+0.4"


def test_an_empty_place_stays_and_says_why():
    bars = weekly_bars([Week("1", 5), Week("2", None), Week("3", None, mark="×")]).bars
    assert [(bar.value, bar.height, bar.mark) for bar in bars] == [
        ("5", "144", ""),
        ("", "0", ""),
        ("", "0", "×"),
    ]


def test_curves_side_by_side_share_their_axes_and_end_where_they_end():
    points = [StepPoint(0, 1, 1, 1), StepPoint(4, 0.95, 0.9, 1)]
    drawing = step_curve(points, until=20, floor=50, ends=8)
    assert (drawing.floor, drawing.box) == (50, "0 0 20 50")
    assert drawing.line.endswith("L8 5")
