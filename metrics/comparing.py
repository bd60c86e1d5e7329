"""Participants against similar colleagues: coarsened exact matching, and how sure one can be.

Pure: people in, counts and intervals out.  Groups of equal level, department, location and band of
tenure are compared within themselves, so what differs between groups cannot pass for a difference
that taking part made.  What no record holds still can: the E-value says how strong it would have
to be.  Sources: docs/adr/0041-impact.md.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from fractions import Fraction
from uuid import UUID

from core.common.statistics import normal_quantile

LEAST = 20  # matched people on either side
# a band of tenure ends before so many years
TENURE_BANDS = (1, 3, 6, 11)
DAYS_A_YEAR = Fraction(1461, 4)


@unique
class Refusal(StrEnum):
    """Why a comparison is not shown."""

    FEW_PARTICIPANTS = "few_participants"
    FEW_OTHERS = "few_others"
    SMALL_CELLS = "small_cells"


@dataclass(frozen=True)
class Subject:
    """One person from the month in which they, or those they stand beside, started.

    What was known of them at the start, "" or None for unknown, and what came of it.
    """

    person: UUID
    month: str
    takes_part: bool
    happened: bool
    level: str = ""
    department: str = ""
    location: str = ""
    tenure: Fraction | None = None  # years
    in_role: Fraction | None = None  # years
    job_satisfaction: Fraction | None = None

    @property
    def group(self) -> tuple[str, ...]:
        """Return what must be equal for two people to be compared."""
        return self.month, self.level, self.department, self.location, tenure_band(self.tenure)


def tenure_band(years: Fraction | None) -> str:
    """Return the band in which two tenures count as equal: under 1, 1–2, 3–5, 6–10, 11 or more."""
    if years is None:
        return ""
    return str(sum(years >= start for start in TENURE_BANDS))


@dataclass(frozen=True)
class Group:
    """Counts of one group: people who take part and others, and of how many of each it is so."""

    participants: int
    participants_so: int
    others: int
    others_so: int

    @property
    def size(self) -> int:
        return self.participants + self.others


@dataclass(frozen=True)
class Balance:
    """How far both sides were apart at the start in one respect, in standard deviations.

    None where it is not known of at least two people on each side, or all are alike.
    """

    trait: str
    before: Fraction | None
    after: Fraction | None


@dataclass(frozen=True)
class Matching:
    """Those who have a counterpart, by groups, and how alike both sides were before and after."""

    groups: tuple[Group, ...]
    participants: int  # distinct people, as are all four
    participants_so: int
    others: int
    others_so: int
    unmatched: int  # participants in groups without anybody else
    balance: tuple[Balance, ...]

    def refusal(self, k: int) -> Refusal | None:
        """Return why this may not be shown: a small comparison says nothing, and names people.

        Fewer than k of either outcome on either side would say too much of them, and too little
        for an interval.
        """
        if self.participants < LEAST:
            return Refusal.FEW_PARTICIPANTS
        if self.others < LEAST:
            return Refusal.FEW_OTHERS
        cells = (
            self.participants_so,
            self.participants - self.participants_so,
            self.others_so,
            self.others - self.others_so,
        )
        return Refusal.SMALL_CELLS if min(cells) < k else None


@dataclass(frozen=True)
class Estimate:
    """Both shares, weighted alike, their difference with its interval, and the E-value.

    `unmeasured`: the risk ratio by which something unknown would have to go along with both
    taking part and the outcome to explain the whole interval away; 1 where chance alone could.
    """

    participants: Fraction
    others: Fraction
    low: float
    high: float
    unmeasured: float

    @property
    def difference(self) -> Fraction:
        return self.participants - self.others

    @property
    def is_clear(self) -> bool:
        """Say whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def match(subjects: Sequence[Subject]) -> Matching:
    """Keep the people in whose group there is somebody of the other side (Iacus et al. 2012)."""
    by_group: dict[tuple[str, ...], tuple[list[Subject], list[Subject]]] = defaultdict(
        lambda: ([], [])
    )
    for subject in subjects:
        by_group[subject.group][not subject.takes_part].append(subject)
    pairs = [by_group[key] for key in sorted(by_group)]
    kept = [(ours, others) for ours, others in pairs if ours and others]
    ours = [subject for group, _others in kept for subject in group]
    others = [subject for _ours, group in kept for subject in group]
    return Matching(
        groups=tuple(Group(len(a), _so(a), len(b), _so(b)) for a, b in kept),
        participants=_people(ours),
        participants_so=_people(subject for subject in ours if subject.happened),
        others=_people(others),
        others_so=_people(subject for subject in others if subject.happened),
        unmatched=_people(subject for group, others in pairs if not others for subject in group),
        balance=_balance(subjects, kept),
    )


def _so(subjects: Iterable[Subject]) -> int:
    return sum(subject.happened for subject in subjects)


def _people(subjects: Iterable[Subject]) -> int:
    return len({subject.person for subject in subjects})


def estimate(groups: Sequence[Group], confidence: float = 0.95) -> Estimate | None:
    """Return the Mantel–Haenszel risk difference over groups, with Sato's interval.

    Its variance holds for few large groups and for many small ones alike.  None where either
    side is empty, or it never or always came so: there is no ratio then.
    Source: Sato (1989), Greenland and Robins (1985), VanderWeele and Ding (2017).
    """
    weight = sum(Fraction(g.participants * g.others, g.size) for g in groups)
    if not weight:
        return None
    ours = sum(Fraction(g.participants_so * g.others, g.size) for g in groups)
    others = sum(Fraction(g.others_so * g.participants, g.size) for g in groups)
    if not ours or not others:
        return None
    difference = (ours - others) / weight
    variance = (difference * sum(map(_p, groups)) + sum(map(_q, groups))) / weight**2
    quantile = normal_quantile((1 + confidence) / 2)
    reach = quantile * math.sqrt(max(0.0, float(variance)))
    low = max(-1.0, float(difference) - reach)
    high = min(1.0, float(difference) + reach)
    return Estimate(
        participants=ours / weight,
        others=others / weight,
        low=low,
        high=high,
        unmeasured=_e_value(ours, others, groups, quantile) if low > 0 or high < 0 else 1.0,
    )


def _p(g: Group) -> Fraction:
    """Return the part of Sato's variance that the difference multiplies."""
    return Fraction(
        g.participants**2 * g.others_so
        - g.others**2 * g.participants_so
        + Fraction(g.participants * g.others * (g.others - g.participants), 2),
        g.size**2,
    )


def _q(g: Group) -> Fraction:
    return Fraction(
        g.participants_so * (g.others - g.others_so)
        + g.others_so * (g.participants - g.participants_so),
        2 * g.size,
    )


def _e_value(ours: Fraction, others: Fraction, groups: Sequence[Group], quantile: float) -> float:
    """Return the E-value of that end of the ratio's interval which lies nearer to 1."""
    spread = sum(
        Fraction(
            (g.participants_so + g.others_so) * g.participants * g.others
            - g.participants_so * g.others_so * g.size,
            g.size**2,
        )
        for g in groups
    )
    reach = quantile * math.sqrt(spread / (ours * others))
    nearer = math.exp(max(0.0, abs(math.log(ours / others)) - reach))
    return nearer + math.sqrt(nearer * (nearer - 1))


# what the balance table says of: groups of equal words, and numbers
WORDS: dict[str, Callable[[Subject], str]] = {
    "level": lambda subject: subject.level,
    "department": lambda subject: subject.department,
    "location": lambda subject: subject.location,
}
NUMBERS: dict[str, Callable[[Subject], Fraction | None]] = {
    "tenure": lambda subject: subject.tenure,
    "in_role": lambda subject: subject.in_role,
    "job_satisfaction": lambda subject: subject.job_satisfaction,
}
Weighted = Sequence[tuple[Subject, Fraction]]


def _balance(
    subjects: Sequence[Subject], kept: Sequence[tuple[list[Subject], list[Subject]]]
) -> tuple[Balance, ...]:
    """Compare both sides in each respect, all of them and then the matched ones.

    Others weigh as many as the participants beside whom they stand.  Both differences are in the
    spread of all people before matching, so that they can be held against each other.
    """
    before = _sides([(subject, Fraction(1)) for subject in subjects])
    after = _sides(
        [(subject, Fraction(1)) for ours, _others in kept for subject in ours]
        + [(subject, Fraction(len(ours), len(other))) for ours, other in kept for subject in other]
    )
    rows = []
    for trait, word in WORDS.items():
        values = sorted({word(subject) for subject in subjects})
        marks = [_is(word, value) for value in values]
        rows.append(_widest(trait, marks, before, after))
    for trait, number in NUMBERS.items():
        rows.append(_widest(trait, [number], before, after))
    return tuple(rows)


def _sides(weighted: Weighted) -> tuple[Weighted, Weighted]:
    return (
        [pair for pair in weighted if pair[0].takes_part],
        [pair for pair in weighted if not pair[0].takes_part],
    )


def _is(word: Callable[[Subject], str], value: str) -> Callable[[Subject], Fraction]:
    return lambda subject: Fraction(word(subject) == value)


def _widest(
    trait: str,
    marks: Sequence[Callable[[Subject], Fraction | None]],
    before: tuple[Weighted, Weighted],
    after: tuple[Weighted, Weighted],
) -> Balance:
    """Return the widest difference of a respect's marks: of words, that of each word."""
    pairs = [(_apart(mark, before, before), _apart(mark, after, before)) for mark in marks]
    first = [abs(one) for one, _other in pairs if one is not None]
    then = [abs(other) for _one, other in pairs if other is not None]
    return Balance(trait, max(first, default=None), max(then, default=None))


def _apart(
    mark: Callable[[Subject], Fraction | None],
    sides: tuple[Weighted, Weighted],
    spread: tuple[Weighted, Weighted],
) -> Fraction | None:
    """Return the standardised difference of the means of both sides (Austin 2009)."""
    ours, others = (_known(mark, side) for side in sides)
    first, second = (_known(mark, side) for side in spread)
    if min(len(ours), len(others)) < 2:
        return None
    variance = (_variance(first) + _variance(second)) / 2
    if not variance:
        return None
    return Fraction((_mean(ours) - _mean(others)) / Fraction(math.sqrt(variance)))


def _known(
    mark: Callable[[Subject], Fraction | None], side: Weighted
) -> list[tuple[Fraction, Fraction]]:
    values = ((mark(subject), weight) for subject, weight in side)
    return [(value, weight) for value, weight in values if value is not None]


def _mean(values: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    total = sum((value * weight for value, weight in values), Fraction(0))
    return total / sum((weight for _value, weight in values), Fraction(0))


def _variance(values: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    mean = _mean(values)
    return sum(((value - mean) ** 2 for value, _weight in values), Fraction(0)) / len(values)
