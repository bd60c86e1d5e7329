"""The figures as CSV: the same ones, line by line, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from core.common import csv
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from metrics.definitions.shapes import Figure
from metrics.figures import figures_of
from programs.models.programs import Cohort

# the columns of a line, before the instant of which it speaks
COLUMNS: tuple[tuple[str, Callable[[Cohort, Figure], object]], ...] = (
    ("program", lambda cohort, figure: cohort.program.name),
    ("cohort", lambda cohort, figure: cohort.name),
    ("cohort_id", lambda cohort, figure: cohort.pk),
    ("figure", lambda cohort, figure: figure.key),
    ("part", lambda cohort, figure: figure.part),
    ("label", lambda cohort, figure: figure.label),
    ("numerator", lambda cohort, figure: figure.numerator),
    ("denominator", lambda cohort, figure: figure.denominator),
    ("value", lambda cohort, figure: figure.value),
    ("low", lambda cohort, figure: figure.low),
    ("high", lambda cohort, figure: figure.high),
    ("n", lambda cohort, figure: figure.n),
    ("state", lambda cohort, figure: figure.state.value),
)
BATCH = 50


def figure_lines(member: Member, cohort_ids: list[UUID], now: datetime) -> Iterator[str]:
    """Yield the figures of these cohorts as CSV text, as this member may see them.

    Opens the tenant itself: a streamed body is made after the request's transaction.
    """
    with tenant(member.organisation, member=member.pk):
        yield from csv.lines(
            [*(name for name, _cell in COLUMNS), "as_of"], _rows(member, cohort_ids, now)
        )


def _rows(member: Member, cohort_ids: list[UUID], now: datetime) -> Iterator[tuple[object, ...]]:
    chosen = settings_in_force()
    for start in range(0, len(cohort_ids), BATCH):
        batch = cohort_ids[start : start + BATCH]
        rows = Cohort.objects.visible_to(member).filter(pk__in=batch).for_list()
        cohorts = {cohort.pk: cohort for cohort in rows}
        figures = figures_of(list(cohorts.values()), chosen, now)
        for cohort_id in batch:
            for figure in figures.get(cohort_id, ()):
                yield (*(cell(cohorts[cohort_id], figure) for _name, cell in COLUMNS), now)
