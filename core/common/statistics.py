"""The arithmetic behind the figures: plain Python, exact where numbers are exact.

Counts and sums stay integers or Fractions to the end; only roots and quantiles are floats.
Where there is nothing to say, the answer is None ("no data"), never 0.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from statistics import NormalDist

Exact = int | Fraction | Decimal


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate, exact, between the ends of its confidence interval."""

    estimate: Fraction
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Step:
    """The Kaplan–Meier curve at one time.

    `at_risk` were still followed just before `time`; `survival` holds from `time` on. The ends
    of the interval are None once nobody survives: Greenwood's formula then divides by zero.
    """

    time: Exact
    at_risk: int
    events: int
    censored: int
    survival: Fraction
    low: float | None
    high: float | None


def rounded(numerator: Exact, denominator: Exact = 1, places: int = 4) -> Decimal | None:
    """Return a ratio as a Decimal with `places` decimals, halves to the even digit.

    None where the denominator is 0.
    """
    if denominator == 0:
        return None
    scaled = round(Fraction(numerator) / Fraction(denominator) * 10**places)
    digits = tuple(int(digit) for digit in str(abs(scaled)))
    return Decimal((int(scaled < 0), digits, -places))


def kaplan_meier(
    durations: Sequence[Exact], observed: Sequence[bool], *, confidence: float = 0.95
) -> tuple[Step, ...]:
    """Return the share that survives beyond each time at which somebody left or was lost sight of.

    `durations` are in the caller's unit of time; `observed` is False for the censored, who at a
    common time count as still at risk. Greenwood's variance; the interval is the log-log one, which
    never leaves 0 to 1. No people, no steps. ValueError for a negative duration or unequal lengths.

    Sources: Kaplan and Meier, JASA 53 (1958) 457–481; Greenwood (1926); Kalbfleisch and
    Prentice, The Statistical Analysis of Failure Time Data (1980), section 1.3.
    """
    people = sorted(zip(durations, observed, strict=True), key=lambda person: person[0])
    if people and people[0][0] < 0:
        raise ValueError(f"a duration cannot be negative: {people[0][0]}")
    steps: list[Step] = []
    survival, greenwood = Fraction(1), Fraction(0)
    done = 0
    while done < len(people):
        time = people[done][0]
        at_risk = len(people) - done
        here = 0
        events = 0
        while done + here < len(people) and people[done + here][0] == time:
            events += int(people[done + here][1])
            here += 1
        survival *= Fraction(at_risk - events, at_risk)
        if survival:
            greenwood += Fraction(events, at_risk * (at_risk - events))
        low, high = _survival_interval(survival, greenwood, confidence)
        steps.append(Step(time, at_risk, events, here - events, survival, low, high))
        done += here
    return tuple(steps)


def _survival_interval(
    survival: Fraction, greenwood: Fraction, confidence: float
) -> tuple[float | None, float | None]:
    if survival == 0:
        return None, None
    if survival == 1:
        return 1.0, 1.0
    share, root = float(survival), math.sqrt(greenwood)
    width = normal_quantile((1 + confidence) / 2) * root / abs(math.log(share))
    return share ** math.exp(width), share ** math.exp(-width)


def mean_interval(
    total: Exact, squares: Exact, n: int, confidence: float = 0.95
) -> Interval | None:
    """Return the mean with Student's t interval, from a sum, a sum of squares and a count.

    None below two values, which have no interval. ValueError if no `n` numbers have such sums.
    """
    if n < 2:
        return None
    mean = Fraction(total) / n
    reach = t_quantile((1 + confidence) / 2, n - 1) * math.sqrt(_variance(total, squares, n) / n)
    return Interval(mean, float(mean) - reach, float(mean) + reach)


def paired_effect_size(total: Exact, squares: Exact, n: int) -> float | None:
    """Return Cohen's d_z: the mean of paired differences in units of their standard deviation.

    Takes the differences' sum, sum of squares and count. None below two pairs, and where all
    differences are equal: the deviation is then 0 and the ratio means nothing.
    Source: Lakens, Frontiers in Psychology 4 (2013) 863, formula 6.
    """
    if n < 2:
        return None
    variance = _variance(total, squares, n)
    return float(Fraction(total) / n) / math.sqrt(variance) if variance else None


def cronbach_alpha(rows: Sequence[Sequence[int]]) -> Fraction | None:
    """Return how far the items of a scale go together, over people's answers to all of them.

    None for fewer than two items or people, and where all totals are equal.  ValueError if
    somebody answered another number of items.
    """
    items = len(rows[0]) if rows else 0
    columns = list(zip(*rows, strict=True))
    squares = [sum(value * value for value in column) for column in columns]
    totals = [sum(row) for row in rows]
    return (
        alpha_of_sums(
            len(rows),
            [(sum(column), square) for column, square in zip(columns, squares, strict=True)],
            (sum(totals), sum(total * total for total in totals)),
        )
        if items
        else None
    )


def alpha_of_sums(
    n: int, items: Sequence[tuple[int, int]], total: tuple[int, int]
) -> Fraction | None:
    """Return Cronbach's alpha from the sum and the sum of squares of each item and of the total.

    Source: Cronbach, Psychometrika 16 (1951) 297–334, formula 2.
    """
    if n < 2 or len(items) < 2:
        return None
    variance = _variance(*total, n)
    if not variance:
        return None
    of_items = sum(_variance(*sums, n) for sums in items)
    return Fraction(len(items), len(items) - 1) * (1 - Fraction(of_items) / variance)


def _variance(total: Exact, squares: Exact, n: int) -> Fraction:
    """Return the sample variance (divisor n − 1), exactly."""
    variance = (Fraction(squares) - Fraction(total) ** 2 / n) / (n - 1)
    if variance < 0:
        raise ValueError(f"no {n} numbers have the sum {total} and the sum of squares {squares}")
    return variance


def wilson_interval(successes: int | Fraction, n: int, confidence: float = 0.95) -> Interval | None:
    """Return a share with its score interval, which stays within 0 to 1 for any counts.

    `successes` need not be whole: a share of more rows may count as one of `n` observations.

    None for n = 0. ValueError unless 0 ≤ successes ≤ n.
    Source: Wilson, JASA 22 (1927) 209–212.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is not a share")
    if n == 0:
        return None
    z = normal_quantile((1 + confidence) / 2)
    share = float(successes / n)
    scale = 1 + z * z / n
    centre = share + z * z / (2 * n)
    reach = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(
        Fraction(successes) / n,
        0.0 if successes == 0 else (centre - reach) / scale,
        1.0 if successes == n else (centre + reach) / scale,
    )


def share_difference(
    one: tuple[int, int], other: tuple[int, int], confidence: float = 0.95
) -> Interval | None:
    """Return a share less another, each as (successes, n), with the interval of score intervals.

    None where either is of nobody. ValueError unless 0 ≤ successes ≤ n.
    Source: Newcombe, Statistics in Medicine 17 (1998) 873–890, method 10.
    """
    first, second = (wilson_interval(*counts, confidence) for counts in (one, other))
    if first is None or second is None:
        return None
    a, b = float(first.estimate), float(second.estimate)
    return Interval(
        first.estimate - second.estimate,
        a - b - math.hypot(a - first.low, second.high - b),
        a - b + math.hypot(first.high - a, b - second.low),
    )


def normal_quantile(probability: float) -> float:
    """Return the value below which the standard normal has `probability` (0 < p < 1)."""
    return NormalDist().inv_cdf(probability)


@lru_cache(maxsize=1024)
def t_quantile(probability: float, degrees: int) -> float:
    """Return the value below which Student's t has `probability`, to a relative 1e-10.

    ValueError unless 0 < probability < 1 and degrees ≥ 1.
    Source: the tail as an incomplete beta function, DLMF 8.17; solved by halving.
    """
    if not 0 < probability < 1 or degrees < 1:
        raise ValueError(f"no t quantile for {probability} with {degrees} degrees of freedom")
    if probability == 0.5:
        return 0.0
    if probability < 0.5:
        return -t_quantile(1 - probability, degrees)
    tail = 1 - probability
    low, high = 0.0, 1.0
    while _t_tail(high, degrees) > tail:
        low, high = high, high * 2
    while high - low > 1e-14 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _t_tail(middle, degrees) > tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _t_tail(t: float, degrees: int) -> float:
    """Return the probability that Student's t exceeds `t` ≥ 0."""
    square = t * t
    return (
        _incomplete_beta(
            degrees / 2, 0.5, degrees / (degrees + square), square / (degrees + square)
        )
        / 2
    )


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """Return the regularised incomplete beta function at `x`; `rest` is 1 − x without rounding."""
    if x == 0 or rest == 0:
        return float(rest == 0)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(rest)
    )
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, rest) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of DLMF 8.17.22 by Lentz's method."""
    tiny = 1e-300
    c, d = 1.0, 1 / ((1 - (a + b) * x / (a + 1)) or tiny)
    value = d
    for m in range(1, 500):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / ((1 + term * d) or tiny)
            c = (1 + term / c) or tiny
            value *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return value


def hidden_cells(people: Sequence[int | None], k: int, *, disjoint: bool) -> set[int]:
    """Return the places of cells to hide, given how many people each is about.

    A cell about somebody, but fewer than k, is hidden.  What is hidden together is known as a
    remainder (total less what is shown), so it must be about k people or more and about more
    than one cell: where it is not, the smallest shown cell is hidden too.  `disjoint`: nobody
    is in two cells, so the people of a remainder are the sum of its cells; otherwise one hidden
    cell must reach k by itself.  None: the cell is not about people.
    """
    hidden = {place for place, n in enumerate(people) if n is not None and 0 < n < k}
    together = sum(people[place] or 0 for place in hidden)
    if hidden and not (disjoint and len(hidden) > 1 and together >= k):
        shown = [(n, place) for place, n in enumerate(people) if place not in hidden and n]
        if shown:
            hidden.add(min(shown)[1])
    return hidden
