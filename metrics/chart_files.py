"""Each chart as a file: its rows as CSV or a workbook, and its drawing as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from core.common import csv
from core.members.models import Member
from core.tenancy.models import OrganisationSettings
from core.ui import png
from feedback.released import thresholds
from metrics.cells import BY_WEEK
from metrics.contact import grid, together, weeks_until
from metrics.definitions.feedback import CHECKIN_RESPONSE, COMPETENCY_CHANGE, MOOD, PROGRESS
from metrics.definitions.participation import FUNNEL, RETENTION
from metrics.definitions.sessions import SESSION_COMPLETION, WEEKLY_ATTENDANCE
from metrics.definitions.shapes import Figure
from metrics.figures import figures_of
from metrics.queries.tallied import AsOf
from metrics.report import report
from metrics.trends import answered, weekly
from programs.models.programs import Cohort

CONTACT, PARTNERSHIPS = "contact", "partnerships"
IN_REPORT = (FUNNEL.key, WEEKLY_ATTENDANCE.key, RETENTION.key, COMPETENCY_CHANGE.key)
IN_TRENDS = (SESSION_COMPLETION.key, CHECKIN_RESPONSE.key, MOOD.key, PROGRESS.key)
HEAD = ("part", "label", "numerator", "denominator", "value", "low", "high", "n", "state")
GRID_HEAD = ("partnership", "week", "contact")


@dataclass(frozen=True)
class ChartFile:
    """What stands in the files of one chart; without a drawing its finding is all there is."""

    key: str
    headline: str
    note: str
    drawing: png.Drawing | None
    head: Sequence[str]
    rows: Sequence[Sequence[object]]


def chart_file(
    key: str, member: Member, cohort: Cohort, chosen: OrganisationSettings, now: datetime
) -> ChartFile | None:
    """Return a chart of a cohort as this member sees it; None where it is no chart of theirs."""
    as_of = AsOf.of(chosen, now)
    if key in IN_REPORT:
        drawn = report(figures_of([cohort], chosen, now)[cohort.pk]).by_key[key]
        rows = [_row(row.figure) for row in drawn.rows]
        return ChartFile(key, drawn.headline, drawn.n, drawn.drawing, HEAD, rows)
    if key in IN_TRENDS:
        courses = (weekly if key in BY_WEEK else answered)(cohort, chosen, now)
        course = next(course for course in courses if course.key == key)
        rows = [_row(figure) for figure in course.figures]
        return ChartFile(key, course.headline, course.n, course.drawing, HEAD, rows)
    weeks = weeks_until(cohort, as_of)
    if key == CONTACT:
        k = thresholds([cohort.pk], chosen.threshold)[cohort.pk]
        all_of = together(cohort, weeks, k, as_of)
        rows = [_row(figure) for figure in all_of.figures]
        return ChartFile(key, all_of.headline, all_of.n, all_of.drawing, HEAD, rows)
    shown = grid(member, cohort, weeks, as_of, "") if key == PARTNERSHIPS else None
    if shown is None:
        return None
    cells = [(row.partnership.name, day, words) for row in shown.rows for day, words in row.cells]
    return ChartFile(key, shown.headline, "", shown.drawing, GRID_HEAD, cells)


def _row(figure: Figure) -> list[object]:
    return [getattr(figure, name) for name in HEAD]


def as_csv(file: ChartFile) -> Iterator[str]:
    return csv.lines(file.head, file.rows)


def as_workbook(file: ChartFile) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("data")
    sheet.freeze_panes = "A2"
    sheet.append(list(file.head))
    for row in file.rows:
        sheet.append([_cell(sheet, value) for value in row])
    about = book.create_sheet("about")
    about.append([_cell(about, file.headline)])
    about.append([_cell(about, file.note)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: object) -> object:
    """Return what a sheet keeps: numbers and days, and texts that are no formula."""
    if value is None or isinstance(value, int | Decimal | date):
        return value
    cell = WriteOnlyCell(sheet)
    cell.value = str(value)
    cell.data_type = "s"  # else "=…" is a formula
    return cell


def as_png(file: ChartFile) -> bytes:
    return png.picture(file.headline, file.note, file.drawing)
