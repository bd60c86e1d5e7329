"""What figures can be narrowed to by their address, and the same figures narrowed."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Min
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.common.lists import ListFilter, holding
from core.members.models import Member
from core.tenancy.models import OrganisationSettings
from core.ui.forms import FilterForm
from metrics.cells import BY_GROUP, BY_WEEK, Cells, group_cells, nobody_to_be_seen, weekly_cells
from metrics.definitions.shapes import Figure, State, Unit
from metrics.definitions.weeks import Period, added_up
from metrics.figures import definition
from metrics.queries.groups import GROUPS
from programs.models.programs import Cohort, CohortQuerySet, Program

GROUP_NAMES = {
    "department": gettext_lazy("Department"),
    "level": gettext_lazy("Level"),
    "location": gettext_lazy("Location"),
}
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)
MONTHS_OFFERED = 36
ALL = "all"  # part: the sum over cohorts


@dataclass(frozen=True)
class FigureFilter(ListFilter):
    """Which cohorts, and which part of each: one group of people, or the weeks of some months."""

    ORDERS: ClassVar[Sequence[str]] = ("-starts_on",)

    program: str = ""
    department: str = ""
    level: str = ""
    location: str = ""
    since: str = ""
    until: str = ""

    @property
    def program_id(self) -> UUID | None:
        try:
            return UUID(self.program)
        except ValueError:
            return None

    @property
    def group(self) -> tuple[str, str] | None:
        return next(((name, value) for name in GROUPS if (value := getattr(self, name))), None)

    @property
    def period(self) -> Period:
        since, until = _month(self.since), _month(self.until)
        if until is not None:
            until = until.replace(day=monthrange(until.year, until.month)[1])
        return Period(since, until)

    @property
    def is_part(self) -> bool:
        """Whether a part of each cohort is asked for."""
        return bool(self.group or self.period)

    @property
    def is_too_narrow(self) -> bool:
        """Whether two cuts are wanted at once, from which single people could be told."""
        return sum(bool(getattr(self, name)) for name in GROUPS) + bool(self.period) > 1

    @property
    def keys(self) -> tuple[str, ...]:
        """Return which figures have such a part."""
        return BY_GROUP if self.group else BY_WEEK

    @property
    def words(self) -> str:
        """Name the part: `Department: Sales`, `Weeks from January 2026`."""
        if self.group:
            name, value = self.group
            return f"{GROUP_NAMES[name]}: {value}"
        since, until = (
            date_format(day, "F Y") if day else "" for day in (self.period.since, self.period.until)
        )
        if since and until:
            return _("Weeks that begin from %(since)s to %(until)s") % {
                "since": since,
                "until": until,
            }
        if since:
            return _("Weeks that begin in %(since)s or later") % {"since": since}
        return _("Weeks that begin in %(until)s or before") % {"until": until}


def _month(text: str) -> date | None:
    return date.fromisoformat(f"{text}-01") if _MONTH.fullmatch(text) else None


def matching(rows: CohortQuerySet, wanted: FigureFilter) -> CohortQuerySet:
    """Return those of these cohorts that are of the program and have the words in their names."""
    if wanted.program:
        rows = rows.filter(program=wanted.program_id) if wanted.program_id else rows.none()
    return rows.filter(holding(wanted.q, "name", "program__name")) if wanted.q else rows


def filter_form(
    wanted: FigureFilter, member: Member, today: date, *, programs: bool = True
) -> FilterForm:
    """Return the form above figures; `programs`: it chooses among cohorts as well."""
    rows = Member.objects.visible_to(member).live().order_by()
    people = list(rows.values(*GROUPS).distinct())
    choices: dict[str, tuple[Any, Sequence[tuple[str, Any]]]] = {
        name: (
            GROUP_NAMES[name],
            [(value, value) for value in sorted({row[name] for row in people} - {""})],
        )
        for name in GROUPS
    }
    months = list(_months(member, today))
    choices["since"] = (_("From"), months)
    choices["until"] = (_("To"), months)
    if programs:
        known = Program.objects.visible_to(member).order_by("name").values_list("pk", "name")
        choices = {
            "program": (_("Program"), [(str(pk), name) for pk, name in known]),
            **choices,
        }
    form = FilterForm(wanted, choices)
    if not programs:
        del form.fields["q"]
    return form


def _months(member: Member, today: date) -> Iterator[tuple[str, str]]:
    """Yield the months since the first cohort began, the latest first."""
    first = Cohort.objects.visible_to(member).aggregate(first=Min("starts_on"))["first"] or today
    for back in range(MONTHS_OFFERED):
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        day = date(year, month + 1, 1)
        if (day.year, day.month) < (first.year, first.month) and back:
            return
        yield f"{day:%Y-%m}", date_format(day, "F Y")


@dataclass(frozen=True)
class Part:
    """A part of one cohort: its figures, and how many weeks of too few people they leave out."""

    figures: Sequence[Figure]
    left_out: int = 0


def parts_of(
    cohorts: Sequence[Cohort], wanted: FigureFilter, chosen: OrganisationSettings, now: datetime
) -> dict[UUID, Part]:
    """Return that part of each cohort, in the order of `wanted.keys`."""
    if wanted.group:
        by_cohort = group_cells(cohorts, chosen, now)
        none = nobody_to_be_seen()
        return {pk: Part(cells.get(wanted.group, none)) for pk, cells in by_cohort.items()}
    return {
        pk: _in_period(weeks, wanted.period)
        for pk, weeks in weekly_cells(cohorts, chosen, now).items()
    }


def _in_period(weeks: Mapping[str, Sequence[Figure]], period: Period) -> Part:
    inside = {key: [week for week in weeks[key] if period.holds(week)] for key in BY_WEEK}
    hidden = {week.part for row in inside.values() for week in row if week.state == State.HIDDEN}
    return Part([added_up(key, row) for key, row in inside.items()], len(hidden))


def all_groups(
    cohort: Cohort, group: str, chosen: OrganisationSettings, now: datetime
) -> list[tuple[str, Sequence[Figure]]]:
    """Return all values of a group side by side, as that breakdown shows them."""
    cells: Cells = group_cells([cohort], chosen, now)[cohort.pk]
    return [(value, figures) for (name, value), figures in cells.items() if name == group]


def totals(rows: Iterable[Sequence[Figure]]) -> list[Figure | None]:
    """Return the sums of what is shown in each column: people, and shares of counts.

    A median or a curve does not add up.
    """
    return [_total(column) for column in zip(*rows, strict=True)]


def _total(column: Sequence[Figure]) -> Figure | None:
    key, shown = column[0].key, [figure for figure in column if figure.state == State.SHOWN]
    meaning = definition(key)
    assert meaning is not None  # a figure without a definition does not leave queries
    if not shown or any(figure.numerator is None for figure in shown):
        return None
    if meaning.unit == Unit.PEOPLE:
        return Figure.count(key, ALL, sum(figure.numerator or 0 for figure in shown))
    people = sum(figure.n or 0 for figure in shown)
    return replace(added_up(key, shown), part=ALL, n=people)
