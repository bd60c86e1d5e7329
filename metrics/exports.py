"""The figures as CSV: the same ones, line by line, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.http import StreamingHttpResponse

from core.common import csv
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from metrics.figures import figures_of
from programs.models.programs import Cohort

HEADER = (
    "program",
    "cohort",
    "cohort_id",
    "figure",
    "part",
    "label",
    "numerator",
    "denominator",
    "value",
    "low",
    "high",
    "n",
    "state",
    "as_of",
)
BATCH = 50


def figure_lines(member: Member, cohort_ids: list[UUID], now: datetime) -> Iterator[str]:
    """Yield the figures of these cohorts as CSV text, as this member may see them.

    Opens the tenant itself: a streamed body is made after the request's transaction.
    """
    with tenant(member.organisation, member=member.pk):
        yield from csv.lines(HEADER, _rows(member, cohort_ids, now))


def _rows(member: Member, cohort_ids: list[UUID], now: datetime) -> Iterator[tuple[object, ...]]:
    chosen = settings_in_force()
    for start in range(0, len(cohort_ids), BATCH):
        batch = cohort_ids[start : start + BATCH]
        rows = Cohort.objects.visible_to(member).filter(pk__in=batch).for_list()
        cohorts = {cohort.pk: cohort for cohort in rows}
        figures = figures_of(list(cohorts.values()), chosen, now)
        for cohort_id in batch:
            for figure in figures.get(cohort_id, ()):
                cohort = cohorts[cohort_id]
                yield (
                    cohort.program.name,
                    cohort.name,
                    cohort.pk,
                    figure.key,
                    figure.part,
                    figure.label,
                    figure.numerator,
                    figure.denominator,
                    figure.value,
                    figure.low,
                    figure.high,
                    figure.n,
                    figure.state.value,
                    now,
                )


def csv_answer(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    """Return lines as a file that a browser saves under that name, never kept by a cache."""
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
