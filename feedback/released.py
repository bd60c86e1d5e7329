"""Figures of people's answers, released in steps: from no two readings follows one answer.

A step is counted when at least k people stand behind what is new, and is frozen then: what they
answer later changes nothing.  Whoever knows all the figures of all days, and who answered when,
knows the sums of groups of k people or more.  Anybody's answer could be anybody else's of the
group, unless all gave the same: such a step is left out, for good, since a step that only waits
for others would say that the first were alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from feedback.models.released import ReleasedStep, ReleaseMark
from programs.models.programs import Cohort, CohortQuerySet

Counts = tuple[int, ...]


@dataclass(frozen=True)
class Answer:
    """One row behind a figure, and whose it is: `values` is what nobody may know of them.

    What a whole partnership reached together has none: it is nobody's own answer.
    """

    unit: UUID
    people: frozenset[UUID]
    values: Counts = ()
    adds: Counts = ()


def add_up(before: Counts, earlier: Sequence[Answer], new: Sequence[Answer]) -> Counts:
    """Count a figure whose rows only add: what was counted is never read again."""
    sums = [sum(column) for column in zip(*(answer.adds for answer in new), strict=True)]
    return tuple(was + more for was, more in zip(before or [0] * len(sums), sums, strict=True))


def alike(earlier: Sequence[Answer], new: Sequence[Answer]) -> bool:
    """Say whether everybody gave the same answer to anything that is asked here."""
    columns = zip(*(answer.values for answer in new), strict=True)
    return any(len(set(column)) == 1 for column in columns)


@dataclass(frozen=True)
class Reading:
    """All answers to one figure of one cohort, and how they are counted and compared.

    What was counted before, the rows of earlier steps, and the new ones give the new counts.
    `at_least` is for what wants more people behind a step than other figures: distributions.
    """

    key: str
    part: str
    answers: Sequence[Answer]
    count: Callable[[Counts, Sequence[Answer], Sequence[Answer]], Counts] = add_up
    alike: Callable[[Sequence[Answer], Sequence[Answer]], bool] = alike
    at_least: int = 0


@dataclass(frozen=True)
class Step:
    """One step of a figure: its counts and n so far, and the rows and people that are new in it.

    `aside`: everybody gave the same answer, so nothing of it is ever counted.
    """

    counts: Counts
    n: int
    units: Sequence[UUID]
    people: frozenset[UUID]
    aside: bool = False


@dataclass(frozen=True)
class Released:
    """A figure as released: its counts over n people's answers until that day."""

    counts: Counts
    n: int
    until: date


def next_step(reading: Reading, steps: Sequence[Step], k: int) -> Step | None:
    """Return the step after these, or None while fewer than k people stand behind it."""
    shown = [step for step in steps if not step.aside]
    counted = {unit for step in shown for unit in step.units}
    seen = {unit for step in steps for unit in step.units}
    # each row once, whatever a query has joined it with: twice, it would be two of the same
    answers = {answer.unit: answer for answer in reading.answers}.values()
    new = [answer for answer in answers if answer.unit not in seen]
    people = frozenset[UUID]().union(*(answer.people for answer in new))
    if not new or len(people) < max(k, reading.at_least):
        return None
    units = [answer.unit for answer in new]
    earlier = [answer for answer in answers if answer.unit in counted]
    if reading.alike(earlier, new):
        return Step((), 0, units, people, aside=True)
    before = shown[-1].counts if shown else ()
    behind = people.union(*(step.people for step in shown))
    return Step(reading.count(before, earlier, new), len(behind), units, people)


@transaction.atomic
def release(*, cohort_id: UUID, readings: Iterable[Reading], k: int, today: date) -> int:
    """Release what is due of a cohort's figures, once a day; return how many steps that were.

    `readings` are asked for only then.  The lock on the mark decides between two workers.
    """
    mark = ReleaseMark.objects.select_for_update(of=("self",)).get(cohort_id=cohort_id)
    if mark.looked_on is not None and mark.looked_on >= today:
        return 0
    mark.looked_on = today
    mark.save(update_fields=["looked_on"])
    taken: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for row in ReleasedStep.objects.filter(cohort_id=cohort_id).order_by("number"):
        taken[row.key, row.part].append(
            Step(tuple(row.counts), row.n, row.units, frozenset(row.people), row.aside)
        )
    due = []
    for reading in readings:
        steps = taken[reading.key, reading.part]
        step = next_step(reading, steps, k)
        if step is not None:
            due.append((reading.key, reading.part, len(steps) + 1, step))
    # in an order of our own: the database gives rows, and with them parts, as it likes
    rows = [
        ReleasedStep(
            cohort_id=cohort_id,
            key=key,
            part=part,
            number=number,
            until=today,
            counts=list(step.counts),
            n=step.n,
            units=sorted(step.units),
            people=sorted(step.people),
            aside=step.aside,
        )
        for key, part, number, step in sorted(due, key=itemgetter(0, 1))
    ]
    ReleasedStep.objects.bulk_create(rows)
    return len(rows)


def released(cohort_ids: Sequence[UUID]) -> dict[UUID, dict[tuple[str, str], Released]]:
    """Return the figures of answers as released, by cohort, key and part; one statement."""
    rows = (
        ReleasedStep.objects.filter(cohort__in=cohort_ids, aside=False)
        .order_by("cohort", "key", "part", "-number")
        .distinct("cohort", "key", "part")
        .values_list("cohort_id", "key", "part", "counts", "n", "until")
    )
    by_cohort: dict[UUID, dict[tuple[str, str], Released]] = defaultdict(dict)
    for cohort_id, key, part, counts, n, until in rows:
        by_cohort[cohort_id][key, part] = Released(tuple(counts), n, until)
    return by_cohort


def released_of(cohort: Cohort, threshold: int) -> dict[tuple[str, str], Released]:
    """Return what is released of one cohort over as many people as it asks for; one statement."""
    mark = ReleaseMark.objects.filter(cohort=OuterRef("cohort")).values("threshold")
    rows = ReleasedStep.objects.filter(cohort=cohort, aside=False)
    latest = (
        rows.annotate(own=Subquery(mark[:1]))
        .order_by("key", "part", "-number")
        .distinct("key", "part")
        .values_list("key", "part", "counts", "n", "until", "own")
    )
    return {
        (key, part): Released(tuple(counts), n, until)
        for key, part, counts, n, until, own in latest
        if n >= max(threshold, own or 0)
    }


def newly_released(cohort_ids: Sequence[UUID], since: date) -> dict[UUID, set[str]]:
    """Return the keys of which something was released on that day or later; one statement."""
    rows = ReleasedStep.objects.filter(cohort__in=cohort_ids, aside=False, until__gte=since)
    keys: dict[UUID, set[str]] = defaultdict(set)
    for cohort_id, key in rows.order_by().values_list("cohort_id", "key").distinct():
        keys[cohort_id].add(key)
    return keys


def keep_thresholds(*, cohorts: CohortQuerySet, threshold: int) -> None:
    """Remember the threshold of cohorts that have begun, and raise it where it has risen."""
    marks = ReleaseMark.objects.all()
    new = cohorts.exclude(pk__in=marks.values("cohort")).order_by("pk")
    ReleaseMark.objects.bulk_create(
        [ReleaseMark(cohort=cohort, threshold=threshold) for cohort in new],
        ignore_conflicts=True,  # another worker may be at it
    )
    marks.filter(threshold__lt=threshold).update(threshold=threshold)


def not_looked_at(cohorts: CohortQuerySet, today: date) -> dict[UUID, int]:
    """Return those whose answers are to be looked at today, with their threshold."""
    rows = ReleaseMark.objects.filter(cohort__in=cohorts.values("pk"))
    return dict(
        rows.filter(Q(looked_on=None) | Q(looked_on__lt=today))
        .order_by("cohort")
        .values_list("cohort_id", "threshold")
    )


def thresholds(cohort_ids: Sequence[UUID], threshold: int) -> Mapping[UUID, int]:
    """Return below how many people each cohort's figures are hidden; one statement."""
    rows = ReleaseMark.objects.filter(cohort__in=cohort_ids)
    kept = dict(rows.values_list("cohort_id", "threshold"))
    return {pk: max(kept.get(pk, 0), threshold) for pk in cohort_ids}
