"""Figures as columns of a table: of many cohorts, of the groups of one, and their sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.members.models import Member
from core.tenancy.models import OrganisationSettings
from metrics.definitions.shapes import Definition, Figure
from metrics.figures import DEFINITIONS, figures_of
from metrics.narrowing import FigureFilter, all_groups, parts_of, totals
from metrics.report import OVERVIEW, overview
from metrics.wording import FigureText, figure_text
from programs.models.programs import Cohort, Program


@dataclass(frozen=True)
class _Row:
    """One line of figures: of a cohort, or of a group of people."""

    name: str
    figures: Sequence[FigureText]
    cohort: Cohort | None = None
    left_out: int = 0  # weeks of too few people, of which nothing is counted
    current: bool = False


@dataclass(frozen=True)
class _Columns:
    heads: Sequence[Definition]
    rows: Sequence[_Row]
    totals: Sequence[FigureText | None] = ()


@dataclass(frozen=True)
class _Part:
    """A part of a cohort: its figures, and of a group the others beside it."""

    figures: Sequence[FigureText] = ()
    left_out: int = 0
    groups: _Columns | None = None


def columns_of(
    cohorts: Sequence[Cohort], wanted: FigureFilter, chosen: OrganisationSettings, now: datetime
) -> _Columns:
    """Return the figures of these cohorts, or of the same part of each; none where that is too
    narrow to be shown."""
    if wanted.is_too_narrow:
        return _Columns((), ())
    if not wanted.is_part:
        whole = figures_of(cohorts, chosen, now)
        rows = [(cohort, overview(whole[cohort.pk]), 0) for cohort in cohorts]
        return _columns(OVERVIEW, rows)
    parts = parts_of(cohorts, wanted, chosen, now)
    return _columns(
        wanted.keys,
        [(cohort, parts[cohort.pk].figures, parts[cohort.pk].left_out) for cohort in cohorts],
    )


def _columns(keys: Sequence[str], rows: Sequence[tuple[Cohort, Sequence[Figure], int]]) -> _Columns:
    sums = totals([figures for _cohort, figures, _left_out in rows]) if len(rows) > 1 else []
    return _Columns(
        _heads(keys),
        [
            _Row(str(cohort), [figure_text(f) for f in figures], cohort, left_out)
            for cohort, figures, left_out in rows
        ],
        [None if figure is None else figure_text(figure) for figure in sums],
    )


def _heads(keys: Sequence[str]) -> list[Definition]:
    by_key = {entry.key: entry for entry in DEFINITIONS}
    return [by_key[key] for key in keys]


def part_of(
    cohort: Cohort, wanted: FigureFilter, chosen: OrganisationSettings, now: datetime
) -> _Part:
    """Return a part of one cohort, of a group with the others side by side."""
    if wanted.is_too_narrow:
        return _Part()
    part = parts_of([cohort], wanted, chosen, now)[cohort.pk]
    groups = None
    if wanted.group:
        name, value = wanted.group
        groups = _Columns(
            _heads(wanted.keys),
            [
                _Row(label or _("not known"), [figure_text(f) for f in row], current=label == value)
                for label, row in all_groups(cohort, name, chosen, now)
            ],
        )
    return _Part([figure_text(figure) for figure in part.figures], part.left_out, groups)


def chosen_program(member: Member, wanted: FigureFilter) -> Program | None:
    """Return the program whose cohorts alone are shown."""
    rows = Program.objects.visible_to(member)
    return rows.filter(pk=wanted.program_id).first() if wanted.program_id else None
