"""What went with good partnerships, in words: never that a criterion made them good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.common.statistics import Interval, rounded
from metrics.fit.queries import Outcome, OutcomeLooks, ProgramLooks
from metrics.fit.study import LEAST, LookRefusal, Side, Split, difference, direction, proposed
from metrics.wording import percentage_points, share
from programs.models.parts import Criterion
from programs.models.programs import Program

NAMES = {
    Outcome.FIT: gettext_lazy("Good fit"),
    Outcome.CONTACT: gettext_lazy("Contact kept"),
    Outcome.GOALS: gettext_lazy("Goals met"),
}
MEANINGS = {
    Outcome.FIT: gettext_lazy(
        "All partners who answered, and let coordinators see it, said Yes when they were last "
        "asked whether it is a good fit."
    ),
    Outcome.CONTACT: gettext_lazy(
        "Partners had contact as often as planned in the last weeks before their 90th day, or "
        "before their planned last day."
    ),
    Outcome.GOALS: gettext_lazy(
        "At least half of the goals in the report of their cohort are met."
    ),
}
REFUSALS = {
    LookRefusal.ALL_ALIKE: gettext_lazy(
        "Your partnerships hardly differ in any criterion: fewer than %(least)s stand on one side."
    ),
    LookRefusal.SMALL_CELLS: gettext_lazy(
        "Nearly all partnerships went the same way, or too few people stand behind a number. A "
        "figure would say too much about single people."
    ),
}
REFUSED = {
    LookRefusal.ALL_ALIKE: gettext_lazy("too little difference between partnerships"),
    LookRefusal.SMALL_CELLS: gettext_lazy("would say too much about single people"),
}


def _share(side: Side) -> str:
    value = rounded(side.well, side.n)
    assert value is not None  # never of nobody
    return share(value)


def _points(value: float | Fraction, *, unit: bool = True) -> str:
    exact = rounded(Fraction(value))
    assert exact is not None
    return percentage_points(exact, unit=unit)


@dataclass(frozen=True)
class SplitText:
    """One criterion in one outcome: both sides, their difference, and what it says."""

    label: str
    split: Split
    interval: Interval

    @property
    def more(self) -> str:
        return _share(self.split.more)

    @property
    def fewer(self) -> str:
        return _share(self.split.fewer)

    @property
    def difference(self) -> str:
        return _points(self.interval.estimate)

    @property
    def range(self) -> str:
        return _("%(low)s to %(high)s") % {
            "low": _points(self.interval.low, unit=False),
            "high": _points(self.interval.high, unit=False),
        }

    @property
    def exact(self) -> str:
        return str(rounded(self.interval.estimate))

    @property
    def way(self) -> int:
        return direction(self.interval)

    @property
    def says(self) -> str:
        if not self.way:
            return _("may be chance")
        return _("went with more") if self.way > 0 else _("went with fewer")


@dataclass(frozen=True)
class LookedAtText:
    name: str
    counted: str
    splits: Sequence[SplitText]
    refused: Sequence[tuple[str, str]]
    refusal: str

    @property
    def is_open(self) -> bool:
        """Say whether nobody has looked yet."""
        return not self.splits and not self.refusal


@dataclass(frozen=True)
class WeightText:
    """A criterion's weight now and as proposed, each with its part of all weights."""

    criterion: Criterion
    then: int
    part_now: str
    part_then: str

    @property
    def moves(self) -> bool:
        return self.then != self.criterion.weight


@dataclass(frozen=True)
class LookedThroughText:
    program: Program
    outcomes: Sequence[LookedAtText]
    weights: Sequence[WeightText]
    ranges: int

    @property
    def of_circles(self) -> bool:
        return self.program.format == Program.Format.CIRCLES

    @property
    def is_released(self) -> bool:
        return self.ranges > 0

    @property
    def is_open(self) -> bool:
        """Say whether nobody has looked yet."""
        return all(outcome.is_open for outcome in self.outcomes)

    @property
    def changes(self) -> bool:
        return any(weight.moves for weight in self.weights)


def meanings() -> list[tuple[str, str]]:
    """Return what each outcome is called, and when it is so of a partnership."""
    return [(str(NAMES[outcome]), str(MEANINGS[outcome])) for outcome in Outcome]


def program_text(row: ProgramLooks) -> LookedThroughText:
    labels = {criterion.key: criterion.label for criterion in row.criteria}
    ranges = sum(key in labels for outcome in row.outcomes for key in outcome.splits)
    outcomes = [_outcome_text(outcome, labels, ranges) for outcome in row.outcomes]
    ways: dict[str, list[int]] = {key: [] for key in labels}
    for outcome in row.outcomes:
        for key, split in outcome.splits.items():
            if key in labels:
                ways[key].append(direction(difference(split, ranges)))
    return LookedThroughText(row.program, outcomes, _weights(row.criteria, ways), ranges)


def _outcome_text(looks: OutcomeLooks, labels: Mapping[str, str], ranges: int) -> LookedAtText:
    splits = [
        SplitText(label, looks.splits[key], difference(looks.splits[key], ranges))
        for key, label in labels.items()
        if key in looks.splits
    ]
    return LookedAtText(
        name=str(NAMES[Outcome(looks.outcome)]),
        counted=_counted(looks),
        splits=splits,
        refused=[
            (label, str(REFUSED[LookRefusal(looks.refused[key])]))
            for key, label in labels.items()
            if key in looks.refused
        ],
        refusal=_refusal(looks),
    )


def _counted(looks: OutcomeLooks) -> str:
    if looks.until is None:
        return ""
    words = ngettext(
        "%(n)d partnership, as of %(day)s", "%(n)d partnerships, as of %(day)s", looks.partnerships
    )
    return words % {"n": looks.partnerships, "day": date_format(looks.until, "j F Y")}


def _refusal(looks: OutcomeLooks) -> str:
    """Say why the last look showed nothing; of what came after a release, that it waits."""
    if looks.refusal is None:
        return ""
    if looks.splits:
        return _("Newer partnerships are too few, or too alike, to be shown. They wait.")
    why = LookRefusal(looks.refusal.refusal)
    if why != LookRefusal.FEW_PARTNERSHIPS:
        return str(REFUSALS[why]) % {"least": LEAST}
    n = len(looks.refusal.partnerships)
    numbers = {"n": max(n, LEAST), "least": 2 * LEAST}
    if n < LEAST:  # so few are not counted for anybody
        return (
            _(
                "This is known of fewer than %(n)s partnerships so far. %(least)s are needed, half "
                "of them on each side."
            )
            % numbers
        )
    return (
        _(
            "This is known of %(n)s partnerships so far. %(least)s are needed, half of them on "
            "each side."
        )
        % numbers
    )


def _weights(
    criteria: Sequence[Criterion], ways: Mapping[str, Sequence[int]]
) -> Sequence[WeightText]:
    then = {one.key: proposed(one.weight, ways[one.key]) for one in criteria}
    all_now, all_then = sum(one.weight for one in criteria), sum(then.values())
    return [
        WeightText(
            criterion=one,
            then=then[one.key],
            part_now=_part(one.weight, all_now),
            part_then=_part(then[one.key], all_then),
        )
        for one in criteria
    ]


def _part(weight: int, whole: int) -> str:
    value = rounded(weight, whole)
    return "" if value is None else share(value)


def lines(text: LookedThroughText) -> Iterator[str]:
    """Yield what the page says of a program, line by line, for a terminal."""
    yield str(text.program)
    if text.of_circles:
        yield "  " + _("Circles are matched as a whole: nothing is said of pairs.")
        return
    for outcome in text.outcomes:
        said = outcome.counted or outcome.refusal or _("Nobody has looked yet.")
        yield f"  {outcome.name}: {said}"
        for split in outcome.splits:
            more = f"{split.more} (n = {split.split.more.n})"
            fewer = f"{split.fewer} (n = {split.split.fewer.n})"
            words = f"{more} – {fewer}: {split.difference} ({split.range}), {split.says}"
            yield f"    {split.label}: {words}"
        for label, why in outcome.refused:
            yield f"    {label}: {why}"
    if text.is_released and not text.changes:
        yield "  " + _("No reason to change a weight.")
    for weight in text.weights:
        if weight.moves:
            yield "  " + _("Proposed weight of %(label)s: %(now)s → %(then)s (not applied)") % {
                "label": weight.criterion.label,
                "now": weight.criterion.weight,
                "then": weight.then,
            }
