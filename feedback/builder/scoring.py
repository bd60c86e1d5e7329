"""Scales inside built surveys: which are asked whole, what they score, and how reliable they are.

A score is the mean of the means of its items, and is shown where each of those is shown: so it
follows from what is on the page, and tells nobody more.  A mean of people's own scores would: who
left out an item counts in the others, and the difference would be that person's answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from feedback.assessments.readings import reliability_of
from feedback.assessments.scales import LibraryScale, ScaleItem
from feedback.models.built import SurveyVersion
from feedback.released import Released

ALPHA = "alpha:"  # before the key of a scale's first item


@dataclass
class _Group:
    """The lines of one scale that have been met so far, by their number in it."""

    row: Mapping[str, Any]
    items: dict[int, ScaleItem] = field(default_factory=dict)

    def takes(self, row: Mapping[str, Any], lines: Mapping[int, ScaleItem]) -> bool:
        is_same = all(self.row["scale"][name] == row["scale"][name] for name in ("key", "of"))
        return is_same and self.row["choices"] == row["choices"] and not lines.keys() & self.items


def scales_in(version: SurveyVersion | None) -> list[LibraryScale]:
    """Return the scales of which every item is asked there, as they were when they were put in.

    Their items have the keys of the survey's questions.
    """
    groups: list[_Group] = []
    for row in version.items if version else ():
        if "scale" not in row:
            continue
        scale = row["scale"]
        lines = {
            scale["first"] + line: ScaleItem(f"{row['key']}_{line}", words, line in scale["turned"])
            for line, words in enumerate(row["rows"], start=1)
        }
        group = next((group for group in groups if group.takes(row, lines)), None)
        if group is None:
            group = _Group(row)
            groups.append(group)
        group.items.update(lines)
    return [_scale(group) for group in groups if len(group.items) == group.row["scale"]["of"]]


def _scale(group: _Group) -> LibraryScale:
    row = group.row
    return LibraryScale(
        key=row["scale"]["key"],
        name=row["scale"]["name"],
        question=row["question"],
        items=[item for _number, item in sorted(group.items.items())],
        steps=row["choices"],
        source="",
        licence="",
        use="",
    )


def alpha_part(scale: LibraryScale) -> str:
    """Return under which part the reliability of a scale is kept: no other scale there has it."""
    return f"{ALPHA}{scale.items[0].key}"


@dataclass(frozen=True)
class Reliability:
    """Cronbach's alpha of a scale, over so many people who answered all of its items."""

    alpha: float
    n: int


@dataclass(frozen=True)
class ScaleResult:
    """What is shown of a scale in one round; without a mean, nothing is."""

    name: str
    items: int
    steps: int
    mean: float | None
    counts: Sequence[int] = ()  # how many answered each of its items
    reliability: Reliability | None = None

    @property
    def people(self) -> str:
        """Say how many answered: `34`, or `30–34` where some left out an item."""
        return "–".join(str(n) for n in sorted({min(self.counts), max(self.counts)}))


def score_of(
    scale: LibraryScale,
    shown: Mapping[str, tuple[int, int]],
    reliability: Reliability | None,
) -> ScaleResult:
    """Score a scale from what is shown of its items: their totals and numbers of answers."""
    result = ScaleResult(str(scale.name), len(scale.items), len(scale.steps), None)
    if not all(item.key in shown for item in scale.items):
        return result
    means = []
    for item in scale.items:
        total, n = shown[item.key]
        mean = Fraction(total, n)
        means.append(len(scale.steps) + 1 - mean if item.reversed else mean)
    return ScaleResult(
        result.name,
        result.items,
        result.steps,
        round(float(sum(means) / len(means)), 2),
        [shown[item.key][1] for item in scale.items],
        reliability,
    )


def reliability_in_steps(row: Released | None) -> Reliability | None:
    """Return what has been released of a scale in a named survey."""
    if row is None:
        return None
    n, alpha = reliability_of(row.counts)
    return None if alpha is None else Reliability(round(float(alpha), 2), n)


def reliabilities(
    scales: Sequence[LibraryScale], answers: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what is kept of the scales of an anonymous survey, by part.

    From thirty people on who answered all items, unless all gave the same answer to one.
    """
    for scale in scales:
        rows = [keyed for person in answers if (keyed := scale.keyed(person)) is not None]
        alpha = scale.alpha(answers)
        if alpha is not None and all(len(set(column)) > 1 for column in zip(*rows, strict=True)):
            yield alpha_part(scale), {"n": len(rows), "alpha": round(float(alpha), 2)}
