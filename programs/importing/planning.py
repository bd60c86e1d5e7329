"""What an import would do to each row, decided before anything is written."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

from programs.importing.fields import FIELDS, PERSON_FIELDS, comparable
from programs.importing.mapping import mapping_problems
from programs.importing.messages import Code
from programs.importing.parsing import quoted
from programs.importing.tables import Table, TableRow
from programs.importing.values import PersonValues, Problem, fold

Verdict = Literal["new", "changed", "same", "warning", "refused"]
Action = Literal["create", "update", "nothing", "refuse"]
Change = tuple[str, object, object]

VERDICTS: tuple[Verdict, ...] = ("new", "changed", "same", "warning", "refused")


@dataclass(frozen=True, slots=True)
class ExistingPerson:
    """A person as the organisation knows them; `values.manager` is the manager's employee id."""

    id: UUID
    values: PersonValues


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """The decision on one row.

    `values` are the person's after the import (of a refused row: what was read), so for an
    existing person they keep whatever the row leaves alone. `changes` are the fields in which
    an existing person differs from them: (field, before, after).
    """

    line: int
    verdict: Verdict
    action: Action
    email: str
    values: PersonValues
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    match: UUID | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows in the order of the file, and how many have each verdict."""

    rows: tuple[PlannedRow, ...]
    counts: Mapping[Verdict, int] = field(init=False)

    def __post_init__(self) -> None:
        counts = dict.fromkeys(VERDICTS, 0)
        for row in self.rows:
            counts[row.verdict] += 1
        object.__setattr__(self, "counts", counts)

    @property
    def digest(self) -> str:
        """A short name for all decisions: applying refuses when they have become others."""
        digest = hashlib.sha256()
        for row in self.rows:
            values = tuple(getattr(row.values, name) for name in FIELDS)
            decision = (row.line, row.verdict, row.action, row.match, row.changes, values)
            digest.update(repr(decision).encode())
        return digest.hexdigest()[:32]


@dataclass(slots=True)
class _RowReading:
    """One row on its way to a verdict."""

    line: int
    values: PersonValues
    problems: list[Problem]
    refusal: Problem | None = None
    person: ExistingPerson | None = None
    repeats: "_RowReading | None" = None


def plan(
    table: Table,
    mapping: Mapping[str, int | None],
    *,
    existing: Sequence[ExistingPerson],
    compare: Collection[str] = FIELDS,
) -> Plan:
    """Return what importing the table would do, given everybody the organisation has.

    A row is the person with its employee id, or else the one with its e-mail address. An
    empty cell, an unmapped column and a cell with a problem leave an existing value alone.
    A manager may stand anywhere in the file or already exist.  Only fields in `compare` make a
    row "changed"; of the others an existing person has what the row says, and no change.

    Raises ValueError if the mapping names an unknown field or column, or one column twice.
    """
    check_mapping(table, mapping)
    readings = [_read(row, mapping) for row in table.rows]
    _identify(readings, existing)
    managers = _employee_ids(readings, existing)
    renamed = _renamed(readings)
    return Plan(tuple(_decide(reading, managers, renamed, compare) for reading in readings))


def check_mapping(table: Table, mapping: Mapping[str, int | None]) -> None:
    """Raise ValueError for an unknown field or column, or one column for two fields."""
    for name, column in mapping.items():
        if name not in FIELDS:
            raise ValueError(f"no such field: {name}")
        if column is not None and not 0 <= column < len(table.headers):
            raise ValueError(f"no such column: {column}")
    if any(problem.code is Code.MAPPING_COLUMN_TWICE for problem in mapping_problems(mapping)):
        raise ValueError("one column is mapped to two fields")


def _read(row: TableRow, mapping: Mapping[str, int | None]) -> _RowReading:
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    refusal = None
    for name in FIELDS:
        column = mapping.get(name)
        reading = PERSON_FIELDS[name].parse(row.cells[column] if column is not None else "")
        values[name] = reading.value
        cell_problems = [replace(fault, field=name) for fault in reading.faults]
        if name == "email" and cell_problems:
            refusal = cell_problems[0]
        else:
            problems += cell_problems
    if row.beyond:
        problems.append(Problem("", Code.CELLS_BEYOND_HEADER, {"count": row.beyond}))
    return _RowReading(row.line, PersonValues(**values), problems, refusal)


def _identify(readings: Sequence[_RowReading], existing: Sequence[ExistingPerson]) -> None:
    """Find for each row the person it is about, and refuse what cannot be told apart."""
    _find_repetitions(readings)
    _find_people(readings, existing)
    for reading in readings:
        if reading.repeats:
            reading.person = reading.repeats.person
            reading.refusal = reading.repeats.refusal


def _find_repetitions(readings: Sequence[_RowReading]) -> None:
    """Note later rows that say the same again, and refuse those that say something else.

    A refused row still holds its id and its address: which of two rows is right is for a
    person to say, so a later one never slips in because the first was worse.
    """
    by_id: dict[str, _RowReading] = {}
    by_email: dict[str, _RowReading] = {}
    for reading in readings:
        key, email = fold(reading.values.employee_id), reading.values.email
        with_id = by_id.setdefault(key, reading) if key else reading
        with_email = by_email.setdefault(email, reading) if email else reading
        earlier = with_email if with_id is reading else with_id
        if reading.refusal or earlier is reading:
            continue
        if _identical(reading, earlier):
            reading.repeats = earlier
        elif with_id is earlier:
            params = {"line": earlier.line}
            reading.refusal = Problem("employee_id", Code.EMPLOYEE_ID_REPEATED, params)
        else:
            reading.refusal = Problem("email", Code.EMAIL_REPEATED, {"line": earlier.line})


def _identical(reading: _RowReading, earlier: _RowReading) -> bool:
    return reading.problems == earlier.problems and all(
        comparable(name, reading.values) == comparable(name, earlier.values) for name in FIELDS
    )


def _find_people(readings: Sequence[_RowReading], existing: Sequence[ExistingPerson]) -> None:
    """Match rows with existing people, and refuse every row about a person who is disputed.

    A person is disputed when two rows reach them (one by the id, one by the old address).
    Were only the later row refused, the first would move the id or address away, and the same
    file would do something else the second time.
    """
    by_id: dict[str, ExistingPerson] = {}
    by_email: dict[str, ExistingPerson] = {}
    for person in existing:
        by_id.setdefault(fold(person.values.employee_id), person)
        by_email.setdefault(fold(person.values.email), person)
    by_id.pop("", None)
    reached: dict[UUID, list[_RowReading]] = {}
    for reading in readings:
        if reading.refusal or reading.repeats:
            continue
        with_id = by_id.get(fold(reading.values.employee_id))
        with_email = by_email.get(reading.values.email)
        reading.person = with_id or with_email
        for person_id in {person.id for person in (with_id, with_email) if person}:
            reached.setdefault(person_id, []).append(reading)
        if with_id and with_email and with_id.id != with_email.id:
            reading.person = None
            reading.refusal = Problem("employee_id", Code.CONFLICTING_IDENTITY)
    for rivals in reached.values():
        for reading, other in zip(rivals, [rivals[-1], *rivals[:-1]], strict=True):
            if other is not reading and not reading.refusal:
                reading.person = None
                reading.refusal = Problem("email", Code.PERSON_REPEATED, {"line": other.line})


def _employee_ids(
    readings: Sequence[_RowReading], existing: Sequence[ExistingPerson]
) -> dict[str, str]:
    """Return every employee id as it will be after the import, by its folded form."""
    ids = {person.id: person.values.employee_id for person in existing}
    new: list[str] = []
    for reading in readings:
        if reading.refusal or not reading.values.employee_id:
            continue
        if reading.person:
            ids[reading.person.id] = reading.values.employee_id
        else:
            new.append(reading.values.employee_id)
    return {fold(employee_id): employee_id for employee_id in (*ids.values(), *new) if employee_id}


def _renamed(readings: Sequence[_RowReading]) -> dict[str, str]:
    """Return the new employee id of everybody to whom the import gives another, by the old.

    A manager is a person, not an id: those who report to them still do, and nothing changes.
    """
    return {
        fold(reading.person.values.employee_id): reading.values.employee_id
        for reading in readings
        if reading.person and reading.person.values.employee_id and reading.values.employee_id
    }


def _link_manager(
    reading: _RowReading, managers: Mapping[str, str]
) -> tuple[str, tuple[Problem, ...]]:
    """Return the manager's id in the spelling of the manager's own row, or "" and why."""
    manager = fold(reading.values.manager)
    if not manager:
        return "", ()
    person = reading.person
    own = reading.values.employee_id or (person.values.employee_id if person else "")
    if manager != fold(own) and manager in managers:
        return managers[manager], ()
    code = Code.MANAGER_SELF if manager == fold(own) else Code.MANAGER_UNKNOWN
    return "", (Problem("manager", code, {"text": quoted(reading.values.manager)}),)


def _decide(
    reading: _RowReading,
    managers: Mapping[str, str],
    renamed: Mapping[str, str],
    compare: Collection[str],
) -> PlannedRow:
    line, values, person = reading.line, reading.values, reading.person
    if reading.refusal:
        return PlannedRow(line, "refused", "refuse", values.email, values, (reading.refusal,))
    match = person.id if person else None
    manager, unlinked = _link_manager(reading, managers)
    values = replace(values, manager=manager)
    problems = (*reading.problems, *unlinked)
    changes: tuple[Change, ...] = ()
    if person:
        known = person.values
        known = replace(known, manager=renamed.get(fold(known.manager), known.manager))
        values, changes = _merge(known, values, {problem.field for problem in problems}, compare)
    if reading.repeats:
        noted = (Problem("", Code.REPEATS_LINE, {"line": reading.repeats.line}),)
        return PlannedRow(line, "same", "nothing", values.email, values, noted, (), match)
    action: Action = "create" if not person else "update" if changes else "nothing"
    verdict: Verdict = "new" if not person else "changed" if changes else "same"
    if problems:
        verdict = "warning"
    return PlannedRow(line, verdict, action, values.email, values, problems, changes, match)


def _merge(
    before: PersonValues, row: PersonValues, unread: set[str], compare: Collection[str]
) -> tuple[PersonValues, tuple[Change, ...]]:
    """Return an existing person's values after a row, and what differs from before."""
    changes: list[Change] = []
    after: dict[str, Any] = {}
    for name in FIELDS:
        old, new = getattr(before, name), getattr(row, name)
        silent = name in unread or new in ("", (), None)
        if silent or comparable(name, row) == comparable(name, before):
            continue
        after[name] = new
        if name in compare:
            changes.append((name, old, new))
    return replace(before, **after), tuple(changes)
