"""How long concerns take: their days alone, which stay when words and people are deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from uuid import UUID

from feedback.models.concerns import Concern
from feedback.released import Answer, Counts, Reading
from metrics.queries.tallied import AsOf


def concern_readings(cohort_id: UUID, as_of: AsOf) -> Iterator[Reading]:
    """Yield how many days each closed concern was open; nothing says whose it was."""
    rows = Concern.objects.filter(cohort=cohort_id, closed_on__lte=as_of.today)
    answers = [
        Answer(pk, frozenset({pk}), values=((closed_on - raised_on).days,))
        for pk, raised_on, closed_on in rows.values_list("pk", "raised_on", "closed_on")
        if closed_on is not None
    ]
    yield Reading("concern_days", "", answers, count=_median)


def _median(before: Counts, earlier: Sequence[Answer], new: Sequence[Answer]) -> Counts:
    """Return twice the median of all days so far, and of how many concerns it is."""
    days = [answer.values[0] for answer in (*earlier, *new)]
    return int(2 * median(days)), len(days)
