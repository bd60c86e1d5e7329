"""HR records from a table: which column is what, what a row says, and what would become of it.

Pure: rows, people and records in, decisions out.  A row with a cell that cannot be read is
refused whole: half a record would pass for all that was known on that day.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Literal
from uuid import UUID

from django.db import models

from metrics.models import HrRecord
from programs.importing.mapping import LEAVER_WORDS, normalise
from programs.importing.messages import Code, gettext_noop
from programs.importing.parsing import clean, parse_date, parse_line, quoted
from programs.importing.tables import TableRow
from programs.importing.values import Problem, Reading, fold
from programs.models.imports import ImportPreview, ReportedRow

_ = gettext_noop
Verdict = Literal["new", "changed", "same", "refused"]
VERDICTS: tuple[Verdict, ...] = ("new", "changed", "same", "refused")
Value = str | date | Decimal | None

_EMPLOYED = "employed, active, current, on leave, aktiv, beschäftigt, angestellt"
_STATUS = {fold(word): "employed" for word in _EMPLOYED.split(",")} | {
    fold(word): "left" for word in LEAVER_WORDS.split(",")
}
_NUMBER = re.compile(r"\d(?:[.,]\d{1,6})?", re.ASCII)


def _parse_status(text: str) -> Reading[Value]:
    word = fold(clean(text))
    if not word or word in _STATUS:
        return Reading(_STATUS.get(word, ""))
    return Reading("", (Problem("", Code.STATUS_UNKNOWN, {"text": quoted(text)}),))


def _parse_satisfaction(text: str) -> Reading[Value]:
    """Return a mark from 1 to 5, rounded to two decimals; others would be another scale."""
    word = clean(text)
    if not word:
        return Reading(None)
    if _NUMBER.fullmatch(word):
        mark = Decimal(word.replace(",", "."))
        if 1 <= mark <= 5:
            return Reading(round(mark, 2))
    return Reading(None, (Problem("", Code.SATISFACTION_UNREADABLE, {"text": quoted(word)}),))


def _day(text: str, order: str) -> Reading[Value]:
    reading = parse_date(text, order=order)
    return Reading(reading.value, reading.faults)


def _line(text: str, limit: int) -> Reading[Value]:
    reading = parse_line(text, limit=limit)
    return Reading(reading.value, reading.faults)


@dataclass(frozen=True)
class Column:
    """What a page calls a field, and what HR systems write above its column, the best first."""

    label: str
    headers: str
    is_day: bool = False

    @property
    def words(self) -> list[str]:
        return [normalise(header) for header in self.headers.split("|")]


COLUMNS: dict[str, Column] = {
    "employee_id": Column(
        _("Employee ID"),
        "Employee ID|Employee number|Employee no|Personnel number|Staff ID|Worker ID|Person ID"
        "|Personalnummer|Personal-Nr|Mitarbeiter-ID|Mitarbeiternummer",
    ),
    "email": Column(
        _("Work e-mail"), "Work e-mail|Business e-mail|E-mail address|E-mail|Mail|E-Mail-Adresse"
    ),
    "known_on": Column(
        _("Known on"),
        "Known on|As of|As of date|Effective date|Snapshot date|Report date|Date|Stichtag|Stand"
        "|Datum",
        is_day=True,
    ),
    "status": Column(
        _("Status"),
        "Status|Employment status|Employee status|Worker status|Beschäftigungsstatus",
    ),
    "left_on": Column(
        _("Last day"),
        "Left on|Last day|Termination date|Leaving date|End date|Exit date|Austrittsdatum|Austritt",
        is_day=True,
    ),
    "promoted_on": Column(
        _("Last promotion"),
        "Promoted on|Promotion date|Last promotion|Last promotion date|Beförderungsdatum"
        "|Letzte Beförderung|Beförderung",
        is_day=True,
    ),
    "in_role_since": Column(
        _("In this role since"),
        "In role since|Start in role|Role start date|Position start date|Job start date"
        "|In Position seit|Stelle seit",
        is_day=True,
    ),
    "job_satisfaction": Column(
        _("Job satisfaction (1 to 5)"),
        "Job satisfaction|Satisfaction|Engagement|Engagement score|Arbeitszufriedenheit"
        "|Zufriedenheit",
    ),
    "level": Column(
        _("Level"),
        "Level|Grade|Job level|Job grade|Career level|Pay grade|Stufe|Ebene|Karrierestufe"
        "|Entgeltgruppe",
    ),
    "department": Column(
        _("Department"), "Department|Dept|Division|Business unit|Abteilung|Bereich|Fachbereich"
    ),
    "location": Column(
        _("Location"), "Location|Office|Work location|Site|City|Standort|Arbeitsort|Ort"
    ),
    "hired_on": Column(
        _("Hired on"),
        "Hire date|Hired on|Date of hire|Joining date|Entry date|Start date|Eintrittsdatum"
        "|Einstellungsdatum|Eintritt",
        is_day=True,
    ),
}
DAYS = tuple(name for name, column in COLUMNS.items() if column.is_day)


def guess_columns(headers: Sequence[str]) -> dict[str, int | None]:
    """Return for each field the column that is most likely meant; none serves two fields."""
    words = [normalise(header) for header in headers]
    mapping: dict[str, int | None] = dict.fromkeys(COLUMNS)
    for name, column in COLUMNS.items():
        taken = set(mapping.values())
        ranks = [
            (column.words.index(word), at)
            for at, word in enumerate(words)
            if word in column.words and at not in taken
        ]
        mapping[name] = min(ranks)[1] if ranks else None
    return mapping


def mapping_problems(mapping: Mapping[str, int | None], known_on: date | None) -> list[Problem]:
    """Return what keeps these columns from being used, each with its field."""
    problems, used = [], Counter(at for at in mapping.values() if at is not None)
    if mapping.get("employee_id") is None and mapping.get("email") is None:
        problems.append(Problem("employee_id", Code.MAPPING_NO_PERSON))
    if mapping.get("known_on") is None and known_on is None:
        problems.append(Problem("known_on", Code.MAPPING_NO_DAY))
    first: set[int] = set()
    for name, at in mapping.items():
        if at is not None and used[at] > 1 and at in first:
            problems.append(Problem(name, Code.MAPPING_COLUMN_TWICE))
        if at is not None:
            first.add(at)
    return problems


@dataclass(frozen=True)
class Person:
    """Whom rows can be about."""

    pk: UUID
    name: str
    email: str
    employee_id: str


@dataclass(frozen=True)
class PeopleIndex:
    """All members, by what a row may call them."""

    people: Sequence[Person]
    by_id: dict[str, Person] = field(init=False)
    by_email: dict[str, Person] = field(init=False)

    def __post_init__(self) -> None:
        by_id = {fold(one.employee_id): one for one in self.people if one.employee_id}
        object.__setattr__(self, "by_id", by_id)
        object.__setattr__(self, "by_email", {fold(one.email): one for one in self.people})

    def of(self, employee_id: str, email: str) -> Person | None:
        """Return whom a row is about; where both are given they have to agree."""
        matches = {
            found
            for found in (
                self.by_id.get(fold(employee_id)) if employee_id else None,
                self.by_email.get(fold(email)) if email else None,
            )
            if found is not None
        }
        said = sum(1 for word in (employee_id, email) if word)
        if len(matches) > 1 or (said and not matches):
            return None
        return next(iter(matches), None)


@dataclass(frozen=True)
class PlannedRecord:
    """One row: whom and which day it is about, what it says, and what would become of it."""

    line: int
    verdict: Verdict
    person: Person | None = None
    known_on: date | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    changes: tuple[tuple[str, str, str], ...] = ()
    problems: tuple[Problem, ...] = ()
    name: str = ""  # what the row calls the person, where nobody is known by it

    def reported(self) -> ReportedRow:
        return ReportedRow(
            self.line,
            self.verdict,
            self.person.email if self.person else "",
            self.person.name if self.person else self.name,
            self.problems,
            work=self.known_on.isoformat() if self.known_on else "",
            changes=self.changes,
        )


Existing = Mapping[tuple[UUID, date], Mapping[str, Value]]


def plan_records(
    rows: Sequence[TableRow],
    *,
    mapping: Mapping[str, int | None],
    known_on: date | None,
    order: str,
    today: date,
    people: PeopleIndex,
    existing: Existing,
    step: Callable[[int], None] = lambda done: None,
) -> list[PlannedRecord]:
    """Decide for each row what it would do: one record a person and day, the first row's.

    An empty cell leaves what a record of that day already says.  `known_on` is the day of rows
    that name none; `existing` are the records that there are, of the people named.
    """
    seen: dict[tuple[UUID, date], int] = {}
    planned = []
    for number, row in enumerate(rows, start=1):
        planned.append(_plan_row(row, mapping, known_on, order, today, people, existing, seen))
        if not number % 500:
            step(number)
    return planned


def _plan_row(
    row: TableRow,
    mapping: Mapping[str, int | None],
    known_on: date | None,
    order: str,
    today: date,
    people: PeopleIndex,
    existing: Existing,
    seen: dict[tuple[UUID, date], int],
) -> PlannedRecord:
    cells = {name: row.cells[at] for name, at in mapping.items() if at is not None}
    called = {name: clean(cells.get(name, "")) for name in ("employee_id", "email")}
    person = people.of(called["employee_id"], called["email"])
    values, problems = _read(cells, order)
    day = values.pop("known_on", None) or known_on
    assert day is None or isinstance(day, date)
    if person is None:
        problems.insert(0, Problem("", Code.PERSON_UNKNOWN))
    if day is None and not any(problem.field == "known_on" for problem in problems):
        problems.append(Problem("known_on", Code.DAY_MISSING))
    if day is not None and day > today:
        problems.append(Problem("known_on", Code.DAY_TO_COME, {"text": day.isoformat()}))
    if values.get("left_on") and values.get("status") == HrRecord.Status.EMPLOYED:
        problems.append(Problem("left_on", Code.STILL_EMPLOYED))
    if person is not None and day is not None:
        first = seen.setdefault((person.pk, day), row.line)
        if first != row.line:
            problems.append(Problem("", Code.RECORD_REPEATED, {"line": first}))
    if problems or person is None or day is None:
        name = quoted(called["employee_id"] or called["email"])
        return PlannedRecord(row.line, "refused", person, day, problems=tuple(problems), name=name)
    before = existing.get((person.pk, day))
    after = _complete(before or {}, values, day)
    changes = tuple(
        (name, shown(before.get(name) if before else None), shown(value))
        for name, value in after.items()
        if shown(value) != shown(before.get(name) if before else None)
    )
    verdict: Verdict = "new" if before is None else "changed" if changes else "same"
    return PlannedRecord(row.line, verdict, person, day, after, changes)


def _read(cells: Mapping[str, str], order: str) -> tuple[dict[str, Value], list[Problem]]:
    """Read the cells of a row; "" and None are what it does not say."""
    parsers: dict[str, Callable[[str], Reading[Value]]] = {
        "status": _parse_status,
        "job_satisfaction": _parse_satisfaction,
        "level": partial(_line, limit=40),
        "department": partial(_line, limit=200),
        "location": partial(_line, limit=200),
    }
    parsers.update({name: partial(_day, order=order) for name in DAYS})
    values: dict[str, Value] = {}
    problems = []
    for name, parse in parsers.items():
        reading = parse(cells.get(name, ""))
        values[name] = reading.value
        problems += [Problem(name, fault.code, fault.params) for fault in reading.faults]
    return values, problems


def _complete(
    before: Mapping[str, Value], values: Mapping[str, Value], day: date
) -> dict[str, Value]:
    """Return the record as it would be: who has left has a last day, the day itself if none is
    said, and who has a last day has left."""
    after = {name: values.get(name) or before.get(name) for name in HrRecord.FACTS}
    if values.get("status") == HrRecord.Status.EMPLOYED:
        after["left_on"] = None
    elif after["left_on"] or after["status"] == HrRecord.Status.LEFT:
        after |= {"status": HrRecord.Status.LEFT.value, "left_on": after["left_on"] or day}
    after["status"] = after["status"] or HrRecord.Status.EMPLOYED.value
    return {name: value if value is not None else _none(name) for name, value in after.items()}


def _none(name: str) -> Value:
    return "" if name in {"level", "department", "location"} else None


def shown(value: Value) -> str:
    """Return a fact of a record as a preview keeps it."""
    return "" if value is None else str(value)


def as_said(name: str, text: str) -> Value:
    """Return the fact that a preview keeps as this text: what `shown` was given."""
    field = HrRecord._meta.get_field(name)
    assert isinstance(field, models.Field)
    value: Value = field.to_python(text) if text else _none(name)
    return value


def preview_of(planned: Sequence[PlannedRecord]) -> ImportPreview:
    """Return what is kept to be looked at; its digest names these very decisions."""
    digest = hashlib.sha256()
    for row in planned:
        pk = row.person.pk if row.person else None
        values = sorted(row.values.items(), key=lambda pair: pair[0])
        digest.update(repr((row.line, row.verdict, pk, row.known_on, values)).encode())
    counted = Counter(row.verdict for row in planned)
    return ImportPreview(
        digest=digest.hexdigest()[:32],
        counts={verdict: counted[verdict] for verdict in VERDICTS},
        warned=0,
        good=counted["new"] + counted["changed"],
        parts={},
        rows=tuple(row.reported() for row in planned),
    )
