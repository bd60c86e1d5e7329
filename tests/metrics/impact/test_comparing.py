"""Matching and its estimate against cases reckoned by hand, and a second reckoning in numpy."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.comparing import (
    Balance,
    Group,
    Refusal,
    Subject,
    estimate,
    match,
    tenure_band,
)


def people(count: int, *, so: int, first: int = 0, **facts: Any) -> list[Subject]:
    """Return so many alike, of whom `so` had the outcome."""
    return [
        Subject(person=UUID(int=first + at), month="2025-01-01", happened=at < so, **facts)
        for at in range(count)
    ]


def test_one_group_gives_the_plain_difference_of_two_shares() -> None:
    result = estimate([Group(40, 20, 100, 30)])

    assert result is not None
    assert (result.participants, result.others) == (Fraction(1, 2), Fraction(3, 10))
    assert result.difference == Fraction(1, 5)


def test_two_groups_weigh_as_mantel_and_haenszel_say() -> None:
    """By hand: weights 10·30/40 = 7.5 and 20·20/40 = 10.

    Participants (5·30/40 + 8·20/40) / 17.5 = 7.75/17.5, others (6·10/40 + 4·20/40) / 17.5 =
    3.5/17.5.
    """
    groups = [Group(10, 5, 30, 6), Group(20, 8, 20, 4)]

    result = estimate(groups)

    assert result is not None
    assert result.participants == Fraction(775, 1750)
    assert result.others == Fraction(350, 1750)
    # Sato: P = (600 − 4500 + 3000)/1600 + (1600 − 3200 + 0)/1600 = −1.5625 and
    # Q = (5·24 + 6·5)/80 + (8·16 + 4·12)/80 = 4.075
    variance = (4.25 / 17.5 * -1.5625 + 4.075) / 17.5**2
    assert result.low == pytest.approx(4.25 / 17.5 - 1.959963985 * math.sqrt(variance))
    assert result.high == pytest.approx(4.25 / 17.5 + 1.959963985 * math.sqrt(variance))


def test_the_e_value_is_that_of_the_nearer_end_of_the_ratio() -> None:
    """One group, by hand: ratio 0.5/0.25 = 2, Katz' log variance 1/50 − 1/100 + 1/50 − 1/200."""
    result = estimate([Group(100, 50, 200, 50)])

    assert result is not None
    nearer = 2 / math.exp(1.959963985 * math.sqrt(1 / 50 - 1 / 100 + 1 / 50 - 1 / 200))
    assert result.is_clear
    assert result.unmeasured == pytest.approx(nearer + math.sqrt(nearer * (nearer - 1)))


def test_what_chance_may_explain_needs_nothing_unmeasured() -> None:
    result = estimate([Group(40, 10, 40, 9)])

    assert result is not None
    assert (result.is_clear, result.unmeasured) == (False, 1.0)


def test_fewer_among_participants_has_the_e_value_of_the_ratio_turned_round() -> None:
    fewer, more = estimate([Group(200, 50, 200, 100)]), estimate([Group(200, 100, 200, 50)])

    assert fewer is not None
    assert more is not None
    assert fewer.high < 0 < more.low
    assert fewer.unmeasured == pytest.approx(more.unmeasured)


@pytest.mark.parametrize(
    "groups", [[], [Group(20, 0, 20, 5)], [Group(20, 5, 20, 0)]], ids=["none", "never", "nobody"]
)
def test_without_a_ratio_there_is_no_estimate(groups: list[Group]) -> None:
    assert estimate(groups) is None


GROUPS = st.lists(
    st.tuples(*[st.integers(1, 30)] * 2, *[st.floats(0, 1)] * 2).map(
        lambda t: Group(t[0], round(t[0] * t[2]), t[1], round(t[1] * t[3]))
    ),
    min_size=1,
    max_size=30,
)


@given(GROUPS)
def test_the_estimate_equals_a_second_reckoning(groups: list[Group]) -> None:
    """The same textbook formulas over arrays of floats, written apart (Sato 1989, formula 2)."""
    n1, a, n0, b = (np.array(column, float) for column in zip(*_numbers(groups), strict=True))
    n = n1 + n0
    weight = (n1 * n0 / n).sum()
    result = estimate(groups)
    if not a.sum() or not b.sum():
        assert result is None
        return
    assert result is not None
    difference = ((a * n0 - b * n1) / n).sum() / weight
    p = ((n1**2 * b - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2).sum()
    q = ((a * (n0 - b) + b * (n1 - a)) / (2 * n)).sum()
    reach = 1.959963984540054 * math.sqrt(max(0.0, (difference * p + q) / weight**2))
    assert float(result.difference) == pytest.approx(difference, abs=1e-12)
    assert result.low == pytest.approx(max(-1, difference - reach), abs=1e-7)
    assert result.high == pytest.approx(min(1, difference + reach), abs=1e-7)
    assert result.unmeasured >= 1


def _numbers(groups: list[Group]) -> list[tuple[int, int, int, int]]:
    return [(g.participants, g.participants_so, g.others, g.others_so) for g in groups]


def test_the_interval_holds_the_true_difference_as_often_as_it_says() -> None:
    """500 draws of 12 groups with a true difference of 0.1: 95 % of the intervals hold it."""
    random, held, tried = np.random.default_rng(41), 0, 500
    for _draw in range(tried):
        groups = []
        for base in np.linspace(0.1, 0.6, 12):
            ours, others = int(random.integers(3, 8)), int(random.integers(10, 40))
            so = random.binomial([ours, others], [base + 0.1, base])
            groups.append(Group(ours, int(so[0]), others, int(so[1])))
        result = estimate(groups)
        assert result is not None
        held += result.low <= 0.1 <= result.high
    assert 0.92 <= held / tried <= 0.98


def test_people_are_compared_within_their_group_only() -> None:
    subjects = [
        *people(3, so=2, takes_part=True, level="5"),
        *people(2, so=1, first=10, takes_part=False, level="5"),
        *people(4, so=4, first=20, takes_part=True, level="6"),  # nobody beside them
        *people(7, so=0, first=30, takes_part=False, level="7"),  # beside nobody
    ]

    matching = match(subjects)

    assert matching.groups == (Group(3, 2, 2, 1),)
    assert (matching.participants, matching.others, matching.unmatched) == (3, 2, 4)


@pytest.mark.parametrize(
    ("years", "band"),
    [
        (None, ""),
        (Fraction(0), "0"),
        (Fraction(99, 100), "0"),
        (Fraction(1), "1"),
        (Fraction(3), "2"),
        (Fraction(599, 100), "2"),
        (Fraction(6), "3"),
        (Fraction(11), "4"),
    ],
)
def test_tenure_is_equal_within_its_band(years: Fraction | None, band: str) -> None:
    assert tenure_band(years) == band


def test_somebody_beside_two_months_counts_once_among_people() -> None:
    both = people(1, so=1, first=50, takes_part=False)
    later = [
        Subject(one.person, "2025-02-01", takes_part=one.takes_part, happened=one.happened)
        for one in [*both, *people(1, so=0, first=60, takes_part=True)]
    ]

    matching = match([*both, *people(2, so=1, takes_part=True), *later])

    assert matching.others == 1
    assert matching.groups == (Group(2, 1, 1, 1), Group(1, 0, 1, 1))


def test_balance_tells_how_far_apart_both_sides_were_and_what_matching_left() -> None:
    """By hand: level 5 is 3 of 4 among ours and 1 of 4 among others: 0.5 in spreads of √(3/16)."""
    subjects = [
        *people(3, so=0, takes_part=True, level="5"),
        *people(1, so=0, first=10, takes_part=True, level="6"),
        *people(1, so=0, first=20, takes_part=False, level="5"),
        *people(3, so=0, first=30, takes_part=False, level="6"),
    ]

    balance = {row.trait: row for row in match(subjects).balance}

    assert float(balance["level"].before or 0) == pytest.approx(0.5 / math.sqrt(3 / 16))
    assert balance["level"].after == 0
    assert balance["department"] == Balance("department", None, None)
    assert balance["tenure"] == Balance("tenure", None, None)


def test_what_is_not_matched_on_may_still_differ_and_is_shown() -> None:
    marks = [
        *people(2, so=0, takes_part=True, job_satisfaction=Fraction(4)),
        *people(2, so=0, first=10, takes_part=True, job_satisfaction=Fraction(5)),
        *people(4, so=0, first=20, takes_part=False, job_satisfaction=Fraction(3)),
    ]

    balance = {row.trait: row for row in match(marks).balance}

    assert float(balance["job_satisfaction"].after or 0) == pytest.approx(1.5 / math.sqrt(0.25 / 2))


@pytest.mark.parametrize(
    ("ours", "ours_so", "others", "others_so", "refusal"),
    [
        (19, 9, 40, 20, Refusal.FEW_PARTICIPANTS),
        (20, 9, 19, 9, Refusal.FEW_OTHERS),
        (20, 4, 40, 20, Refusal.SMALL_CELLS),
        (20, 16, 40, 20, Refusal.SMALL_CELLS),
        (20, 10, 40, 0, Refusal.SMALL_CELLS),
        (20, 5, 40, 35, None),
    ],
)
def test_what_is_too_small_is_refused_with_its_reason(
    ours: int, ours_so: int, others: int, others_so: int, refusal: Refusal | None
) -> None:
    matching = match(
        [
            *people(ours, so=ours_so, takes_part=True),
            *people(others, so=others_so, first=100, takes_part=False),
        ]
    )

    assert matching.refusal(5) == refusal
