import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.common.statistics import (
    Step,
    kaplan_meier,
    mean_interval,
    normal_quantile,
    paired_effect_size,
    rounded,
    t_quantile,
    wilson_interval,
)

# Weeks in remission of 42 children with acute leukaemia; a minus marks the censored.
# Source: Freireich et al., Blood 21 (1963) 699–716, as printed by Gehan, Biometrika 52 (1965) 203.
MERCAPTOPURINE = [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23]
MERCAPTOPURINE += [-25, -32, -32, -34, -35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]

# time, at risk, events, and survival as published for these data; then the ends
# of the log-log interval, to which Kalbfleisch and Prentice give the formula.
PUBLISHED = [
    (6, 21, 3, "0.857", "0.620", "0.952"),
    (7, 17, 1, "0.807", "0.563", "0.923"),
    (10, 15, 1, "0.753", "0.503", "0.889"),
    (13, 12, 1, "0.690", "0.432", "0.849"),
    (16, 11, 1, "0.627", "0.368", "0.805"),
    (22, 7, 1, "0.538", "0.268", "0.747"),
    (23, 6, 1, "0.448", "0.188", "0.680"),
]


def curve(weeks: list[int]) -> tuple[Step, ...]:
    return kaplan_meier([abs(week) for week in weeks], [week > 0 for week in weeks])


def test_kaplan_meier_agrees_with_the_published_table() -> None:
    got = [
        (
            step.time,
            step.at_risk,
            step.events,
            f"{float(step.survival):.3f}",
            f"{step.low:.3f}",
            f"{step.high:.3f}",
        )
        for step in curve(MERCAPTOPURINE)
        if step.events
    ]

    assert got == PUBLISHED


def test_without_censoring_survival_is_the_plain_share_left() -> None:
    for step in curve(PLACEBO):
        left = sum(1 for week in PLACEBO if week > step.time)
        assert step.survival == Fraction(left, 21)


def test_times_at_which_people_are_only_lost_sight_of_keep_the_curve_level() -> None:
    steps = kaplan_meier([1, 2, 2, 3], [False, True, False, True])

    assert [(s.time, s.at_risk, s.events, s.censored, s.survival) for s in steps] == [
        (1, 4, 0, 1, 1),
        (2, 3, 1, 1, Fraction(2, 3)),
        (3, 1, 1, 0, 0),
    ]
    assert (steps[0].low, steps[0].high) == (1.0, 1.0)
    assert (steps[2].low, steps[2].high) == (None, None)


def test_no_people_have_no_curve() -> None:
    assert kaplan_meier([], []) == ()


def test_kaplan_meier_refuses_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="negative: -1"):
        kaplan_meier([3, -1], [True, True])
    with pytest.raises(ValueError, match="shorter"):
        kaplan_meier([3, 1], [True])


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=30))
def test_a_survival_curve_never_rises_and_accounts_for_everybody(
    people: list[tuple[int, bool]],
) -> None:
    steps = kaplan_meier([time for time, _ in people], [seen for _, seen in people])

    shares = [Fraction(1), *(step.survival for step in steps)]
    assert shares == sorted(shares, reverse=True)
    assert sum(step.events + step.censored for step in steps) == len(people)
    for step in steps:
        if step.low is not None and step.high is not None:
            assert 0 <= step.low <= step.survival <= step.high <= 1


@pytest.mark.parametrize(
    ("probability", "degrees", "expected"),
    [
        # Abramowitz and Stegun, table 26.10, to the digits of today's software
        (0.975, 1, 12.706204736),
        (0.975, 2, 4.302652730),
        (0.975, 5, 2.570581836),
        (0.975, 10, 2.228138852),
        (0.975, 30, 2.042272456),
        (0.975, 120, 1.979930405),
        (0.95, 5, 2.015048373),
        (0.995, 10, 3.169272673),
        (0.025, 10, -2.228138852),
        (0.5, 3, 0.0),
    ],
)
def test_t_quantile_agrees_with_the_tables(
    probability: float, degrees: int, expected: float
) -> None:
    assert t_quantile(probability, degrees) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("probability", [0.5001, 0.6, 0.9, 0.975, 0.995, 0.9995])
def test_t_quantile_agrees_with_its_closed_forms(probability: float) -> None:
    # Closed forms for 1, 2 and 4 degrees: Shaw, Journal of Computational Finance 9 (2006) 37.
    middle = 2 * probability - 1
    alpha = 4 * probability * (1 - probability)
    four = 2 * math.sqrt(math.cos(math.acos(math.sqrt(alpha)) / 3) / math.sqrt(alpha) - 1)

    assert t_quantile(probability, 1) == pytest.approx(math.tan(math.pi * middle / 2), rel=1e-10)
    assert t_quantile(probability, 2) == pytest.approx(middle * math.sqrt(2 / alpha), rel=1e-10)
    assert t_quantile(probability, 4) == pytest.approx(four, rel=1e-8)


def test_t_quantile_nears_the_normal_one() -> None:
    assert t_quantile(0.975, 10_000_000) == pytest.approx(normal_quantile(0.975), abs=1e-6)
    assert normal_quantile(0.975) == pytest.approx(1.959963984540054, abs=1e-12)


@pytest.mark.parametrize(("probability", "degrees"), [(0.0, 3), (1.0, 3), (0.9, 0)])
def test_t_quantile_refuses_what_has_none(probability: float, degrees: int) -> None:
    with pytest.raises(ValueError, match="no t quantile"):
        t_quantile(probability, degrees)


# Hours of extra sleep of ten patients under two drugs: Student, Biometrika 6 (1908) 1–25.
# The differences have mean 1.58, and the 95 % interval 0.70 to 2.46 (t.test of R's `sleep`).
SLEEP = [Decimal(x) for x in ("1.2", "2.4", "1.3", "1.3", "0", "1", "1.8", "0.8", "4.6", "1.4")]
SLEEP_SUMS = (sum(SLEEP), sum(x * x for x in SLEEP), len(SLEEP))


def test_mean_interval_agrees_with_the_published_one() -> None:
    interval = mean_interval(*SLEEP_SUMS)

    assert interval is not None
    assert interval.estimate == Fraction("1.58")
    assert (round(interval.low, 7), round(interval.high, 7)) == (0.7001142, 2.4598858)


def test_paired_effect_size_is_t_over_the_root_of_n() -> None:
    # The published t of these ten pairs is 4.0621.
    size = paired_effect_size(*SLEEP_SUMS)

    assert size is not None
    assert round(size * math.sqrt(10), 4) == 4.0621


def test_fewer_than_two_values_have_no_interval_and_no_effect() -> None:
    assert mean_interval(0, 0, 0) is None
    assert mean_interval(3, 9, 1) is None
    assert paired_effect_size(0, 0, 0) is None
    assert paired_effect_size(3, 9, 1) is None


def test_equal_values_have_an_interval_of_no_width_and_no_effect_size() -> None:
    interval = mean_interval(6, 12, 3)

    assert interval is not None
    assert (interval.estimate, interval.low, interval.high) == (Fraction(2), 2.0, 2.0)
    assert paired_effect_size(6, 12, 3) is None


def test_sums_of_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="no 2 numbers have the sum 10"):
        mean_interval(10, 1, 2)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_agrees_with_the_published_table(
    successes: int, n: int, low: float, high: float
) -> None:
    interval = wilson_interval(successes, n)

    assert interval is not None
    assert interval.estimate == Fraction(successes, n)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_wilson_interval_mirrors_and_knows_no_data() -> None:
    some, rest = wilson_interval(29, 29), wilson_interval(0, 29)

    assert some is not None
    assert rest is not None
    assert (some.high, rest.low) == (1.0, 0.0)
    assert some.low == pytest.approx(1 - rest.high)
    assert wilson_interval(0, 0) is None
    with pytest.raises(ValueError, match="5 of 4 is not a share"):
        wilson_interval(5, 4)


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (41, 50, "0.8200"),
        (1, 3, "0.3333"),
        (2, 3, "0.6667"),
        (1, 20_000, "0.0000"),  # 0.00005: a half, to the even digit below
        (3, 20_000, "0.0002"),  # 0.00015: a half, to the even digit above
        (-3, 20_000, "-0.0002"),
        (0, 7, "0.0000"),
        (Decimal("2.5"), 1, "2.5000"),
        (Fraction(7, 8), 2, "0.4375"),
        (10**30 + 1, 10**4, "100000000000000000000000000.0001"),
    ],
)
def test_rounded_is_exact_and_half_even(numerator: Any, denominator: Any, expected: str) -> None:
    assert str(rounded(numerator, denominator)) == expected


def test_rounded_to_other_places_and_of_nothing() -> None:
    assert str(rounded(5, 2, places=0)) == "2"
    assert str(rounded(7, 2, places=0)) == "4"
    assert rounded(0, 0) is None
