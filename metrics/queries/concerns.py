"""How long concerns take: their days alone, which stay when words and people are deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from statistics import median
from typing import TypeAlias
from uuid import UUID

from feedback.models.concerns import Concern
from feedback.released import Answer, Counts, Reading
from metrics.queries.tallied import AsOf

# one concern: which, the days on which it was raised, to be settled and closed
Row: TypeAlias = tuple[UUID, date, date, date | None]


def concern_readings(cohort_id: UUID, as_of: AsOf) -> Iterator[Reading]:
    """Yield how many days each closed concern was open; nothing says whose it was."""
    yield days_reading(_rows(cohort_id), as_of.today)


def late_readings(cohort_id: UUID, as_of: AsOf) -> Iterator[Reading]:
    """Yield of each concern whether it was still open after its day, once that is known."""
    yield late_reading(_rows(cohort_id), as_of.today)


def _rows(cohort_id: UUID) -> list[Row]:
    rows = Concern.objects.filter(cohort=cohort_id)
    return list(rows.values_list("pk", "raised_on", "due_on", "closed_on"))


def days_reading(rows: Iterable[Row], today: date) -> Reading:
    answers = [
        Answer(pk, frozenset({pk}), values=((closed_on - raised_on).days,))
        for pk, raised_on, _due_on, closed_on in rows
        if closed_on is not None and closed_on <= today
    ]
    return Reading("concern_days", "", answers, count=_median)


def late_reading(rows: Iterable[Row], today: date) -> Reading:
    """Read of those that are closed, or past their day, which of them were open after it.

    Once either, it stays so: what is open past its day now is counted, and its closing takes
    nothing away, as it would from a number of those open.  It is the desk's doing and nobody's
    answer, so a step may be all alike: that none was late is what a good desk has to show.
    """
    answers = []
    for pk, _raised_on, due_on, closed_on in rows:
        last = today if closed_on is None else min(closed_on, today)
        late = last > due_on
        if late or last == closed_on:
            answers.append(Answer(pk, frozenset({pk}), adds=(int(late), 1)))
    return Reading("concern_late", "", answers)


def _median(before: Counts, earlier: Sequence[Answer], new: Sequence[Answer]) -> Counts:
    """Return twice the median of all days so far, and of how many concerns it is."""
    days = [answer.values[0] for answer in (*earlier, *new)]
    return int(2 * median(days)), len(days)
