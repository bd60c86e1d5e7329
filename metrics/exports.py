"""The figures as CSV: the same ones, line by line, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.common import csv
from core.members.files import Kind
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from metrics.definitions.shapes import Figure
from metrics.figures import figures_of
from programs.models.programs import Cohort


@dataclass(frozen=True)
class FigureColumn:
    """A column of the file of figures: its name, what it means, and how a line has it."""

    name: str
    words: str
    cell: Callable[[Cohort, Figure, datetime], object]
    kind: Kind = "text"
    unit: str = ""


FIGURE_COLUMNS: tuple[FigureColumn, ...] = (
    FigureColumn("program", "Name of the program", lambda c, f, now: c.program.name),
    FigureColumn("cohort", "Name of the cohort", lambda c, f, now: c.name),
    FigureColumn("cohort_id", "The cohort, an id of cohorts", lambda c, f, now: c.pk, "id"),
    FigureColumn("figure", "Key of the figure", lambda c, f, now: f.key),
    FigureColumn("part", "A breakdown within it; empty: the whole", lambda c, f, now: f.part),
    FigureColumn("label", "The part in words", lambda c, f, now: f.label),
    FigureColumn(
        "numerator", "What was counted; empty: no share", lambda c, f, now: f.numerator, "whole"
    ),
    FigureColumn("denominator", "Of how many", lambda c, f, now: f.denominator, "whole"),
    FigureColumn(
        "value",
        "The figure, to four places; empty unless shown",
        lambda c, f, now: f.value,
        "number",
    ),
    FigureColumn("low", "Lower end of its 95 % interval", lambda c, f, now: f.low, "number"),
    FigureColumn("high", "Upper end of its 95 % interval", lambda c, f, now: f.high, "number"),
    FigureColumn("n", "Distinct people behind it", lambda c, f, now: f.n, "whole", "people"),
    FigureColumn(
        "state",
        "shown, no_data (nothing to count yet) or hidden (too few people)",
        lambda c, f, now: f.state.value,
    ),
    FigureColumn(
        "answers_until",
        "Of answers, which are released in steps: the last day they are of",
        lambda c, f, now: f.until,
        "date",
        "day of the organisation",
    ),
    FigureColumn("as_of", "When it was read", lambda c, f, now: now, "instant", "UTC"),
)
BATCH = 50


def figure_lines(member: Member, cohort_ids: list[UUID], now: datetime) -> Iterator[str]:
    """Yield the figures of these cohorts as CSV text, as this member may see them.

    Opens the tenant itself: a streamed body is made after the request's transaction.
    """
    with tenant(member.organisation, member=member.pk):
        names = [column.name for column in FIGURE_COLUMNS]
        yield from csv.lines(names, _rows(member, cohort_ids, now))


def _rows(member: Member, cohort_ids: list[UUID], now: datetime) -> Iterator[list[object]]:
    chosen = settings_in_force()
    for start in range(0, len(cohort_ids), BATCH):
        batch = cohort_ids[start : start + BATCH]
        rows = Cohort.objects.visible_to(member).filter(pk__in=batch).for_list()
        cohorts = {cohort.pk: cohort for cohort in rows}
        figures = figures_of(list(cohorts.values()), chosen, now)
        for cohort_id in batch:
            for figure in figures.get(cohort_id, ()):
                cohort = cohorts[cohort_id]
                yield [column.cell(cohort, figure, now) for column in FIGURE_COLUMNS]
